import { type Marks, WAVE_BUCKET_SAMPLES, WAVE_LEVEL_FACTOR } from '../../contract/recording.ts'

const FULL_SCALE = 32767
/** Coarser levels than one of so many buckets are no use to anybody: a picture is wider. */
const LEAST_BUCKETS = 512
/** Samples in a row at full scale: as Audacity's "Find Clipping" begins. */
const CLIPPED_SAMPLES = 3
/** Lossy codecs and resampling leave clipped tops a little below full scale. */
const CLIPPED_LEVEL = 0.9999
const SILENT_LEVEL = 10 ** (-60 / 20)
const SILENT_SECONDS = 0.5
/** Of each kind; a recording that is clipped all over needs no more. */
const MOST_MARKS = 2000

export interface WaveLevel {
  bucketSamples: number
  offsetBytes: number
  buckets: number
}

export interface WaveOutline {
  /** All levels, finest first: int16 pairs, minimum and maximum of each bucket over all channels. */
  data: Int16Array
  levels: WaveLevel[]
  frames: number
  clipped: Marks
  silent: Marks
  /** Of the loudest sample, 0..1 and above for clipped float files. */
  peak: number
}

/** The outline of a recording at every zoom, gathered block by block, with where it is clipped and where silent. */
export class WaveOutlineBuilder {
  #pairs = new Int16Array(2 ** 14)
  #count = 0
  #low = 0
  #high = 0
  /** Samples in the bucket that is being filled. */
  #filled = 0
  #frames = 0
  #peak = 0
  /** Samples in a row at full scale, of each channel. */
  readonly #runs: number[] = []
  readonly #clipped: MarkList
  readonly #silent: MarkList
  readonly #clippedLevel: number
  #silentFrom: number | null = null

  /** @param bitsPerSample - of integer samples: coarse ones reach full scale at less than 1 */
  constructor(sampleRateHz: number, bitsPerSample: number | null) {
    this.#clipped = new MarkList(sampleRateHz)
    this.#silent = new MarkList(sampleRateHz, SILENT_SECONDS)
    this.#clippedLevel =
      bitsPerSample !== null && bitsPerSample < 16 ? 1 - 1.5 * 2 ** (1 - bitsPerSample) : CLIPPED_LEVEL
  }

