import * as tf from '@tensorflow/tfjs'
import { convolution, fourNumbers, type KernelArguments, replaceKernel, tensor } from './kernel-arguments.ts'
import { type TensorflowOps, tensorflowOps } from './tensorflow-backend.ts'

/** Kernels of the native backend that are slower than they need to be, put together from fast ones. */

const BACKEND = 'tensorflow'

type Kernel = (args: KernelArguments) => tf.TensorInfo

/** Bytes of the widened input that a part of a batch may take: about a share of the last cache. */
const CHUNK_BYTES = 8 * 2 ** 20

/** Input channels squared times pixels of a picture from which on products are faster than the library's kernel, by measurement. */
const PRODUCTS_PAY = 8e6

/** Values from which on the gradient of max-pooling is faster by choices than by the library's kernel, by measurement. */
const CHOICES_PAY = 4e5

/**
 * Gradient of a convolution by its filter. oneDNN has no kernel for it that goes well with channels last on CPUs without
 * AVX-512: 14 to 50 GFLOP/s where its convolution makes 90. Here it is a matrix product for each row of the filter: with the
 * input's columns laid side by side as the filter's columns meet them, and rows of zeros below each picture of `dy`, a row of
 * the filter meets the whole batch's pixels in order, only so many rows later.
 */
function conv2DBackpropFilter(original: Kernel): Kernel {
  return (args) => {
    const native = tensorflowOps()
    const x = tensor(args.inputs, 'x')
    const dy = tensor(args.inputs, 'dy')
    const info = convolution(fourNumbers(x.shape), fourNumbers(args.attrs?.filterShape), args.attrs)
    const { inChannels, inHeight, inWidth, strideHeight, strideWidth } = info
    const pays = inChannels ** 2 * inHeight * inWidth >= PRODUCTS_PAY
    if (!native || !pays || strideHeight !== 1 || strideWidth !== 1) return original(args)
    return tf.tidy(() => {
      const parts: tf.Tensor[] = []
      const widened = info.filterWidth * info.inChannels * info.outWidth * paddedHeight(info) * 4
      const chunk = Math.max(1, Math.floor(CHUNK_BYTES / widened))
      for (let first = 0; first < info.batchSize; first += chunk) {
        const samples = (whole: tf.TensorInfo) =>
          tf.slice(tensorOf(whole), first, Math.min(chunk, info.batchSize - first))
        parts.push(...tf.tidy(() => productsByRow(native, samples(x), samples(dy), info)))
      }
      return info.batchSize <= chunk
        ? tf.stack(parts).reshape(info.filterShape)
        : tf.sum(tf.stack(parts).reshape([-1, ...info.filterShape]), 0).reshape(info.filterShape)
    })
  }
}

type ConvolutionInfo = ReturnType<typeof convolution>

const paddedHeight = ({ inHeight, padInfo }: ConvolutionInfo) => inHeight + padInfo.top + padInfo.bottom

/** @returns for each row of the filter [filter columns × input channels, output channels] */
function productsByRow(
  native: TensorflowOps,
  x: tf.Tensor,
  dy: tf.Tensor,
  info: ConvolutionInfo,
): tf.Tensor[] {
  const { inChannels, outChannels, outHeight, outWidth, filterHeight, filterWidth, inHeight, inWidth } = info
  const { top, bottom, left } = info.padInfo
  const count = x.shape[0] ?? 0
  const height = paddedHeight(info)
  const columns = Array.from({ length: filterWidth }, (_, column) => {
    // What of the input this column of the filter meets; zeros beside it.
    const from = Math.max(0, column - left)
    const to = Math.min(inWidth, column - left + outWidth)
    const before = Math.max(0, left - column)
    return tf.pad(tf.slice(x, [0, 0, from, 0], [count, inHeight, to - from, inChannels]), [
      [0, 0],
      [top, bottom],
      [before, outWidth - before - (to - from)],
      [0, 0],
    ])
  })
  const pixels = count * height * outWidth
  const wide = tf.concat(columns, 3).reshape([pixels, filterWidth * inChannels])
  const rows = pixels - (filterHeight - 1) * outWidth
  const below = [
    [0, 0],
    [0, height - outHeight],
    [0, 0],
    [0, 0],
  ] satisfies [number, number][]
  const gradient = tf.slice(tf.pad(dy, below).reshape([pixels, outChannels]), 0, rows)
  return Array.from({ length: filterHeight }, (_, row) =>
    native.product(tf.slice(wide, row * outWidth, rows), gradient, { a: true }),
  )
}

