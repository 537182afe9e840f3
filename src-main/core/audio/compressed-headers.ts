import { SoundfoldError } from '../../contract/errors.ts'
import type { AudioHeader } from './types.ts'

function unreadable(name: string, what: string): SoundfoldError {
  return new SoundfoldError('unreadable-audio', `${name} can't be read: ${what}.`)
}

function indexOf(bytes: Uint8Array, text: string, from = 0): number {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).indexOf(text, from, 'latin1')
}

/** Offset of a page's granule position after its `OggS`. */
const OGG_GRANULE_OFFSET = 6

/** The Vorbis identification header, and the granule position of the last page (RFC 3533, Vorbis I). */
export function parseOgg(head: Uint8Array, tail: Uint8Array, name: string): AudioHeader {
  const start = indexOf(head, '\x01vorbis')
  if (start < 0 || start + 16 > head.length)
    throw new SoundfoldError('unsupported-audio', `${name} is an Ogg file without a Vorbis stream.`, {
      hint: 'Convert it to Ogg Vorbis, FLAC or WAV.',
    })
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const channels = view.getUint8(start + 11)
  const sampleRateHz = view.getUint32(start + 12, true)
  if (channels === 0 || sampleRateHz === 0)
    throw unreadable(name, 'its Vorbis header has no channels or rate')
  const last = lastPage(tail)
  if (last < 0 || last + 14 > tail.length) throw unreadable(name, 'its end is missing')
  const frames = Number(
    new DataView(tail.buffer, tail.byteOffset, tail.byteLength).getBigInt64(last + OGG_GRANULE_OFFSET, true),
  )
  if (frames <= 0) throw unreadable(name, 'it holds no samples')
  return {
    container: 'ogg',
    codec: 'vorbis',
    sampleRateHz,
    channels,
    bitsPerSample: null,
    frames,
    durationSeconds: frames / sampleRateHz,
    truncated: false,
  }
}

const lastPage = (bytes: Uint8Array) =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).lastIndexOf('OggS', undefined, 'latin1')

/** Length of a page's fields before its table of segment lengths. */
const OGG_PAGE_BYTES = 27
const OGG_END_OF_STREAM = 4

/** @returns whether the last page is there to its last byte and says that the stream ends with it */
export function oggEndsWhole(bytes: Uint8Array): boolean {
  const page = bytes.subarray(Math.max(0, lastPage(bytes)))
  const [segments = 0] = page.subarray(OGG_PAGE_BYTES - 1)
  const table = page.subarray(OGG_PAGE_BYTES, OGG_PAGE_BYTES + segments)
  const pageBytes = table.reduce((sum, length) => sum + length, OGG_PAGE_BYTES + segments)
  return page.length >= pageBytes && ((page[5] ?? 0) & OGG_END_OF_STREAM) !== 0
}

/** STREAMINFO, the first block of every FLAC file (RFC 9639). */
export function parseFlac(head: Uint8Array, name: string): AudioHeader & { bitsPerSample: number } {
  if (head.length < 26) throw unreadable(name, 'its header is cut short')
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const packed = view.getUint32(18)
  const sampleRateHz = packed >>> 12
  const channels = ((packed >>> 9) & 7) + 1
  const bitsPerSample = ((packed >>> 4) & 31) + 1
  const frames = (packed & 15) * 2 ** 32 + view.getUint32(22)
  if (sampleRateHz === 0) throw unreadable(name, 'its header has no sample rate')
  return {
    container: 'flac',
    codec: 'flac',
    sampleRateHz,
    channels,
    bitsPerSample,
    frames: frames || null,
    durationSeconds: frames / sampleRateHz,
    truncated: false,
  }
}

const MP3_RATES_HZ = [44100, 48000, 32000]
const MP3_KBITS_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const MP3_KBITS_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]

/** The first frame of layer III; the length from its Xing header, else from its bit rate (ISO 11172-3). */
export function parseMp3(head: Uint8Array, fileBytes: number, name: string): AudioHeader {
  const tagBytes =
    indexOf(head, 'ID3') === 0
      ? 10 + head.subarray(6, 10).reduce((size, byte) => (size << 7) | (byte & 0x7f), 0)
      : 0
  let at = tagBytes
  while (at + 4 < head.length && !(head[at] === 0xff && ((head[at + 1] ?? 0) & 0xe6) === 0xe2)) at += 1
  const [, second = 0, third = 0, fourth = 0] = head.subarray(at, at + 4)
  const version = (second >> 3) & 3 // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const rate = MP3_RATES_HZ[(third >> 2) & 3]
  const kbits = (version === 3 ? MP3_KBITS_V1 : MP3_KBITS_V2)[third >> 4]
  if (at + 4 >= head.length || version === 1 || !rate || !kbits) throw unreadable(name, 'it has no MP3 frame')
  const sampleRateHz = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4
  const frameSamples = version === 3 ? 1152 : 576
  const xing = Math.max(
    indexOf(head.subarray(at, at + 200), 'Xing'),
    indexOf(head.subarray(at, at + 200), 'Info'),
  )
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  const frames =
    xing >= 0 && at + xing + 12 <= head.length && (view.getUint32(at + xing + 4) & 1) === 1
      ? view.getUint32(at + xing + 8) * frameSamples
      : null
  return {
    container: 'mp3',
    codec: 'mp3',
    sampleRateHz,
    channels: fourth >> 6 === 3 ? 1 : 2,
    bitsPerSample: null,
    frames,
    durationSeconds: frames === null ? ((fileBytes - at) * 8) / (kbits * 1000) : frames / sampleRateHz,
    truncated: false,
  }
}
