import { toMono } from './channels.ts'
import { decodeAudio } from './decode.ts'
import type { AudioBlock } from './decode-stream.ts'
import { sniffContainer } from './header.ts'
import { kernels, Scratch } from './simd.ts'
import { parseWav } from './wav-format.ts'

export interface MonoAudio {
  sampleRateHz: number
  samples: Float32Array
  /** The file promised more than it held. */
  truncated: boolean
}

/** The mean of the channels of a stream's blocks, up to `seconds` or a little more. */
export async function joinMono(blocks: AsyncIterable<AudioBlock>, seconds: number): Promise<MonoAudio> {
  const parts: Float32Array[] = []
  let rateHz = 0
  let frames = 0
  for await (const { channels, sampleRateHz } of blocks) {
    const mono = toMono(channels)
    parts.push(mono)
    rateHz = sampleRateHz
    frames += mono.length
    if (frames >= seconds * sampleRateHz) break
  }
  const samples = new Float32Array(frames)
  let at = 0
  for (const part of parts) {
    samples.set(part, at)
    at += part.length
  }
  return { sampleRateHz: rateHz, samples, truncated: false }
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
    const { codec, channels, dataOffset, frames, sampleRateHz, truncated } = parseWav(bytes, name)
    if (codec === 'pcm16' && channels <= 2) {
      const data = bytes.subarray(dataOffset, dataOffset + 2 * channels * frames)
      return { sampleRateHz, samples: monoOf16(data, channels, frames), truncated }
    }
  }
  const { channels, sampleRateHz, truncated } = await decodeAudio(bytes, name)
  return { sampleRateHz, samples: toMono(channels), truncated }
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
