import { pause } from '../library/steps.ts'
import { createRandom, shuffled } from '../ml/random.ts'
import type { UnitVectors } from './nearest.ts'

/** Neighbours whose mean distance counts. */
const NEIGHBOURS = 5
/** With fewer others a class has no usual distance. */
const LEAST_CLIPS = 12
/** Of a larger class, distances are to so many, drawn once. */
const MOST_COMPARED = 3000
/** Robust standard deviations of the logarithm beyond the class's median. */
const FAR = 4
/** A median absolute deviation is so much of a standard deviation, in a normal distribution. */
const MAD_SHARE = 0.6745

export interface Outlier {
  row: number
  /** Mean distance to the five nearest clips of other recordings in the class. */
  distance: number
  /** Of the class. */
  median: number
  /** Robust standard deviations of the logarithm above the median's. */
  deviations: number
}

/**
 * Clips that lie far from their own class: by the mean Euclidean distance to their five nearest of it that are of other recordings,
 * against the class's median (M. Breunig et al. 2000 compare with neighbours; here the class is the measure).
 * @param vectors - standardised, not scaled to length 1
 * @param groups - the class of each row
 * @param recordings - the recording of each row: its own slices say nothing
 */
export async function outliers(
  { rows, width, values }: UnitVectors,
  groups: ArrayLike<number>,
  recordings: ArrayLike<number>,
  signal?: AbortSignal,
): Promise<Outlier[]> {
  const members = new Map<number, number[]>()
  for (let row = 0; row < rows; row++) {
    const own = members.get(groups[row] ?? 0)
    if (own) own.push(row)
    else members.set(groups[row] ?? 0, [row])
  }
  const found: Outlier[] = []
  for (const own of members.values()) {
    const compared =
      own.length > MOST_COMPARED
        ? Array.from(shuffled(own.length, createRandom(1)).subarray(0, MOST_COMPARED), (at) => own[at] ?? 0)
        : own
    const distances: { row: number; distance: number }[] = []
    for (const [place, row] of own.entries()) {
      if (place % 50 === 0) await pause(signal)
      const nearest: number[] = []
      for (const other of compared) {
        if (other === row || recordings[other] === recordings[row]) continue
        let sum = 0
        for (let column = 0; column < width; column++)
          sum += ((values[row * width + column] ?? 0) - (values[other * width + column] ?? 0)) ** 2
        if (nearest.length === NEIGHBOURS && sum >= (nearest.at(-1) ?? 0)) continue
        nearest.push(sum)
        nearest.sort((a, b) => a - b)
        nearest.length = Math.min(nearest.length, NEIGHBOURS)
      }
      if (nearest.length < NEIGHBOURS) continue
      distances.push({
        row,
        distance: nearest.reduce((sum, square) => sum + Math.sqrt(square), 0) / NEIGHBOURS,
      })
    }
    if (distances.length < LEAST_CLIPS) continue
    const median = medianOf(distances.map(({ distance }) => distance))
    // Distances are skewed, their logarithms much less.
    const logarithm = (distance: number) => Math.log(Math.max(distance, Number.MIN_VALUE) / median)
    const spread = medianOf(distances.map(({ distance }) => Math.abs(logarithm(distance)))) / MAD_SHARE
    if (!(median > 0 && spread > 0)) continue
    for (const { row, distance } of distances) {
      const deviations = logarithm(distance) / spread
      if (deviations >= FAR) found.push({ row, distance, median, deviations })
    }
  }
  return found
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
