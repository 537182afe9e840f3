import { FLACDecoder } from '@wasm-audio-decoders/flac'
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis'
import { MPEGDecoder } from 'mpg123-decoder'
import { OggOpusDecoder } from 'ogg-opus-decoder'
import { SoundfoldError } from '../../contract/errors.ts'
import { decodeAiff } from './aiff.ts'
import { parseFlac } from './flac-header.ts'
import { notAudio, sniffContainer } from './header.ts'
import { id3Bytes, parseMp3 } from './mp3-header.ts'
import { oggEndsWhole, parseOgg } from './ogg-header.ts'
import type { DecodedAudio } from './types.ts'
import { decodePlainVorbis } from './vorbis/decode-vorbis.ts'
import { decodeWav } from './wav.ts'

interface WasmDecoder {
  ready: Promise<void>
}
interface WasmOutput {
  channelData: Float32Array[]
  samplesDecoded: number
  sampleRate: number
  errors: { message: string }[]
}

/** Decoders are slow to start and keep state: one a thread and kind, ready for the next file when one is done. */
function shared<D extends WasmDecoder>(
  make: () => D,
  decodeWith: (decoder: D, bytes: Uint8Array) => Promise<WasmOutput>,
) {
  let decoder: D | undefined
  let last: Promise<unknown> = Promise.resolve()
  return (bytes: Uint8Array, name: string): Promise<WasmOutput> => {
    const mine = last.then(async () => {
      decoder ??= make()
      try {
        await decoder.ready
        return await decodeWith(decoder, bytes)
      } catch (error) {
        // The parsers read past the end of a file that is cut short. What broke may break again: the next file gets a new one.
        decoder = undefined
        throw undecodable(name, error instanceof Error ? error.message : String(error), error)
      }
    })
    last = mine.catch(() => {})
    return mine
  }
}

// `decodeFile` leaves its decoder as new.
const decodeVorbis = shared(
  () => new OggVorbisDecoder(),
  (decoder, bytes) => decoder.decodeFile(bytes),
)
const decodeOpus = shared(
  () => new OggOpusDecoder(),
  (decoder, bytes) => decoder.decodeFile(bytes),
)
const decodeFlac = shared(
  () => new FLACDecoder(),
  (decoder, bytes) => decoder.decodeFile(bytes),
)
const decodeMp3 = shared(
  () => new MPEGDecoder({ enableGapless: true }),
  async (decoder, bytes) => {
    const decoded = decoder.decode(bytes)
    await decoder.reset()
    return decoded
  },
)

/**
 * Decodes a whole file: WAV and AIFF in every width, Ogg Vorbis and Opus, FLAC, MP3; known by its content, not its name. Lengths are
 * libsndfile's.
 * @param name - for the error's text
 * @throws SoundfoldError unreadable-audio | unsupported-audio
 */
export async function decodeAudio(bytes: Uint8Array, name: string): Promise<DecodedAudio> {
  switch (sniffContainer(bytes)) {
    case 'wav':
      return decodeWav(bytes, name)
    case 'aiff':
      return decodeAiff(bytes, name)
    case 'ogg': {
      const { codec, frames } = parseOgg(bytes, bytes, name)
      const plain = codec === 'vorbis' ? decodePlainVorbis(bytes) : undefined
      if (plain) return plain
      const decode = codec === 'opus' ? decodeOpus : decodeVorbis
      const decoded = fromWasm(await decode(bytes, name), name)
      // The Opus decoder leaves what the encoder padded at the end.
      const channels = decoded.channels.map((samples) => samples.subarray(0, frames ?? samples.length))
      return { ...decoded, channels, truncated: decoded.truncated || !oggEndsWhole(bytes) }
    }
    case 'flac': {
      const { bitsPerSample, frames } = parseFlac(bytes, name)
      const decoded = scaleFlac(fromWasm(await decodeFlac(bytes, name), name), bitsPerSample)
      const missing = (decoded.channels[0]?.length ?? 0) < (frames ?? 0)
      return { ...decoded, truncated: decoded.truncated || missing }
    }
    case 'mp3': {
      const audio = bytes.subarray(id3Bytes(bytes))
      const { channels, truncated } = parseMp3(audio, audio.length, name)
      const decoded = fromWasm(await decodeMp3(bytes, name), name)
      // mpg123 puts mono on two channels.
      return {
        ...decoded,
        channels: decoded.channels.slice(0, channels),
        truncated: decoded.truncated || truncated,
      }
    }
    default:
      throw notAudio(bytes, name)
  }
}

export function undecodable(name: string, why: string, cause?: unknown): SoundfoldError {
  return new SoundfoldError('unreadable-audio', `${name} can't be decoded: ${why}.`, {
    hint: 'Replace the file with a whole copy, or take its row out of the metadata.',
    cause,
  })
}

function fromWasm(output: WasmOutput, name: string): DecodedAudio {
  if (output.samplesDecoded === 0 || output.channelData.length === 0)
    throw undecodable(name, output.errors[0]?.message ?? 'no samples came out of it')
  return {
    sampleRateHz: output.sampleRate,
    channels: output.channelData,
    truncated: output.errors.length > 0,
  }
}

/** libFLAC's wrapper divides by 2^(bits − 1) − 1; libsndfile, and WAV here, by 2^(bits − 1). In place. */
export function scaleFlac<D extends Pick<DecodedAudio, 'channels'>>(decoded: D, bitsPerSample: number): D {
  const steps = 2 ** (bitsPerSample - 1)
  for (const samples of decoded.channels)
    for (let index = 0; index < samples.length; index++)
      samples[index] = Math.round((samples[index] ?? 0) * (steps - 1)) / steps
  return decoded
}
