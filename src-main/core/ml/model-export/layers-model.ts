import * as tf from '@tensorflow/tfjs'
import { SoundfoldError } from '../../../contract/errors.ts'
import type { Constant, Graph, Node } from './graph.ts'
import { type TfjsFiles, WEIGHTS_FILE } from './graph-model.ts'

type Layer = InstanceType<typeof tf.layers.Layer>
type Arithmetic = 'add' | 'subtract' | 'multiply' | 'divide'
type Reduction = Extract<Node, { op: 'mean' | 'max' }>

/**
 * A graph for `tf.loadLayersModel`, whose layers can be trained further. What has no layer of its own is put together from those that
 * there are: an addition or product with constants is a batch normalisation of fixed statistics, a mean or maximum over an axis
 * a pooling as large as the axis. To be called on an engine whose operations are all TF.js' own.
 * @param about - told in `userDefinedMetadata`
 * @throws SoundfoldError invalid-input where the format has no way to say an operation: GELU
 */
export async function layersModelOf(
  graph: Graph,
  producerVersion: string,
  about: object,
): Promise<TfjsFiles> {
  const model = new LayersBuilder(graph).build()
  try {
    model.setUserDefinedMetadata(about)
    return await savedFiles(model, producerVersion)
  } finally {
    model.dispose()
  }
}

async function savedFiles(model: tf.LayersModel, producerVersion: string): Promise<TfjsFiles> {
  let files: TfjsFiles | undefined
  await model.save(
    tf.io.withSaveHandler(async ({ weightSpecs, weightData, ...artifacts }) => {
      if (!weightData || Array.isArray(weightData)) throw new Error('weights in one piece were expected')
      files = {
        json: {
          ...artifacts,
          generatedBy: `Soundfold ${producerVersion}`,
          weightsManifest: [{ paths: [WEIGHTS_FILE], weights: weightSpecs }],
        },
        weights: new Uint8Array(weightData),
      }
      return { modelArtifactsInfo: { dateSaved: new Date(0), modelTopologyType: 'JSON' } }
    }),
  )
  if (!files) throw new Error('the model was not saved')
  return files
}

/** Shapes here are without the batch. */
class LayersBuilder {
  readonly #graph: Graph
  readonly #values = new Map<string, tf.SymbolicTensor>()

  constructor(graph: Graph) {
    this.#graph = graph
  }

