import type { FrequencyAxis } from './frequency-axis.ts'
import type { TimeRange } from './time-range.ts'

/** A stretch of frequencies, Hz. */
export interface Band {
  readonly lowHz: number
  readonly highHz: number
}

/** A stretch of a clip's time, of all its frequencies or of a band of them. */
export interface Selection extends TimeRange {
  readonly band: Band | null
}

/** An end of a selection's time, or of its band. */
export type TimeEdge = 'from' | 'to'
export type BandEdge = 'lowHz' | 'highHz'

/** Shorter ones come of a slip of the hand. */
export const SHORTEST_SELECTION_SECONDS = 0.001

/** The selection between two times in any order, within the clip; null where there is nothing between them. */
export function selectionBetween(
  a: number,
  b: number,
  durationSeconds: number,
  band: Band | null,
): Selection | null {
  const clamp = (seconds: number) => Math.min(durationSeconds, Math.max(0, seconds))
  const [from, to] = [clamp(Math.min(a, b)), clamp(Math.max(a, b))]
  return to - from >= SHORTEST_SELECTION_SECONDS ? { from, to, band } : null
}

/** The band between two frequencies in any order, within the axis; null where there is nothing between them. */
export function bandBetween(aHz: number, bHz: number, { lowHz, highHz }: Band): Band | null {
  const clamp = (hz: number) => Math.min(highHz, Math.max(lowHz, hz))
  const band = { lowHz: clamp(Math.min(aHz, bHz)), highHz: clamp(Math.max(aHz, bHz)) }
  return band.highHz > band.lowHz ? band : null
}

/** With one end elsewhere; pulled over the other end, the two change places. */
export function withTimeEdge(
  selection: Selection,
  edge: TimeEdge,
  seconds: number,
  durationSeconds: number,
): Selection | null {
  const other = edge === 'from' ? selection.to : selection.from
  return selectionBetween(seconds, other, durationSeconds, selection.band)
}

/** With one end of its band elsewhere; a selection without a band has that of the whole axis. */
export function withBandEdge(selection: Selection, edge: BandEdge, hz: number, axis: Band): Selection {
  const { lowHz, highHz } = selection.band ?? axis
  const band = bandBetween(hz, edge === 'lowHz' ? highHz : lowHz, axis)
  return { ...selection, band: band ?? selection.band }
}

/** A frequency some shares of the axis' height above another one, Hz; the axis' end at most. */
export function hzAbove(axis: FrequencyAxis, hz: number, byShare: number): number {
  const share = axis.shareOf(Math.min(axis.highHz, Math.max(axis.lowHz, hz)))
  return axis.hzAt(Math.min(1, Math.max(0, share + byShare)))
}

/** The nearest of some times that is near enough, else the time itself. */
export function snapped(seconds: number, points: Iterable<number>, withinSeconds: number): number {
  let nearest = seconds
  let distance = withinSeconds
  for (const point of points) {
    const away = Math.abs(point - seconds)
    if (away <= distance) {
      nearest = point
      distance = away
    }
  }
  return nearest
}
