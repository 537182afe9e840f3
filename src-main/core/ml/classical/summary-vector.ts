import type { FeatureMatrix } from '../../features/log-mel.ts'

/** In the order of a row's numbers. Deviations are those of the population; differences are of a frame and the one before. */
export const SUMMARY_STATISTICS = [
  'mean',
  'deviation',
  'minimum',
  'maximum',
  'mean of differences',
  'deviation of differences',
] as const

/**
 * A clip's feature matrix as one vector of fixed length: statistics over time of each row, as the baseline of UrbanSound8K
 * (Salamon, Jacoby & Bello 2014). What classical classifiers need and what they lose are the same: it no longer matters
 * when a thing sounds. Level and spread say what sounds and how evenly, the extremes keep a short loud event that the mean
 * drowns, and the differences say how fast it changes. Median, skewness, kurtosis and second derivatives of the paper are
 * left out: each tells little that these do not.
 * @returns [rows, statistics], row by row; a matrix of one frame has differences of 0
 */
export function summaryVector({ data, rows, frames }: FeatureMatrix): Float32Array {
  const vector = new Float32Array(rows * SUMMARY_STATISTICS.length)
  for (let row = 0; row < rows; row++) {
    const values = data.subarray(row * frames, (row + 1) * frames)
    let minimum = Number.POSITIVE_INFINITY
    let maximum = Number.NEGATIVE_INFINITY
    for (const value of values) {
      minimum = Math.min(minimum, value)
      maximum = Math.max(maximum, value)
    }
    const differences = Float64Array.from(
      { length: frames - 1 },
      (_, frame) => (values[frame + 1] ?? 0) - (values[frame] ?? 0),
    )
    const level = momentsOf(values)
    const change = momentsOf(differences)
    vector.set(
      [level.mean, level.deviation, minimum, maximum, change.mean, change.deviation],
      row * SUMMARY_STATISTICS.length,
    )
  }
  return vector
}

function momentsOf(values: Float32Array | Float64Array) {
  if (values.length === 0) return { mean: 0, deviation: 0 }
  let sum = 0
  for (const value of values) sum += value
  const mean = sum / values.length
  let squares = 0
  for (const value of values) squares += (value - mean) ** 2
  return { mean, deviation: Math.sqrt(squares / values.length) }
}
