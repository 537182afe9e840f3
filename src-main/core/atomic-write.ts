import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SoundfoldError } from '../contract/errors.ts'

/**
 * Writes a whole file or nothing: to a temporary name in the same folder, flushed, then renamed over the target. A
 * reader sees the old content or the new, never a part, whatever dies in between.
 * @throws SoundfoldError disk-full
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true })
    throw diskFull(error, path) ?? error
  }
}

/** What is thrown where the disk is full; undefined for any other error. */
export function diskFull(error: unknown, path: string): SoundfoldError | undefined {
  if (!(error instanceof Error && 'code' in error && (error.code === 'ENOSPC' || error.code === 'EDQUOT')))
    return undefined
  return new SoundfoldError('disk-full', `No space is left to write ${path}.`, {
    hint: 'Free some space and start again; what was finished before is kept.',
    cause: error,
  })
}
