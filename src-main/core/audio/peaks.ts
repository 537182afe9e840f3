import type { AudioBlock } from './decode-stream.ts'

/**
 * The outline of a waveform: the lowest and highest sample of each bucket over all channels, gathered block by block.
 */
export class PeakBuilder {
  readonly #frames: number
  readonly #count: number
  readonly #peaks: Float32Array
  #at = 0

  /**
   * @param frames - samples per channel that will come; where only their number about is known, what comes beyond goes to the
   *   last bucket
   * @param buckets - at most this many; fewer for a clip with fewer samples
   */
  constructor(frames: number, buckets: number) {
    this.#frames = Math.max(1, frames)
    this.#count = Math.max(1, Math.min(buckets, frames))
    this.#peaks = new Float32Array(this.#count * 2)
  }

  add(channels: AudioBlock['channels']): void {
    const length = channels[0]?.length ?? 0
    for (let start = 0; start < length; ) {
      const place = this.#at + start
      const bucket = Math.min(this.#count - 1, this.#bucketOf(place))
      const bucketEnd = bucket === this.#count - 1 ? Number.POSITIVE_INFINITY : this.#startOf(bucket + 1)
      const end = Math.min(length, start + bucketEnd - place)
      this.#gather(channels, start, end, bucket)
      start = end
    }
    this.#at += length
  }

  /** @returns min, max, min, max, …; −1 … 1 */
  get peaks(): Float32Array {
    return this.#peaks
  }

  #startOf(bucket: number): number {
    return Math.floor((bucket * this.#frames) / this.#count)
  }

  /** The last bucket that starts at or before a sample. */
  #bucketOf(place: number): number {
    const about = Math.floor((place * this.#count) / this.#frames)
    return this.#startOf(about + 1) <= place ? about + 1 : about
  }

  #gather(channels: AudioBlock['channels'], start: number, end: number, bucket: number): void {
    let low = this.#peaks[bucket * 2] ?? 0
    let high = this.#peaks[bucket * 2 + 1] ?? 0
    for (const samples of channels) {
      for (let index = start; index < end; index++) {
        const sample = samples[index] ?? 0
        if (sample < low) low = sample
        if (sample > high) high = sample
      }
    }
    this.#peaks[bucket * 2] = low
    this.#peaks[bucket * 2 + 1] = high
  }
}
