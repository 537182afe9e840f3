import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { relu } from './ops.ts'

/** Names as usual; `swish` is PyTorch's SiLU, `gelu` its exact one. */
export const activationSchema = z.enum(['relu', 'leaky-relu', 'elu', 'gelu', 'swish'])
type Activation = z.infer<typeof activationSchema>

const LEAKY_SLOPE = 0.01

/** Each value by itself; formulas and constants are PyTorch's. */
export function activate<R extends tf.Rank>(name: Activation, x: tf.Tensor<R>): tf.Tensor<R> {
  switch (name) {
    case 'relu':
      return relu(x)
    case 'leaky-relu':
      return tf.leakyRelu(x, LEAKY_SLOPE)
    case 'elu':
      return tf.elu(x)
    case 'gelu':
      return tf.mul(x, tf.add(0.5, tf.mul(0.5, tf.erf(tf.mul(x, Math.SQRT1_2)))))
    case 'swish':
      return tf.mul(x, tf.sigmoid(x))
  }
}