/**
 * Gradient of max-pooling. The library's own takes eight times the pooling's time. Here, for pooling by 2 × 2 without overlap,
 * the first of equal values has it all, as there: left or right is chosen in each pair, then the upper or the lower pair.
 */
function maxPoolGrad(original: Kernel): Kernel {
  return (args) => {
    const native = tensorflowOps()
    const input = tensor(args.inputs, 'input')
    const dy = tensor(args.inputs, 'dy')
    const { filterSize, strides, pad } = args.attrs ?? {}
    const [batch, height, width, channels] = fourNumbers(input.shape)
    const [, outHeight, outWidth] = fourNumbers(dy.shape)
    const isTwo = [filterSize, strides].flat().every((size) => size === 2)
    const pays = batch * height * width * channels >= CHOICES_PAY
    if (!native || !isTwo || !pays || (pad !== 'same' && pad !== 'valid')) return original(args)
    const evenHeight = 2 * outHeight
    const evenWidth = 2 * outWidth
    return tf.tidy(() => {
      const even = evened(tensorOf(input), evenHeight, evenWidth, Number.NEGATIVE_INFINITY)
      const pairs = batch * evenHeight * outWidth
      const [left, right] = halves(even, [pairs, 2, channels])
      const [upper, lower] = halves(tf.maximum(left, right), [pairs / evenWidth, 2, outWidth * channels])
      const lowerShare = native.reluGrad(tensorOf(dy).reshape(upper.shape), tf.sub(lower, upper))
      const share = tf.concat([tf.sub(tensorOf(dy).reshape(upper.shape), lowerShare), lowerShare], 1)
      const rightShare = native.reluGrad(share.reshape(left.shape), tf.sub(right, left))
      const leftShare = tf.sub(share.reshape(left.shape), rightShare)
      const whole = tf.concat([leftShare, rightShare], 1).reshape([batch, evenHeight, evenWidth, channels])
      return evened(whole, height, width, 0)
    })
  }
}

/** Cuts a picture to a size or fills it up below and on the right. */
function evened(x: tf.Tensor, height: number, width: number, fill: number): tf.Tensor {
  const [batch, oldHeight, oldWidth, channels] = fourNumbers(x.shape)
  const kept = [batch, Math.min(height, oldHeight), Math.min(width, oldWidth), channels]
  const cut = height < oldHeight || width < oldWidth ? tf.slice(x, [0, 0, 0, 0], kept) : x
  if (height <= oldHeight && width <= oldWidth) return cut
  const missing = [0, Math.max(0, height - oldHeight), Math.max(0, width - oldWidth), 0]
  return tf.pad(
    cut,
    missing.map((size): [number, number] => [0, size]),
    fill,
  )
}

/** Both halves along the middle axis. @param shape - [a, 2, b] */
function halves(x: tf.Tensor, shape: [number, number, number]): [tf.Tensor, tf.Tensor] {
  const [first, , last] = shape
  const split = x.reshape(shape)
  return [tf.slice(split, [0, 0, 0], [first, 1, last]), tf.slice(split, [0, 1, 0], [first, 1, last])]
}

function tensorOf(info: tf.TensorInfo): tf.Tensor {
  if (info instanceof tf.Tensor) return info
  throw new Error('kernels are called with tensors')
}

let registered = false

/** Puts the kernels in the place of the native backend's own, once a process, after its package was loaded. */
export function registerTensorflowKernels(): void {
  if (registered) return
  registered = true
  replaceKernel('Conv2DBackpropFilter', BACKEND, conv2DBackpropFilter)
  replaceKernel('MaxPoolGrad', BACKEND, maxPoolGrad)
}
