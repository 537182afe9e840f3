import { decodeImaAdpcm, decodeMsAdpcm } from './adpcm.ts'
import type { DecodedAudio } from './types.ts'
import { parseWav, type WavCodec } from './wav-format.ts'

/**
 * Decodes a WAV file: PCM of 8, 16, 24 and 32 bits, float of 32 and 64, A-law, mu-law, IMA and MS ADPCM. Scaled as
 * libsndfile does: integers by 2^(bits − 1), floats as they are. What is missing at the end is left out and flagged.
 * @param name - for the error's text
 * @throws SoundfoldError unreadable-audio | unsupported-audio
 */
export function decodeWav(bytes: Uint8Array, name: string): DecodedAudio {
  const format = parseWav(bytes, name)
  const data = bytes.subarray(format.dataOffset, format.dataOffset + format.dataBytes)
  const { sampleRateHz, truncated } = format
  if (format.codec === 'ima-adpcm') return { sampleRateHz, channels: decodeImaAdpcm(data, format), truncated }
  if (format.codec === 'ms-adpcm') return { sampleRateHz, channels: decodeMsAdpcm(data, format), truncated }
  return { sampleRateHz, channels: deinterleave(data, format), truncated }
}

/** How samples lie: all channels of one moment after each other. */
export interface SampleLayout {
  codec: WavCodec
  channels: number
  /** Samples per channel. */
  frames: number
  /** Bytes of one moment. */
  blockAlign: number
  bigEndian?: boolean
}

/** @param data - at least `frames` whole moments */
export function deinterleave(data: Uint8Array, layout: SampleLayout): Float32Array[] {
  const { frames, channels, blockAlign, codec, bigEndian = false } = layout
  const bytesPerSample = blockAlign / channels
  return Array.from({ length: channels }, (_, channel) => {
    const samples = new Float32Array(frames)
    if (frames === 0) return samples
    const start = channel * bytesPerSample
    if (codec === 'pcm16' && !bigEndian) read16(data, start, blockAlign, samples)
    else if (codec === 'pcm24' && !bigEndian) read24(data, start, blockAlign, samples)
    else {
      const read = sampleReader(data, codec, !bigEndian)
      for (let frame = 0; frame < frames; frame++) samples[frame] = read(start + frame * blockAlign)
    }
    return samples
  })
}

/** The machine's order is that of the file. */
const LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1

// The two widths of nearly every clip have loops of their own: a call for each sample takes three times as long.

function read16(data: Uint8Array, start: number, stride: number, samples: Float32Array): void {
  if (LITTLE_ENDIAN && (data.byteOffset + start) % 2 === 0) {
    const values = new Int16Array(data.buffer, data.byteOffset + start, (data.length - start) >> 1)
    const step = stride / 2
    for (let frame = 0, at = 0; frame < samples.length; frame++, at += step)
      samples[frame] = (values[at] ?? 0) / 2 ** 15
    return
  }
  let offset = start
  for (let frame = 0; frame < samples.length; frame++) {
    // The high byte moves to the top of 32 bits, which gives it its sign.
    samples[frame] = (((data[offset] ?? 0) << 16) | ((data[offset + 1] ?? 0) << 24)) / 2 ** 31
    offset += stride
  }
}

function read24(data: Uint8Array, start: number, stride: number, samples: Float32Array): void {
  let offset = start
  for (let frame = 0; frame < samples.length; frame++) {
    const low = ((data[offset] ?? 0) << 8) | ((data[offset + 1] ?? 0) << 16)
    samples[frame] = (low | ((data[offset + 2] ?? 0) << 24)) / 2 ** 31
    offset += stride
  }
}

function sampleReader(data: Uint8Array, codec: WavCodec, littleEndian: boolean): (offset: number) => number {
  const view = new DataView(data.buffer, data.byteOffset, data.byteLength)
  switch (codec) {
    case 'pcm8': // unsigned, around 128
      return (offset) => (view.getUint8(offset) - 128) / 2 ** 7
    case 'pcm-s8':
      return (offset) => view.getInt8(offset) / 2 ** 7
    case 'pcm16':
      return (offset) => view.getInt16(offset, littleEndian) / 2 ** 15
    case 'pcm24': // big-endian only
      return (offset) => ((view.getInt16(offset) << 8) | view.getUint8(offset + 2)) / 2 ** 23
    case 'pcm32':
      return (offset) => view.getInt32(offset, littleEndian) / 2 ** 31
    case 'float32':
      return (offset) => finite(view.getFloat32(offset, littleEndian))
    case 'float64':
      return (offset) => finite(view.getFloat64(offset, littleEndian))
    case 'alaw':
      return (offset) => A_LAW[view.getUint8(offset)] ?? 0
    case 'mulaw':
      return (offset) => MU_LAW[view.getUint8(offset)] ?? 0
    default:
      throw new Error(`${codec} has no samples of its own`)
  }
}

/** A broken float file must not spread NaN into features; float64 may be beyond float32. */
const finite = (sample: number) => (Number.isFinite(Math.fround(sample)) ? sample : 0)

/** ITU-T G.711, 13-bit A-law, to −1 … 1. */
const A_LAW = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = code ^ 0x55
  const exponent = (bits >> 4) & 7
  const mantissa = ((bits & 15) << 4) + 8
  const magnitude = exponent === 0 ? mantissa : (mantissa + 0x100) << (exponent - 1)
  return (bits & 0x80 ? magnitude : -magnitude) / 2 ** 15
})

/** ITU-T G.711, 14-bit mu-law, to −1 … 1. */
const MU_LAW = Float32Array.from({ length: 256 }, (_, code) => {
  const bits = ~code & 0xff
  const magnitude = ((((bits & 15) << 3) + 0x84) << ((bits >> 4) & 7)) - 0x84
  return (bits & 0x80 ? -magnitude : magnitude) / 2 ** 15
})
