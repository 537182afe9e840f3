import * as tf from '@tensorflow/tfjs'

/**
 * Operations of the TensorFlow library that TF.js has no kernel for, called by name through the native backend. Shapes are
 * [batch, height, width, channels], values float32. Results belong to the enclosing `tf.tidy`.
 */

/** What is used of tfjs-node's backend. */
interface NodeBackend {
  binding: Record<'TF_FLOAT' | 'TF_INT32' | `TF_ATTR_${'TYPE' | 'BOOL' | 'FLOAT' | 'STRING' | 'INT'}`, number>
  executeMultipleOutputs(
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.TensorInfo[],
    outputs: number,
  ): tf.Tensor[]
}
interface Attribute {
  name: string
  type: number
  value: unknown
}

export interface TensorflowOps {
  /** @param output - max(x, 0) */
  reluGrad(dy: tf.Tensor, output: tf.Tensor): tf.Tensor
  /** x + bias, the bias along the last axis. */
  biasAdd(x: tf.Tensor, bias: tf.Tensor): tf.Tensor
  /** Sum over all axes but the last. */
  biasAddGrad(dy: tf.Tensor): tf.Tensor
  /** Normalises each channel by its own mean and variance. */
  batchNorm(x: tf.Tensor, given: BatchNormInputs): BatchNorm
  /** @returns gradients by x, scale and offset */
  batchNormGrad(
    dy: tf.Tensor,
    x: tf.Tensor,
    scale: tf.Tensor,
    saved: readonly tf.Tensor[],
    epsilon: number,
  ): tf.Tensor[]
  /** 0 ≤ value < 1, by the seed alone, whatever the threads (Philox, Salmon et al. 2011). */
  uniform(shape: readonly number[], seed: number): tf.Tensor
  /** Matrices a · b, either transposed first. */
  product(a: tf.Tensor, b: tf.Tensor, transpose?: { a?: boolean; b?: boolean }): tf.Tensor
  /** Of each row of a matrix. */
  logSoftmax(x: tf.Tensor): tf.Tensor
}

export interface BatchNormInputs {
  scale: tf.Tensor
  offset: tf.Tensor
  movingMean: tf.Tensor
  movingVariance: tf.Tensor
  /** Added to a variance. */
  epsilon: number
  /** Of the batch in the next moving statistics. */
  share: number
}

export interface BatchNorm {
  output: tf.Tensor
  movingMean: tf.Tensor
  /** Of unbiased variances: the divisor is one less than the number of values. */
  movingVariance: tf.Tensor
  /** For the gradient. */
  saved: readonly tf.Tensor[]
}

let known: { backend: object; ops: TensorflowOps | null } | undefined

/** The native operations while TensorFlow is the current engine, else null. */
export function tensorflowOps(): TensorflowOps | null {
  const backend: object = tf.backend()
  if (known?.backend !== backend)
    known = { backend, ops: isNodeBackend(backend) ? operationsOf(backend) : null }
  return known.ops
}

function isNodeBackend(backend: object): backend is NodeBackend {
  return 'executeMultipleOutputs' in backend && 'binding' in backend
}

function operationsOf(backend: NodeBackend): TensorflowOps {
  const { binding } = backend
  const type = (name: string, value: number) => ({ name, type: binding.TF_ATTR_TYPE, value })
  const flag = (name: string, value: boolean) => ({ name, type: binding.TF_ATTR_BOOL, value })
  const real = (name: string, value: number) => ({ name, type: binding.TF_ATTR_FLOAT, value })
  const text = (name: string, value: string) => ({ name, type: binding.TF_ATTR_STRING, value })
  const float = type('T', binding.TF_FLOAT)
  const channelsLast = text('data_format', 'NHWC')
  const normalising = (epsilon: number) => [
    float,
    type('U', binding.TF_FLOAT),
    real('epsilon', epsilon),
    channelsLast,
    flag('is_training', true),
  ]

  const many = (
    name: string,
    attributes: readonly Attribute[],
    inputs: readonly tf.Tensor[],
    outputs: number,
  ) => backend.executeMultipleOutputs(name, attributes, inputs, outputs)
  const single = (name: string, attributes: readonly Attribute[], ...inputs: tf.Tensor[]) =>
    existing(many(name, attributes, inputs, 1)[0])

  return {
    reluGrad: (dy, output) => single('ReluGrad', [float], dy, output),
    biasAdd: (x, bias) => single('BiasAdd', [float, channelsLast], x, bias),
    biasAddGrad: (dy) => single('BiasAddGrad', [float, channelsLast], dy),
    batchNorm(x, { scale, offset, movingMean, movingVariance, epsilon, share }) {
      const attributes = [...normalising(epsilon), real('exponential_avg_factor', share)]
      const inputs = [x, scale, offset, movingMean, movingVariance]
      const [output, mean, variance, ...saved] = many('FusedBatchNormV3', attributes, inputs, 6)
      return {
        output: existing(output),
        movingMean: existing(mean),
        movingVariance: existing(variance),
        saved,
      }
    },
    // The last two of its outputs are for inference.
    batchNormGrad: (dy, x, scale, saved, epsilon) =>
      many('FusedBatchNormGradV3', normalising(epsilon), [dy, x, scale, ...saved], 5).slice(0, 3),
    uniform(shape, seed) {
      const attributes = [
        type('dtype', binding.TF_FLOAT),
        type('T', binding.TF_INT32),
        type('Tseed', binding.TF_INT32),
      ]
      const sizes = tf.tensor1d([...shape], 'int32')
      const seeds = tf.tensor1d([seed | 0, 0], 'int32')
      return single('StatelessRandomUniform', attributes, sizes, seeds)
    },
    product: (a, b, transpose = {}) =>
      single(
        'MatMul',
        [flag('transpose_a', transpose.a ?? false), flag('transpose_b', transpose.b ?? false), float],
        a,
        b,
      ),
    logSoftmax: (x) => single('LogSoftmax', [float], x),
  }
}

function existing(tensor: tf.Tensor | undefined): tf.Tensor {
  if (!tensor) throw new Error('TensorFlow gave fewer outputs than it has')
  return tensor
}
