import { SoundfoldError } from '../../contract/errors.ts'

/** Layout of a WAV file: where its samples are and how they are coded. */
export interface WavFormat {
  codec: WavCodec
  sampleRateHz: number
  channels: number
  bitsPerSample: number
  /** Bytes of one sample of all channels, or of one ADPCM block. */
  blockAlign: number
  /** Only ADPCM: samples per channel in a block. */
  samplesPerBlock: number
  dataOffset: number
  /** Bytes of sample data that are really there. */
  dataBytes: number
  /** The header promised more data than the file has, or its recorder was stopped before it wrote the length. */
  truncated: boolean
  /** Samples per channel. */
  frames: number
}

export type WavCodec =
  /** Unsigned, as WAV's. */
  | 'pcm8'
  /** Signed, as AIFF's. */
  | 'pcm-s8'
  | 'pcm16'
  | 'pcm24'
  | 'pcm32'
  | 'float32'
  | 'float64'
  | 'alaw'
  | 'mulaw'
  | 'ima-adpcm'
  | 'ms-adpcm'

/** Format tags of RIFF/WAVE (mmreg.h). */
const TAG = { pcm: 1, msAdpcm: 2, float: 3, alaw: 6, mulaw: 7, imaAdpcm: 0x11, extensible: 0xfffe } as const

const CHUNK_HEADER_BYTES = 8
const RIFF_HEADER_BYTES = 12
const UNKNOWN_BYTES = 0xffffffff
/** Where EXTENSIBLE keeps the tag of its sub-format, in the fmt chunk. */
const SUB_FORMAT_OFFSET = 24
const MAX_CHANNELS = 32
const MIN_RATE_HZ = 1000
const MAX_RATE_HZ = 768_000

function unreadable(name: string, what: string): SoundfoldError {
  return new SoundfoldError('unreadable-audio', `${name} can't be read as WAV: ${what}.`, {
    hint: 'Replace the file with a whole copy, or take its row out of the metadata.',
  })
}

/** True for RIFF, RF64 and BW64 files. */
export function isWav(bytes: Uint8Array): boolean {
  const magic = text(bytes, 0)
  return (magic === 'RIFF' || magic === 'RF64' || magic === 'BW64') && text(bytes, 8) === 'WAVE'
}

function text(bytes: Uint8Array, offset: number): string {
  return String.fromCharCode(...bytes.subarray(offset, offset + 4))
}

/** A part of a file that `findWavFormat` asks for; what lies beyond the file's end is left out of the answer. */
export interface FilePart {
  offset: number
  length: number
}

/** The fmt chunk with the longest form of its fields (EXTENSIBLE). */
const FORMAT_BYTES = 40
/** Of ds64: two sizes of 64 bits, the second that of the data chunk. */
const DS64_BYTES = 16

/**
 * Finds the format and the sample data, whatever the order and size of the chunks, by asking for the few bytes that it
 * needs.
 * @param fileBytes - length of the whole file
 * @param name - for the error's text
 * @throws SoundfoldError unreadable-audio | unsupported-audio
 */
export function* findWavFormat(fileBytes: number, name: string): Generator<FilePart, WavFormat, Uint8Array> {
  let format: ReturnType<typeof parseFormat> | undefined
  let data: { offset: number; promised: number; unfinished: boolean } | undefined
  let dataBytes64: number | undefined
  const riff = yield { offset: 0, length: CHUNK_HEADER_BYTES }
  const riffEnd =
    riff.length === CHUNK_HEADER_BYTES ? CHUNK_HEADER_BYTES + viewOf(riff).getUint32(4, true) : 0
  let offset = RIFF_HEADER_BYTES
  while (offset + CHUNK_HEADER_BYTES <= fileBytes && !(format && data)) {
    const head = yield { offset, length: CHUNK_HEADER_BYTES }
    const id = text(head, 0)
    const size = viewOf(head).getUint32(4, true)
    const body = offset + CHUNK_HEADER_BYTES
    if (id === 'ds64') {
      const sizes = yield { offset: body, length: DS64_BYTES }
      if (sizes.length === DS64_BYTES) dataBytes64 = Number(viewOf(sizes).getBigUint64(8, true))
    }
    if (id === 'fmt ' && !format)
      format = parseFormat(yield { offset: body, length: Math.min(size, FORMAT_BYTES) }, name)
    // All ones: the length is in ds64, or was unknown when the header was written. 0 in a file that ends here by its own
    // account: a recorder that was stopped before it came back to write the lengths.
    const unfinished = size === 0 && riffEnd <= body && body < fileBytes
    const isOpen = size === UNKNOWN_BYTES || unfinished
    const length = id === 'data' && isOpen ? (dataBytes64 ?? fileBytes - body) : size
    if (id === 'data' && !data) data = { offset: body, promised: length, unfinished }
    // Chunks are padded to even lengths.
    offset = body + length + (length & 1)
  }
  if (!format) throw unreadable(name, 'it has no fmt chunk')
  if (!data) throw unreadable(name, 'it has no data chunk')
  const there = Math.max(0, fileBytes - data.offset)
  const dataBytes = Math.min(data.promised, there)
  return {
    ...format,
    dataOffset: data.offset,
    dataBytes,
    truncated: data.unfinished || data.promised > there,
    frames: framesIn(format, dataBytes),
  }
}

