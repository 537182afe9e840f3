import { createHash } from 'node:crypto'
import type { FeatureMatrix } from './log-mel.ts'

export type { FeatureMatrix } from './log-mel.ts'

/**
 * A feature file: magic `SFF1`; uint32 LE rows, columns; 16 bytes of sha256 over what follows; float32 LE values,
 * row-major. See docs/file-formats.md.
 */
const MAGIC = 'SFF1'
const CHECKSUM_BYTES = 16
const HEADER_BYTES = 12 + CHECKSUM_BYTES

const checksum = (bytes: Uint8Array) =>
  createHash('sha256').update(bytes).digest().subarray(0, CHECKSUM_BYTES)

export function encodeFeatureFile({ data, rows, frames }: FeatureMatrix): Uint8Array {
  const payload = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const file = Buffer.alloc(HEADER_BYTES + payload.length)
  file.write(MAGIC, 0, 'latin1')
  file.writeUInt32LE(rows, 4)
  file.writeUInt32LE(frames, 8)
  file.set(checksum(payload), 12)
  file.set(payload, HEADER_BYTES)
  return file
}

/** @throws Error when the file is cut short or changed */
export function decodeFeatureFile(bytes: Uint8Array): FeatureMatrix {
  const file = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  if (file.length < HEADER_BYTES || file.toString('latin1', 0, 4) !== MAGIC)
    throw new Error('not a feature file')
  const rows = file.readUInt32LE(4)
  const frames = file.readUInt32LE(8)
  const payload = file.subarray(HEADER_BYTES)
  if (payload.length !== rows * frames * 4) throw new Error('the feature file is cut short')
  if (!checksum(payload).equals(file.subarray(12, HEADER_BYTES)))
    throw new Error('the feature file was changed')
  // A copy, since float32 needs an offset that four divides.
  return { data: new Float32Array(Uint8Array.from(payload).buffer), rows, frames }
}
