import * as tf from '@tensorflow/tfjs'
import { dropout, normalise, VARIANCE_EPSILON } from './ops.ts'
import type { Random } from './random.ts'

/** The pictures of a batch, each [batch, bands, frames, 1]. */
export type Inputs = readonly [tf.Tensor4D, ...tf.Tensor4D[]]

/** A network whose variables belong to it. Shapes are [batch, bands, frames, channels]. */
export interface Network {
  /** What the optimiser changes. */
  readonly trainable: tf.Variable[]
  /** Moving statistics of batch normalisation: saved with the weights, changed by training passes only. */
  readonly state: tf.Variable[]
  /** @returns logits, [batch, classes] */
  forward(inputs: Inputs, mode: ForwardMode): tf.Tensor2D
  dispose(): void
}

/** `dropoutSeed` must differ from step to step. */
export type ForwardMode = { training: false } | { training: true; dropoutSeed: number }

type Layer<I, O> = (input: I, mode: ForwardMode) => O

/** Share of the old value that a moving statistic keeps at each step. */
const MOVING_MOMENTUM = 0.9

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
    return (x) => tf.conv2d(x, filter, stride, 'same')
  }

  /** Over batch and both axes (Ioffe & Szegedy 2015). */
  batchNorm(channels: number): Layer<tf.Tensor4D, tf.Tensor4D> {
    const scale = this.#variable(tf.ones<tf.Rank.R1>([channels]))
    const offset = this.#variable(tf.zeros<tf.Rank.R1>([channels]))
    const movingMean = this.#movingVariable(tf.zeros<tf.Rank.R1>([channels]))
    const movingVariance = this.#movingVariable(tf.ones<tf.Rank.R1>([channels]))
    return (x, mode) => {
      if (!mode.training)
        return tf.batchNorm4d(x, movingMean, movingVariance, offset, scale, VARIANCE_EPSILON)
      const { output, mean, variance } = normalise(x, scale, offset)
      for (const [moving, now] of [
        [movingMean, mean],
        [movingVariance, variance],
      ] as const)
        moving.assign(tf.add(tf.mul(moving, MOVING_MOMENTUM), tf.mul(now, 1 - MOVING_MOMENTUM)))
      return output
    }
  }

  /** Keeps a share of 1 − rate of the values while training (Srivastava et al. 2014). */
  dropout(rate: number): Layer<tf.Tensor2D, tf.Tensor2D> {
    return (x, mode) => (mode.training ? dropout(x, rate, mode.dropoutSeed) : x)
  }

  /** Fully connected with bias; Glorot-normal (Glorot & Bengio 2010). */
  dense(inputs: number, outputs: number): Layer<tf.Tensor2D, tf.Tensor2D> {
    const weights = this.#weights<tf.Rank.R2>([inputs, outputs], Math.sqrt(2 / (inputs + outputs)))
    const bias = this.#variable(tf.zeros([outputs]))
    return (x) => tf.add(tf.matMul(x, weights), bias)
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

  #variable<R extends tf.Rank>(initial: tf.Tensor<R>): tf.Variable<R> {
    const variable = tf.variable(initial)
    initial.dispose()
    this.#trainable.push(variable)
    return variable
  }

  #movingVariable<R extends tf.Rank>(initial: tf.Tensor<R>): tf.Variable<R> {
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
