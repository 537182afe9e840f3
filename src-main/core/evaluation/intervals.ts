import { studentQuantile } from './distributions.ts'
import { mean, sampleStandardDeviation } from './summary.ts'

/** With 95 % confidence. */
export interface Interval {
  low: number
  high: number
}

const NORMAL_QUANTILE = 1.959963984540054

/**
 * Wilson's score interval of a share (1927): unlike ± 2 standard errors it holds for few clips and for shares near 0 and 1,
 * which slices have. It takes clips for independent, so it is too narrow where many were cut from one recording.
 * @param count - above 0
 */
export function wilsonInterval(hits: number, count: number): Interval {
  const z2 = NORMAL_QUANTILE ** 2
  const share = hits / count
  const centre = (share + z2 / (2 * count)) / (1 + z2 / count)
  const half =
    (NORMAL_QUANTILE / (1 + z2 / count)) * Math.sqrt((share * (1 - share)) / count + z2 / (4 * count * count))
  return { low: Math.max(0, centre - half), high: Math.min(1, centre + half) }
}

/**
 * Student's interval of the mean over folds: the field's, and the one that knows how differently models trained on other
 * folds do. Folds share training clips, so it is somewhat too narrow (Bengio & Grandvalet 2004).
 * @returns null for fewer than two folds
 */
export function foldInterval(values: readonly number[]): Interval | null {
  const deviation = sampleStandardDeviation(values)
  if (deviation === null) return null
  const half = (studentQuantile(0.975, values.length - 1) * deviation) / Math.sqrt(values.length)
  return { low: mean(values) - half, high: mean(values) + half }
}
