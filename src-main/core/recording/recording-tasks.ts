import { type FileHandle, mkdir, open, rename, rm } from 'node:fs/promises'
import { basename, dirname } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import type { RecordingInfo } from '../../contract/recording.ts'
import { refusedWrite, writeFileAtomic } from '../atomic-write.ts'
import { decodeStream } from '../audio/decode-stream.ts'
import { readAudioHeader } from '../audio/header.ts'
import { encodeWav } from '../audio/wav-encode.ts'
import { type MeasureRequest, measureSource } from './measure.ts'
import { openSamples, readMono, type SampleSource } from './sample-source.ts'
import { spectrogramTile, type TileRequest } from './tile.ts'
import { WaveOutlineBuilder } from './wave-outline.ts'

/** Work on one recording, done in a feature thread. */

export interface OutlineTask {
  audioPath: string
  wavePath: string
  infoPath: string
  /** Where a decoded copy is put, for a file that can't be read from any place on. */
  copyPath: string | null
}

/** Passes once over a recording: writes its outline, what there is to know of it, and the copy that is asked for. */
export async function outlineRecording(task: OutlineTask): Promise<RecordingInfo> {
  const header = await readAudioHeader(task.audioPath)
  // Lossy codecs have no width; theirs is that of CDs.
  const bits = (header.bitsPerSample ?? 16) > 16 ? 24 : 16
  const copy = task.copyPath === null ? undefined : await WavCopy.create(task.copyPath, bits)
  try {
    let rateHz = header.sampleRateHz
    let channels = header.channels
    let builder: WaveOutlineBuilder | undefined
    for await (const block of decodeStream(task.audioPath)) {
      rateHz = block.sampleRateHz
      channels = block.channels.length
      builder ??= new WaveOutlineBuilder(rateHz, header.bitsPerSample)
      builder.add(block.channels)
      await copy?.add(block.channels, rateHz)
    }
    await copy?.finish()
    const { data, peak, ...outline } = (builder ?? new WaveOutlineBuilder(rateHz, null)).finish()
    const peakDbfs = peak > 0 ? 20 * Math.log10(peak) : null
    const info: RecordingInfo = { sampleRateHz: rateHz, channels, ...outline, peakDbfs }
    await writeFileAtomic(task.wavePath, new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
    // Last: where it is, everything is.
    await writeFileAtomic(task.infoPath, JSON.stringify(info))
    return info
  } catch (error) {
    await copy?.abandon()
    throw error
  }
}

/** WAV's lengths are 32-bit numbers. */
const MOST_BYTES = 2 ** 32 - 1
const HEADER_BYTES = 44

/** A PCM WAV file that is written block by block, under another name until it is whole. */
class WavCopy {
  readonly #path: string
  readonly #file: FileHandle
  readonly #bits: 16 | 24
  #bytes = 0
  #first: { channels: number; rateHz: number } | undefined

  private constructor(path: string, file: FileHandle, bits: 16 | 24) {
    this.#path = path
    this.#file = file
    this.#bits = bits
  }

  static async create(path: string, bits: 16 | 24): Promise<WavCopy> {
    await mkdir(dirname(path), { recursive: true })
    // What a killed program left of it is of no use.
    return new WavCopy(path, await open(`${path}.part`, 'w'), bits)
  }

  async add(channels: Float32Array[], rateHz: number): Promise<void> {
    this.#first ??= { channels: channels.length, rateHz }
    const samples = encodeWav(channels, rateHz, this.#bits).subarray(HEADER_BYTES)
    if (this.#bytes + samples.length > MOST_BYTES - HEADER_BYTES)
      throw new SoundfoldError('unsupported-audio', `${basename(this.#path)} is too long to be decoded.`, {
        hint: 'Convert it to WAV (RF64), which is read as it is.',
      })
    try {
      await this.#file.write(samples, 0, samples.length, HEADER_BYTES + this.#bytes)
    } catch (error) {
      throw refusedWrite(error, this.#path) ?? error
    }
    this.#bytes += samples.length
  }

  async finish(): Promise<void> {
    const { channels, rateHz } = this.#first ?? { channels: 1, rateHz: 1 }
    const empty = Array.from({ length: channels }, () => [])
    const header = Buffer.from(encodeWav(empty, rateHz, this.#bits))
    header.writeUInt32LE(HEADER_BYTES - 8 + this.#bytes, 4)
    header.writeUInt32LE(this.#bytes, 40)
    await this.#file.write(header, 0, header.length, 0)
    await this.#file.sync()
    await this.#file.close()
    await rename(`${this.#path}.part`, this.#path)
  }

  async abandon(): Promise<void> {
    await this.#file.close().catch(() => {})
    await rm(`${this.#path}.part`, { force: true })
  }
}

async function withSource<R>(path: string, work: (source: SampleSource) => R): Promise<R> {
  const source = await openSamples(path)
  try {
    return work(source)
  } finally {
    source.close()
  }
}

/** @param outputPath - where the tile is kept as well; null for a clip whose tiles are quicker made than read */
export async function makeTile(task: {
  audioPath: string
  request: TileRequest
  outputPath: string | null
}): Promise<Uint8Array> {
  const bytes = await withSource(task.audioPath, (source) => spectrogramTile(source, task.request))
  if (task.outputPath !== null) await writeFileAtomic(task.outputPath, bytes)
  return bytes
}

/** @returns the mean of the channels, float32 */
export function readSamples(task: { audioPath: string; from: number; count: number }): Promise<Uint8Array> {
  return withSource(task.audioPath, (source) => {
    const from = Math.min(source.frames, task.from)
    const samples = readMono(source, from, Math.max(0, Math.min(task.count, source.frames - from)))
    return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength).slice()
  })
}

const SKETCH_STRETCH = 1024

/**
 * A rough outline at once, of a recording that takes a while to read: lowest and highest sample of a short stretch in each bucket.
 * @returns int16 pairs
 */
export function sketchWave(task: { audioPath: string; buckets: number }): Promise<Uint8Array> {
  return withSource(task.audioPath, (source) => {
    const pairs = new Int16Array(2 * task.buckets)
    for (let bucket = 0; bucket < task.buckets; bucket++) {
      const middle = Math.floor(((bucket + 0.5) * source.frames) / task.buckets)
      let low = Number.POSITIVE_INFINITY
      let high = Number.NEGATIVE_INFINITY
      for (const samples of source.read(middle - SKETCH_STRETCH / 2, SKETCH_STRETCH))
        for (const sample of samples) {
          if (sample < low) low = sample
          if (sample > high) high = sample
        }
      pairs[2 * bucket] = Math.max(-32767, Math.round(low * 32767))
      pairs[2 * bucket + 1] = Math.min(32767, Math.round(high * 32767))
    }
    return new Uint8Array(pairs.buffer)
  })
}

export function measureRecording(task: { audioPath: string; request: MeasureRequest }) {
  return withSource(task.audioPath, (source) => measureSource(source, task.request))
}
