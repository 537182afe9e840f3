import { basename } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { decodeStream } from './decode-stream.ts'
import { readAudioHeader } from './header.ts'
import { encodeWav } from './wav-encode.ts'

const HEADER_BYTES = 44
const SAMPLE_BYTES = 2
const SCALE = 2 ** 15
/** WAV's lengths are 32-bit numbers. */
const MAX_BYTES = 2 ** 32 - 1

/**
 * Any clip as a WAV file of 16 bits, encoded block by block: of a long one nothing but the result is in memory.
 * @returns what `encodeWav` gives for the decoded clip
 * @throws SoundfoldError missing-file | unreadable-audio | unsupported-audio, also for a clip that no WAV file can hold
 */
export async function playableWav(path: string, signal?: AbortSignal): Promise<Uint8Array> {
  const { container, frames, sampleRateHz, channels } = await readAudioHeader(path)
  // What a damaged header of another container states may be anything; these two state what is there.
  const knownFrames = container === 'wav' || container === 'aiff' ? (frames ?? 0) : 0
  let bytes = new Uint8Array(Math.min(MAX_BYTES, HEADER_BYTES + knownFrames * channels * SAMPLE_BYTES))
  let end = HEADER_BYTES
  let rateHz = sampleRateHz
  for await (const block of decodeStream(path, signal)) {
    rateHz = block.sampleRateHz
    const blockBytes = (block.channels[0]?.length ?? 0) * block.channels.length * SAMPLE_BYTES
    if (end + blockBytes > MAX_BYTES) throw tooLong(path)
    if (end + blockBytes > bytes.length) bytes = grown(bytes, end + blockBytes)
    writeSamples(block.channels, bytes, end)
    end += blockBytes
  }
  bytes.set(headerFor(end - HEADER_BYTES, channels, rateHz))
  // What is handed to another thread is copied with all its buffer.
  return Buffer.from(end === bytes.length ? bytes.buffer : bytes.buffer.slice(0, end))
}

function grown(bytes: Uint8Array, least: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(Math.min(MAX_BYTES, Math.max(least, Math.ceil(bytes.length * 1.5))))
  larger.set(bytes)
  return larger
}

/** Of 16 bits, little-endian. */
function writeSamples(channels: readonly Float32Array[], bytes: Uint8Array, start: number): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset)
  channels.forEach((samples, channel) => {
    let offset = start + channel * SAMPLE_BYTES
    for (let frame = 0; frame < samples.length; frame++) {
      const value = Math.round((samples[frame] ?? 0) * SCALE)
      view.setInt16(offset, Math.max(-SCALE, Math.min(SCALE - 1, value)), true)
      offset += channels.length * SAMPLE_BYTES
    }
  })
}

function headerFor(dataBytes: number, channels: number, sampleRateHz: number): Uint8Array {
  const header = encodeWav(
    Array.from({ length: channels }, () => []),
    sampleRateHz,
  )
  const view = new DataView(header.buffer, header.byteOffset)
  view.setUint32(4, HEADER_BYTES - 8 + dataBytes, true)
  view.setUint32(40, dataBytes, true)
  return header
}

function tooLong(path: string): SoundfoldError {
  return new SoundfoldError('unsupported-audio', `${basename(path)} is too long to be played as WAV.`, {
    hint: 'Convert it to Ogg Vorbis, MP3 or FLAC, which are played as they are.',
  })
}
