/** The part of a clip that its pictures show, in seconds. */
export interface TimeRange {
  readonly from: number
  readonly to: number
}

/** A few frames of the usual hop: closer, there is nothing more to see. */
export const SHORTEST_RANGE_SECONDS = 0.1
/** Where the playhead comes to lie, from the edge that it comes in at, when the range follows it. */
const FOLLOW_SHARE = 0.05

export function secondsAt({ from, to }: TimeRange, share: number): number {
  return from + (to - from) * share
}

/** 0 at the left edge, 1 at the right one; outside them where the range does not show it. */
export function shareOf({ from, to }: TimeRange, seconds: number): number {
  return to > from ? (seconds - from) / (to - from) : 0
}

/** @param factor - above 1 shows less time; the time `at` stays where it is, as far as the clip's ends allow */
export function zoomRange(range: TimeRange, factor: number, at: number, durationSeconds: number): TimeRange {
  const span = range.to - range.from
  const shortest = Math.min(SHORTEST_RANGE_SECONDS, durationSeconds)
  const wanted = Math.min(durationSeconds, Math.max(shortest, span / factor))
  return fitRange(at - shareOf(range, at) * wanted, wanted, durationSeconds)
}

export function panRange(range: TimeRange, bySeconds: number, durationSeconds: number): TimeRange {
  return fitRange(range.from + bySeconds, range.to - range.from, durationSeconds)
}

/** The same range, or the page that shows the playhead, if that has just left this one by itself. */
export function followRange(
  range: TimeRange,
  before: number,
  now: number,
  durationSeconds: number,
): TimeRange {
  const isIn = (seconds: number) => seconds >= range.from && seconds <= range.to
  if (!isIn(before) || isIn(now)) return range
  const span = range.to - range.from
  const share = now > range.to ? FOLLOW_SHARE : 1 - FOLLOW_SHARE
  return fitRange(now - share * span, span, durationSeconds)
}

function fitRange(from: number, span: number, durationSeconds: number): TimeRange {
  const start = Math.min(durationSeconds - span, Math.max(0, from))
  return { from: start, to: start + span }
}
