import {
  type BatchMatMulInputs,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputInputs,
  getKernel,
  type KernelBackend,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  registerKernel,
  type TensorInfo,
} from '@tensorflow/tfjs'
import {
  convolution,
  fourNumbers,
  type KernelArguments,
  pooling,
  replaceKernel,
  single,
  tensor,
} from './kernel-arguments.ts'

/**
 * Kernels that TF.js' WebAssembly backend lacks or has only in a slow or wrong form, most put together from fast ones.
 * Without the first no convolutional network trains there. They work on tensor infos and dispose every intermediate, so
 * nothing is left to the engine's bookkeeping. Nothing here calls the kernel Slice, which copies its whole input each time.
 */

const BACKEND = 'wasm'

/** What the kernels use of TF.js' `BackendWasm`. */
interface WasmBackend extends KernelBackend {
  disposeData(dataId: object, force?: boolean): boolean
  makeOutput(shape: number[], dtype: 'float32'): TensorInfo
  /** A view that the next allocation may detach. */
  typedArrayFromHeap(info: TensorInfo): Float32Array
}
interface Tools {
  kernel(name: string, inputs: NamedTensorInfoMap, attrs?: NamedAttrMap): TensorInfo
  /** An uninitialised tensor. */
  make(shape: number[]): TensorInfo
  /** Its values where they lie, until something else is made. */
  values(info: TensorInfo): Float32Array
  free(...infos: TensorInfo[]): void
}

/**
 * Runs other kernels and disposes what they made, except what is returned: at once what `free` is called with, the rest at
 * the end.
 */
function withKernels(backend: KernelArguments['backend'], build: (tools: Tools) => TensorInfo): TensorInfo {
  if (!isWasmBackend(backend)) throw new Error('not the WebAssembly backend')
  // Several infos may share one buffer (Reshape); each holds a count of its own.
  const made = new Set<TensorInfo>()
  const tools: Tools = {
    kernel(name, inputs, attrs = {}) {
      const config = getKernel(name, BACKEND)
      if (!config) throw new Error(`The WebAssembly backend has no kernel ${name}`)
      const output = single(config.kernelFunc({ inputs, backend, attrs }), name)
      made.add(output)
      return output
    },
    make(shape) {
      const output = backend.makeOutput(shape, 'float32')
      made.add(output)
      return output
    },
    values: (info) => backend.typedArrayFromHeap(info),
    free(...infos) {
      for (const info of infos) if (made.delete(info)) backend.disposeData(info.dataId)
    },
  }
  try {
    const output = build(tools)
    made.delete(output)
    return output
  } finally {
    tools.free(...made)
  }
}

function isWasmBackend(backend: unknown): backend is WasmBackend {
  return typeof backend === 'object' && backend !== null && 'makeOutput' in backend
}

/** Bytes that the matrix of shifted inputs may take at once: few enough for caches, enough to keep the product busy. */
const CHUNK_BYTES = 8 * 2 ** 20

/**
 * Gradient of a convolution by its filter: a matrix with a row per filter tap and input channel, of the input pixels that
 * this tap meets, times the output's gradient as a matrix of pixels × output channels. A few samples at a time, since the
 * first matrix is as many times larger than the input as the filter has taps.
 */
