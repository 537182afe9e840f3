import type { Augmentation } from '../../contract/training.ts'
import { type AugmentContext, augment } from './augment.ts'
import { batchOf, type Examples } from './examples.ts'
import type { Random } from './random.ts'

/** What a fold's network is trained and scored on: places in `examples`, and each one's class as output index. */
export interface FoldData {
  examples: Examples
  labels: Uint8Array | Uint16Array
  training: Uint32Array
  /** Left out of training too; may choose the epoch. Empty where there is no inner fold. */
  inner: Uint32Array
  /** The held-out fold: scored only. */
  test: Uint32Array
  classes: number
  /** What augmentation needs besides. */
  augmentation: AugmentContext
}

/** Examples of one step. */
export interface Batch {
  count: number
  /** [count, bands, frames, 1] */
  values: Float32Array
  /** [count, classes]; each row a distribution. */
  targets: Float32Array
}

/**
 * Copies training examples once, into a batch of their own, with targets of 1 for their class, and augments both.
 * @param picked - places in `data.training`
 */
export function trainingBatch(
  data: FoldData,
  picked: Uint32Array,
  augmentation: Augmentation,
  random: Random,
): Batch {
  const { examples, labels, training, classes } = data
  const places = picked.map((index) => training[index] ?? 0)
  const values = batchOf(examples, places)
  const targets = new Float32Array(places.length * classes)
  places.forEach((place, row) => {
    targets[row * classes + (labels[place] ?? 0)] = 1
  })
  augment([values], targets, places, augmentation, data.augmentation, random)
  return { count: places.length, values, targets }
}
