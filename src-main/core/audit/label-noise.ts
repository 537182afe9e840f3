import type { LabelNoise } from '../../contract/audit-issues.ts'

/** Labels and the probabilities that models gave clips which they were not trained on. */
export interface LabelledProbabilities {
  /** Number of classes. */
  readonly classes: number
  /** Place of each clip's label, 0 … classes − 1. */
  readonly labels: Uint16Array
  /** clips × classes, row by row; each row sums to 1. */
  readonly probabilities: Float32Array | Float64Array
}

/** Differences below this are none: float32 probabilities come out of different engines. As cleanlab's. */
export const TOLERANCE = 1e-6
/** No threshold is lower: one of 0 would let every clip be confident. As cleanlab's. */
const LEAST_THRESHOLD = 2 * TOLERANCE
const MOST_NOISE = 0.9999

/** Place of the largest value of a row, the first of equals. */
export function largestAt(values: ArrayLike<number>, from: number, width: number): number {
  let best = 0
  for (let place = 1; place < width; place++)
    if ((values[from + place] ?? 0) > (values[from + best] ?? 0)) best = place
  return best
}

const square = (size: number) => Array.from({ length: size }, () => new Array<number>(size).fill(0))
const at = (matrix: readonly (readonly number[])[], row: number, column: number) => matrix[row]?.[column] ?? 0
function put(matrix: number[][], row: number, column: number, value: number): void {
  const values = matrix[row]
  if (values) values[column] = value
}
const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0)

/** Clips of each label. */
export function labelCounts({ classes, labels }: LabelledProbabilities): number[] {
  const counts = new Array<number>(classes).fill(0)
  for (const label of labels) counts[label] = (counts[label] ?? 0) + 1
  return counts
}

/**
 * Per class the mean probability of it over the clips labelled with it (Northcutt et al. 2021, equation 2): above it, a model is
 * as sure of a clip as it usually is of this class.
 * @returns length classes, 0 … 1; null for a class without clips, which nothing reaches
 */
export function confidentThresholds(data: LabelledProbabilities): (number | null)[] {
  const { classes, labels, probabilities } = data
  const sums = new Float64Array(classes)
  labels.forEach((label, row) => {
    sums[label] = (sums[label] ?? 0) + (probabilities[row * classes + label] ?? 0)
  })
  return labelCounts(data).map((count, place) =>
    count === 0 ? null : Math.max(LEAST_THRESHOLD, (sums[place] ?? 0) / count),
  )
}

export interface ConfidentJoint {
  /** counts[given][true] of clips that are confidently of a class; at least 1 on the diagonal. */
  counts: number[][]
  /** Per clip 1 where it counts off the diagonal. */
  offDiagonal: Uint8Array
}

/**
 * Counts clips by their label and by the class that they are confidently of: the one whose threshold they reach, the most probable
 * where they reach several, none where they reach none (Northcutt et al. 2021, equation 1).
 */
export function confidentJoint(
  data: LabelledProbabilities,
  thresholds: readonly (number | null)[],
): ConfidentJoint {
  const { classes, labels, probabilities } = data
  const counts = square(classes)
  const offDiagonal = new Uint8Array(labels.length)
  labels.forEach((label, row) => {
    const from = row * classes
    let [reached, first] = [0, -1]
    for (let place = 0; place < classes; place++) {
      const threshold = thresholds[place]
      if (threshold == null || (probabilities[from + place] ?? 0) < threshold - TOLERANCE) continue
      reached += 1
      if (first < 0) first = place
    }
    if (reached === 0) return
    const truth = reached > 1 ? largestAt(probabilities, from, classes) : first
    put(counts, label, truth, at(counts, label, truth) + 1)
    if (truth !== label) offDiagonal[row] = 1
  })
  // A class of which no clip is confidently right would have no true clips at all.
  for (let place = 0; place < classes; place++)
    put(counts, place, place, Math.max(1, at(counts, place, place)))
  return { counts, offDiagonal }
}

/**
 * The confident joint scaled so that row i sums to the clips labelled i: an estimate for all clips, not the confident ones alone
 * (Northcutt et al. 2021, equation 3).
 * @returns whole numbers, [given][true]
 */
export function calibratedJoint(
  counts: readonly (readonly number[])[],
  clipsOfLabel: readonly number[],
): number[][] {
  const scaled = counts.map((row, given) => {
    const sum = total(row)
    return row.map((count) => (sum > 0 ? (count / sum) * (clipsOfLabel[given] ?? 0) : 0))
  })
  // Rows that had no counts lost their clips: the rest makes up for them.
  const all = total(scaled.map(total))
  const factor = all > 0 ? total(clipsOfLabel) / all : 0
  return scaled.map((row) => roundToSum(row.map((value) => value * factor)))
}

/** To the nearest whole number, halves to the even one, as numpy. */
function roundHalfEven(value: number): number {
  const below = Math.floor(value)
  const rest = value - below
  if (rest !== 0.5) return Math.round(value)
  return below % 2 === 0 ? below : below + 1
}

/** Whole numbers whose sum is the rounded sum: those that rounding moved most are moved back, the first of equals. */
export function roundToSum(values: readonly number[]): number[] {
  const whole = values.map(roundHalfEven)
  const wanted = roundHalfEven(total(values))
  for (let missing = wanted - total(whole); missing !== 0; missing = wanted - total(whole)) {
    const step = missing < 0 ? -1 : 1
    const lost = values.map((value, place) => ({ place, moved: step * (value - (whole[place] ?? 0)) }))
    lost.sort((a, b) => b.moved - a.moved || step * (b.place - a.place))
    for (const { place } of lost.slice(0, Math.abs(missing))) whole[place] = (whole[place] ?? 0) + step
  }
  return whole
}

/** Columns that sum to 1, with no rate of noise of a whole. */
function clippedColumns(matrix: number[][]): number[][] {
  const clipped = matrix.map((row, given) =>
    row.map((value, truth) => (given === truth ? value : Math.min(MOST_NOISE, Math.max(0, value)))),
  )
  const sums = clipped.map((_, column) => total(clipped.map((row) => row[column] ?? 0)))
  return clipped.map((row) =>
    row.map((value, column) => ((sums[column] ?? 0) > 0 ? value / (sums[column] ?? 1) : 0)),
  )
}

/**
 * Rates of noise and true classes by a joint (Northcutt et al. 2021, section 3.1), the classes' shares by counts: what cleanlab's
 * `estimate_latent` gives by default.
 * @param joint - calibrated, [given][true]
 */
export function noiseOf(
  joint: readonly (readonly number[])[],
  clipsOfLabel: readonly number[],
): Pick<LabelNoise, 'noise' | 'inverseNoise' | 'prior'> {
  const places = joint.map((_, place) => place)
  const given = joint.map(total)
  const truth = places.map((column) => total(joint.map((row) => row[column] ?? 0)))
  const share = (part: number, whole: number) => (whole > 0 ? part / whole : 0)
  const noise = joint.map((row) => row.map((count, column) => share(count, truth[column] ?? 0)))
  const inverse = places.map((column) => places.map((row) => share(at(joint, row, column), given[row] ?? 0)))
  const clips = total(clipsOfLabel)
  const shares = places.map((place) => {
    const own = share(at(inverse, place, place), at(noise, place, place))
    return Math.min(1, Math.max(TOLERANCE, own * share(clipsOfLabel[place] ?? 0, clips)))
  })
  const sum = total(shares)
  return {
    noise: clippedColumns(noise),
    inverseNoise: clippedColumns(inverse),
    prior: shares.map((value) => value / sum),
  }
}
