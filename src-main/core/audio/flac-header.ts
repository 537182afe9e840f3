import { SoundfoldError } from '../../contract/errors.ts'
import type { AudioHeader } from './types.ts'

/** Up to the number of samples in STREAMINFO. */
const HEADER_BYTES = 26

/**
 * STREAMINFO, the first block of every FLAC file (RFC 9639).
 * @throws SoundfoldError unreadable-audio
 */
export function parseFlac(head: Uint8Array, name: string): AudioHeader & { bitsPerSample: number } {
  if (head.length < HEADER_BYTES) throw unreadable(name, 'its header is cut short')
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength)
  // 20 bits of rate, 3 of channels less 1, 5 of bits a sample less 1, 36 of length.
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

function unreadable(name: string, what: string): SoundfoldError {
  return new SoundfoldError('unreadable-audio', `${name} can't be read: ${what}.`)
}