  build(): tf.LayersModel {
    const { inputs, nodes, output } = this.#graph
    const placed = inputs.map(({ name, shape }) => {
      const input = tf.input({ name, shape: shape.slice(1) })
      this.#values.set(name, input)
      return input
    })
    for (const node of nodes) this.#values.set(node.output, this.#add(node))
    return tf.model({ inputs: placed, outputs: this.#value(output.name) })
  }

  #add(node: Node): tf.SymbolicTensor {
    const { output: name, inputs } = node
    const [first = '', second = ''] = inputs
    const constants = inputs.slice(1).map((other) => this.#graph.constants.get(other))
    const x = () => this.#value(first)
    const values = () => inputs.map((other) => this.#value(other))
    const size = node.shape.slice(1)
    switch (node.op) {
      case 'conv': {
        const filter = this.#constant(second)
        const [height = 1, width = 1, , filters = 1] = filter.shape
        return this.#weighted(
          tf.layers.conv2d({
            name,
            filters,
            kernelSize: [height, width],
            strides: [...node.strides],
            padding: node.padding,
            useBias: false,
          }),
          x(),
          [filter],
        )
      }
      case 'maxPool':
      case 'averagePool': {
        const pooling = node.op === 'maxPool' ? tf.layers.maxPooling2d : tf.layers.averagePooling2d
        return apply(
          pooling({ name, poolSize: [...node.size], strides: [...node.strides], padding: node.padding }),
          x(),
        )
      }
      case 'batchNorm':
        return this.#weighted(
          tf.layers.batchNormalization({ name, epsilon: node.epsilon }),
          x(),
          constants.map(present),
        )
      case 'matMul': {
        const weights = this.#constant(second)
        return this.#weighted(
          tf.layers.dense({ name, units: weights.shape.at(-1) ?? 1, useBias: false }),
          x(),
          [weights],
        )
      }
      case 'prelu': {
        const slopes = this.#constant(second)
        const sharedAxes = size.map((_, axis) => axis + 1).slice(0, -1)
        const shape = [...sharedAxes.map(() => 1), size.at(-1) ?? 1]
        return this.#weighted(
          tf.layers.prelu({ name, ...(sharedAxes.length > 0 ? { sharedAxes } : {}) }),
          x(),
          [{ shape, values: broadcast(slopes, shape) }],
        )
      }
      case 'leakyRelu':
        return apply(tf.layers.leakyReLU({ name, alpha: node.slope }), x())
      case 'relu':
      case 'elu':
      case 'sigmoid':
      case 'softplus':
      case 'softmax':
        return apply(tf.layers.activation({ name, activation: node.op }), x())
      case 'negative':
        return this.#affine(name, x(), { scale: MINUS_ONE })
      case 'add':
      case 'subtract':
      case 'multiply':
      case 'divide':
        return this.#arithmetic(node.op, node)
      case 'reshape':
        return apply(tf.layers.reshape({ name, targetShape: size }), x())
      case 'transpose':
        return apply(tf.layers.permute({ name, dims: node.permutation.slice(1) }), x())
      case 'mean':
      case 'max':
        return this.#reduce(node)
      case 'concat':
        return apply(tf.layers.concatenate({ name, axis: node.axis }), values())
      case 'tile':
        return node.repeats.reduce(
          (repeated, count, axis) =>
            count === 1
              ? repeated
              : apply(tf.layers.concatenate({ name: `${name}.${axis}`, axis }), Array(count).fill(repeated)),
          x(),
        )
      case 'pad': {
        const [, rows = [0, 0], columns = [0, 0]] = node.paddings
        if (node.paddings.some(([before, after], axis) => axis % 3 === 0 && before + after > 0))
          throw unsayable('padding of channels')
        return apply(tf.layers.zeroPadding2d({ name, padding: [[...rows], [...columns]] }), x())
      }
      default:
        throw unsayable(node.op)
    }
  }

  /** Of two values, or of one and a constant. */
  #arithmetic(op: Arithmetic, { output: name, inputs, shape }: Node): tf.SymbolicTensor {
    const [first = '', second = ''] = inputs
    const [left, right] = [this.#graph.constants.get(first), this.#graph.constants.get(second)]
    if (!left && !right) {
      const both = [this.#value(first), this.#value(second)]
      if (op === 'add') return apply(tf.layers.add({ name }), both)
      if (op === 'multiply') return apply(tf.layers.multiply({ name }), both)
      throw unsayable(`${op} of two values`)
    }
    const x = this.#value(left ? second : first)
    const constant = left ?? present(right)
    const size = shape.slice(1)
    if (constant.values.length === 1 || constant.values.length === size.at(-1))
      return this.#affine(name, x, affineOf(op, constant.values, left !== undefined))
    const flat = apply(
      tf.layers.reshape({ name: `${name}.in`, targetShape: [size.reduce((product, n) => product * n, 1)] }),
      x,
    )
    const changed = affineOf(op, broadcast(constant, size), left !== undefined)
    return apply(tf.layers.reshape({ name, targetShape: size }), this.#affine(`${name}.flat`, flat, changed))
  }

  /** scale · x + offset, each one number or one a channel. */
  #affine(name: string, x: tf.SymbolicTensor, { scale = ONE, offset = ZERO }: Affine): tf.SymbolicTensor {
    const channels = x.shape.at(-1) ?? 1
    const each = (values: Float32Array) => broadcast({ shape: [values.length], values }, [channels])
    const weights = [scale, offset, ZERO, ONE].map((given) => ({ shape: [channels], values: each(given) }))
    return this.#weighted(tf.layers.batchNormalization({ name, epsilon: 0 }), x, weights)
  }

  /** By a pooling whose window is as long as each axis that goes; what has one axis less gets one of length 1 before. */
  #reduce({ op, output: name, inputs: [from = ''], axes, shape }: Reduction): tf.SymbolicTensor {
    const x = this.#value(from)
    const [rows = 1, columns = 1, channels] = x.shape.slice(1).map((length) => length ?? 1)
    const picture = channels !== undefined
    if (axes.includes(picture ? 3 : 0)) throw unsayable(`${op} over channels`)
    // Without channels, the axis that stays is taken for them, or the last of one channel.
    const last = !picture && axes.includes(2)
    const place = picture ? [rows, columns, channels] : last ? [rows, columns, 1] : [rows, 1, columns]
    const size: [number, number] = [axes.includes(1) ? rows : 1, axes.includes(2) ? columns : 1]
    const pooling = op === 'mean' ? tf.layers.averagePooling2d : tf.layers.maxPooling2d
    const given = picture ? x : apply(tf.layers.reshape({ name: `${name}.in`, targetShape: place }), x)
    const pooled = apply(pooling({ name: `${name}.pool`, poolSize: size, strides: size }), given)
    return apply(tf.layers.reshape({ name, targetShape: shape.slice(1) }), pooled)
  }

  #weighted(layer: Layer, x: tf.SymbolicTensor, weights: readonly Constant[]): tf.SymbolicTensor {
    const result = apply(layer, x)
    const tensors = weights.map(({ values, shape }) => tf.tensor(values, [...shape]))
    layer.setWeights(tensors)
    tf.dispose(tensors)
    return result
  }

  #value(name: string): tf.SymbolicTensor {
    return present(this.#values.get(name))
  }

  #constant(name: string): Constant {
    return present(this.#graph.constants.get(name))
  }
}

