/**
 * A network's forward pass as a list of operations, in the order in which they were done, for writers of other formats. Shapes
 * are [batch, …], as in TF.js: pictures are [batch, bands, frames, channels]. The batch' length is open: it is written as 1.
 */
export interface Graph {
  inputs: readonly GraphValue[]
  constants: ReadonlyMap<string, Constant>
  nodes: readonly Node[]
  output: GraphValue
}

export interface GraphValue {
  name: string
  shape: readonly number[]
}

/** Weights, or what a formula holds; without a batch. */
export interface Constant {
  shape: readonly number[]
  values: Float32Array
}

/** One operation; `inputs` are names of graph inputs, constants or outputs of nodes before it. */
export type Node = { output: string; shape: readonly number[]; inputs: readonly string[] } & Operation

type Pair = readonly [bands: number, frames: number]

export type Operation =
  /** Of a picture by a filter [bands, frames, inputs, outputs]. */
  | { op: 'conv'; strides: Pair; padding: 'same' | 'valid' }
  | { op: 'maxPool' | 'averagePool'; size: Pair; strides: Pair; padding: 'same' | 'valid' }
  /** Of a picture, with scale, offset, mean and variance of its channels. */
  | { op: 'batchNorm'; epsilon: number }
  | { op: 'relu' | 'elu' | 'erf' | 'sigmoid' | 'softplus' | 'negative' | 'softmax' | 'prelu' }
  | { op: 'leakyRelu'; slope: number }
  | { op: 'add' | 'subtract' | 'multiply' | 'divide' | 'matMul' | 'reshape' }
  | { op: 'transpose'; permutation: readonly number[] }
  | { op: 'mean' | 'max'; axes: readonly number[]; keepAxes: boolean }
  | { op: 'concat'; axis: number }
  | { op: 'tile'; repeats: readonly number[] }
  | { op: 'pad'; paddings: readonly (readonly [before: number, after: number])[] }

/**
 * What TensorFlow's padding `same` adds at an axis, at its beginning and end: so much that each stride begins a window.
 * @param size - of the axis
 */
export function samePadding(size: number, window: number, stride: number): [before: number, after: number] {
  const total = Math.max((Math.ceil(size / stride) - 1) * stride + window - size, 0)
  return [Math.floor(total / 2), Math.ceil(total / 2)]
}

/**
 * The mean of the outputs of several graphs of the same inputs, as one.
 * @param graphs - one at least, each with names of its own but for the inputs
 */
export function meanOf(graphs: readonly Graph[]): Graph {
  const [first, ...rest] = graphs
  if (!first) throw new Error('a mean of nothing')
  if (rest.length === 0) return first
  const constants = new Map(graphs.flatMap((graph) => [...graph.constants]))
  constants.set('share', { shape: [], values: Float32Array.of(1 / graphs.length) })
  const { shape } = first.output
  let sum = first.output.name
  const sums = rest.map((graph, index): Node => {
    const inputs = [sum, graph.output.name]
    sum = `sum${index + 1}`
    return { op: 'add', output: sum, shape, inputs }
  })
  const output = { name: 'mean', shape }
  return {
    inputs: first.inputs,
    constants,
    nodes: [
      ...graphs.flatMap(({ nodes }) => nodes),
      ...sums,
      { op: 'multiply', output: output.name, shape, inputs: [sum, 'share'] },
    ],
    output,
  }
}