function conv2DBackpropFilter({ inputs, backend, attrs }: KernelArguments): TensorInfo {
  const x = tensor(inputs, 'x' satisfies keyof Conv2DBackpropFilterInputs)
  const dy = tensor(inputs, 'dy' satisfies keyof Conv2DBackpropFilterInputs)
  const filterShape = fourNumbers(attrs?.filterShape)
  const info = convolution(fourNumbers(x.shape), filterShape, attrs)
  const { padInfo, batchSize, inChannels, outChannels, outHeight, outWidth } = info
  const rows = info.filterHeight * info.filterWidth * inChannels
  const pixels = outHeight * outWidth
  const chunk = Math.max(1, Math.floor(CHUNK_BYTES / (4 * rows * pixels)))
  return withKernels(backend, ({ kernel, make, values, free }) => {
    const paddings = [
      [0, 0],
      [padInfo.top, padInfo.bottom],
      [padInfo.left, padInfo.right],
      [0, 0],
    ]
    const padded = kernel('PadV2', { x }, { paddings, constantValue: 0 })
    // Channels in front: what a tap meets in one row of the picture then lies side by side.
    const planes = kernel('Transpose', { x: padded }, { perm: [3, 0, 1, 2] })
    free(padded)
    let sum: TensorInfo | undefined
    for (let first = 0; first < batchSize; first += chunk) {
      const count = Math.min(chunk, batchSize - first)
      const a = make([1, rows, count * pixels])
      const b = make([1, count * pixels, outChannels])
      gather(values(planes), values(a), info, planes.shape, first, count)
      const from = first * pixels * outChannels
      values(b).set(values(dy).subarray(from, from + count * pixels * outChannels))
      const product = kernel('BatchMatMul', { a, b }, { transposeA: false, transposeB: false })
      free(a, b)
      if (sum) {
        const next = kernel('Add', { a: sum, b: product })
        free(sum, product)
        sum = next
      } else sum = product
    }
    if (!sum) throw new Error('a convolution without samples has no gradient')
    return kernel('Reshape', { x: sum }, { shape: filterShape })
  })
}

type ConvolutionInfo = ReturnType<typeof convolution>

/**
 * Fills `target`, [taps × channels, samples × output pixels], from `planes`, [channels, samples, height, width].
 * @param first - the first of `count` samples
 */
function gather(
  planes: Float32Array,
  target: Float32Array,
  info: ConvolutionInfo,
  shape: readonly number[],
  first: number,
  count: number,
): void {
  const [channels = 0, samples = 0, height = 0, width = 0] = shape
  const { outHeight, outWidth, strideHeight, strideWidth } = info
  let to = 0
  for (let tap = 0; tap < info.filterHeight * info.filterWidth; tap++) {
    const row = Math.floor(tap / info.filterWidth)
    const column = tap % info.filterWidth
    for (let channel = 0; channel < channels; channel++)
      for (let sample = first; sample < first + count; sample++) {
        let from = ((channel * samples + sample) * height + row) * width + column
        for (let y = 0; y < outHeight; y++, from += strideHeight * width, to += outWidth) {
          if (strideWidth === 1 && outWidth >= COPIED_ROW)
            target.set(planes.subarray(from, from + outWidth), to)
          else for (let x = 0; x < outWidth; x++) target[to + x] = planes[from + x * strideWidth] ?? 0
        }
      }
  }
}

/** Shorter rows are moved faster one by one. */
const COPIED_ROW = 16

/**
 * Gradient of a convolution by its input: at stride 1 it is the convolution of the output's gradient with the filter
 * turned by 180° and its channels exchanged. Other strides, and paddings wider than the filter, go to the backend's own
 * kernel.
 */
function conv2DBackpropInput(original: (args: KernelArguments) => TensorInfo) {
  return (args: KernelArguments): TensorInfo => {
    const { inputs, backend, attrs } = args
    const dy = tensor(inputs, 'dy' satisfies keyof Conv2DBackpropInputInputs)
    const filter = tensor(inputs, 'filter' satisfies keyof Conv2DBackpropInputInputs)
    const info = convolution(fourNumbers(attrs?.inputShape), fourNumbers(filter.shape), attrs)
    const { top, bottom, left, right } = info.padInfo
    const pad = [
      [0, 0],
      [info.filterHeight - 1 - top, info.filterHeight - 1 - bottom],
      [info.filterWidth - 1 - left, info.filterWidth - 1 - right],
      [0, 0],
    ]
    const strided = info.strideHeight !== 1 || info.strideWidth !== 1
    if (strided || pad.flat().some((size) => size < 0)) return original(args)
    return withKernels(backend, ({ kernel }) => {
      const turned = kernel('Reverse', { x: filter }, { dims: [0, 1] })
      const exchanged = kernel('Transpose', { x: turned }, { perm: [0, 1, 3, 2] })
      const attrs = { strides: [1, 1], dilations: [1, 1], dataFormat: 'NHWC', pad }
      return kernel('Conv2D', { x: dy, filter: exchanged }, attrs)
    })
  }
}

