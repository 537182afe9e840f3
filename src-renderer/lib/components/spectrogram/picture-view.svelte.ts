import type { Cursor } from './cursor.ts'
import { followRange, panRange, secondsAt, shareOf, type TimeRange, zoomRange } from './time-range.ts'

const KEY_ZOOM = 1.5
const KEY_PAN_SHARE = 0.25

/** What all pictures of one clip show together: the same part of its time, and the same cursor. */
export class PictureView {
  readonly durationSeconds: number
  range = $state.raw<TimeRange>({ from: 0, to: 0 })
  cursor = $state.raw<Cursor | null>(null)
  readonly zoomed = $derived.by(() => this.range.to - this.range.from < this.durationSeconds * (1 - 1e-9))

  constructor(durationSeconds: number) {
    this.durationSeconds = durationSeconds
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

  /** Brings the cursor into view after a key moved it. */
  showCursor(cursor: Cursor): void {
    this.follow(Math.min(this.range.to, Math.max(this.range.from, this.cursor?.seconds ?? 0)), cursor.seconds)
    this.cursor = cursor
  }
}
