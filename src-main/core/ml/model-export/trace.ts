import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import type { Constant, Graph, GraphValue, Node, Operation } from './graph.ts'

type Named = Readonly<Record<string, tf.Tensor | undefined>>
type Reader = (inputs: Named, attributes: unknown) => { of: (tf.Tensor | undefined)[]; operation: Operation }

const pair = z
  .union([z.number().transform((size) => [size, size]), z.array(z.number())])
  .pipe(z.tuple([z.int(), z.int()]))
const padding = z.enum(['same', 'valid'])
const axes = z.union([z.int().transform((axis) => [axis]), z.array(z.int())])

const convSchema = z.object({ strides: pair, pad: padding })
const poolSchema = z.object({ filterSize: pair, strides: pair, pad: padding })
const normSchema = z.object({ varianceEpsilon: z.number() })
const leakySchema = z.object({ alpha: z.number() })
const productSchema = z.object({ transposeA: z.literal(false), transposeB: z.literal(false) })
const transposeSchema = z.object({ perm: z.array(z.int()) })
const meanSchema = z.object({ axis: axes, keepDims: z.boolean().default(false) })
const maxSchema = z.object({ reductionIndices: axes, keepDims: z.boolean().default(false) })
const concatSchema = z.object({ axis: z.int() })
const tileSchema = z.object({ reps: z.array(z.int()) })
const padSchema = z.object({
  paddings: z.array(z.tuple([z.int(), z.int()])),
  constantValue: z.literal(0),
})

const unary =
  (op: 'relu' | 'elu' | 'erf' | 'sigmoid' | 'softplus' | 'negative'): Reader =>
  ({ x }) => ({ of: [x], operation: { op } })
const binary =
  (op: 'add' | 'subtract' | 'multiply' | 'divide'): Reader =>
  ({ a, b }) => ({ of: [a, b], operation: { op } })
const pool =
  (op: 'maxPool' | 'averagePool'): Reader =>
  ({ x }, given) => {
    const { filterSize: size, strides, pad } = poolSchema.parse(given)
    return { of: [x], operation: { op, size, strides, padding: pad } }
  }

/** By the name of TF.js' kernel: what it is given, and what it does. */
const READERS: Readonly<Record<string, Reader>> = {
  Conv2D({ x, filter }, given) {
    const { strides, pad } = convSchema.parse(given)
    return { of: [x, filter], operation: { op: 'conv', strides, padding: pad } }
  },
  MaxPool: pool('maxPool'),
  AvgPool: pool('averagePool'),
  FusedBatchNorm({ x, scale, offset, mean, variance }, given) {
    const epsilon = normSchema.parse(given).varianceEpsilon
    return { of: [x, scale, offset, mean, variance], operation: { op: 'batchNorm', epsilon } }
  },
  Relu: unary('relu'),
  Elu: unary('elu'),
  Erf: unary('erf'),
  Sigmoid: unary('sigmoid'),
  Softplus: unary('softplus'),
  Neg: unary('negative'),
  Softmax: ({ logits }) => ({ of: [logits], operation: { op: 'softmax' } }),
  Prelu: ({ x, alpha }) => ({ of: [x, alpha], operation: { op: 'prelu' } }),
  LeakyRelu: ({ x }, given) => ({
    of: [x],
    operation: { op: 'leakyRelu', slope: leakySchema.parse(given).alpha },
  }),
  Add: binary('add'),
  Sub: binary('subtract'),
  Multiply: binary('multiply'),
  RealDiv: binary('divide'),
  BatchMatMul({ a, b }, given) {
    productSchema.parse(given)
    return { of: [a, b], operation: { op: 'matMul' } }
  },
  Reshape: ({ x }) => ({ of: [x], operation: { op: 'reshape' } }),
  Transpose: ({ x }, given) => ({
    of: [x],
    operation: { op: 'transpose', permutation: transposeSchema.parse(given).perm },
  }),
  Mean({ x }, given) {
    const { axis, keepDims } = meanSchema.parse(given)
    return { of: [x], operation: { op: 'mean', axes: axis, keepAxes: keepDims } }
  },
  Max({ x }, given) {
    const { reductionIndices, keepDims } = maxSchema.parse(given)
    return { of: [x], operation: { op: 'max', axes: reductionIndices, keepAxes: keepDims } }
  },
  Concat: (inputs, given) => ({
    of: Object.values(inputs),
    operation: { op: 'concat', axis: concatSchema.parse(given).axis },
  }),
  Tile: ({ x }, given) => ({ of: [x], operation: { op: 'tile', repeats: tileSchema.parse(given).reps } }),
  PadV2: ({ x }, given) => ({
    of: [x],
    operation: { op: 'pad', paddings: padSchema.parse(given).paddings },
  }),
}

