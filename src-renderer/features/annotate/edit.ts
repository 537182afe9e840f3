import type { Annotation, AnnotationFields } from '../../../src-main/contract/annotation.ts'
import type { FrequencyAxis } from '../../lib/components/spectrogram/frequency-axis.ts'
import type { Selection } from '../../lib/components/spectrogram/selection.ts'

/** What is nearer than this is the same time or frequency. */
const SAME = 1e-9
const TIME_DIGITS = 6
const HERTZ_DIGITS = 2

type Axis = Pick<FrequencyAxis, 'lowHz' | 'highHz'>
type Extent = Pick<AnnotationFields, 'startSeconds' | 'endSeconds' | 'lowHz' | 'highHz'>

/** Where an annotation lies, as the pictures select it. @param axis - gives a box without one limit its other */
export function selectionOf(
  { startSeconds, endSeconds, lowHz, highHz }: Extent,
  axis: Axis | null,
): Selection {
  const isBox = lowHz !== null || highHz !== null
  const band = isBox && axis ? { lowHz: lowHz ?? axis.lowHz, highHz: highHz ?? axis.highHz } : null
  return { from: startSeconds, to: endSeconds, band }
}

/**
 * The place of an annotation after its selection was moved or resized; null where it is where it was. An edge that lies beyond what the
 * pictures can show stays there unless it was moved.
 */
export function reshaped(
  before: Extent,
  selection: Selection,
  axis: Axis | null,
  durationSeconds: number,
): Extent | null {
  const shown = selectionOf(before, axis)
  const time = (was: number, now: number) => {
    const visible = Math.min(durationSeconds, Math.max(0, was))
    return Math.abs(now - was) < SAME || Math.abs(now - visible) < SAME ? was : round(now, TIME_DIGITS)
  }
  const hertz = (was: number | null, shownHz: number | undefined, now: number | undefined) => {
    if (now === undefined) return was
    if (shownHz === undefined || !axis) return round(now, HERTZ_DIGITS)
    const visible = Math.min(axis.highHz, Math.max(axis.lowHz, shownHz))
    return Math.abs(now - shownHz) < SAME || Math.abs(now - visible) < SAME ? was : round(now, HERTZ_DIGITS)
  }
  // Without an axis no band could be shown, so that none says nothing.
  const bandGone = axis !== null && selection.band === null
  const after = {
    startSeconds: time(before.startSeconds, selection.from),
    endSeconds: time(before.endSeconds, selection.to),
    lowHz: bandGone ? null : hertz(before.lowHz, shown.band?.lowHz, selection.band?.lowHz),
    highHz: bandGone ? null : hertz(before.highHz, shown.band?.highHz, selection.band?.highHz),
  }
  const same =
    after.startSeconds === before.startSeconds &&
    after.endSeconds === before.endSeconds &&
    after.lowHz === before.lowHz &&
    after.highHz === before.highHz
  return same ? null : after
}

/** The place of a new annotation where something is selected. */
export function extentOf({ from, to, band }: Selection): Extent {
  return {
    startSeconds: round(from, TIME_DIGITS),
    endSeconds: Math.max(round(from, TIME_DIGITS), round(to, TIME_DIGITS)),
    lowHz: band ? round(band.lowHz, HERTZ_DIGITS) : null,
    highHz: band ? round(band.highHz, HERTZ_DIGITS) : null,
  }
}

/** Both parts of an annotation that is cut at a time within it; null where the time is not within. */
export function splitAt<F extends AnnotationFields>(fields: F, seconds: number): [F, F] | null {
  const at = round(seconds, TIME_DIGITS)
  if (at <= fields.startSeconds || at >= fields.endSeconds) return null
  return [
    { ...fields, endSeconds: at },
    { ...fields, startSeconds: at },
  ]
}

/** The first with the extent of both; what both say in different words is kept of the first, notes of both. */
export function merged<F extends AnnotationFields>(first: F, second: AnnotationFields): F {
  const isBox = (fields: AnnotationFields) => fields.lowHz !== null || fields.highHz !== null
  const bothBoxes = isBox(first) && isBox(second)
  return {
    ...first,
    startSeconds: Math.min(first.startSeconds, second.startSeconds),
    endSeconds: Math.max(first.endSeconds, second.endSeconds),
    // A region has all frequencies, and so has what it is merged with.
    lowHz: bothBoxes ? lowest(first.lowHz, second.lowHz) : null,
    highHz: bothBoxes ? highest(first.highHz, second.highHz) : null,
    label: first.label || second.label,
    salience: first.salience ?? second.salience,
    confidence: first.confidence ?? second.confidence,
    note: [...new Set([first.note, second.note])].filter(Boolean).join('\n'),
    author: first.author || second.author,
    extra: { ...second.extra, ...first.extra },
  }
}

const lowest = (a: number | null, b: number | null) => (a === null || b === null ? null : Math.min(a, b))
const highest = (a: number | null, b: number | null) => (a === null || b === null ? null : Math.max(a, b))

/** Annotations moved in time together: as far as all of them stay within the sound. */
export function shifted<F extends Extent>(
  all: readonly F[],
  bySeconds: number,
  durationSeconds: number,
): F[] {
  const first = Math.min(...all.map(({ startSeconds }) => startSeconds))
  const last = Math.max(...all.map(({ endSeconds }) => endSeconds))
  const by = Math.max(-first, Math.min(bySeconds, durationSeconds - last))
  return all.map((one) => ({
    ...one,
    startSeconds: round(one.startSeconds + by, TIME_DIGITS),
    endSeconds: round(one.endSeconds + by, TIME_DIGITS),
  }))
}

/** By how much a selection moves an annotation that keeps its length; null where it resizes it. */
export function shiftBy(before: Extent, { from, to }: Pick<Selection, 'from' | 'to'>): number | null {
  const resized = Math.abs(to - from - (before.endSeconds - before.startSeconds))
  return resized > 10 ** -TIME_DIGITS ? null : from - before.startSeconds
}

/** Whether an annotation has any of what is selected in it; one without a band has all frequencies. */
export function touches({ startSeconds, endSeconds, lowHz, highHz }: Extent, selection: Selection): boolean {
  const { from, to, band } = selection
  const inTime = endSeconds >= from && startSeconds <= to
  return (
    inTime && (!band || ((highHz ?? Number.POSITIVE_INFINITY) >= band.lowHz && (lowHz ?? 0) <= band.highHz))
  )
}

/** The smallest annotation at a place; frequencies count where the picture has them. */
export function annotationAt<A extends Annotation>(
  annotations: readonly A[],
  seconds: number,
  hz: number | null,
  withinSeconds: number,
): A | undefined {
  const at = annotations.filter(
    ({ startSeconds, endSeconds, lowHz, highHz }) =>
      seconds >= startSeconds - withinSeconds &&
      seconds <= endSeconds + withinSeconds &&
      (hz === null || (hz >= (lowHz ?? 0) && hz <= (highHz ?? Number.POSITIVE_INFINITY))),
  )
  const size = ({ startSeconds, endSeconds, lowHz, highHz }: A) =>
    (endSeconds - startSeconds) * (highHz === null ? 1e6 : highHz - (lowHz ?? 0))
  return at.toSorted((a, b) => size(a) - size(b))[0]
}

/** What a person can say of an annotation; what the core adds to it left out. */
export function fieldsOf({
  id: _,
  clipId: __,
  createdAt: ___,
  changedAt: ____,
  ...fields
}: Annotation): AnnotationFields {
  return fields
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits))
}
