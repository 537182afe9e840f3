import * as tf from '@tensorflow/tfjs'
import type { Layout } from './examples.ts'
import { addBias, dropout, normalise, product, VARIANCE_EPSILON } from './ops.ts'
import type { Random } from './random.ts'

/** The pictures of a batch, each [batch, bands, frames, 1]. */
export type Inputs = readonly [tf.Tensor4D, ...tf.Tensor4D[]]

/** Parts examples into their pictures. @param x - [batch, bands, frames, 1], as the layout says */
export function inputsOf(x: tf.Tensor4D, { bandsOfEach = [] }: Layout): Inputs {
  if (bandsOfEach.length < 2) return [x]
  const [first, ...rest] = tf.split<tf.Tensor4D>(x, [...bandsOfEach], 1)
  if (!first) throw new Error('a layout has pictures')
  return [first, ...rest]
}

/** A network whose variables belong to it. Shapes are [batch, bands, frames, channels]. */
export interface Network {
  /** What the optimiser changes. */
  readonly trainable: tf.Variable[]
  /** Moving statistics of batch normalisation: saved with the weights, changed by training passes only. */
  readonly state: tf.Variable[]
  /** Feature maps that a probe is shown, one a picture; 0 where the network sees no picture as such. */
  readonly featureMaps: number
  /** @returns logits, [batch, classes] */
  forward(inputs: Inputs, mode: ForwardMode): tf.Tensor2D
  dispose(): void
}

/** `dropoutSeed` must differ from step to step. */
export type ForwardMode = { training: false; probe?: Probe } | { training: true; dropoutSeed: number }

/** Looks into a pass that does not train. */
export interface Probe {
  /**
   * The last feature map of a picture: after its activation, before what pools it.
   * @param map - [batch, bands, frames, channels]
   * @returns what the pass goes on with: the map, or something like it of any batch
   */
  featureMap?(map: tf.Tensor4D, picture: number): tf.Tensor4D
  /** What the last layer is given, [batch, values]. */
  embedding?(values: tf.Tensor2D): void
}

type Layer<X> = (input: X, mode: ForwardMode) => X
/** Of any shape. */
type AnyLayer = <R extends tf.Rank>(input: tf.Tensor<R>, mode: ForwardMode) => tf.Tensor<R>

export interface ConvolutionOptions {
  /** Of the filter, in bands and frames; 3 × 3 when left out. */
  size?: readonly [bands: number, frames: number]
  stride?: number
  /**
   * `same`: zeros around the picture, so that stride 1 keeps its size: PyTorch's padding (size − 1) / 2 for odd sizes. Where
   * their number is odd, as at stride 2 on an even size, the last side gets one more. `valid`: none, so it becomes smaller.
   */
  padding?: 'same' | 'valid'
  /** False where batch normalisation follows and takes it away again. */
  bias?: boolean
}

/** PyTorch's slope of a new PReLU. */
const PRELU_SLOPE = 0.25
/** More than the parts of a batch, whose seeds follow each other. */
const DROPOUT_SEED_STEP = 7_919

/** Makes layers and collects their variables; random numbers are drawn in the order of the calls. */
export class NetworkBuilder {
  readonly #random: Random
  readonly #trainable: tf.Variable[] = []
  readonly #state: tf.Variable[] = []
  #dropouts = 0
  #featureMaps = 0

  constructor(random: Random) {
    this.#random = random
  }