/**
 * Does a forward pass once and writes down every operation of TF.js on the way: whatever an architecture is made of can be
 * exported, and what is exported is what was run. To be called on an engine whose operations are all TF.js' own, not on
 * TensorFlow's.
 * @param inputs - names and shapes, of a batch of one
 * @param prefix - of every name but the inputs'
 * @throws Error of an operation that has no reader
 */
export function trace(
  inputs: readonly GraphValue[],
  prefix: string,
  forward: (inputs: tf.Tensor[]) => tf.Tensor,
): Graph {
  const names = new Map<number, string>()
  const constants = new Map<string, Constant>()
  const nodes: Node[] = []
  const nameOf = (tensor: tf.Tensor | undefined): string => {
    if (!tensor) throw new Error('an operation lacks an input')
    const known = names.get(tensor.id)
    if (known !== undefined) return known
    const name = `${prefix}constant${constants.size + 1}`
    names.set(tensor.id, name)
    constants.set(name, { shape: [...tensor.shape], values: Float32Array.from(tensor.dataSync()) })
    return name
  }
  const engine = tf.engine()
  const own = Object.getOwnPropertyDescriptor(engine, 'runKernel')
  const run = engine.runKernel.bind(engine)
  /** What only hands values on: TF.js casts what are numbers already. */
  const same = <T extends tf.Tensor | tf.Tensor[]>(
    kernel: string,
    given: tf.NamedTensorMap,
    attributes?: tf.NamedAttrMap,
  ): T => {
    const from = nameOf(given.x)
    const result = run<T>(kernel, given, attributes)
    const tensor: tf.Tensor | tf.Tensor[] = result
    if (Array.isArray(tensor) || tensor.dtype !== 'float32') throw new Error(`${kernel} to another type`)
    names.set(tensor.id, from)
    return result
  }
  const recorded = <T extends tf.Tensor | tf.Tensor[]>(
    name: string,
    given: tf.NamedTensorMap,
    attributes?: tf.NamedAttrMap,
  ): T => {
    // Before it runs: its inputs may be gone afterwards.
    if (name === 'Identity' || name === 'Cast') return same(name, given, attributes)
    const reader = READERS[name]
    if (!reader) throw new Error(`There is no way to export the operation ${name}.`)
    const { of, operation } = reader(tensorsOf(given), attributes)
    const from = of.map(nameOf)
    const result = run<T>(name, given, attributes)
    const tensor: tf.Tensor | tf.Tensor[] = result
    if (Array.isArray(tensor)) throw new Error(`${name} has several outputs`)
    const output = `${prefix}${operation.op}${nodes.length + 1}`
    names.set(tensor.id, output)
    nodes.push({ ...operation, output, shape: [...tensor.shape], inputs: from })
    return result
  }
  engine.startScope()
  try {
    const tensors = inputs.map(({ name, shape }) => {
      const tensor = tf.zeros([...shape])
      names.set(tensor.id, name)
      return tensor
    })
    engine.runKernel = recorded
    const result = forward(tensors)
    return { inputs, constants, nodes, output: { name: nameOf(result), shape: [...result.shape] } }
  } finally {
    if (own) Object.defineProperty(engine, 'runKernel', own)
    else Reflect.deleteProperty(engine, 'runKernel')
    engine.endScope()
  }
}

/** A kernel's inputs, which are tensors by name. */
function tensorsOf(given: object): Named {
  return Object.fromEntries(
    Object.entries(given).map(([name, value]) => [name, value instanceof tf.Tensor ? value : undefined]),
  )
}
