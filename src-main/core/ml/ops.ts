import * as tf from '@tensorflow/tfjs'
import { type TensorflowOps, tensorflowOps } from './engines/tensorflow-backend.ts'

/**
 * Operations of networks that cost less than TF.js' own, forward or backward: by the TensorFlow library's kernels where it is
 * the engine, else by fewer of TF.js' operations. Both ways give the same values and gradients but for rounding.
 */

/** Added to a variance, as in PyTorch. */
export const VARIANCE_EPSILON = 1e-5
/** Share of each step in a moving statistic, PyTorch's momentum. */
const MOVING_SHARE = 0.1

/** max(x, 0); its gradient keeps the result, which what comes next keeps as well, instead of x. */
export function relu<R extends tf.Rank>(x: tf.Tensor<R>): tf.Tensor<R> {
  const native = tensorflowOps()
  return withGradient([x], () => {
    const value = tf.relu(x)
    return {
      value,
      saved: [value],
      gradients: (dy, saved) => [native ? native.reluGrad(dy, saved(0)) : tf.mul(dy, tf.step(saved(0)))],
    }
  })
}

/** x + bias, the bias along the last axis. */
export function addBias<R extends tf.Rank>(x: tf.Tensor<R>, bias: tf.Tensor1D): tf.Tensor<R> {
  const native = tensorflowOps()
  if (!native) return tf.add(x, bias)
  return withGradient([x, bias], () => ({
    value: ofRank(native.biasAdd(x, bias), x.rankType),
    gradients: (dy) => [dy, native.biasAddGrad(dy)],
  }))
}

/** Product of matrices. */
export function product(x: tf.Tensor2D, weights: tf.Tensor2D): tf.Tensor2D {
  const native = tensorflowOps()
  // TF.js multiplies natively as batches of one, by three changes of shape.
  if (!native) return tf.matMul(x, weights)
  return withGradient([x, weights], () => ({
    value: ofRank(native.product(x, weights), x.rankType),
    saved: [x, weights],
    gradients: (dy, saved) => [
      native.product(dy, saved(1), { b: true }),
      native.product(saved(0), dy, { a: true }),
    ],
  }))
}

/** −Σ targets · log softmax(logits). @param targets - [examples, classes], without a gradient; any sums of rows */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const native = tensorflowOps()
  return withGradient([logits], () => {
    const logProbabilities = native?.logSoftmax(logits) ?? tf.logSoftmax(logits)
    return {
      value: tf.neg(tf.sum<tf.Scalar>(tf.mul(logProbabilities, targets))),
      saved: [logProbabilities, targets],
      gradients(dy, saved) {
        const expected = tf.mul(tf.exp(saved(0)), tf.sum(saved(1), 1, true))
        return [tf.mul(dy, tf.sub(expected, saved(1)))]
      },
    }
  })
}

/** Mean over some axes, which are left out of the result. */
export function meanOver<R extends tf.Rank>(x: tf.Tensor, axes: readonly number[]): tf.Tensor<R> {
  const kept = x.shape.map((size, axis) => (axes.includes(axis) ? 1 : size))
  const repeats = x.shape.map((size, axis) => (axes.includes(axis) ? size : 1))
  const count = repeats.reduce((product, size) => product * size, 1)
  return withGradient([x], () => ({
    value: tf.mean<tf.Tensor<R>>(x, [...axes]),
    // TF.js multiplies with an array of ones of x' size, which it makes in JavaScript.
    gradients: (dy) => [tf.tile(tf.reshape(tf.mul(dy, 1 / count), kept), repeats)],
  }))
}

/**
 * Keeps a share of 1 − rate of the values and multiplies them so that their expected sum stays (Srivastava et al. 2014).
 * @param seed - what is kept depends on it and the engine alone
 */
export function dropout<R extends tf.Rank>(x: tf.Tensor<R>, rate: number, seed: number): tf.Tensor<R> {
  if (rate === 0) return x
  return withGradient([x], () => {
    const drawn = tensorflowOps()?.uniform(x.shape, seed) ?? uniform(x.shape, seed)
    const mask = tf.mul(tf.cast(tf.greaterEqual(drawn, rate), 'float32'), 1 / (1 - rate))
    return {
      value: tf.mul<tf.Tensor<R>>(x, mask),
      saved: [mask],
      gradients: (dy, saved) => [tf.mul(dy, saved(0))],
    }
  })
}

/** 0 ≤ value < 1: consecutive whole numbers, hashed (the finaliser of MurmurHash3). */
function uniform(shape: readonly number[], seed: number): tf.Tensor {
  const values = new Float32Array(tf.util.sizeFromShape([...shape]))
  let counter = Math.imul(seed, 0x9e3779b1)
  for (let index = 0; index < values.length; index++) {
    counter = (counter + 0x6d2b79f5) | 0
    let hash = counter
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    values[index] = ((hash ^ (hash >>> 16)) >>> 8) / 2 ** 24
  }
  return tf.tensor(values, [...shape])
}

