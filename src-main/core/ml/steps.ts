import * as tf from '@tensorflow/tfjs'
import type { Batch } from './batches.ts'
import type { Layout } from './examples.ts'
import type { Loss } from './losses.ts'
import { inputsOf, type Network } from './network.ts'
import { argMax } from './scoring.ts'

/** What one batch says: how the weights should change, and how well they did. */
export interface BatchOutcome {
  /** In the order of the network's trainable variables; to be disposed. */
  gradients: tf.Tensor[]
  loss: number
  /** Examples whose largest output is that of their largest target. */
  hits: number
}

/**
 * Gradients of a batch's loss by every trainable variable. A batch larger than `microBatchSize` is cut into parts whose
 * gradients are summed: the same sum, in the memory of a part. What differs is what looks at a part as a whole: batch
 * normalisation uses each part's own statistics (ghost batch normalisation, Hoffer et al. 2017; the moving ones are
 * updated once a part), and dropout draws once a part.
 */
export function batchGradients(
  network: Network,
  loss: Loss,
  batch: Batch,
  layout: Layout,
  microBatchSize: number,
  dropoutSeed: number,
): BatchOutcome {
  const { bands, frames } = layout
  const classes = batch.targets.length / batch.count
  const size = bands * frames
  const prepared = loss.prepare(batch.targets)
  let gradients: tf.Tensor[] | undefined
  let lossSum = 0
  let hits = 0
  for (let from = 0, part = 0; from < batch.count; from += microBatchSize, part++) {
    const to = Math.min(batch.count, from + microBatchSize)
    const sum = gradients
    const result = tf.tidy(() => {
      const rows = (array: Float32Array, width: number) => array.subarray(from * width, to * width)
      const inputs = inputsOf(tf.tensor4d(rows(batch.values, size), [to - from, bands, frames, 1]), layout)
      const towards = tf.tensor2d(rows(prepared, classes), [to - from, classes])
      let logits: tf.Tensor2D | undefined
      const { value, grads } = tf.variableGrads(() => {
        logits = tf.keep(network.forward(inputs, { training: true, dropoutSeed: dropoutSeed + part }))
        return loss.of(logits, towards, batch.count)
      }, network.trainable)
      if (!logits) throw new Error('the network gave nothing')
      const lossValue = value.dataSync()[0] ?? Number.NaN
      const hitCount = countHits(
        logits.dataSync<'float32'>(),
        batch.targets.subarray(from * classes),
        classes,
      )
      logits.dispose()
      const ordered = network.trainable.map((variable, index) => {
        const gradient = grads[variable.name]
        if (!gradient) throw new Error('a gradient for each variable')
        const before = sum?.[index]
        return before ? tf.add(before, gradient) : gradient
      })
      return { ordered, lossValue, hitCount }
    })
    tf.dispose(sum ?? [])
    gradients = result.ordered
    lossSum += result.lossValue
    hits += result.hitCount
  }
  return { gradients: gradients ?? [], loss: lossSum, hits }
}

/** Rows whose largest logit is at the place of the largest target. */
function countHits(logits: Float32Array, targets: Float32Array, classes: number): number {
  let hits = 0
  for (let from = 0; from < logits.length; from += classes)
    if (argMax(logits.subarray(from, from + classes)) === argMax(targets.subarray(from, from + classes)))
      hits += 1
  return hits
}
