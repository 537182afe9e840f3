import * as tf from '@tensorflow/tfjs'
import { meanOver } from './ops.ts'

/** What makes pictures smaller, [batch, bands, frames, channels]. Rows and columns that fill no window are left out, as in PyTorch. */

/** Mean of each window. @param size - of a window and of the steps between them */
export const averagePool = (x: tf.Tensor4D, size: readonly [bands: number, frames: number]): tf.Tensor4D =>
  tf.avgPool(x, [...size], [...size], 'valid')

/** Largest value of each window. @param stride - between windows; their size when left out */
export const maxPool = (
  x: tf.Tensor4D,
  size: readonly [bands: number, frames: number],
  stride = size,
): tf.Tensor4D => tf.maxPool(x, [...size], [...stride], 'valid')

/** Mean over time, then the loudest band: [batch, channels]. */
export const meanThenMax = (x: tf.Tensor4D): tf.Tensor2D => tf.max<tf.Tensor2D>(meanOver(x, [2]), 1)

/** Each channel's mean: [batch, channels]. */
export const meanOfAll = (x: tf.Tensor4D): tf.Tensor2D => meanOver<tf.Rank.R2>(x, [1, 2])

/** Each channel's mean, then each channel's largest value: [batch, 2 · channels]. */
export const meanAndMax = (x: tf.Tensor4D): tf.Tensor2D =>
  tf.concat<tf.Tensor2D>([meanOfAll(x), tf.max(x, [1, 2])], 1)

/** All values in a row: [batch, bands · frames · channels]. */
export const flatten = (x: tf.Tensor4D): tf.Tensor2D => x.as2D(x.shape[0], x.size / x.shape[0])

/** Each row's mean over time, of pictures of one channel: [batch, bands]. */
export const meanOverFrames = (x: tf.Tensor4D): tf.Tensor2D =>
  meanOver<tf.Rank.R3>(x, [2]).as2D(x.shape[0], x.shape[1] * x.shape[3])
