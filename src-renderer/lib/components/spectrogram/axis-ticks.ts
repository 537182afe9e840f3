import type { FrequencyAxis } from './frequency-axis.ts'
import type { Levels } from './spectrogram-data.ts'
import { shareOf, type TimeRange } from './time-range.ts'

export interface AxisTick {
  /** Share of the axis from its start, 0..1: from the left, or from the bottom. */
  readonly position: number
  readonly label: string
}

/** Frequencies that people read off a curved axis, in Hz; the first row is placed first, the others where room is left. */
const ROUND_HZ = [
  [100, 1000, 10_000],
  [20, 50, 200, 500, 2000, 5000, 20_000],
  [30, 300, 3000, 8000, 15_000],
  [70, 150, 400, 700, 1500, 4000, 6000, 7000, 9000, 12_000, 18_000],
]

/** @param minimumGap - share of the axis that two labels need between them */
export function frequencyTicks(axis: FrequencyAxis, name: string, minimumGap: number): AxisTick[] {
  const span = axis.highHz - axis.lowHz
  const rows = name === 'linear' ? [multiples(axis.lowHz, axis.highHz, span * minimumGap * 1.5)] : ROUND_HZ
  const ticks: AxisTick[] = []
  for (const hz of rows.flat()) {
    const position = axis.shareOf(hz)
    const free = ticks.every((tick) => Math.abs(tick.position - position) >= minimumGap)
    if (Number.isFinite(position) && free) ticks.push({ position, label: shortHz(hz) })
  }
  return ticks.sort((a, b) => a.position - b.position)
}

/** From here on times are read as minutes and hours. */
const LONG_SECONDS = 120
const LEAST_LONG_SPAN_SECONDS = 10
const LONG_STEPS_SECONDS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600]

/** Whether `timeTicks` are in minutes and seconds. */
export function isLong({ from, to }: TimeRange): boolean {
  return to > LONG_SECONDS && to - from > LEAST_LONG_SPAN_SECONDS
}

/** About `wanted` ticks at a round step: of seconds, or as `2:30` and `1:02:30` in long recordings. */
export function timeTicks(range: TimeRange, wanted: number): AxisTick[] {
  if (!isLong(range)) return ticksOver(range.from, range.to, wanted)
  const least = (range.to - range.from) / wanted
  const step = LONG_STEPS_SECONDS.find((seconds) => seconds >= least) ?? Math.ceil(least / 3600) * 3600
  const first = Math.ceil(range.from / step)
  const count = Math.floor(range.to / step) - first + 1
  return Array.from({ length: Math.max(0, count) }, (_, n) => (first + n) * step).map((seconds) => ({
    position: shareOf(range, seconds),
    label: minutes(seconds),
  }))
}

function minutes(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, '0')
  const [hours, minute, second] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60]
  return hours > 0 ? `${hours}:${two(minute)}:${two(second)}` : `${minute}:${two(second)}`
}

/** About `wanted` ticks at a round step of dB. */
export function levelTicks({ low, high }: Levels, wanted: number): AxisTick[] {
  return ticksOver(low, high, wanted).map(({ position, label }) => ({
    position,
    label: label.replace('-', '−'),
  }))
}

function ticksOver(from: number, to: number, wanted: number): AxisTick[] {
  if (!(to > from)) return []
  const step = roundStep((to - from) / wanted)
  const digits = Math.max(0, -Math.floor(Math.log10(step) + 1e-9))
  return multiples(from, to, step).map((value) => ({
    position: shareOf({ from, to }, value),
    label: value.toFixed(digits),
  }))
}

/** All multiples of the round step that is at least `step`, from `from` to `to`. */
function multiples(from: number, to: number, step: number): number[] {
  const round = roundStep(step)
  const first = Math.ceil(from / round - 1e-9)
  const count = Math.floor(to / round + 1e-9) - first + 1
  // Not by adding, which gathers errors; and 0 has no sign.
  return Array.from({ length: Math.max(0, count) }, (_, n) => (first + n) * round || 0)
}

/** The smallest of 1, 2, 5 times a power of ten that is at least `step`. */
function roundStep(step: number): number {
  const power = 10 ** Math.floor(Math.log10(step))
  const factor = [1, 2, 5].find((candidate) => candidate * power >= step * (1 - 1e-9)) ?? 10
  return factor * power
}

function shortHz(hz: number): string {
  return hz < 1000 ? String(hz) : `${hz / 1000}k`
}
