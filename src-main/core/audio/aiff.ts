import { SoundfoldError } from '../../contract/errors.ts'
import type { DecodedAudio } from './types.ts'
import { deinterleave } from './wav.ts'
import type { FilePart, WavCodec } from './wav-format.ts'

/** Layout of an AIFF or AIFF-C file: where its samples are and how they are coded. */
export interface AiffFormat {
  codec: WavCodec
  bigEndian: boolean
  sampleRateHz: number
  channels: number
  bitsPerSample: number
  /** Bytes of one sample of all channels. */
  blockAlign: number
  dataOffset: number
  /** Samples per channel that are really there. */
  frames: number
  /** The header promised more than the file has, or its recorder was stopped before it wrote the lengths. */
  truncated: boolean
}

const FORM_BYTES = 12
const CHUNK_HEADER_BYTES = 8
/** COMM up to and with AIFF-C's type of compression. */
const COMMON_BYTES = 22
/** SSND's own fields: offset and block size. */
const SOUND_HEADER_BYTES = 8
const MAX_CHANNELS = 32
const MIN_RATE_HZ = 1000
const MAX_RATE_HZ = 768_000

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
const text = (bytes: Uint8Array, at: number) => String.fromCharCode(...bytes.subarray(at, at + 4))

export function isAiff(bytes: Uint8Array): boolean {
  const kind = text(bytes, 8)
  return text(bytes, 0) === 'FORM' && (kind === 'AIFF' || kind === 'AIFC')
}

function unreadable(name: string, what: string): SoundfoldError {
  return new SoundfoldError('unreadable-audio', `${name} can't be read as AIFF: ${what}.`, {
    hint: 'Replace the file with a whole copy, or take its row out of the metadata.',
  })
}

/**
 * Finds the format and the sample data of AIFF 1.3 and AIFF-C (Apple 1989, 1991), whatever the order of the chunks, by asking
 * for the few bytes that it needs.
 * @param fileBytes - length of the whole file
 * @param name - for the error's text
 * @throws SoundfoldError unreadable-audio | unsupported-audio
 */
export function* findAiffFormat(
  fileBytes: number,
  name: string,
): Generator<FilePart, AiffFormat, Uint8Array> {
  let common: ReturnType<typeof parseCommon> | undefined
  let sound: { offset: number; promised: number } | undefined
  let offset = FORM_BYTES
  while (offset + CHUNK_HEADER_BYTES <= fileBytes && !(common && sound)) {
    const head = yield { offset, length: CHUNK_HEADER_BYTES }
    const id = text(head, 0)
    const size = viewOf(head).getUint32(4)
    const body = offset + CHUNK_HEADER_BYTES
    if (id === 'COMM' && !common)
      common = parseCommon(yield { offset: body, length: Math.min(size, COMMON_BYTES) }, name)
    if (id === 'SSND' && !sound) {
      const fields = yield { offset: body, length: SOUND_HEADER_BYTES }
      const lead = fields.length === SOUND_HEADER_BYTES ? viewOf(fields).getUint32(0) : 0
      const start = body + SOUND_HEADER_BYTES + lead
      sound = { offset: start, promised: Math.max(0, size - SOUND_HEADER_BYTES - lead) }
    }
    // Chunks are padded to even lengths.
    offset = body + size + (size & 1)
  }
  if (!common) throw unreadable(name, 'it has no COMM chunk')
  if (!sound) throw unreadable(name, 'it has no SSND chunk')
  const { statedFrames, ...format } = common
  const there = Math.max(0, fileBytes - sound.offset)
  const { bytes, truncated } = soundBytes(sound.promised, statedFrames * format.blockAlign, there)
  return {
    ...format,
    dataOffset: sound.offset,
    frames: Math.floor(bytes / format.blockAlign),
    truncated,
  }
}

/**
 * The length is stated twice. SSND's counts, as in libsndfile, unless it can't be: 0 or beyond the file's end, as programs
 * leave it that write to a pipe; then COMM's, if that fits. Neither does where the recorder was stopped or the file cut.
 */
function soundBytes(bySound: number, byCommon: number, there: number) {
  if (bySound > 0 && bySound <= there) return { bytes: bySound, truncated: false }
  if (byCommon > 0 && byCommon <= there) return { bytes: byCommon, truncated: false }
  return { bytes: there, truncated: bySound > 0 || byCommon > 0 || there > 0 }
}

