import { readFileSync, statSync } from 'node:fs'
import { basename } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { toMono } from './channels.ts'
import { decodeAudio } from './decode.ts'
import { decodeStream } from './decode-stream.ts'
import { readAudioHeader, sniffContainer } from './header.ts'
import { kernels, Scratch } from './simd.ts'
import { parseWav } from './wav-format.ts'

export interface MonoAudio {
  sampleRateHz: number
  samples: Float32Array
}

/** Files larger than this may hold more than `MOST_SAMPLES`. */
const SURELY_SHORT_BYTES = 2 ** 20
/** Of all channels: 64 MiB, six minutes of stereo. */
const MOST_SAMPLES = 2 ** 24

/**
 * The mean of a file's channels from its beginning. A long file is decoded block by block, and only as far as is needed.
 * @param seconds - needed at least; what there is more of a short file is there, too
 * @throws SoundfoldError missing-file | unreadable-audio | unsupported-audio
 */
export async function decodeMonoStart(path: string, seconds: number): Promise<MonoAudio> {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0
  if (size > SURELY_SHORT_BYTES) {
    const { sampleRateHz, channels, durationSeconds } = await readAudioHeader(path)
    if (durationSeconds * sampleRateHz * channels > MOST_SAMPLES) return streamedMono(path, seconds)
  }
  return decodeMono(readAudio(path), basename(path))
}

/** A thread has nothing else to do meanwhile, and reading at once takes half the time. */
function readAudio(path: string): Uint8Array {
  try {
    return readFileSync(path)
  } catch (error) {
    throw new SoundfoldError('missing-file', `${basename(path)} can't be read: it is missing or locked.`, {
      hint: 'If the folder was moved, relink the dataset.',
      cause: error,
    })
  }
}

async function streamedMono(path: string, seconds: number): Promise<MonoAudio> {
  const parts: Float32Array[] = []
  let sampleRateHz = 0
  let frames = 0
  for await (const block of decodeStream(path)) {
    const mono = toMono(block.channels)
    parts.push(mono)
    // Some headers state another rate than the frames behind them: that of the samples counts.
    sampleRateHz = block.sampleRateHz
    frames += mono.length
    if (frames >= seconds * sampleRateHz) break
  }
  const samples = new Float32Array(frames)
  let at = 0
  for (const part of parts) {
    samples.set(part, at)
    at += part.length
  }
  return { sampleRateHz, samples }
}

const source = new Scratch()
const target = new Scratch()

/**
 * `decodeAudio` and the mean of its channels. 16-bit WAV files of one or two channels, which most clips are, take one pass
 * instead of three.
 * @param name - for the error's text
 * @throws SoundfoldError unreadable-audio | unsupported-audio
 */
export async function decodeMono(bytes: Uint8Array, name: string): Promise<MonoAudio> {
  if (sniffContainer(bytes) === 'wav') {
    const { codec, channels, dataOffset, frames, sampleRateHz } = parseWav(bytes, name)
    if (codec === 'pcm16' && channels <= 2) {
      const data = bytes.subarray(dataOffset, dataOffset + 2 * channels * frames)
      return { sampleRateHz, samples: monoOf16(data, channels, frames) }
    }
  }
  const { channels, sampleRateHz } = await decodeAudio(bytes, name)
  return { sampleRateHz, samples: toMono(channels) }
}

/** @param data - little-endian, as WebAssembly's memory is everywhere */
function monoOf16(data: Uint8Array, channels: number, frames: number): Float32Array {
  const input = source.ofLength(data.length / 4 + 4)
  const output = target.ofLength(frames + 8)
  new Uint8Array(input.view.buffer, input.pointer, data.length).set(data)
  if (channels === 1) kernels.mono16(input.pointer, frames, output.pointer)
  else kernels.stereo16(input.pointer, frames, output.pointer)
  return output.view.slice(0, frames)
}
