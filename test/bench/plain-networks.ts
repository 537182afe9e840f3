import * as tf from '@tensorflow/tfjs'
import { type Network, NetworkBuilder } from '../../src-main/core/ml/network.ts'
import { addBias, dropout, meanOver, relu } from '../../src-main/core/ml/ops.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'

/** Networks of the benchmark that the program does not have yet. */
const CLASSES = 10

export function plainNetwork(name: string): Network {
  const builder = new NetworkBuilder(createRandom(1))
  return name === 'compact-m' ? compactM(builder) : article(builder, name === 'article-recorded')
}

function compactM(builder: NetworkBuilder): Network {
  const blocks = [
    [1, 16],
    [16, 32],
    [32, 64],
  ].map(([inputs = 1, outputs = 1]) =>
    [inputs, outputs].map((of) => ({
      convolution: builder.convolution(of, outputs),
      norm: builder.batchNorm(outputs),
    })),
  )
  const head = builder.dense(128, CLASSES)
  return builder.build(([input], mode) => {
    let x = input
    for (const layers of blocks) {
      for (const { convolution, norm } of layers) {
        const before = x
        x = tf.tidy(() => relu(norm(convolution(before, mode), mode)))
      }
      x = tf.maxPool(x, 2, 2, 'same')
    }
    const pooled = tf.concat([meanOver<tf.Rank.R2>(x, [1, 2]), tf.max<tf.Tensor2D>(x, [1, 2])], 1)
    return head(mode.training ? dropout(pooled, 0.3, mode.dropoutSeed) : pooled, mode)
  })
}

function article(builder: NetworkBuilder, recorded: boolean): Network {
  const biases: tf.Variable<tf.Rank.R1>[] = []
  const bias = (channels: number) => {
    const variable = tf.variable(tf.zeros<tf.Rank.R1>([channels]))
    biases.push(variable)
    return variable
  }
  const blocks = [
    [1, 64],
    [64, 128],
    [128, 256],
    [256, 512],
  ].map(([inputs = 1, outputs = 1]) => ({
    first: builder.convolution(inputs, outputs),
    firstBias: bias(outputs),
    norm: builder.batchNorm(outputs),
    second: builder.convolution(outputs, outputs),
    secondBias: bias(outputs),
  }))
  const hidden = builder.dense(512, 128)
  const slope = tf.variable(tf.tensor1d([0.25]))
  const norm = builder.batchNorm(128)
  const last = builder.dense(128, CLASSES)
  const network = builder.build(([input], mode) => {
    let x = input
    let place = 0
    const drop = <R extends tf.Rank>(y: tf.Tensor<R>, rate: number) =>
      mode.training ? dropout(y, rate, mode.dropoutSeed + 1000 * place++) : y
    for (const { first, firstBias, norm: blockNorm, second, secondBias } of blocks) {
      const before = x
      x = tf.tidy(() => {
        const inner = relu(blockNorm(addBias(first(before, mode), firstBias), mode))
        const outer = relu(addBias(second(inner, mode), secondBias))
        return tf.avgPool(recorded ? outer : drop(outer, 0.5), 2, 2, 'valid')
      })
    }
    const pooled = recorded ? tf.max<tf.Tensor2D>(meanOver(x, [2]), 1) : meanOver<tf.Rank.R2>(x, [1, 2])
    const dense = hidden(drop(pooled, 0.4), mode)
    const bent = tf.prelu(dense, slope.as2D(1, 1))
    const normed = (y: tf.Tensor2D) =>
      norm(y.reshape([y.shape[0], 1, 1, 128]), mode).reshape<tf.Tensor2D>([y.shape[0], 128])
    return last(recorded ? normed(drop(bent, 0.2)) : drop(normed(bent), 0.2), mode)
  })
  return { ...network, trainable: [...network.trainable, ...biases, slope] }
}
