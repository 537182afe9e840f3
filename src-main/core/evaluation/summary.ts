/** Descriptions of a few numbers, as numpy gives them. */

export const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

/** 0 where nothing is below. */
export const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)

export const mean = (values: readonly number[]) => ratio(sum(values), values.length)

/** With n − 1 below; null for fewer than two values. */
export function sampleStandardDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null
  const centre = mean(values)
  return Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1))
}

/** @param sorted - ascending. @param share - 0 … 1; between two values linearly */
export function percentile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place - Math.floor(place))
}
