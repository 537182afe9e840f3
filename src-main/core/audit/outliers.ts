import { createRandom, shuffled } from '../ml/random.ts'
import { pause } from '../steps.ts'
import type { UnitVectors } from './nearest.ts'
import { BLOCK_ROWS, RowBlock } from './row-block.ts'

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
/** Between which others go on. */
const ROWS_A_STEP = 400

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
  const block = new RowBlock(width)
  try {
    for (const own of members.values()) {
      const compared =
        own.length > MOST_COMPARED
          ? Uint32Array.from(
              shuffled(own.length, createRandom(1)).subarray(0, MOST_COMPARED),
              (at) => own[at] ?? 0,
            )
          : Uint32Array.from(own)
      found.push(...farOf(await distancesOf(values, own, compared, recordings, block, signal)))
    }
  } finally {
    block.free()
  }
  return found
}

interface Distance {
  row: number
  distance: number
}

/** The mean distance to the nearest, of each row that has enough of them. */
async function distancesOf(
  values: Float32Array,
  own: readonly number[],
  compared: Uint32Array,
  recordings: ArrayLike<number>,
  block: RowBlock,
  signal: AbortSignal | undefined,
): Promise<Distance[]> {
  /** [own, NEIGHBOURS], rising. */
  const nearest = new Float32Array(own.length * NEIGHBOURS).fill(Number.POSITIVE_INFINITY)
  for (let first = 0; first < compared.length; first += BLOCK_ROWS) {
    const others = compared.subarray(first, first + BLOCK_ROWS)
    block.load(values, others)
    for (const [place, row] of own.entries()) {
      if (place % ROWS_A_STEP === 0) await pause(signal)
      const squares = block.squaredDistances(values, row)
      const start = place * NEIGHBOURS
      for (let at = 0; at < others.length; at++) {
        const square = squares[at] ?? 0
        let rank = start + NEIGHBOURS - 1
        if (!(square < (nearest[rank] ?? 0))) continue
        const other = others[at] ?? 0
        if (other === row || recordings[other] === recordings[row]) continue
        for (; rank > start && square < (nearest[rank - 1] ?? 0); rank--)
          nearest[rank] = nearest[rank - 1] ?? 0
        nearest[rank] = square
      }
    }
  }
  return own.flatMap((row, place) => {
    const squares = nearest.subarray(place * NEIGHBOURS, (place + 1) * NEIGHBOURS)
    const distance = squares.reduce((sum, square) => sum + Math.sqrt(square), 0) / NEIGHBOURS
    return Number.isFinite(distance) ? [{ row, distance }] : []
  })
}

/** Those far above the usual distance of a class. */
function farOf(distances: readonly Distance[]): Outlier[] {
  if (distances.length < LEAST_CLIPS) return []
  const median = medianOf(distances.map(({ distance }) => distance))
  // Distances are skewed, their logarithms much less.
  const logarithm = (distance: number) => Math.log(Math.max(distance, Number.MIN_VALUE) / median)
  const spread = medianOf(distances.map(({ distance }) => Math.abs(logarithm(distance)))) / MAD_SHARE
  if (!(median > 0 && spread > 0)) return []
  return distances.flatMap(({ row, distance }) => {
    const deviations = logarithm(distance) / spread
    return deviations >= FAR ? [{ row, distance, median, deviations }] : []
  })
}

function medianOf(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return ((sorted[Math.ceil(middle) - 1] ?? 0) + (sorted[Math.floor(middle)] ?? 0)) / 2
}
