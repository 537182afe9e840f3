import {
  backend_util,
  getKernel,
  type KernelFunc,
  type NamedAttrMap,
  type NamedTensorInfoMap,
  registerKernel,
  type TensorInfo,
  unregisterKernel,
} from '@tensorflow/tfjs'

/** What a kernel is called with, checked. */

export type KernelArguments = Parameters<KernelFunc>[0]

const numbers = (value: unknown): number[] => {
  if (Array.isArray(value) && value.every((item) => typeof item === 'number')) return value
  throw new Error('expected a list of numbers')
}
export const fourNumbers = (value: unknown): [number, number, number, number] => {
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
export const tensor = (inputs: NamedTensorInfoMap, name: string): TensorInfo => {
  const found = inputs[name]
  if (!found) throw new Error(`kernel input ${name} is missing`)
  return found
}

/** Stride, padding and output of a convolution, from the attributes of any of its three kernels. */
export function convolution(
  inputShape: [number, number, number, number],
  filterShape: [number, number, number, number],
  attrs: NamedAttrMap = {},
) {
  if (attrs.dataFormat === 'NCHW') throw new Error('only NHWC convolutions are trained')
  if (!isPadding(attrs.pad)) throw new Error('unknown padding of a convolution')
  return backend_util.computeConv2DInfo(inputShape, filterShape, stridesOf(attrs.strides), 1, attrs.pad)
}

/** Windows and output of a pooling, from the attributes of its kernels. */
export function pooling(inputShape: [number, number, number, number], attrs: NamedAttrMap) {
  if (!isPadding(attrs.pad)) throw new Error('unknown padding of a pooling')
  const size = stridesOf(attrs.filterSize)
  return backend_util.computePool2DInfo(inputShape, size, stridesOf(attrs.strides), 1, attrs.pad)
}

export function single(result: TensorInfo | TensorInfo[], name: string): TensorInfo {
  const output = Array.isArray(result) ? result[0] : result
  if (!output) throw new Error(`Kernel ${name} gave nothing`)
  return output
}

/** Puts a kernel in the place of a backend's own, which it may call. */
export function replaceKernel(
  kernelName: string,
  backendName: string,
  make: (original: (args: KernelArguments) => TensorInfo) => (args: KernelArguments) => TensorInfo,
): void {
  const config = getKernel(kernelName, backendName)
  if (!config) throw new Error(`The backend ${backendName} has no kernel ${kernelName}`)
  const original = (args: KernelArguments): TensorInfo => single(config.kernelFunc(args), kernelName)
  unregisterKernel(kernelName, backendName)
  registerKernel({ ...config, kernelFunc: make(original) })
}
