import type { FeatureMatrix } from '../features/log-mel.ts'
import type { InputShape, Reduction } from './architectures/architecture.ts'
import type { Normalisation } from './picture-level.ts'

/** How an example lies in memory: one picture, or several of the same clip and frames, one below the other. */
export interface Layout extends InputShape {
  /** Bands of each of several pictures, `bands` in all. */
  bandsOfEach?: readonly number[] | undefined
}

/** Pictures of all clips of a fold's task, in one array: [count, bands, frames]. */
export interface Examples extends Layout {
  data: Float32Array
  count: number
}

/** What a network is built for. */
export const picturesOf = ({ bands, frames, bandsOfEach = [bands] }: Layout): InputShape[] =>
  bandsOfEach.map((own) => ({ bands: own, frames }))

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

/** How pictures become what a network is given. @param own - mean and deviation of the training clips */
export function normalisationFor(scaling: InputScaling, own: Normalisation): Normalisation {
  return scaling === 'standardise' ? own : { mean: 0, deviation: 1 / scaling }
}

/** Mean and standard deviation over all values of some examples. */
export function normalisationOf(examples: Examples, training: ArrayLike<number>): Normalisation {
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
  return { mean, deviation: Math.sqrt(Math.max(1e-12, squares / values - mean * mean)) }
}

/** Subtracts the mean and divides by the standard deviation; in place. */
export function normalise(data: Float32Array, { mean, deviation }: Normalisation): void {
  for (let at = 0; at < data.length; at++) data[at] = ((data[at] ?? 0) - mean) / deviation
}

/** Copies some examples into one batch, [picked, bands, frames, 1]. */
export function batchOf({ bands, frames, data }: Examples, picked: ArrayLike<number>): Float32Array {
  const size = bands * frames
  const batch = new Float32Array(picked.length * size)
  for (let row = 0; row < picked.length; row++) {
    const start = (picked[row] ?? 0) * size
    batch.set(data.subarray(start, start + size), row * size)
  }
  return batch
}
