import {
  type BatchMatMulInputs,
  backend_util,
  type Conv2DBackpropFilterInputs,
  type Conv2DBackpropInputInputs,
  getKernel,
  type KernelBackend,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs'

/**
 * Three kernels that TF.js' WebAssembly backend lacks or has only in a slow form, each put together from fast ones.
 * Without the first no convolutional network trains there. They work on tensor infos and dispose every intermediate, so
 * nothing is left to the engine's bookkeeping.
 */

const BACKEND = 'wasm'

interface Disposer extends KernelBackend {
  disposeData(dataId: object, force?: boolean): boolean
}
type KernelArguments = Parameters<KernelFunc>[0]

type Kernel = (name: string, inputs: NamedTensorInfoMap, attrs?: NamedAttrMap) => TensorInfo

/** Runs other kernels and disposes what they made, except what is returned. */
function withKernels(backend: KernelArguments['backend'], build: (kernel: Kernel) => TensorInfo): TensorInfo {
  const made: TensorInfo[] = []
  const kernel: Kernel = (name, inputs, attrs = {}) => {
    const config = getKernel(name, BACKEND)
    if (!config) throw new Error(`The WebAssembly backend has no kernel ${name}`)
    const result = config.kernelFunc({ inputs, backend, attrs })
    const output = Array.isArray(result) ? result[0] : result
    if (!output) throw new Error(`Kernel ${name} gave nothing`)
    made.push(output)
    return output
  }
  const output = build(kernel)
  if (!isDisposer(backend)) throw new Error('not a backend')
  // Several infos may share one buffer (Reshape); each holds a count of its own.
  for (const info of made) if (info !== output) backend.disposeData(info.dataId)
  return output
}

function isDisposer(backend: unknown): backend is Disposer {
  return typeof backend === 'object' && backend !== null && 'disposeData' in backend
}

/** Concat takes its inputs as a list, which TF.js types as a map by number. */
const isInputList = (value: unknown): value is NamedTensorInfoMap => Array.isArray(value)

const numbers = (value: unknown): number[] => {
  if (Array.isArray(value) && value.every((item) => typeof item === 'number')) return value
  throw new Error('expected a list of numbers')
}
const fourNumbers = (value: unknown): [number, number, number, number] => {
  const [a, b, c, d] = numbers(value)
  if (a === undefined || b === undefined || c === undefined || d === undefined)
    throw new Error('expected 4 numbers')
  return [a, b, c, d]
}
/** Strides come as a number or as two. */
const stridesOf = (value: unknown): [number, number] => {
  if (typeof value === 'number') return [value, value]
  const [height, width] = numbers(value)
  if (height === undefined || width === undefined) throw new Error('expected 2 strides')
  return [height, width]
}
type Padding = Parameters<typeof backend_util.computeConv2DInfo>[4]
const isPadding = (value: unknown): value is Padding =>
  value === 'same' || value === 'valid' || typeof value === 'number' || Array.isArray(value)
const tensor = (inputs: NamedTensorInfoMap, name: string): TensorInfo => {
  const found = inputs[name]
  if (!found) throw new Error(`kernel input ${name} is missing`)
  return found
}

function convolution(
  inputShape: [number, number, number, number],
  filterShape: [number, number, number, number],
  attrs: NamedAttrMap = {},
) {
  if (attrs.dataFormat === 'NCHW') throw new Error('only NHWC convolutions are trained')
  if (!isPadding(attrs.pad)) throw new Error('unknown padding of a convolution')
  return backend_util.computeConv2DInfo(inputShape, filterShape, stridesOf(attrs.strides), 1, attrs.pad)
}

/**
 * Gradient of a convolution by its filter: for each filter tap, the shifted input, seen as a matrix of pixels × input
 * channels, transposed, times the output's gradient.
 */
function conv2DBackpropFilter({ inputs, backend, attrs }: KernelArguments): TensorInfo {
  const x = tensor(inputs, 'x' satisfies keyof Conv2DBackpropFilterInputs)
  const dy = tensor(inputs, 'dy' satisfies keyof Conv2DBackpropFilterInputs)
  const filterShape = fourNumbers(attrs?.filterShape)
  const info = convolution(fourNumbers(x.shape), filterShape, attrs)
  const { padInfo, batchSize, inChannels, outChannels, outHeight, outWidth, strideHeight, strideWidth } = info
  const pixels = batchSize * outHeight * outWidth
  return withKernels(backend, (kernel) => {
    const padded = kernel(
      'PadV2',
      { x },
      {
        paddings: [
          [0, 0],
          [padInfo.top, padInfo.bottom],
          [padInfo.left, padInfo.right],
          [0, 0],
        ],
        constantValue: 0,
      },
    )
    const gradient = kernel('Reshape', { x: dy }, { shape: [1, pixels, outChannels] })
    const taps: TensorInfo[] = []
    for (let row = 0; row < info.filterHeight; row++) {
      for (let column = 0; column < info.filterWidth; column++) {
        const size = [
          batchSize,
          (outHeight - 1) * strideHeight + 1,
          (outWidth - 1) * strideWidth + 1,
          inChannels,
        ]
        const begin = [0, row, column, 0]
        const window =
          strideHeight === 1 && strideWidth === 1
            ? kernel('Slice', { x: padded }, { begin, size })
            : kernel(
                'StridedSlice',
                { x: padded },
                {
                  begin,
                  end: begin.map((start, axis) => start + (size[axis] ?? 0)),
                  strides: [1, strideHeight, strideWidth, 1],
                  beginMask: 0,
                  endMask: 0,
                  ellipsisMask: 0,
                  newAxisMask: 0,
                  shrinkAxisMask: 0,
                },
              )
        const matrix = kernel('Reshape', { x: window }, { shape: [1, pixels, inChannels] })
        const turned = kernel('Transpose', { x: matrix }, { perm: [0, 2, 1] })
        taps.push(kernel('BatchMatMul', { a: turned, b: gradient }, { transposeA: false, transposeB: false }))
      }
    }
    const list: unknown = taps
    if (!isInputList(list)) throw new Error('expected a list of tensors')
    const stacked = kernel('Concat', list, { axis: 0 })
    return kernel('Reshape', { x: stacked }, { shape: filterShape })
  })
}

/**
 * Gradient of a convolution by its input: at stride 1 it is the convolution of the output's gradient with the filter
 * turned by 180° and its channels exchanged. Other strides go to the backend's own kernel.
 */
function conv2DBackpropInput(original: (args: KernelArguments) => TensorInfo) {
  return (args: KernelArguments): TensorInfo => {
    const { inputs, backend, attrs } = args
    const dy = tensor(inputs, 'dy' satisfies keyof Conv2DBackpropInputInputs)
    const filter = tensor(inputs, 'filter' satisfies keyof Conv2DBackpropInputInputs)
    const info = convolution(fourNumbers(attrs?.inputShape), fourNumbers(filter.shape), attrs)
    if (info.strideHeight !== 1 || info.strideWidth !== 1) return original(args)
    const { padInfo, filterHeight, filterWidth } = info
    return withKernels(backend, (kernel) => {
      const turned = kernel('Reverse', { x: filter }, { dims: [0, 1] })
      const exchanged = kernel('Transpose', { x: turned }, { perm: [0, 1, 3, 2] })
      return kernel(
        'Conv2D',
        { x: dy, filter: exchanged },
        {
          strides: [1, 1],
          dilations: [1, 1],
          dataFormat: 'NHWC',
          pad: [
            [0, 0],
            [filterHeight - 1 - padInfo.top, filterHeight - 1 - padInfo.bottom],
            [filterWidth - 1 - padInfo.left, filterWidth - 1 - padInfo.right],
            [0, 0],
          ],
        },
      )
    })
  }
}

/** A product with a transposed left side: transposing first reaches the backend's fast product. */
function batchMatMul(original: (args: KernelArguments) => TensorInfo) {
  return (args: KernelArguments): TensorInfo => {
    if (!args.attrs?.transposeA) return original(args)
    const a = tensor(args.inputs, 'a' satisfies keyof BatchMatMulInputs)
    const b = tensor(args.inputs, 'b' satisfies keyof BatchMatMulInputs)
    return withKernels(args.backend, (kernel) => {
      const perm = a.shape.map((_, axis) => axis)
      perm.push(...perm.splice(-2).reverse())
      const turned = kernel('Transpose', { x: a }, { perm })
      return kernel('BatchMatMul', { a: turned, b }, { ...args.attrs, transposeA: false })
    })
  }
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
  replace('Conv2DBackpropInput', conv2DBackpropInput)
  replace('BatchMatMul', batchMatMul)
}

function replace(
  kernelName: string,
  make: (original: (args: KernelArguments) => TensorInfo) => (args: KernelArguments) => TensorInfo,
): void {
  const config = getKernel(kernelName, BACKEND)
  if (!config) throw new Error(`The WebAssembly backend has no kernel ${kernelName}`)
  const original = (args: KernelArguments): TensorInfo => {
    const result = config.kernelFunc(args)
    const output = Array.isArray(result) ? result[0] : result
    if (!output) throw new Error(`Kernel ${kernelName} gave nothing`)
    return output
  }
  unregisterKernel(kernelName, BACKEND)
  registerKernel({ ...config, kernelFunc: make(original) })
}
