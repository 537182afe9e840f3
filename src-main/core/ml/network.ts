import * as tf from '@tensorflow/tfjs'
import type { Random } from './random.ts'

/** A network whose variables belong to it. Shapes are [batch, mel bands, frames, channels]. */
export interface Network {
  /** What the optimiser changes. */
  readonly trainable: tf.Variable[]
  /** Moving statistics of batch normalisation: saved with the weights, changed by training passes only. */
  readonly state: tf.Variable[]
  /** @returns logits, [batch, classes] */
  forward(input: tf.Tensor4D, mode: ForwardMode): tf.Tensor2D
  dispose(): void
}

/** `dropoutSeed` must differ from step to step. */
export type ForwardMode = { training: false } | { training: true; dropoutSeed: number }

type Layer<I, O> = (input: I, mode: ForwardMode) => O

/** Share of the old value that a moving statistic keeps at each step. */
const MOVING_MOMENTUM = 0.9
const VARIANCE_EPSILON = 1e-3

/** Makes layers and collects their variables; random numbers are drawn in the order of the calls. */
export class NetworkBuilder {
  readonly #random: Random
  readonly #trainable: tf.Variable[] = []
  readonly #state: tf.Variable[] = []

  constructor(random: Random) {
    this.#random = random
  }

  /** 3×3, same padding, no bias (batch normalisation follows); Kaiming-normal (He et al. 2015). */
  convolution(inputs: number, outputs: number, stride = 1): Layer<tf.Tensor4D, tf.Tensor4D> {
    const filter = this.#weights<tf.Rank.R4>([3, 3, inputs, outputs], Math.sqrt(2 / (9 * inputs)))
    return (x) => tf.conv2d(x, filter.as4D(3, 3, inputs, outputs), stride, 'same')
  }

  /** Over batch and both axes (Ioffe & Szegedy 2015). */
  batchNorm(channels: number): Layer<tf.Tensor4D, tf.Tensor4D> {
    const scale = this.#variable(tf.ones([channels]))
    const offset = this.#variable(tf.zeros([channels]))
    const movingMean = this.#movingVariable(tf.zeros([channels]))
    const movingVariance = this.#movingVariable(tf.ones([channels]))
    return (x, mode) => {
      if (!mode.training)
        return tf.batchNorm4d(
          x,
          movingMean.as1D(),
          movingVariance.as1D(),
          offset.as1D(),
          scale.as1D(),
          VARIANCE_EPSILON,
        )
      const { mean, variance } = tf.moments(x, [0, 1, 2])
      for (const [moving, now] of [
        [movingMean, mean],
        [movingVariance, variance],
      ] as const)
        moving.assign(tf.add(tf.mul(moving, MOVING_MOMENTUM), tf.mul(now, 1 - MOVING_MOMENTUM)))
      return tf.batchNorm4d(x, mean.as1D(), variance.as1D(), offset.as1D(), scale.as1D(), VARIANCE_EPSILON)
    }
  }

  /** Keeps a share of 1 − rate of the values while training (Srivastava et al. 2014). */
  dropout(rate: number): Layer<tf.Tensor2D, tf.Tensor2D> {
    return (x, mode) =>
      mode.training ? tf.dropout(x, rate, undefined, mode.dropoutSeed).as2D(...x.shape) : x
  }

  /** Fully connected with bias; Glorot-normal (Glorot & Bengio 2010). */
  dense(inputs: number, outputs: number): Layer<tf.Tensor2D, tf.Tensor2D> {
    const weights = this.#weights<tf.Rank.R2>([inputs, outputs], Math.sqrt(2 / (inputs + outputs)))
    const bias = this.#variable(tf.zeros([outputs]))
    return (x) => tf.add(tf.matMul(x, weights.as2D(inputs, outputs)), bias)
  }

  build(forward: Network['forward']): Network {
    const trainable = this.#trainable
    const state = this.#state
    return { trainable, state, forward, dispose: () => tf.dispose([...trainable, ...state]) }
  }

  #weights<R extends tf.Rank>(shape: tf.ShapeMap[R], standardDeviation: number): tf.Variable<R> {
    const values = Float32Array.from({ length: tf.util.sizeFromShape(shape) }, () => this.#random.normal())
    const variable = tf.tidy(() =>
      tf.variable(tf.tensor<R>(values, shape).mul<tf.Tensor<R>>(standardDeviation)),
    )
    this.#trainable.push(variable)
    return variable
  }

  #variable(initial: tf.Tensor): tf.Variable {
    const variable = tf.variable(initial)
    initial.dispose()
    this.#trainable.push(variable)
    return variable
  }

  #movingVariable(initial: tf.Tensor): tf.Variable {
    const variable = tf.variable(initial, false)
    initial.dispose()
    this.#state.push(variable)
    return variable
  }
}

/** Number of trainable values. */
export function parameterCount(network: Network): number {
  return network.trainable.reduce((sum, variable) => sum + variable.size, 0)
}
