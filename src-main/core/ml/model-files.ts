import { join } from 'node:path'
import { writeFileAtomic } from '../atomic-write.ts'

/** Where a fold's model lies in its run's folder: `fold-N.json` says what it is, `fold-N.bin` holds its arrays. */
export const modelPaths = (folder: string, fold: number) => ({
  json: join(folder, `fold-${fold}.json`),
  bin: join(folder, `fold-${fold}.bin`),
})

/** @throws SoundfoldError disk-full */
export async function writeModelFiles(
  folder: string,
  fold: number,
  description: object,
  bytes: Uint8Array,
): Promise<void> {
  const { json, bin } = modelPaths(folder, fold)
  await writeFileAtomic(bin, bytes)
  await writeFileAtomic(json, JSON.stringify(description, null, 2))
}

/** One array after the other, as they lie in memory: little-endian. */
export function bytesOfArrays(arrays: readonly ArrayBufferView[]): Buffer {
  return Buffer.concat(
    arrays.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength)),
  )
}
