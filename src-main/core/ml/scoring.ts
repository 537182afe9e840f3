import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import type { TrainingSettings } from '../../contract/training.ts'
import { batchOf, type Examples } from './examples.ts'
import { probabilitiesOf } from './losses.ts'
import { inputsOf, type Network } from './network.ts'

/** Examples scored at once at the most. */
const SCORING_BATCH = 128

/**
 * Class probabilities of some examples, without dropout and with the moving statistics.
 * @param loss - the network was trained with: it says what the outputs mean
 * @param atOnce - examples that the memory is known to hold
 * @param signal - looked at before every batch
 */
export async function predict(
  network: Network,
  examples: Examples,
  places: Uint32Array,
  loss: TrainingSettings['loss'],
  atOnce: number,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const { bands, frames } = examples
  const rows: Float32Array[] = []
  const step = Math.min(SCORING_BATCH, atOnce)
  for (let start = 0; start < places.length; start += step) {
    await setImmediate()
    signal.throwIfAborted()
    const picked = places.subarray(start, start + step)
    const batch = batchOf(examples, picked)
    const { values, classes } = tf.tidy(() => {
      const x = tf.tensor4d(batch, [picked.length, bands, frames, 1])
      const probabilities = probabilitiesOf(network.forward(inputsOf(x, examples), { training: false }), loss)
      return { values: Float32Array.from(probabilities.dataSync()), classes: probabilities.shape[1] }
    })
    for (let row = 0; row < picked.length; row++) rows.push(values.slice(row * classes, (row + 1) * classes))
  }
  return rows
}

/** Mean negative logarithm of the true class' probability, in nats, and accuracy: the same whatever trained the network. */
export function scoreOf(
  probabilities: readonly Float32Array[],
  places: Uint32Array,
  labels: ArrayLike<number>,
): { loss: number; accuracy: number } {
  let loss = 0
  let correct = 0
  probabilities.forEach((row, index) => {
    const label = labels[places[index] ?? 0] ?? 0
    loss -= Math.log(Math.max(1e-12, row[label] ?? 0))
    if (argMax(row) === label) correct += 1
  })
  const count = Math.max(1, probabilities.length)
  return { loss: loss / count, accuracy: correct / count }
}

/** @returns [true][predicted] = clips */
export function confusionOf(
  probabilities: readonly Float32Array[],
  places: Uint32Array,
  labels: ArrayLike<number>,
): number[][] {
  const classes = probabilities[0]?.length ?? 0
  const matrix = Array.from({ length: classes }, () => new Array<number>(classes).fill(0))
  probabilities.forEach((row, index) => {
    const counts = matrix[labels[places[index] ?? 0] ?? 0]
    const predicted = argMax(row)
    if (counts) counts[predicted] = (counts[predicted] ?? 0) + 1
  })
  return matrix
}

/** Place of the largest value; the first of equals. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0
  for (let index = 1; index < values.length; index++)
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index
  return best
}
