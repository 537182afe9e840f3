import { lastFlacFrame } from './flac-frames.ts'
import type { AudioHeader } from './types.ts'
import { unreadableAudio } from './unreadable.ts'

/** Up to the number of samples in STREAMINFO. */
const HEADER_BYTES = 26
/** Of the least block size in samples; that of all blocks where they are alike. */
const LEAST_BLOCK_OFFSET = 8

/**
 * STREAMINFO, the first block of every FLAC file (RFC 9639), and the length by the last frame where STREAMINFO leaves it
 * open, as encoders do that write to a pipe, or where the file was cut.
 * @param head - the file's beginning
 * @param tail - its end, where the last frame is wanted
 * @throws SoundfoldError unreadable-audio
 */
export function parseFlac(
  head: Uint8Array,
  name: string,
  tail?: Uint8Array,
): AudioHeader & { bitsPerSample: number } {
  if (head.length < HEADER_BYTES) throw unreadableAudio(name, 'its header is cut short')
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  // 20 bits of rate, 3 of channels less 1, 5 of bits a sample less 1, 36 of length.
  const packed = view.getUint32(18)
  const sampleRateHz = packed >>> 12
  const channels = ((packed >>> 9) & 7) + 1
  const bitsPerSample = ((packed >>> 4) & 31) + 1
  const stated = (packed & 15) * 2 ** 32 + view.getUint32(22)
  if (sampleRateHz === 0) throw unreadableAudio(name, 'its header has no sample rate')
  const last = tail && lastFlacFrame(tail, { channels, bitsPerSample }, view.getUint16(LEAST_BLOCK_OFFSET))
  const truncated = last !== undefined && last.endFrame < stated
  const frames = stated || (last?.endFrame ?? 0)
  return {
    container: 'flac',
    codec: 'flac',
    sampleRateHz,
    channels,
    bitsPerSample,
    // Of a file that is cut only decoding tells whether its last frame is whole.
    frames: truncated ? null : frames || null,
    durationSeconds: (truncated ? last.startFrame : frames) / sampleRateHz,
    truncated,
  }
}