interface Affine {
  /** One number, or one a channel. */
  scale?: Float32Array
  offset?: Float32Array
}
const ZERO = Float32Array.of(0)
const ONE = Float32Array.of(1)
const MINUS_ONE = Float32Array.of(-1)

/** @param first - that the constant comes before the operator */
function affineOf(op: Arithmetic, constant: Float32Array, first: boolean): Affine {
  switch (op) {
    case 'add':
      return { offset: constant }
    case 'multiply':
      return { scale: constant }
    case 'subtract':
      return first ? { scale: MINUS_ONE, offset: constant } : { offset: constant.map((value) => -value) }
    case 'divide':
      if (first) throw unsayable('division by a value')
      return { scale: constant.map((value) => 1 / value) }
  }
}

/** @param to - without the batch, of which the constant has one if any */
function broadcast({ shape, values }: Constant, to: readonly number[]): Float32Array {
  const own = shape.slice(-to.length)
  const lengths = [...Array<number>(to.length - own.length).fill(1), ...own]
  const total = to.reduce((product, length) => product * length, 1)
  return Float32Array.from({ length: total }, (_, index) => {
    let [rest, place, stride] = [index, 0, 1]
    for (let axis = to.length - 1; axis >= 0; axis--) {
      const length = to[axis] ?? 1
      const owned = lengths[axis] ?? 1
      place += owned === 1 ? 0 : (rest % length) * stride
      rest = Math.floor(rest / length)
      stride *= owned
    }
    return values[place] ?? 0
  })
}

function apply(layer: Layer, to: tf.SymbolicTensor | tf.SymbolicTensor[]): tf.SymbolicTensor {
  const result = layer.apply(to)
  if (!(result instanceof tf.SymbolicTensor)) throw new Error('a layer has one output')
  return result
}

function present<T>(value: T | undefined): T {
  if (value === undefined) throw new Error('the graph lacks a value that it names')
  return value
}

const unsayable = (what: string) =>
  new SoundfoldError(
    'invalid-input',
    `The layers format of TensorFlow.js can’t say this network (${what}).`,
    {
      hint: 'Export it as ONNX or as a graph model.',
    },
  )
