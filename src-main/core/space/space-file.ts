import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '../atomic-write.ts'

/** Clips as vectors, in rows. */
export interface Space {
  clipIds: Int32Array
  width: number
  /** [clips, width] */
  values: Float32Array
}

/**
 * Magic `SFS1`; uint32 LE clips, width; 16 bytes of sha256 over what follows; int32 LE clip ids; float32 LE values, row-major. See
 * docs/file-formats.md.
 */
const MAGIC = 'SFS1'
const CHECKSUM_BYTES = 16
const HEADER_BYTES = 12 + CHECKSUM_BYTES

const checksum = (bytes: Uint8Array) =>
  createHash('sha256').update(bytes).digest().subarray(0, CHECKSUM_BYTES)

/** @throws SoundfoldError disk-full */
export async function writeSpace(path: string, { clipIds, width, values }: Space): Promise<void> {
  const file = Buffer.alloc(HEADER_BYTES + clipIds.byteLength + values.byteLength)
  file.write(MAGIC, 0, 'latin1')
  file.writeUInt32LE(clipIds.length, 4)
  file.writeUInt32LE(width, 8)
  file.set(new Uint8Array(clipIds.buffer, clipIds.byteOffset, clipIds.byteLength), HEADER_BYTES)
  const at = HEADER_BYTES + clipIds.byteLength
  file.set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at)
  file.set(checksum(file.subarray(HEADER_BYTES)), 12)
  await writeFileAtomic(path, file)
}

/** @returns undefined where there is none, or it is damaged: it is made again */
export async function readSpace(path: string): Promise<Space | undefined> {
  const file = await readFile(path).catch(() => undefined)
  if (!file || file.length < HEADER_BYTES || file.toString('latin1', 0, 4) !== MAGIC) return undefined
  const [clips, width] = [file.readUInt32LE(4), file.readUInt32LE(8)]
  const payload = Uint8Array.from(file.subarray(HEADER_BYTES))
  if (payload.length !== 4 * clips * (1 + width)) return undefined
  if (!checksum(payload).equals(file.subarray(12, HEADER_BYTES))) return undefined
  return {
    clipIds: new Int32Array(payload.buffer, 0, clips),
    width,
    values: new Float32Array(payload.buffer, 4 * clips, clips * width),
  }
}