/** `findWavFormat` over a whole file in memory. */
export function parseWav(bytes: Uint8Array, name: string): WavFormat {
  const search = findWavFormat(bytes.length, name)
  let answer = search.next()
  while (!answer.done) {
    const { offset, length } = answer.value
    answer = search.next(bytes.subarray(offset, offset + length))
  }
  return answer.value
}

const viewOf = (bytes: Uint8Array) => new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)

/** @param chunk - the fmt chunk without its id and size */
function parseFormat(chunk: Uint8Array, name: string) {
  if (chunk.length < 16) throw unreadable(name, 'its fmt chunk is cut short')
  const view = viewOf(chunk)
  let tag = view.getUint16(0, true)
  const channels = view.getUint16(2, true)
  const sampleRateHz = view.getUint32(4, true)
  const blockAlign = view.getUint16(12, true)
  const bitsPerSample = view.getUint16(14, true)
  if (tag === TAG.extensible) {
    if (chunk.length < SUB_FORMAT_OFFSET + 2) throw unreadable(name, 'its fmt chunk is cut short')
    tag = view.getUint16(SUB_FORMAT_OFFSET, true)
  }
  if (channels < 1 || channels > MAX_CHANNELS) throw unreadable(name, `it claims ${channels} channels`)
  if (sampleRateHz < MIN_RATE_HZ || sampleRateHz > MAX_RATE_HZ)
    throw unreadable(name, `it claims a sample rate of ${sampleRateHz} Hz`)
  const codec = codecOf(tag, bitsPerSample)
  if (!codec)
    throw new SoundfoldError(
      'unsupported-audio',
      `${name} is coded in a way that is not supported: format tag 0x${tag.toString(16)}, ${bitsPerSample} bits.`,
      { hint: 'Convert it to PCM WAV or FLAC.' },
    )
  const adpcm = codec === 'ima-adpcm' || codec === 'ms-adpcm'
  if (blockAlign === 0 || (!adpcm && blockAlign !== (channels * bitsPerSample) / 8))
    throw unreadable(
      name,
      `its block size of ${blockAlign} bytes doesn't fit ${channels} × ${bitsPerSample} bits`,
    )
  const headerBytes = codec === 'ima-adpcm' ? 4 : 7
  if (adpcm && (blockAlign <= headerBytes * channels || channels > 2))
    throw unreadable(name, `its ADPCM blocks of ${blockAlign} bytes hold no samples`)
  // Both codecs put two samples of four bits in a byte after each channel's header.
  const samplesPerBlock = adpcm
    ? ((blockAlign - headerBytes * channels) * 2) / channels + (codec === 'ima-adpcm' ? 1 : 2)
    : 1
  return {
    codec,
    sampleRateHz,
    channels,
    bitsPerSample,
    blockAlign,
    samplesPerBlock: Math.floor(samplesPerBlock),
  }
}

function codecOf(tag: number, bits: number): WavCodec | undefined {
  if (tag === TAG.pcm) return ({ 8: 'pcm8', 16: 'pcm16', 24: 'pcm24', 32: 'pcm32' } as const)[bits]
  if (tag === TAG.float) return ({ 32: 'float32', 64: 'float64' } as const)[bits]
  if (tag === TAG.alaw && bits === 8) return 'alaw'
  if (tag === TAG.mulaw && bits === 8) return 'mulaw'
  if (tag === TAG.imaAdpcm && bits === 4) return 'ima-adpcm'
  if (tag === TAG.msAdpcm && bits === 4) return 'ms-adpcm'
  return undefined
}

function framesIn(
  format: Pick<WavFormat, 'codec' | 'channels' | 'blockAlign' | 'samplesPerBlock'>,
  bytes: number,
) {
  const blocks = Math.floor(bytes / format.blockAlign)
  return blocks * format.samplesPerBlock
}
