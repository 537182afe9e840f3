import { SoundfoldError } from '../../contract/errors.ts'
import type { AudioHeader } from './types.ts'
import { unreadableAudio } from './unreadable.ts'

/** Fields of a page (RFC 3533): their offsets from its `OggS`. */
const PAGE = { flags: 5, granule: 6, segments: 26, table: 27 } as const
const END_OF_STREAM = 4

/** Fields of the Vorbis identification header (Vorbis I, 4.2.2). */
const VORBIS = { channels: 11, sampleRateHz: 12, bytes: 16 } as const

const bufferOf = (bytes: Uint8Array) => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** Opus is decoded at this rate, whatever went in. */
const OPUS_RATE_HZ = 48_000
/** Fields of the Opus identification header (RFC 7845, 5.1). */
const OPUS = { channels: 9, preSkip: 10, bytes: 19 } as const

interface Stream {
  codec: 'vorbis' | 'opus'
  channels: number
  sampleRateHz: number
  /** Samples that the decoder makes before the sound begins; the pages' positions count them. */
  preSkip: number
}

/**
 * The identification header of a Vorbis or Opus stream, and the length by the position that the last whole page states.
 * @param head - the file's beginning
 * @param tail - its end, two pages of 64 KiB or more
 * @throws SoundfoldError unreadable-audio | unsupported-audio
 */
export function parseOgg(head: Uint8Array, tail: Uint8Array, name: string): AudioHeader {
  const { codec, channels, sampleRateHz, preSkip } = oggStream(head, name)
  const position = positionBefore(bufferOf(tail))
  if (position === undefined) throw unreadableAudio(name, 'it holds no whole page with samples')
  const frames = Math.max(0, position - preSkip)
  return {
    container: 'ogg',
    codec,
    sampleRateHz,
    channels,
    bitsPerSample: null,
    frames,
    durationSeconds: frames / sampleRateHz,
    truncated: !oggEndsWhole(tail),
  }
}

/**
 * What the first stream is.
 * @throws SoundfoldError unreadable-audio | unsupported-audio
 */
function oggStream(head: Uint8Array, name: string): Stream {
  const bytes = bufferOf(head)
  // Its first packet begins behind the first page's header and its one lacing value.
  const start = PAGE.table + 1
  const magic = bytes.toString('latin1', start, start + 8)
  let stream: Stream | undefined
  if (magic.startsWith('\x01vorbis') && start + VORBIS.bytes <= bytes.length) {
    const channels = bytes.readUInt8(start + VORBIS.channels)
    const sampleRateHz = bytes.readUInt32LE(start + VORBIS.sampleRateHz)
    stream = { codec: 'vorbis', channels, sampleRateHz, preSkip: 0 }
  } else if (magic === 'OpusHead' && start + OPUS.bytes <= bytes.length) {
    const channels = bytes.readUInt8(start + OPUS.channels)
    const preSkip = bytes.readUInt16LE(start + OPUS.preSkip)
    stream = { codec: 'opus', channels, sampleRateHz: OPUS_RATE_HZ, preSkip }
  }
  if (!stream)
    throw new SoundfoldError('unsupported-audio', `${name} is an Ogg file without a Vorbis or Opus stream.`, {
      hint: 'Convert it to Ogg Vorbis, FLAC or WAV.',
    })
  if (stream.channels === 0 || stream.sampleRateHz === 0)
    throw unreadableAudio(name, `its ${stream.codec} header has no channels or rate`)
  return stream
}

/** @returns whether the last page is there to its last byte and says that the stream ends with it */
export function oggEndsWhole(bytes: Uint8Array): boolean {
  const buffer = bufferOf(bytes)
  const last = pageBefore(buffer, buffer.length)
  return last >= 0 && isWhole(buffer, last) && (buffer.readUInt8(last + PAGE.flags) & END_OF_STREAM) !== 0
}

/** The position stated by the last whole page on which sound ends. */
function positionBefore(buffer: Buffer): number | undefined {
  for (let page = pageBefore(buffer, buffer.length); page >= 0; page = pageBefore(buffer, page - 1)) {
    if (!isWhole(buffer, page)) continue
    // −1: no packet ends on this page. 0: only headers do.
    const granule = Number(buffer.readBigInt64LE(page + PAGE.granule))
    if (granule > 0) return granule
  }
  return undefined
}

const pageBefore = (buffer: Buffer, end: number) => (end < 0 ? -1 : buffer.lastIndexOf('OggS', end, 'latin1'))

function isWhole(buffer: Buffer, page: number): boolean {
  if (page + PAGE.table > buffer.length) return false
  const segments = buffer.readUInt8(page + PAGE.segments)
  const table = buffer.subarray(page + PAGE.table, page + PAGE.table + segments)
  const bytes = table.reduce((sum, length) => sum + length, PAGE.table + segments)
  return table.length === segments && page + bytes <= buffer.length
}
