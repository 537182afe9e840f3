import { SoundfoldError } from '../../../contract/errors.ts'
import { type Constant, type Graph, type GraphValue, type Node, samePadding } from './graph.ts'
import {
  encodeOnnx,
  type OnnxAttribute,
  type OnnxModel,
  type OnnxNode,
  type OnnxTensor,
  type OnnxValue,
} from './onnx-proto.ts'

/** What protobuf can say of lengths. */
const MAX_BYTES = 2 ** 31 - 2 ** 24

/** In TF.js' order of axes, [batch, bands, frames, channels], where ONNX' are: [batch, channels, bands, frames]. */
const ONNX_AXES = [0, 3, 1, 2]
/** And the other way round. */
const TFJS_AXES = [0, 2, 3, 1]

/**
 * A graph as an ONNX model of opset 17. Pictures go through it with channels first, as ONNX' operators want them; inputs and
 * outputs are as the graph has them, of a batch of any length.
 * @throws SoundfoldError invalid-input where it is larger than a file of this format can be
 */
export function onnxOf(
  graph: Graph,
  about: Pick<OnnxModel, 'producerVersion' | 'documentation' | 'metadata' | 'graphName'>,
): Uint8Array {
  const bytes = [...graph.constants.values()].reduce((sum, { values }) => sum + values.byteLength, 0)
  if (bytes > MAX_BYTES)
    throw new SoundfoldError(
      'invalid-input',
      `The weights take ${(bytes / 1e9).toFixed(1)} GB; an ONNX file holds 2 GB.`,
      { hint: 'Export each fold by itself, or as TF.js.' },
    )
  return encodeOnnx({ ...about, ...new OnnxWriter(graph).write() })
}

const openBatch = ({ name, shape }: GraphValue): OnnxValue => ({ name, shape: ['batch', ...shape.slice(1)] })
const isPicture = (shape: readonly number[]) => shape.length === 4
const permuted = <T>(values: readonly T[], axes: readonly number[]): T[] =>
  axes.flatMap((axis) => values.slice(axis, axis + 1))

class OnnxWriter {
  readonly #graph: Graph
  readonly #shapes = new Map<string, readonly number[]>()
  readonly #nodes: OnnxNode[] = []
  readonly #tensors = new Map<string, OnnxTensor>()
  #helpers = 0

  constructor(graph: Graph) {
    this.#graph = graph
  }

