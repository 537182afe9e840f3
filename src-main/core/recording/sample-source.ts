import { closeSync, fstatSync, openSync, readSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { type AiffFormat, findAiffFormat } from '../audio/aiff.ts'
import { toMono } from '../audio/channels.ts'
import { decodeAudio } from '../audio/decode.ts'
import { decodePart } from '../audio/decode-stream.ts'
import { readAudioHeader } from '../audio/header.ts'
import { type FilePart, findWavFormat, type WavFormat } from '../audio/wav-format.ts'

/** Samples of a recording from any place on. */
export interface SampleSource {
  readonly sampleRateHz: number
  readonly channels: number
  /** Samples per channel. */
  readonly frames: number
  /** @returns one array a channel; zeros before the beginning and after the end */
  read(from: number, count: number): Float32Array[]
  close(): void
}

/** Samples of all channels that a compressed file may have to be decoded whole: a minute and a half of mono CD sound. */
export const MOST_DECODED_SAMPLES = 2 ** 22

/**
 * Whether a file can be read (and played by a browser) from any place on, as it is or decoded whole each time; and whether it is long,
 * so that what is made of it is worth keeping.
 */
export async function reachOf(path: string): Promise<{ readable: boolean; long: boolean }> {
  const { container, codec, channels, durationSeconds, sampleRateHz } = await readAudioHeader(path)
  const long = durationSeconds * sampleRateHz * channels > MOST_DECODED_SAMPLES
  return { readable: !long || (container === 'wav' && /^(pcm|float32)/.test(codec)), long }
}

/**
 * Opens a recording that is readable from any place on, see `reachOf`.
 * @throws SoundfoldError missing-file | unreadable-audio | unsupported-audio
 */
export async function openSamples(path: string): Promise<SampleSource> {
  const { container } = await readAudioHeader(path)
  return container === 'wav' || container === 'aiff' ? pcmSource(path, container) : decodedSource(path)
}

/** The mean of the channels, or one of them. */
export function readMono(source: SampleSource, from: number, count: number): Float32Array {
  return toMono(source.read(from, count))
}

let last: { path: string; channels: Float32Array[]; sampleRateHz: number } | undefined

/** One file is kept: its tiles are asked for one after the other. */
async function decodedSource(path: string): Promise<SampleSource> {
  if (last?.path !== path) {
    const bytes = await readFile(path).catch((cause: unknown) => {
      throw new SoundfoldError('missing-file', `${basename(path)} can't be read.`, { cause })
    })
    const { channels, sampleRateHz } = await decodeAudio(bytes, basename(path))
    last = { path, channels, sampleRateHz }
  }
  const { channels, sampleRateHz } = last
  const frames = channels[0]?.length ?? 0
  return {
    sampleRateHz,
    channels: channels.length,
    frames,
    read: (from, count) =>
      channels.map((samples) => {
        const part = new Float32Array(count)
        const start = Math.max(0, from)
        if (start < Math.min(frames, from + count))
          part.set(samples.subarray(start, Math.min(frames, from + count)), start - from)
        return part
      }),
    close: () => {},
  }
}

/** By calls that wait: a thread has nothing else to do, and a small read takes a tenth of the time. */
function pcmSource(path: string, container: 'wav' | 'aiff'): SampleSource {
  const name = basename(path)
  let descriptor: number
  try {
    descriptor = openSync(path, 'r')
  } catch (cause) {
    throw new SoundfoldError('missing-file', `${name} is not there or can't be opened.`, { cause })
  }
  const part = (offset: number, length: number) => {
    const bytes = new Uint8Array(length)
    return bytes.subarray(0, readSync(descriptor, bytes, 0, length, offset))
  }
  let format: WavFormat | AiffFormat
  try {
    const { size } = fstatSync(descriptor)
    format =
      container === 'wav'
        ? searched(findWavFormat(size, name), part)
        : searched(findAiffFormat(size, name), part)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
  const { blockAlign, dataOffset, sampleRateHz, channels } = format
  const perBlock = 'samplesPerBlock' in format ? format.samplesPerBlock : 1
  const frames = Math.floor(format.frames / perBlock) * perBlock
  return {
    sampleRateHz,
    channels,
    frames,
    read(from, count) {
      const start = Math.max(0, from)
      const end = Math.min(frames, from + count)
      const firstBlock = Math.floor(start / perBlock)
      const blocks = Math.max(0, Math.ceil(end / perBlock) - firstBlock)
      const data = part(dataOffset + firstBlock * blockAlign, blocks * blockAlign)
      const read = Math.floor(data.length / blockAlign) * perBlock
      const decoded = read > 0 ? decodePart(data, { ...format, frames: read }) : []
      const skipped = start - firstBlock * perBlock
      return Array.from({ length: channels }, (_, channel) => {
        const samples = decoded[channel]?.subarray(skipped, skipped + Math.max(0, end - start))
        if (samples?.length === count) return samples
        const padded = new Float32Array(count)
        if (samples) padded.set(samples, start - from)
        return padded
      })
    },
    close: () => closeSync(descriptor),
  }
}

function searched<F>(
  search: Generator<FilePart, F, Uint8Array>,
  part: (offset: number, length: number) => Uint8Array,
): F {
  let answer = search.next()
  while (!answer.done) answer = search.next(part(answer.value.offset, answer.value.length))
  return answer.value
}
