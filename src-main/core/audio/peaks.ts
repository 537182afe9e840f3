import type { AudioBlock } from './decode-stream.ts'

/**
 * The outline of a waveform: the lowest and highest sample of each bucket over all channels, gathered block by block.
 */
export class PeakBuilder {
  readonly #peaks: Float32Array
  /** Samples per channel that there are buckets for. */
  #frames: number
  readonly #count: number
  readonly #grows: boolean
  #at = 0

  /**
   * @param frames - samples per channel that will come; null where only decoding tells: then buckets are joined in twos each time
   *   they are full, so that half of them or more are used
   * @param buckets - at most this many, an even number; fewer for a clip with fewer samples
   */
  constructor(frames: number | null, buckets: number) {
    this.#grows = frames === null
    this.#frames = Math.max(1, frames ?? buckets)
    this.#count = Math.max(1, Math.min(buckets, this.#frames))
    this.#peaks = new Float32Array(this.#count * 2)
  }

  add(channels: AudioBlock['channels']): void {
    const length = channels[0]?.length ?? 0
    while (this.#grows && this.#at + length > this.#frames) this.#join()
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
    if (!this.#grows) return this.#peaks
    const used = Math.max(1, Math.ceil((this.#at * this.#count) / this.#frames))
    return this.#peaks.slice(0, 2 * used)
  }

  /** Makes room for as much again. */
  #join(): void {
    const peaks = this.#peaks
    for (let bucket = 0; bucket < this.#count; bucket++) {
      const [low = 0, high = 0, nextLow = 0, nextHigh = 0] = peaks.subarray(4 * bucket, 4 * bucket + 4)
      peaks[2 * bucket] = Math.min(low, nextLow)
      peaks[2 * bucket + 1] = Math.max(high, nextHigh)
    }
    this.#frames *= 2
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