  /** Kaiming-normal by the inputs of a value (He et al. 2015), `torch.nn.init.kaiming_normal_`; the bias begins at zero. */
  convolution(
    inputs: number,
    outputs: number,
    { size = [3, 3], stride = 1, padding = 'same', bias = false }: ConvolutionOptions = {},
  ): Layer<tf.Tensor4D> {
    const [bands, frames] = size
    const filter = this.#normal<tf.Rank.R4>(
      [bands, frames, inputs, outputs],
      Math.sqrt(2 / (bands * frames * inputs)),
    )
    // A filter of 1 × 1 sees every stride-th place only: taken beforehand, since oneDNN's filter gradient for it writes beyond
    // its memory where channels are few (TensorFlow 2.21, AVX2).
    const convolve =
      bands === 1 && frames === 1 && stride > 1
        ? (x: tf.Tensor4D) => tf.conv2d(tf.maxPool(x, 1, stride, 'valid'), filter, 1, 'valid')
        : (x: tf.Tensor4D) => tf.conv2d(x, filter, stride, padding)
    if (!bias) return convolve
    const offset = this.#variable(tf.zeros<tf.Rank.R1>([outputs]))
    return (x) => tf.tidy(() => addBias(convolve(x), offset))
  }

  /**
   * Over batch and both axes (Ioffe & Szegedy 2015). As PyTorch's, except that a channel with a single value is not refused:
   * it becomes its offset.
   */
  batchNorm(channels: number): Layer<tf.Tensor4D> {
    const scale = this.#variable(tf.ones<tf.Rank.R1>([channels]))
    const offset = this.#variable(tf.zeros<tf.Rank.R1>([channels]))
    const movingMean = this.#movingVariable(tf.zeros<tf.Rank.R1>([channels]))
    const movingVariance = this.#movingVariable(tf.ones<tf.Rank.R1>([channels]))
    return (x, mode) => {
      if (!mode.training)
        return tf.batchNorm4d(x, movingMean, movingVariance, offset, scale, VARIANCE_EPSILON)
      const next = normalise(x, { scale, offset, movingMean, movingVariance })
      movingMean.assign(next.movingMean)
      movingVariance.assign(next.movingVariance)
      return next.output
    }
  }

  /** `batchNorm` of [batch, values]: over the batch. */
  flatBatchNorm(values: number): Layer<tf.Tensor2D> {
    const norm = this.batchNorm(values)
    return (x, mode) => norm(x.as4D(x.shape[0], 1, 1, values), mode).as2D(x.shape[0], values)
  }

  /** `batchNorm` of each row of a picture of one channel: over batch and time. */
  rowNorm(bands: number): Layer<tf.Tensor4D> {
    const norm = this.batchNorm(bands)
    const turned = [0, 3, 2, 1]
    return (x, mode) => tf.transpose(norm(tf.transpose(x, turned), mode), turned)
  }

  /** Keeps a share of 1 − rate of the values while training (Srivastava et al. 2014). */
  dropout(rate: number): AnyLayer {
    const seedOf = this.#dropoutSeeds()
    return (x, mode) => (mode.training ? dropout(x, rate, seedOf(mode.dropoutSeed)) : x)
  }

  /** Keeps a share of 1 − rate of each example's channels (Tompson et al. 2015). */
  spatialDropout(rate: number): Layer<tf.Tensor4D> {
    const seedOf = this.#dropoutSeeds()
    return (x, mode) => {
      if (!mode.training) return x
      const [batch, , , channels] = x.shape
      return tf.mul(x, dropout(tf.ones([batch, 1, 1, channels]), rate, seedOf(mode.dropoutSeed)))
    }
  }

  /** x where it is positive, else x times one learnt slope (He et al. 2015). */
  prelu(): Layer<tf.Tensor2D> {
    const slope = this.#variable(tf.tensor1d([PRELU_SLOPE]))
    return (x) => tf.prelu<tf.Tensor>(x, slope).as2D(...x.shape)
  }

  /** Fully connected with bias, begun as `torch.nn.Linear`: both uniform up to ± 1/√inputs. */
  linear(inputs: number, outputs: number): Layer<tf.Tensor2D> {
    const bound = 1 / Math.sqrt(inputs)
    return affine(
      this.#uniform<tf.Rank.R2>([inputs, outputs], bound),
      this.#uniform<tf.Rank.R1>([outputs], bound),
    )
  }

  /** The last layer: `linear`, whose input is the embedding of an example. */
  classifier(inputs: number, classes: number): Layer<tf.Tensor2D> {
    const last = this.linear(inputs, classes)
    return (x, mode) => {
      if (!mode.training) mode.probe?.embedding?.(x)
      return last(x, mode)
    }
  }

  /** To be put where the last feature map of a picture is; once for each picture, in their order. */
  featureMap(): Layer<tf.Tensor4D> {
    const picture = this.#featureMaps++
    return (x, mode) => (mode.training ? x : (mode.probe?.featureMap?.(x, picture) ?? x))
  }

  build(forward: Network['forward']): Network {
    const trainable = this.#trainable
    const state = this.#state
    const dispose = () => tf.dispose([...trainable, ...state])
    return { trainable, state, featureMaps: this.#featureMaps, forward, dispose }
  }

  /** Keeps the masks of the layers apart. */
  #dropoutSeeds(): (stepSeed: number) => number {
    const offset = this.#dropouts++ * DROPOUT_SEED_STEP
    return (stepSeed) => stepSeed + offset
  }

  #normal<R extends tf.Rank>(shape: tf.ShapeMap[R], standardDeviation: number): tf.Variable<R> {
    return this.#drawn(shape, standardDeviation, () => this.#random.normal())
  }

  #uniform<R extends tf.Rank>(shape: tf.ShapeMap[R], bound: number): tf.Variable<R> {
    return this.#drawn(shape, bound, () => 2 * this.#random.uniform() - 1)
  }

  #drawn<R extends tf.Rank>(shape: tf.ShapeMap[R], scale: number, draw: () => number): tf.Variable<R> {
    const values = new Float32Array(tf.util.sizeFromShape(shape))
    for (let index = 0; index < values.length; index++) values[index] = scale * draw()
    const variable = tf.tidy(() => tf.variable(tf.tensor<R>(values, shape)))
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

const affine =
  (weights: tf.Tensor2D, bias: tf.Tensor1D): Layer<tf.Tensor2D> =>
  (x) =>
    addBias(product(x, weights), bias)

/** Values that the optimiser changes, and moving statistics, which PyTorch calls buffers and does not count. */
export function parameterCounts(network: Network): { trainable: number; statistics: number } {
  const sum = (variables: readonly tf.Variable[]) =>
    variables.reduce((total, variable) => total + variable.size, 0)
  return { trainable: sum(network.trainable), statistics: sum(network.state) }
}