  add(channels: readonly Float32Array[]): void {
    const length = channels[0]?.length ?? 0
    for (let start = 0; start < length; ) {
      const end = Math.min(length, start + WAVE_BUCKET_SAMPLES - this.#filled)
      this.#gather(channels, start, end)
      this.#filled += end - start
      this.#frames += end - start
      start = end
      if (this.#filled === WAVE_BUCKET_SAMPLES) this.#close()
    }
  }

  finish(): WaveOutline {
    if (this.#filled > 0) this.#close()
    if (this.#silentFrom !== null) this.#silent.add(this.#silentFrom, this.#frames)
    let last = this.#pairs.subarray(0, 2 * this.#count)
    const levels = [last]
    while (last.length / 2 > LEAST_BUCKETS) {
      last = coarser(last)
      levels.push(last)
    }
    const data = new Int16Array(levels.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    const described = levels.map((pairs, level): WaveLevel => {
      const offsetBytes = 2 * at
      data.set(pairs, at)
      at += pairs.length
      const bucketSamples = WAVE_BUCKET_SAMPLES * WAVE_LEVEL_FACTOR ** level
      return { bucketSamples, offsetBytes, buckets: pairs.length / 2 }
    })
    return {
      data,
      levels: described,
      frames: this.#frames,
      clipped: this.#clipped.marks,
      silent: this.#silent.marks,
      peak: this.#peak,
    }
  }

  #gather(channels: readonly Float32Array[], start: number, end: number): void {
    channels.forEach((samples, channel) => {
      // Not from 0: the outline of a sound with an offset lies away from it.
      let low = samples[start] ?? 0
      let high = low
      for (let index = start + 1; index < end; index++) {
        const sample = samples[index] ?? 0
        if (sample < low) low = sample
        if (sample > high) high = sample
      }
      if (high >= this.#clippedLevel || low <= -this.#clippedLevel)
        this.#findClipped(samples, start, end, channel)
      else this.#runs[channel] = 0
      const isFirst = this.#filled === 0 && channel === 0
      if (isFirst || low < this.#low) this.#low = low
      if (isFirst || high > this.#high) this.#high = high
    })
  }

  #findClipped(samples: Float32Array, start: number, end: number, channel: number): void {
    let run = this.#runs[channel] ?? 0
    for (let index = start; index < end; index++) {
      run = Math.abs(samples[index] ?? 0) >= this.#clippedLevel ? run + 1 : 0
      if (run >= CLIPPED_SAMPLES) {
        const at = this.#frames + index - start
        this.#clipped.add(at + 1 - run, at + 1)
      }
    }
    this.#runs[channel] = run
  }

  #close(): void {
    if (this.#pairs.length < 2 * this.#count + 2) {
      const larger = new Int16Array(this.#pairs.length * 2)
      larger.set(this.#pairs)
      this.#pairs = larger
    }
    this.#pairs[2 * this.#count] = toInt16(this.#low)
    this.#pairs[2 * this.#count + 1] = toInt16(this.#high)
    this.#count += 1
    const peak = Math.max(-this.#low, this.#high)
    if (peak > this.#peak) this.#peak = peak
    const first = this.#frames - this.#filled
    if (peak < SILENT_LEVEL) this.#silentFrom ??= first
    else if (this.#silentFrom !== null) {
      this.#silent.add(this.#silentFrom, first)
      this.#silentFrom = null
    }
    this.#filled = 0
  }
}

const toInt16 = (value: number) => Math.max(-FULL_SCALE, Math.min(FULL_SCALE, Math.round(value * FULL_SCALE)))

function coarser(pairs: Int16Array): Int16Array<ArrayBuffer> {
  const count = pairs.length / 2
  const result = new Int16Array(2 * Math.ceil(count / WAVE_LEVEL_FACTOR))
  for (let bucket = 0; bucket < result.length / 2; bucket++) {
    const first = bucket * WAVE_LEVEL_FACTOR
    let low = pairs[2 * first] ?? 0
    let high = pairs[2 * first + 1] ?? 0
    for (let index = first + 1; index < Math.min(count, first + WAVE_LEVEL_FACTOR); index++) {
      const [nextLow = 0, nextHigh = 0] = [pairs[2 * index], pairs[2 * index + 1]]
      if (nextLow < low) low = nextLow
      if (nextHigh > high) high = nextHigh
    }
    result[2 * bucket] = low
    result[2 * bucket + 1] = high
  }
  return result
}

/** Stretches in seconds; ones that touch or overlap are one. */
class MarkList {
  readonly #sampleRateHz: number
  readonly #leastSeconds: number
  readonly #stretches: { from: number; to: number }[] = []
  #count = 0
  #lastTo = -1

  constructor(sampleRateHz: number, leastSeconds = 0) {
    this.#sampleRateHz = sampleRateHz
    this.#leastSeconds = leastSeconds
  }

  /** @param from - sample; not before the `from` of the one before */
  add(from: number, to: number): void {
    const [start, end] = [from / this.#sampleRateHz, to / this.#sampleRateHz]
    if (end - start < this.#leastSeconds) return
    const last = this.#stretches.at(-1)
    if (from <= this.#lastTo) {
      if (last && this.#count === this.#stretches.length) last.to = Math.max(last.to, end)
    } else {
      this.#count += 1
      if (this.#stretches.length < MOST_MARKS) this.#stretches.push({ from: start, to: end })
    }
    this.#lastTo = Math.max(this.#lastTo, to)
  }

  get marks(): Marks {
    return { count: this.#count, stretches: this.#stretches }
  }
}
