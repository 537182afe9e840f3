import type { FeatureMatrix } from '../features/log-mel.ts'
import type { Reduction } from './architectures/architecture.ts'
import type { Random } from './random.ts'

/** Pictures of all clips of a fold's task, in one array: [rows, bands, frames]. */
export interface Examples {
  data: Float32Array
  /** Clips; further rows are theirs by other recipes. */
  count: number
  bands: number
  frames: number
}

/** Shape of a picture after reduction; the last cell of an axis may cover less. */
export function reducedShape(matrix: Pick<FeatureMatrix, 'rows' | 'frames'>, by: Reduction) {
  return { bands: Math.ceil(matrix.rows / by.bands), frames: Math.ceil(matrix.frames / by.frames) }
}

/** Means over cells of `by.bands` × `by.frames`, written to `target` from `offset` on. */
export function reduceInto(target: Float32Array, offset: number, matrix: FeatureMatrix, by: Reduction): void {
  const { bands, frames } = reducedShape(matrix, by)
  for (let band = 0; band < bands; band++) {
    for (let frame = 0; frame < frames; frame++) {
      let sum = 0
      let cells = 0
      for (let row = band * by.bands; row < Math.min(matrix.rows, (band + 1) * by.bands); row++) {
        for (
          let column = frame * by.frames;
          column < Math.min(matrix.frames, (frame + 1) * by.frames);
          column++
        ) {
          sum += matrix.data[row * matrix.frames + column] ?? 0
          cells += 1
        }
      }
      target[offset + band * frames + frame] = sum / cells
    }
  }
}

/** `standardise`, or what every value is multiplied by, whatever the training clips are. */
export type InputScaling = 'standardise' | number

/** Makes pictures what a network is given; in place. @param training - places of the examples that train */
export function scale(examples: Examples, training: ArrayLike<number>, scaling: InputScaling): void {
  if (scaling === 'standardise') standardise(examples, training)
  else
    examples.data.forEach((value, at) => {
      examples.data[at] = value * scaling
    })
}

/** Subtracts the mean and divides by the standard deviation of the examples in `training`; in place. */
export function standardise(examples: Examples, training: ArrayLike<number>): void {
  const size = examples.bands * examples.frames
  let sum = 0
  let squares = 0
  for (let index = 0; index < training.length; index++) {
    const start = (training[index] ?? 0) * size
    for (let at = start; at < start + size; at++) {
      const value = examples.data[at] ?? 0
      sum += value
      squares += value * value
    }
  }
  const values = Math.max(1, training.length * size)
  const mean = sum / values
  const deviation = Math.sqrt(Math.max(1e-12, squares / values - mean * mean))
  for (let at = 0; at < examples.data.length; at++)
    examples.data[at] = ((examples.data[at] ?? 0) - mean) / deviation
}

/**
 * Copies some examples into one batch, [picked, bands, frames, 1].
 * @param shift - share of the width by which each is rolled in time at most; needs `random`
 */
export function batchOf(
  examples: Examples,
  picked: ArrayLike<number>,
  shift = 0,
  random?: Random,
): Float32Array {
  const { bands, frames, data } = examples
  const size = bands * frames
  const batch = new Float32Array(picked.length * size)
  const reach = Math.floor(shift * frames)
  for (let place = 0; place < picked.length; place++) {
    const start = (picked[place] ?? 0) * size
    const roll = random && reach > 0 ? random.whole(2 * reach + 1) - reach : 0
    if (roll === 0) {
      batch.set(data.subarray(start, start + size), place * size)
      continue
    }
    const first = (roll + frames) % frames
    for (let band = 0; band < bands; band++) {
      const row = start + band * frames
      const target = place * size + band * frames
      batch.set(data.subarray(row, row + frames - first), target + first)
      batch.set(data.subarray(row + frames - first, row + frames), target)
    }
  }
  return batch
}
