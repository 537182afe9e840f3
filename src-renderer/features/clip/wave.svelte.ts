import type { RecordingInfo } from '../../../src-main/contract/recording.ts'
import type { WaveColumns, WaveSource } from '../../lib/components/waveform/wave-columns.ts'
import { session } from '../../lib/state/session.svelte.ts'

/** Of an outline, read at once: 32 kB. */
const CHUNK_BUCKETS = 8192
const BUCKET_BYTES = 4
const MOST_CHUNKS = 40
/** Of sound itself. */
const CHUNK_SAMPLES = 2 ** 16
const MOST_SAMPLE_CHUNKS = 8
/** From this length on a rough outline is asked for while the recording is read. */
const SKETCHED_SECONDS = 300

/** The outline of one recording at every zoom: parts of the stored levels, and samples where they are finer than any level. */
export class ClipWave implements WaveSource {
  readonly clipId: number
  readonly sampleRateHz: number
  readonly frames: number
  info = $state.raw<RecordingInfo>()
  error = $state.raw<unknown>(null)
  #sketch = $state.raw<Int16Array>()
  #arrivals = $state(0)
  readonly #chunks = new Map<string, Int16Array | Float32Array | 'asked'>()
  readonly #ending = new AbortController()
  #opening: Promise<void> | undefined

  constructor(clip: { id: number; sampleRateHz: number; durationSeconds: number }) {
    this.clipId = clip.id
    this.sampleRateHz = clip.sampleRateHz
    this.frames = Math.round(clip.durationSeconds * clip.sampleRateHz)
  }

  /** Asks for what there is to know of it, once. */
  open(): Promise<void> {
    this.#opening ??= this.#open()
    return this.#opening
  }

  stop(): void {
    this.#ending.abort()
  }

  async #open(): Promise<void> {
    const { signal } = this.#ending
    if (this.frames / this.sampleRateHz > SKETCHED_SECONDS)
      void session.media(`clips/${this.clipId}/sketch`, signal).then(
        (buffer) => (this.#sketch = new Int16Array(buffer)),
        // The outline itself says what is wrong.
        () => {},
      )
    try {
      this.info = await session.call('clips.recording', { clipId: this.clipId }, signal)
    } catch (error) {
      if (!signal.aborted) this.error = error
    }
  }

  columns(from: number, samplesPerPixel: number, pixels: number): WaveColumns | null {
    void this.#arrivals
    const { info } = this
    // Beside a longer clip: there is nothing more of this one.
    if (from >= this.frames) return null
    if (!info)
      return this.#sketch
        ? { pairs: this.#sketch, bucketSamples: this.frames / (this.#sketch.length / 2), first: 0 }
        : null
    const level = info.levels.findLast(({ bucketSamples }) => bucketSamples <= samplesPerPixel)
    if (!level) return this.#samples(from, samplesPerPixel * pixels)
    const first = Math.max(0, Math.floor(from / level.bucketSamples))
    const last = Math.min(
      level.buckets - 1,
      Math.ceil((from + samplesPerPixel * pixels) / level.bucketSamples),
    )
    const firstChunk = Math.floor(first / CHUNK_BUCKETS)
    const lastChunk = Math.floor(last / CHUNK_BUCKETS)
    const pairs = new Int16Array(2 * CHUNK_BUCKETS * (lastChunk - firstChunk + 1))
    let missing = false
    for (let chunk = firstChunk; chunk <= lastChunk; chunk++) {
      const count = Math.min(CHUNK_BUCKETS, level.buckets - chunk * CHUNK_BUCKETS)
      const path = `wave/${level.offsetBytes + chunk * CHUNK_BUCKETS * BUCKET_BYTES}/${count * BUCKET_BYTES}`
      const known = this.#chunk(path, MOST_CHUNKS, (buffer) => new Int16Array(buffer))
      if (known instanceof Int16Array) pairs.set(known, 2 * CHUNK_BUCKETS * (chunk - firstChunk))
      else missing = true
    }
    if (missing) return this.#coarser(from, samplesPerPixel, pixels, level.bucketSamples)
    return { pairs, bucketSamples: level.bucketSamples, first: firstChunk * CHUNK_BUCKETS }
  }

  /** What a coarser level that is here shows, until the finer one arrives. */
  #coarser(from: number, samplesPerPixel: number, pixels: number, than: number): WaveColumns | null {
    const levels = this.info?.levels.filter(({ bucketSamples }) => bucketSamples > than) ?? []
    for (const { bucketSamples, offsetBytes, buckets } of levels) {
      const chunk = Math.floor(from / bucketSamples / CHUNK_BUCKETS)
      const end = (from + samplesPerPixel * pixels) / bucketSamples / CHUNK_BUCKETS
      const count = Math.min(CHUNK_BUCKETS, buckets - chunk * CHUNK_BUCKETS)
      const known = this.#chunks.get(
        `wave/${offsetBytes + chunk * CHUNK_BUCKETS * BUCKET_BYTES}/${count * BUCKET_BYTES}`,
      )
      if (known instanceof Int16Array && end <= chunk + 1)
        return { pairs: known, bucketSamples, first: chunk * CHUNK_BUCKETS }
    }
    return null
  }

  #samples(from: number, count: number): WaveColumns | null {
    const firstChunk = Math.max(0, Math.floor(from / CHUNK_SAMPLES))
    const lastChunk = Math.max(
      firstChunk,
      Math.floor(Math.min(this.frames - 1, from + count) / CHUNK_SAMPLES),
    )
    const samples = new Float32Array(CHUNK_SAMPLES * (lastChunk - firstChunk + 1))
    for (let chunk = firstChunk; chunk <= lastChunk; chunk++) {
      const path = `samples/${chunk * CHUNK_SAMPLES}/${CHUNK_SAMPLES}`
      const known = this.#chunk(path, MOST_SAMPLE_CHUNKS, (buffer) => new Float32Array(buffer))
      if (!(known instanceof Float32Array)) return this.#coarser(from, count, 1, 0)
      samples.set(known, CHUNK_SAMPLES * (chunk - firstChunk))
    }
    return { samples, first: firstChunk * CHUNK_SAMPLES }
  }

  #chunk(
    path: string,
    most: number,
    read: (buffer: ArrayBuffer) => Int16Array | Float32Array,
  ): Int16Array | Float32Array | undefined {
    const known = this.#chunks.get(path)
    if (known === undefined) {
      const kind = path.split('/')[0] ?? ''
      const same = [...this.#chunks.keys()].filter((key) => key.startsWith(kind))
      for (const old of same.slice(0, Math.max(0, same.length - most))) this.#chunks.delete(old)
      this.#chunks.set(path, 'asked')
      session.media(`clips/${this.clipId}/${path}`, this.#ending.signal).then(
        (buffer) => {
          this.#chunks.set(path, read(buffer))
          this.#arrivals++
        },
        (error: unknown) => {
          this.#chunks.delete(path)
          if (!this.#ending.signal.aborted) this.error = error
        },
      )
    }
    return known === 'asked' ? undefined : known
  }
}
