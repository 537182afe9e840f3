import type { Cursor } from './cursor.ts'
import type { FrequencyAxis } from './frequency-axis.ts'
import type { PointerTool } from './pointer-tool.ts'
import {
  type Band,
  type BandEdge,
  hzAbove,
  type Selection,
  selectionBetween,
  snapped,
  type TimeEdge,
  withBandEdge,
  withTimeEdge,
} from './selection.ts'
import { followRange, panRange, secondsAt, shareOf, type TimeRange, zoomRange } from './time-range.ts'

const KEY_ZOOM = 1.5
const KEY_PAN_SHARE = 0.25
/** What a key moves an edge of the selection by: of the time in view, of the frequency axis. */
const NUDGE_SHARE = 0.01
const BAND_NUDGE_SHARE = 0.02
/** Of what is in view, when it is fitted to a selection: so that its edges can be seen and taken. */
const MARGIN_SHARE = 0.1
/** Edges catch the pointer within so many pixels. */
const SNAP_PIXELS = 6

/** What a drag over the pictures does: moves them, selects a time range, or a box of time and frequency. */
export type DragTool = 'pan' | 'time' | 'box'

/**
 * What all pictures of one clip show together: the same part of its time, the same cursor and the same selection. Pictures and
 * layers over them read it and call it; it knows no DOM.
 *
 * For a layer (regions, boxes, …) over the pictures:
 * - **Places.** `left(seconds)` and `bottom(hz)` are shares of the picture's width and height, for `left: {100 * …}%`; a time out of
 *   view is below 0 or above 1, a frequency beyond the axis is at its end. `secondsAt(left)` and `hzAt(bottom)` are their inverses.
 *   `axis` is null until a picture with frequencies is drawn.
 * - **Selection.** `selection` (`from`, `to` in seconds, `band` in Hz or null) is read and set: `select`, `setEdge`, `nudgeEdge`, ….
 * - **Pointer.** `addTool` puts a `PointerTool` before the built-in ones: it is asked at each press over a picture, and gets the
 *   whole drag if it wants it. It returns the way out, for an `$effect`.
 * - **Snapping.** `snap(seconds, place.secondsPerPixel)` moves a time to a point that is near: the clip's ends, the selection's, and
 *   whatever `addSnapPoints` was told of. Both do nothing while `snapping` is off.
 */
export class PictureView {
  readonly durationSeconds: number
  /** Whether a person can select here at all. */
  readonly selectable: boolean
  range = $state.raw<TimeRange>({ from: 0, to: 0 })
  cursor = $state.raw<Cursor | null>(null)
  selection = $state.raw<Selection | null>(null)
  /** Of the picture with frequencies, which sets it. */
  axis = $state.raw<FrequencyAxis | null>(null)
  tool = $state<DragTool>('pan')
  snapping = $state(true)
  readonly zoomed = $derived.by(() => this.range.to - this.range.from < this.durationSeconds * (1 - 1e-9))
  readonly #tools: PointerTool[] = []
  readonly #snapSources = new Set<() => Iterable<number>>()

  constructor(durationSeconds: number, { selectable = false } = {}) {
    this.durationSeconds = durationSeconds
    this.selectable = selectable
    this.reset()
  }

  reset(): void {
    this.range = { from: 0, to: this.durationSeconds }
  }

  zoomAt(factor: number, seconds: number): void {
    this.range = zoomRange(this.range, factor, seconds, this.durationSeconds)
  }

  /** At the cursor; without one at the playhead, or in the middle where that is not in view. */
  zoomBy(direction: 1 | -1, playheadSeconds: number): void {
    const { range, cursor } = this
    const share = shareOf(range, playheadSeconds)
    const inView = share >= 0 && share <= 1
    this.zoomAt(KEY_ZOOM ** direction, cursor?.seconds ?? (inView ? playheadSeconds : secondsAt(range, 0.5)))
  }

  pan(bySeconds: number): void {
    this.range = panRange(this.range, bySeconds, this.durationSeconds)
  }

  panBy(direction: 1 | -1): void {
    this.pan(direction * KEY_PAN_SHARE * (this.range.to - this.range.from))
  }

  follow(before: number, now: number): void {
    this.range = followRange(this.range, before, now, this.durationSeconds)
  }

