import type { AudioHeader } from './types.ts'
import { unreadableAudio } from './unreadable.ts'

/** Of MPEG 1; half of it in MPEG 2, a quarter in MPEG 2.5. */
const RATES_HZ = [44100, 48000, 32000]
const KBITS_V1 = [0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320]
const KBITS_V2 = [0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160]
const ID3_HEADER_BYTES = 10
/** The Xing header lies within so many bytes of the first frame's start. */
const XING_WITHIN_BYTES = 200

/** Length of the ID3v2 tag that the file begins with, or 0. */
export function id3Bytes(head: Uint8Array): number {
  if (String.fromCharCode(...head.subarray(0, 3)) !== 'ID3') return 0
  // Seven bits a byte.
  return ID3_HEADER_BYTES + head.subarray(6, 10).reduce((size, byte) => (size << 7) | (byte & 0x7f), 0)
}

/**
 * The first frame of layer III; the length from its Xing header, else from its bit rate (ISO 11172-3).
 * @param head - the file from the end of its ID3v2 tag on
 * @param audioBytes - length of the file without that tag
 * @throws SoundfoldError unreadable-audio
 */
export function parseMp3(head: Uint8Array, audioBytes: number, name: string): AudioHeader {
  let at = 0
  while (at + 4 < head.length && !(head[at] === 0xff && ((head[at + 1] ?? 0) & 0xe6) === 0xe2)) at += 1
  const [, second = 0, third = 0, fourth = 0] = head.subarray(at, at + 4)
  const version = (second >> 3) & 3 // 3: MPEG 1, 2: MPEG 2, 0: MPEG 2.5
  const rate = RATES_HZ[(third >> 2) & 3]
  const kbits = (version === 3 ? KBITS_V1 : KBITS_V2)[third >> 4]
  if (at + 4 >= head.length || version === 1 || !rate || !kbits)
    throw unreadableAudio(name, 'it has no MP3 frame')
  const sampleRateHz = version === 3 ? rate : version === 2 ? rate / 2 : rate / 4
  const xing = readXing(head.subarray(at), version === 3 ? 1152 : 576)
  const bytes = audioBytes - at
  const share = Math.min(1, bytes / (xing.bytes ?? bytes))
  // Of a file that is cut only decoding tells how many are left.
  const frames = share < 1 ? null : (xing.frames ?? null)
  const durationSeconds =
    xing.frames === undefined ? (bytes * 8) / (kbits * 1000) : (xing.frames / sampleRateHz) * share
  return {
    container: 'mp3',
    codec: 'mp3',
    sampleRateHz,
    channels: fourth >> 6 === 3 ? 1 : 2,
    bitsPerSample: null,
    frames,
    durationSeconds,
    truncated: share < 1,
  }
}

const HAS_FRAMES = 1
const HAS_BYTES = 2
const HAS_CONTENTS = 4
const HAS_QUALITY = 8
/** Of the encoder's delay and padding, 12 bits each, in the LAME extension after the Xing header. */
const LAME_DELAY_OFFSET = 21

/** Samples per channel without the encoder's delay and padding, and bytes from the first frame on, where stated. */
function readXing(frame: Uint8Array, samplesPerFrame: number): { frames?: number; bytes?: number } {
  const buffer = Buffer.from(frame.buffer, frame.byteOffset, frame.byteLength)
  const within = buffer.subarray(0, XING_WITHIN_BYTES)
  const start = Math.max(within.indexOf('Xing'), within.indexOf('Info'))
  if (start < 0 || start + 16 > buffer.length) return {}
  const flags = buffer.readUInt32BE(start + 4)
  const found: { frames?: number; bytes?: number } = {}
  let offset = start + 8
  if (flags & HAS_FRAMES) {
    found.frames = buffer.readUInt32BE(offset) * samplesPerFrame
    offset += 4
  }
  if (flags & HAS_BYTES) {
    found.bytes = buffer.readUInt32BE(offset)
    offset += 4
  }
  if (flags & HAS_CONTENTS) offset += 100
  if (flags & HAS_QUALITY) offset += 4
  const lame = buffer.toString('latin1', offset, offset + 4)
  if (found.frames !== undefined && (lame === 'LAME' || lame === 'Lavc' || lame === 'Lavf')) {
    const [a = 0, b = 0, c = 0] = buffer.subarray(offset + LAME_DELAY_OFFSET, offset + LAME_DELAY_OFFSET + 3)
    found.frames = Math.max(0, found.frames - ((a << 4) | (b >> 4)) - (((b & 15) << 8) | c))
  }
  return found
}