  write(): Pick<OnnxModel, 'nodes' | 'initializers' | 'inputs' | 'outputs'> {
    const { inputs, nodes, output } = this.#graph
    for (const { name, shape } of inputs) this.#shapes.set(name, shape)
    for (const node of nodes) {
      this.#shapes.set(node.output, node.shape)
      this.#add(node)
    }
    // The output gets a name that does not depend on what computes it.
    const named = { ...output, name: 'probabilities' }
    this.#emit('Identity', [output.name], named.name)
    return {
      nodes: this.#nodes,
      initializers: [...this.#tensors.values()],
      inputs: inputs.map(openBatch),
      outputs: [openBatch(named)],
    }
  }

  #add(node: Node): void {
    const { output, inputs } = node
    const [first = ''] = inputs
    const from = this.#shapeOf(first)
    switch (node.op) {
      case 'conv': {
        const [, filter = ''] = inputs
        const [height = 1, width = 1] = this.#constant(filter).shape
        this.#emit('Conv', [first, this.#filter(filter)], output, {
          kernel_shape: { integers: [height, width] },
          strides: { integers: node.strides },
          pads: { integers: pads(from, [height, width], node) },
        })
        return
      }
      case 'maxPool':
      case 'averagePool':
        this.#emit(node.op === 'maxPool' ? 'MaxPool' : 'AveragePool', [first], output, {
          kernel_shape: { integers: node.size },
          strides: { integers: node.strides },
          pads: { integers: pads(from, node.size, node) },
        })
        return
      case 'batchNorm': {
        const statistics = inputs.slice(1).map((name) => this.#operand(name, []))
        this.#emit('BatchNormalization', [first, ...statistics], output, { epsilon: { float: node.epsilon } })
        return
      }
      case 'leakyRelu':
        this.#emit('LeakyRelu', [first], output, { alpha: { float: node.slope } })
        return
      case 'softmax':
        this.#emit('Softmax', [first], output, { axis: { integer: -1 } })
        return
      case 'reshape':
        this.#reshape(first, node)
        return
      case 'transpose':
        this.#emit('Transpose', [first], output, {
          perm: { integers: isPicture(from) ? turnedPermutation(node.permutation) : node.permutation },
        })
        return
      case 'mean':
      case 'max':
        this.#reduce(first, node)
        return
      case 'concat':
        this.#emit('Concat', inputs, output, {
          axis: { integer: isPicture(from) ? ONNX_AXES.indexOf(node.axis) : node.axis },
        })
        return
      case 'tile':
        this.#emit('Tile', [first, this.#integers(turnedLike(from, node.repeats))], output)
        return
      case 'pad': {
        const paddings = turnedLike(from, node.paddings)
        const ends = [...paddings.map(([before]) => before), ...paddings.map(([, after]) => after)]
        this.#emit('Pad', [first, this.#integers(ends)], output)
        return
      }
      default: {
        const rank = Math.max(...inputs.map((name) => this.#shapeOf(name).length))
        const operands = inputs.map((name) => this.#operand(name, rank === 4 ? node.shape : []))
        this.#emit(OPERATORS[node.op], operands, output)
      }
    }
  }

  /** By way of TF.js' order of axes, except where the values lie in the same order in both. */
  #reshape(first: string, { output, shape }: Pick<Node, 'output' | 'shape'>): void {
    const from = this.#shapeOf(first)
    const source =
      isPicture(from) && !isSameOrder(from)
        ? this.#emit('Transpose', [first], this.#helper(), { perm: { integers: TFJS_AXES } })
        : first
    const reshape = (to: readonly number[], name: string) =>
      this.#emit('Reshape', [source, this.#integers([0, ...to.slice(1)])], name)
    if (!isPicture(shape)) reshape(shape, output)
    else if (isSameOrder(shape)) reshape(permuted(shape, ONNX_AXES), output)
    else this.#emit('Transpose', [reshape(shape, this.#helper())], output, { perm: { integers: ONNX_AXES } })
  }

  #reduce(first: string, node: Extract<Node, { op: 'mean' | 'max' }>): void {
    const { output, axes, keepAxes } = node
    const picture = isPicture(this.#shapeOf(first))
    const operator = node.op === 'mean' ? 'ReduceMean' : 'ReduceMax'
    const attributes = {
      axes: { integers: picture ? axes.map((axis) => ONNX_AXES.indexOf(axis)) : axes },
      keepdims: { integer: Number(keepAxes) },
    }
    const left = ONNX_AXES.filter((axis) => !axes.includes(axis))
    const wanted = left.toSorted((a, b) => a - b)
    if (!picture || keepAxes || wanted.every((axis, at) => axis === left[at])) {
      this.#emit(operator, [first], output, attributes)
      return
    }
    const reduced = this.#emit(operator, [first], this.#helper(), attributes)
    this.#emit('Transpose', [reduced], output, {
      perm: { integers: wanted.map((axis) => left.indexOf(axis)) },
    })
  }

  #emit(
    operator: string,
    inputs: readonly string[],
    output: string,
    attributes: Readonly<Record<string, OnnxAttribute>> = {},
  ): string {
    this.#nodes.push({ operator, name: output, inputs, output, attributes })
    return output
  }

  #helper(): string {
    this.#helpers += 1
    return `helper${this.#helpers}`
  }

  #shapeOf(name: string): readonly number[] {
    return this.#shapes.get(name) ?? this.#constant(name).shape
  }

  #constant(name: string): Constant {
    const found = this.#graph.constants.get(name)
    if (!found) throw new Error(`the graph has no ${name}`)
    return found
  }

  /** @param beside - the picture that a constant is to fit by broadcasting; empty where it need not */
  #operand(name: string, beside: readonly number[]): string {
    const constant = this.#graph.constants.get(name)
    if (!constant) return name
    const { shape, values } = constant
    if (isPicture(shape)) return this.#floats(`${name}.turned`, turned(constant, ONNX_AXES))
    if (isPicture(beside) && values.length > 1) {
      if (shape.length !== 1) throw new Error(`${name} does not fit a picture`)
      return this.#floats(`${name}.turned`, { shape: [values.length, 1, 1], values })
    }
    return this.#floats(name, constant)
  }

  /** [bands, frames, inputs, outputs] → [outputs, inputs, bands, frames] */
  #filter(name: string): string {
    return this.#floats(`${name}.turned`, turned(this.#constant(name), [3, 2, 0, 1]))
  }

  #floats(name: string, { shape, values }: Constant): string {
    this.#tensors.set(name, { name, shape, floats: values })
    return name
  }

  #integers(values: readonly number[]): string {
    const name = `integers.${values.join('.')}`
    this.#tensors.set(name, { name, shape: [values.length], integers: values })
    return name
  }
}

const OPERATORS = {
  relu: 'Relu',
  elu: 'Elu',
  erf: 'Erf',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  negative: 'Neg',
  prelu: 'PRelu',
  add: 'Add',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'Div',
  matMul: 'MatMul',
} as const

function pads(
  [, bands = 1, frames = 1]: readonly number[],
  window: readonly [number, number],
  { strides, padding }: { strides: readonly [number, number]; padding: 'same' | 'valid' },
): number[] {
  if (padding === 'valid') return [0, 0, 0, 0]
  const [top, bottom] = samePadding(bands, window[0], strides[0])
  const [left, right] = samePadding(frames, window[1], strides[1])
  return [top, left, bottom, right]
}

/** One channel, or one place of each: then channels first or last is the same in memory. */
const isSameOrder = ([, bands = 1, frames = 1, channels = 1]: readonly number[]) =>
  channels === 1 || bands * frames === 1

const turnedLike = <T>(shape: readonly number[], values: readonly T[]): readonly T[] =>
  isPicture(shape) ? permuted(values, ONNX_AXES) : values

const turnedPermutation = (permutation: readonly number[]) =>
  permuted(permutation, ONNX_AXES).map((axis) => ONNX_AXES.indexOf(axis))

/** @param axes - those of the result, in the constant's own count */
function turned({ shape, values }: Constant, axes: readonly number[]): Constant {
  const strides = shape.map((_, axis) =>
    shape.slice(axis + 1).reduce((product, length) => product * length, 1),
  )
  const to = permuted(shape, axes)
  const steps = permuted(strides, axes)
  const result = new Float32Array(values.length)
  const at = to.map(() => 0)
  for (let index = 0; index < result.length; index++) {
    result[index] = values[at.reduce((sum, place, axis) => sum + place * (steps[axis] ?? 0), 0)] ?? 0
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const next = (at[axis] ?? 0) + 1
      at[axis] = next < (to[axis] ?? 0) ? next : 0
      if (at[axis] !== 0) break
    }
  }
  return { shape: to, values: result }
}
