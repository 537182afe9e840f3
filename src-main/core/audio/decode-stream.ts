import { type FileHandle, open } from 'node:fs/promises'
import { basename } from 'node:path'
import { FLACDecoder } from '@wasm-audio-decoders/flac'
import { OggVorbisDecoder } from '@wasm-audio-decoders/ogg-vorbis'
import { MPEGDecoder } from 'mpg123-decoder'
import { OggOpusDecoder } from 'ogg-opus-decoder'
import { SoundfoldError } from '../../contract/errors.ts'
import { decodeImaAdpcm, decodeMsAdpcm } from './adpcm.ts'
import { type AiffFormat, findAiffFormat } from './aiff.ts'
import { scaleFlac, undecodable } from './decode.ts'
import { readAudioHeader, readFormat, readPart } from './header.ts'
import type { AudioHeader } from './types.ts'
import { deinterleave } from './wav.ts'
import { findWavFormat, type WavFormat } from './wav-format.ts'

/** A stretch of a file: −1 … 1, one array a channel. */
export interface AudioBlock {
  sampleRateHz: number
  channels: Float32Array[]
}

/** What is read of PCM at once, six seconds of CD sound; of low rates not more than is asked for at once. */
const BLOCK_BYTES = 2 ** 20
const BLOCK_SECONDS = 10
/** Of compressed files about so much is decoded at once, whatever their bit rate. */
const CHUNK_SECONDS = 4
const LEAST_CHUNK_BYTES = 2 ** 12
const MOST_CHUNK_BYTES = 2 ** 18

/**
 * Decodes a file block by block, so that one of many hours is never in memory whole. Put together, the blocks are what
 * `decodeAudio` gives; a file that is cut short ends where it ends.
 * @param chunkBytes - what a compressed file is read by; some seconds' worth if left out
 * @throws SoundfoldError missing-file | unreadable-audio | unsupported-audio; the signal's reason
 */
export async function* decodeStream(
  path: string,
  signal?: AbortSignal,
  chunkBytes?: number,
): AsyncGenerator<AudioBlock> {
  signal?.throwIfAborted()
  const header = await readAudioHeader(path)
  const name = basename(path)
  const file = await open(path, 'r').catch((cause: unknown) => {
    throw new SoundfoldError('missing-file', `${name} is not there or can't be opened.`, { cause })
  })
  const isPcm = header.container === 'wav' || header.container === 'aiff'
  try {
    const blocks = isPcm ? pcmBlocks(file, header, name) : compressedBlocks(file, header, name, chunkBytes)
    for await (const block of blocks) {
      signal?.throwIfAborted()
      yield block
    }
  } finally {
    await file.close()
  }
}

async function* pcmBlocks(file: FileHandle, { container }: AudioHeader, name: string) {
  const { size } = await file.stat()
  const format: WavFormat | AiffFormat =
    container === 'wav'
      ? await readFormat(file, findWavFormat(size, name))
      : await readFormat(file, findAiffFormat(size, name))
  const { blockAlign, dataOffset, sampleRateHz } = format
  const samplesPerBlock = 'samplesPerBlock' in format ? format.samplesPerBlock : 1
  const total = Math.floor(format.frames / samplesPerBlock)
  const perBlock = Math.min(BLOCK_BYTES / blockAlign, (BLOCK_SECONDS * sampleRateHz) / samplesPerBlock)
  const perRead = Math.max(1, Math.floor(perBlock))
  for (let first = 0; first < total; first += perRead) {
    const count = Math.min(perRead, total - first)
    const data = await readPart(file, dataOffset + first * blockAlign, count * blockAlign)
    // The file may have become shorter meanwhile.
    const frames = Math.floor(data.length / blockAlign) * samplesPerBlock
    if (frames === 0) return
    yield { sampleRateHz, channels: decodePart(data, { ...format, frames }) }
  }
}

/** @param data - whole moments or ADPCM blocks; `frames` says how many samples per channel */
export function decodePart(data: Uint8Array, format: WavFormat | AiffFormat): Float32Array[] {
  if ('samplesPerBlock' in format && format.codec === 'ima-adpcm') return decodeImaAdpcm(data, format)
  if ('samplesPerBlock' in format && format.codec === 'ms-adpcm') return decodeMsAdpcm(data, format)
  return deinterleave(data, format)
}

interface Decoded {
  channelData: Float32Array[]
  samplesDecoded: number
  sampleRate: number
}
interface IncrementalDecoder {
  ready: Promise<void>
  decode(bytes: Uint8Array): Decoded | Promise<Decoded>
  flush?(): Promise<Decoded>
  free(): void
}

function decoderFor({ container, codec }: AudioHeader): IncrementalDecoder {
  if (container === 'flac') return new FLACDecoder()
  if (container === 'mp3') return new MPEGDecoder({ enableGapless: true })
  return codec === 'opus' ? new OggOpusDecoder() : new OggVorbisDecoder()
}

async function* compressedBlocks(
  file: FileHandle,
  header: AudioHeader,
  name: string,
  givenChunkBytes?: number,
) {
  const decoder = decoderFor(header)
  // Only Ogg's pages state where its sound ends; what decoders leave behind that is padding.
  let left = header.container === 'ogg' && header.frames !== null ? header.frames : Number.POSITIVE_INFINITY
  let isSilent = true
  const blockOf = ({ channelData, samplesDecoded, sampleRate }: Decoded): AudioBlock | undefined => {
    const count = Math.min(samplesDecoded, left)
    if (count <= 0 || channelData.length === 0) return undefined
    left -= count
    isSilent = false
    // mpg123 puts mono on two channels.
    const channels = channelData.slice(0, header.channels).map((samples) => samples.subarray(0, count))
    const block = { sampleRateHz: sampleRate, channels }
    return header.container === 'flac' ? scaleFlac(block, header.bitsPerSample ?? 16) : block
  }
  try {
    await decoder.ready
    const { size } = await file.stat()
    const chunkBytes = givenChunkBytes ?? chunkBytesFor(size, header.durationSeconds)
    for (let offset = 0; offset < size && left > 0; offset += chunkBytes) {
      const block = blockOf(await decoder.decode(await readPart(file, offset, chunkBytes)))
      if (block) yield block
    }
    const last = decoder.flush && left > 0 ? blockOf(await decoder.flush()) : undefined
    if (last) yield last
    if (isSilent) throw undecodable(name, 'no samples came out of it')
  } catch (error) {
    if (error instanceof SoundfoldError) throw error
    throw undecodable(name, error instanceof Error ? error.message : String(error), error)
  } finally {
    freed(decoder)
  }
}

function chunkBytesFor(fileBytes: number, durationSeconds: number): number {
  const bytes = durationSeconds > 0 ? (fileBytes / durationSeconds) * CHUNK_SECONDS : MOST_CHUNK_BYTES
  return Math.round(Math.min(MOST_CHUNK_BYTES, Math.max(LEAST_CHUNK_BYTES, bytes)))
}

function freed(decoder: IncrementalDecoder): void {
  try {
    decoder.free()
  } catch {
    // One that broke on the file may break again; it goes with its memory.
  }
}