/** @param chunk - COMM without its id and size */
function parseCommon(chunk: Uint8Array, name: string) {
  if (chunk.length < 18) throw unreadable(name, 'its COMM chunk is cut short')
  const view = viewOf(chunk)
  const channels = view.getInt16(0)
  const statedFrames = view.getUint32(2)
  const bits = view.getInt16(6)
  const sampleRateHz = Math.round(extended(view, 8))
  if (channels < 1 || channels > MAX_CHANNELS) throw unreadable(name, `it claims ${channels} channels`)
  if (!(sampleRateHz >= MIN_RATE_HZ && sampleRateHz <= MAX_RATE_HZ))
    throw unreadable(name, `it claims a sample rate of ${sampleRateHz} Hz`)
  const compression = chunk.length >= COMMON_BYTES ? text(chunk, 18) : 'NONE'
  const coding = codingOf(compression, bits)
  if (!coding)
    throw new SoundfoldError(
      'unsupported-audio',
      `${name} is coded in a way that is not supported: AIFF-C ${JSON.stringify(compression)}, ${bits} bits.`,
      { hint: 'Convert it to PCM WAV or FLAC.' },
    )
  const { bytes, ...rest } = coding
  return {
    ...rest,
    sampleRateHz,
    channels,
    statedFrames,
    bitsPerSample: 8 * bytes,
    blockAlign: bytes * channels,
  }
}

function codingOf(
  compression: string,
  bits: number,
): { codec: WavCodec; bigEndian: boolean; bytes: number } | undefined {
  switch (compression) {
    case 'NONE':
    case 'twos':
    case 'sowt': {
      // Fewer bits than whole bytes are padded below: they keep their scale.
      const bytes = Math.ceil(bits / 8)
      const codec = ([undefined, 'pcm-s8', 'pcm16', 'pcm24', 'pcm32'] as const)[bytes]
      return codec && { codec, bigEndian: compression !== 'sowt', bytes }
    }
    // QuickTime's names, and what writers on little-endian machines made of them.
    case 'in24':
    case 'in32':
    case 'ni24':
    case '42n1':
    case '42ni':
    case 'ni32':
    case '23ni': {
      const bytes = compression.includes('4') ? 3 : 4
      return { codec: bytes === 3 ? 'pcm24' : 'pcm32', bigEndian: compression.startsWith('in'), bytes }
    }
    case 'raw ':
      return bits === 8 ? { codec: 'pcm8', bigEndian: true, bytes: 1 } : undefined
    case 'fl32':
    case 'FL32':
      return { codec: 'float32', bigEndian: true, bytes: 4 }
    case 'fl64':
    case 'FL64':
      return { codec: 'float64', bigEndian: true, bytes: 8 }
    case 'alaw':
    case 'ALAW':
      return { codec: 'alaw', bigEndian: true, bytes: 1 }
    case 'ulaw':
    case 'ULAW':
      return { codec: 'mulaw', bigEndian: true, bytes: 1 }
    default:
      return undefined
  }
}

/** An 80-bit IEEE 754 extended number: sign and 15 bits of exponent, then a mantissa with its leading one. */
function extended(view: DataView, offset: number): number {
  const exponent = view.getUint16(offset) & 0x7fff
  const mantissa = view.getUint32(offset + 2) * 2 ** 32 + view.getUint32(offset + 6)
  const value = mantissa * 2 ** (exponent - 16_383 - 63)
  return view.getUint16(offset) & 0x8000 ? -value : value
}

/**
 * Decodes a whole AIFF or AIFF-C file; scaled as libsndfile does. What is missing at the end is left out and flagged.
 * @throws SoundfoldError unreadable-audio | unsupported-audio
 */
export function decodeAiff(bytes: Uint8Array, name: string): DecodedAudio {
  const search = findAiffFormat(bytes.length, name)
  let answer = search.next()
  while (!answer.done) {
    const { offset, length } = answer.value
    answer = search.next(bytes.subarray(offset, offset + length))
  }
  const { sampleRateHz, truncated, dataOffset, frames, blockAlign } = answer.value
  const data = bytes.subarray(dataOffset, dataOffset + frames * blockAlign)
  return { sampleRateHz, channels: deinterleave(data, answer.value), truncated }
}
