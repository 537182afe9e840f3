import type { Graph, GraphValue, Node } from './graph.ts'

/** `model.json` of TF.js, and the weights that it names. */
export interface TfjsFiles {
  json: object
  weights: Uint8Array
}

export const WEIGHTS_FILE = 'weights.bin'

type Attributes = Record<string, object>

/**
 * A graph for `tf.loadGraphModel`: a TensorFlow GraphDef as JSON. Any network goes; only layers (`layers-model.ts`) can be trained further.
 * @param about - told in `userDefinedMetadata`
 */
export function graphModelOf(graph: Graph, producerVersion: string, about: object): TfjsFiles {
  const nodes: object[] = []
  const entries: { name: string; shape: readonly number[]; dtype: 'float32' | 'int32' }[] = []
  const parts: Uint8Array[] = []
  const add = (name: string, op: string, input: readonly string[], attr: Attributes) =>
    nodes.push({ name, op, input, attr })
  const constant = (name: string, shape: readonly number[], data: Float32Array | Int32Array): string => {
    const dtype = data instanceof Float32Array ? 'float32' : 'int32'
    const type = dtype === 'float32' ? 'DT_FLOAT' : 'DT_INT32'
    entries.push({ name, shape, dtype })
    parts.push(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    const tensorShape = { dim: shape.map((size) => ({ size: String(size) })) }
    add(name, 'Const', [], { dtype: { type }, value: { tensor: { dtype: type, tensorShape } } })
    return name
  }

  for (const { name, shape } of graph.inputs)
    add(name, 'Placeholder', [], { dtype: FLOAT, shape: { shape: openShape(shape) } })
  for (const [name, { shape, values }] of graph.constants) constant(name, shape, values)
  for (const node of graph.nodes) {
    const { op, attributes, axes } = operationOf(node)
    const last = axes ? [constant(`${node.output}.axes`, axes.shape, axes.values)] : []
    add(node.output, op, [...node.inputs, ...last], { T: FLOAT, ...attributes })
  }
  const named = { ...graph.output, name: 'probabilities' }
  add(named.name, 'Identity', [graph.output.name], { T: FLOAT })

  return {
    json: {
      format: 'graph-model',
      generatedBy: `Soundfold ${producerVersion}`,
      convertedBy: null,
      signature: {
        inputs: Object.fromEntries(graph.inputs.map(signatureOf)),
        outputs: Object.fromEntries([signatureOf(named)]),
      },
      userDefinedMetadata: about,
      modelTopology: { node: nodes, versions: { producer: 1_087 } },
      weightsManifest: [{ paths: [WEIGHTS_FILE], weights: entries }],
    },
    weights: Buffer.concat(parts),
  }
}

const FLOAT = { type: 'DT_FLOAT' }
const openShape = (shape: readonly number[]) => ({
  dim: [-1, ...shape.slice(1)].map((size) => ({ size: String(size) })),
})
const signatureOf = ({ name, shape }: GraphValue) => [
  name,
  { name: `${name}:0`, dtype: 'DT_FLOAT', tensorShape: openShape(shape) },
]
const text = (value: string) => ({ s: Buffer.from(value).toString('base64') })
const list = (values: readonly number[]) => ({ list: { i: values.map(String) } })

interface GraphOperation {
  op: string
  attributes?: Attributes
  /** A last input of whole numbers. */
  axes?: { shape: number[]; values: Int32Array }
}

const whole = (values: readonly number[], shape = [values.length]) => ({
  shape,
  values: Int32Array.from(values),
})

function operationOf(node: Node): GraphOperation {
  switch (node.op) {
    case 'conv':
      return { op: 'Conv2D', attributes: { ...windows(node), dilations: list([1, 1, 1, 1]) } }
    case 'maxPool':
    case 'averagePool':
      return {
        op: node.op === 'maxPool' ? 'MaxPool' : 'AvgPool',
        attributes: { ...windows(node), ksize: list([1, ...node.size, 1]) },
      }
    case 'batchNorm':
      return {
        op: 'FusedBatchNormV3',
        attributes: {
          U: FLOAT,
          data_format: text('NHWC'),
          epsilon: { f: node.epsilon },
          is_training: { b: false },
        },
      }
    case 'leakyRelu':
      return { op: 'LeakyRelu', attributes: { alpha: { f: node.slope } } }
    case 'matMul':
      return { op: 'MatMul', attributes: { transpose_a: { b: false }, transpose_b: { b: false } } }
    case 'reshape':
      return { op: 'Reshape', axes: whole([-1, ...node.shape.slice(1)]) }
    case 'transpose':
      return { op: 'Transpose', axes: whole(node.permutation) }
    case 'mean':
    case 'max':
      return {
        op: node.op === 'mean' ? 'Mean' : 'Max',
        attributes: { keep_dims: { b: node.keepAxes } },
        axes: whole(node.axes),
      }
    case 'concat':
      return {
        op: 'ConcatV2',
        attributes: { N: { i: String(node.inputs.length) } },
        axes: whole([node.axis], []),
      }
    case 'tile':
      return { op: 'Tile', axes: whole(node.repeats) }
    case 'pad':
      return { op: 'Pad', axes: whole(node.paddings.flat(), [node.paddings.length, 2]) }
    default:
      return { op: OPERATORS[node.op] }
  }
}

const OPERATORS = {
  relu: 'Relu',
  elu: 'Elu',
  erf: 'Erf',
  sigmoid: 'Sigmoid',
  softplus: 'Softplus',
  negative: 'Neg',
  softmax: 'Softmax',
  prelu: 'Prelu',
  add: 'AddV2',
  subtract: 'Sub',
  multiply: 'Mul',
  divide: 'RealDiv',
} as const

const windows = ({ strides, padding }: { strides: readonly number[]; padding: string }) => ({
  data_format: text('NHWC'),
  strides: list([1, ...strides, 1]),
  padding: text(padding.toUpperCase()),
})
