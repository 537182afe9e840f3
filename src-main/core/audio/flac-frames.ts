import type { AudioHeader } from './types.ts'

/** What a frame says of itself; samples per channel, from the clip's beginning. */
interface FlacFrame {
  startFrame: number
  endFrame: number
}

/** Sync code and a fixed, or a variable, block size (RFC 9639, 9.1). */
const SYNC = 0xff
const FIXED_BLOCKS = 0xf8
const VARIABLE_BLOCKS = 0xf9
const LEAST_HEADER_BYTES = 6
const CRC8_POLYNOMIAL = 0x07
/** Bits per sample by their code; 0 stands for STREAMINFO's. */
const SAMPLE_BITS = [0, 8, 12, undefined, 16, 20, 24, 32]

const crc8Table = Uint8Array.from({ length: 256 }, (_, byte) => {
  let crc = byte
  for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ (crc & 0x80 ? CRC8_POLYNOMIAL : 0)) & 0xff
  return crc
})

/**
 * The last frame of a FLAC stream, by its header: it tells the length where STREAMINFO does not, and where a file was cut.
 * @param tail - the file's end
 * @param blockSize - STREAMINFO's, samples per channel
 * @returns undefined where no frame begins in the tail
 */
export function lastFlacFrame(
  tail: Uint8Array,
  { channels, bitsPerSample }: Pick<AudioHeader, 'channels' | 'bitsPerSample'>,
  blockSize: number,
): FlacFrame | undefined {
  for (let at = tail.length - LEAST_HEADER_BYTES; at >= 0; at--) {
    if (tail[at] !== SYNC) continue
    const frame = frameAt(tail, at, channels, bitsPerSample ?? 0, blockSize)
    if (frame) return frame
  }
  return undefined
}

/** @returns undefined for bytes that only look like a frame: the checksum, or what they state of the stream, is another */
function frameAt(
  bytes: Uint8Array,
  at: number,
  channels: number,
  bits: number,
  streamBlockSize: number,
): FlacFrame | undefined {
  const [, kind = 0, sizes = 0, layout = 0] = bytes.subarray(at, at + 4)
  if (kind !== FIXED_BLOCKS && kind !== VARIABLE_BLOCKS) return undefined
  const channelCode = layout >> 4
  const sampleBits = SAMPLE_BITS[(layout >> 1) & 7]
  // Codes 8 to 10 are two channels by their sum or difference.
  const frameChannels = channelCode < 8 ? channelCode + 1 : channelCode < 11 ? 2 : 0
  if (layout & 1 || frameChannels !== channels || (sampleBits !== 0 && sampleBits !== bits)) return undefined
  const number = codedNumber(bytes, at + 4)
  if (!number) return undefined
  let end = number.end
  const sizeCode = sizes >> 4
  const rateCode = sizes & 15
  if (sizeCode === 0 || rateCode === 15) return undefined
  const size = blockSizeOf(sizeCode, bytes[end] ?? 0, bytes[end + 1] ?? 0)
  if (sizeCode === 6) end += 1
  if (sizeCode === 7) end += 2
  if (rateCode === 12) end += 1
  if (rateCode === 13 || rateCode === 14) end += 2
  const crc = bytes.subarray(at, end).reduce((sum, byte) => crc8Table[sum ^ byte] ?? 0, 0)
  if (end >= bytes.length || bytes[end] !== crc) return undefined
  const startFrame = kind === FIXED_BLOCKS ? number.value * streamBlockSize : number.value
  return { startFrame, endFrame: startFrame + size }
}

function blockSizeOf(code: number, first: number, second: number): number {
  if (code === 1) return 192
  if (code <= 5) return 576 << (code - 2)
  if (code === 6) return first + 1
  if (code === 7) return ((first << 8) | second) + 1
  return 256 << (code - 8)
}

/** A number of up to 36 bits, coded as UTF-8 codes its up to 21. */
function codedNumber(bytes: Uint8Array, at: number): { value: number; end: number } | undefined {
  const first = bytes[at] ?? 0
  if (first < 0x80) return { value: first, end: at + 1 }
  const leadingOnes = Math.clz32(~(first << 24))
  if (leadingOnes < 2 || leadingOnes > 7) return undefined
  let value = first & (0x7f >> leadingOnes)
  for (let index = 1; index < leadingOnes; index++) {
    const byte = bytes[at + index] ?? 0
    if (byte >> 6 !== 2) return undefined
    value = value * 64 + (byte & 63)
  }
  return { value, end: at + leadingOnes }
}