export interface NormVariables {
  scale: tf.Tensor1D
  offset: tf.Tensor1D
  movingMean: tf.Tensor1D
  movingVariance: tf.Tensor1D
}

interface Normalised {
  output: tf.Tensor4D
  movingMean: tf.Tensor1D
  movingVariance: tf.Tensor1D
}

/**
 * Batch normalisation over all axes but the last (Ioffe & Szegedy 2015), as PyTorch's.
 * @param x - [batch, height, width, channels]
 * @returns the batch, normalised by its own mean and biased variance, and the next moving statistics: without a gradient,
 * the variance unbiased where a channel has more than one value
 */
export function normalise(x: tf.Tensor4D, variables: NormVariables): Normalised {
  const native = tensorflowOps()
  return native ? normaliseNatively(native, x, variables) : normaliseInSteps(x, variables)
}

function normaliseNatively(native: TensorflowOps, x: tf.Tensor4D, variables: NormVariables): Normalised {
  const { scale, offset } = variables
  const given = { ...variables, epsilon: VARIANCE_EPSILON, share: MOVING_SHARE }
  const { output, movingMean, movingVariance, saved: forward } = native.batchNorm(x, given)
  return {
    output: withGradient([x, scale, offset], () => ({
      value: ofRank(output, x.rankType),
      saved: [x, scale, ...forward],
      gradients: (dy, saved) =>
        native.batchNormGrad(
          dy,
          saved(0),
          saved(1),
          forward.map((_, index) => saved(2 + index)),
          VARIANCE_EPSILON,
        ),
    })),
    movingMean: ofRank(movingMean, scale.rankType),
    movingVariance: ofRank(movingVariance, scale.rankType),
  }
}

/** With its gradient in closed form: a third of the operations that differentiating each step takes. */
function normaliseInSteps(x: tf.Tensor4D, { scale, offset, ...moving }: NormVariables): Normalised {
  const count = x.size / scale.size
  const mean = tf.mean<tf.Tensor1D>(x, [0, 1, 2])
  const centred = tf.sub(x, mean)
  const variance = tf.mean<tf.Tensor1D>(tf.square(centred), [0, 1, 2])
  const output = withGradient([x, scale, offset], () => {
    const inverse = tf.rsqrt(tf.add(variance, VARIANCE_EPSILON))
    const standard = tf.mul<tf.Tensor4D>(centred, inverse)
    return {
      value: tf.add<tf.Tensor4D>(tf.mul(standard, scale), offset),
      saved: [standard, inverse, scale],
      gradients(dy, saved) {
        const [standardised, deviationInverse, factor] = [saved(0), saved(1), saved(2)]
        const byOffset = tf.sum(dy, [0, 1, 2])
        const byScale = tf.sum(tf.mul(dy, standardised), [0, 1, 2])
        const common = tf.add(tf.mul(standardised, tf.div(byScale, count)), tf.div(byOffset, count))
        return [tf.mul(tf.sub(dy, common), tf.mul(factor, deviationInverse)), byScale, byOffset]
      },
    }
  })
  const moved = (old: tf.Tensor1D, now: tf.Tensor1D, factor: number): tf.Tensor1D =>
    tf.add(tf.mul(old, 1 - MOVING_SHARE), tf.mul(now, factor * MOVING_SHARE))
  return {
    output,
    movingMean: moved(moving.movingMean, mean, 1),
    movingVariance: moved(moving.movingVariance, variance, count / Math.max(1, count - 1)),
  }
}

interface Differentiable<R extends tf.Rank> {
  value: tf.Tensor<R>
  /** Kept for the gradients. */
  saved?: readonly tf.Tensor[]
  /** @returns one for each input */
  gradients(dy: tf.Tensor, saved: (index: number) => tf.Tensor): tf.Tensor[]
}

/** `tf.customGrad`; the inputs are taken from the closure. */
function withGradient<R extends tf.Rank>(
  inputs: readonly tf.Tensor[],
  compute: () => Differentiable<R>,
): tf.Tensor<R> {
  const apply = tf.customGrad<tf.Tensor<R>>((...given) => {
    const { value, saved = [], gradients } = compute()
    const save = given.at(-1)
    if (typeof save !== 'function') throw new Error('customGrad gives a function last')
    save([...saved])
    return {
      value,
      gradFunc: (dy, kept) =>
        gradients(dy, (index) => {
          const tensor = kept[index]
          if (!tensor) throw new Error('a gradient asks for what was not saved')
          return tensor
        }),
    }
  })
  return apply(...inputs)
}

function ofRank<R extends tf.Rank>(tensor: tf.Tensor, rank: R): tf.Tensor<R> {
  if (hasRank(tensor, rank)) return tensor
  throw new Error(`a tensor of rank ${tensor.rank} where ${rank} was expected`)
}

const hasRank = <R extends tf.Rank>(tensor: tf.Tensor, rank: R): tensor is tf.Tensor<R> =>
  tensor.rankType === rank