  /** Brings a stretch of time into view, with a little around it. */
  fit({ from, to }: TimeRange): void {
    const span = (to - from) * (1 + 2 * MARGIN_SHARE)
    const middle = (from + to) / 2
    const whole = { from: middle - this.durationSeconds / 2, to: middle + this.durationSeconds / 2 }
    this.range = zoomRange(whole, this.durationSeconds / span, middle, this.durationSeconds)
  }

  /** Brings the cursor into view after a key moved it. */
  showCursor(cursor: Cursor): void {
    this.follow(Math.min(this.range.to, Math.max(this.range.from, this.cursor?.seconds ?? 0)), cursor.seconds)
    this.cursor = cursor
  }

  /** Where a time lies, as a share of the pictures' width from the left. */
  left(seconds: number): number {
    return shareOf(this.range, seconds)
  }

  secondsAt(left: number): number {
    return secondsAt(this.range, left)
  }

  /** Where a frequency lies, as a share of the picture's height from the bottom, 0..1; NaN while there is no axis. */
  bottom(hz: number): number {
    const { axis } = this
    return axis ? axis.shareOf(Math.min(axis.highHz, Math.max(axis.lowHz, hz))) : Number.NaN
  }

  /** @returns null while there is no axis */
  hzAt(bottom: number): number | null {
    return this.axis?.hzAt(Math.min(1, Math.max(0, bottom))) ?? null
  }

  /** Selects what is between two times, in any order; nothing where they are one. */
  select(a: number, b: number, band: Band | null = null): void {
    this.selection = selectionBetween(a, b, this.durationSeconds, band)
  }

  /** Where nothing is selected, the other end is that of what is in view. */
  setEdge(edge: TimeEdge, seconds: number): void {
    const start = this.selection ?? { ...this.range, band: null }
    // Beyond the other end a person begins anew from here.
    const beyond = edge === 'from' ? seconds >= start.to : seconds <= start.from
    const base = beyond ? { ...start, from: 0, to: this.durationSeconds } : start
    this.selection = withTimeEdge(base, edge, seconds, this.durationSeconds)
  }

  nudgeEdge(edge: TimeEdge, direction: 1 | -1): void {
    const { selection, range } = this
    if (!selection) return
    const seconds = selection[edge] + direction * NUDGE_SHARE * (range.to - range.from)
    const stopped = edge === 'from' ? seconds >= selection.to : seconds <= selection.from
    if (!stopped) this.selection = withTimeEdge(selection, edge, seconds, this.durationSeconds) ?? selection
  }

  /** A selection without a band gets one by it. */
  nudgeBand(edge: BandEdge, direction: 1 | -1): void {
    const { selection, axis } = this
    if (!selection || !axis) return
    const band = selection.band ?? axis
    const hz = hzAbove(axis, band[edge], direction * BAND_NUDGE_SHARE)
    const stopped = edge === 'lowHz' ? hz >= band.highHz : hz <= band.lowHz
    if (!stopped) this.selection = withBandEdge(selection, edge, hz, axis)
  }

  /** The selection's time as it is, of all frequencies. */
  clearBand(): void {
    if (this.selection) this.selection = { ...this.selection, band: null }
  }

  /** Asked before the built-in tools, the newest first. @returns the way out */
  addTool(tool: PointerTool): () => void {
    this.#tools.unshift(tool)
    return () => {
      const index = this.#tools.indexOf(tool)
      if (index >= 0) this.#tools.splice(index, 1)
    }
  }

  get tools(): readonly PointerTool[] {
    return this.#tools
  }

  /** Times that edges are drawn to; asked anew for each. @returns the way out */
  addSnapPoints(points: () => Iterable<number>): () => void {
    this.#snapSources.add(points)
    return () => this.#snapSources.delete(points)
  }

  /** @param secondsPerPixel - of the picture that the pointer is on */
  snap(seconds: number, secondsPerPixel: number): number {
    if (!this.snapping) return seconds
    const points = [0, this.durationSeconds]
    if (this.selection) points.push(this.selection.from, this.selection.to)
    for (const source of this.#snapSources) points.push(...source())
    return snapped(seconds, points, SNAP_PIXELS * secondsPerPixel)
  }
}
