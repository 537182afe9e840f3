import type { Histogram } from '../../contract/model.ts'

/** Equal ranges from 0 on; the last has no upper end. */
export interface Bars {
  readonly width: number
  readonly count: number
}

/** Stands for a value that is not known. */
export const NO_BAR = 255
export const CONFIDENCE_BARS: Bars = { width: 0.05, count: 20 }

const MOST_BARS = 40
/** Longer clips than all but so many share the last bar, or one long recording would push all others into the first. */
const LONGEST_SHARE = 0.005
const SAMPLE = 10_000

/** Of a width that reads well: 1, 2 or 5 times a power of ten. */
export function barsFor(values: Float64Array): Bars {
  const stride = Math.max(1, Math.floor(values.length / SAMPLE))
  const sample = Float64Array.from(
    { length: Math.ceil(values.length / stride) },
    (_, place) => values[place * stride] ?? Number.NaN,
  )
    .filter((value) => value >= 0)
    .sort()
  const top = sample[Math.max(0, Math.ceil(sample.length * (1 - LONGEST_SHARE)) - 1)] ?? 0
  if (top <= 0) return { width: 1, count: 1 }
  const power = 10 ** Math.floor(Math.log10(top / MOST_BARS))
  const width = [1, 2, 5].map((factor) => factor * power).find((one) => top / one < MOST_BARS) ?? 10 * power
  return { width, count: Math.floor(top / width) + 1 }
}

export function barOf(value: number, { width, count }: Bars): number {
  if (!(value >= 0)) return NO_BAR
  let bar = Math.floor(value / width)
  // The edges that people see are multiples of the width, which division alone can miss by a bit.
  if (value >= (bar + 1) * width) bar++
  else if (value < bar * width) bar--
  return Math.min(bar, count - 1)
}

/** @param counts - by bar */
export function histogram({ width, count }: Bars, counts: Uint32Array): Histogram {
  return { start: 0, width, counts: [...counts.subarray(0, count)] }
}