/** A product with a transposed side: transposing first reaches the backend's fast product. */
function batchMatMul(original: (args: KernelArguments) => TensorInfo) {
  return (args: KernelArguments): TensorInfo => {
    const { transposeA = false, transposeB = false } = args.attrs ?? {}
    if (!transposeA && !transposeB) return original(args)
    const a = tensor(args.inputs, 'a' satisfies keyof BatchMatMulInputs)
    const b = tensor(args.inputs, 'b' satisfies keyof BatchMatMulInputs)
    return withKernels(args.backend, ({ kernel }) => {
      const turned = (x: TensorInfo) => {
        const perm = x.shape.map((_, axis) => axis)
        perm.push(...perm.splice(-2).reverse())
        return kernel('Transpose', { x }, { perm })
      }
      const inputs = { a: transposeA ? turned(a) : a, b: transposeB ? turned(b) : b }
      return kernel('BatchMatMul', inputs, { transposeA: false, transposeB: false })
    })
  }
}

/**
 * Gradient of max-pooling: the first of a window's largest values has it all, as in TF.js' other backends. The backend's own
 * takes windows without a positive value for windows whose largest is the picture's first.
 */
function maxPoolGrad({ inputs, backend, attrs = {} }: KernelArguments): TensorInfo {
  const x = tensor(inputs, 'input')
  const dy = tensor(inputs, 'dy')
  const info = pooling(fourNumbers(x.shape), attrs)
  const { batchSize, inHeight, inWidth, inChannels, outHeight, outWidth, strideHeight, strideWidth } = info
  const { effectiveFilterHeight, effectiveFilterWidth, padInfo } = info
  return withKernels(backend, ({ make, values }) => {
    const dx = make(x.shape)
    const [from, by, to] = [values(x), values(dy), values(dx)]
    to.fill(0)
    let place = 0
    for (let sample = 0; sample < batchSize; sample++)
      for (let outRow = 0; outRow < outHeight; outRow++) {
        const row = outRow * strideHeight - padInfo.top
        const lastRow = Math.min(inHeight, row + effectiveFilterHeight)
        for (let outColumn = 0; outColumn < outWidth; outColumn++) {
          const column = outColumn * strideWidth - padInfo.left
          const lastColumn = Math.min(inWidth, column + effectiveFilterWidth)
          for (let channel = 0; channel < inChannels; channel++, place++) {
            let most = Number.NEGATIVE_INFINITY
            let best = -1
            for (let y = Math.max(0, row); y < lastRow; y++) {
              let at = ((sample * inHeight + y) * inWidth + Math.max(0, column)) * inChannels + channel
              for (let z = Math.max(0, column); z < lastColumn; z++, at += inChannels) {
                const value = from[at] ?? 0
                if (value > most || best < 0) {
                  most = value
                  best = at
                }
              }
            }
            to[best] = (to[best] ?? 0) + (by[place] ?? 0)
          }
        }
      }
    return dx
  })
}

let registered = false

/** Registers the kernels for the WebAssembly backend, once a process, after that backend's package was loaded. */
export function registerWasmKernels(): void {
  if (registered) return
  registered = true
  registerKernel({
    kernelName: 'Conv2DBackpropFilter',
    backendName: BACKEND,
    kernelFunc: conv2DBackpropFilter,
  })
  replaceKernel('Conv2DBackpropInput', BACKEND, conv2DBackpropInput)
  replaceKernel('BatchMatMul', BACKEND, batchMatMul)
  replaceKernel('MaxPoolGrad', BACKEND, () => maxPoolGrad)
}
