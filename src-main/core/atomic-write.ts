import { randomBytes } from 'node:crypto'
import { mkdir, open, rename, rm } from 'node:fs/promises'
import { dirname } from 'node:path'
import { SoundfoldError } from '../contract/errors.ts'

/**
 * Writes a whole file or nothing: to a temporary name in the same folder, flushed, then renamed over the target. A
 * reader sees the old content or the new, never a part, whatever dies in between.
 * @throws SoundfoldError disk-full | workspace-unwritable
 */
export async function writeFileAtomic(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    await mkdir(dirname(path), { recursive: true })
    const file = await open(temporary, 'wx')
    try {
      await file.writeFile(content)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(temporary, path)
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => {})
    throw refusedWrite(error, path) ?? error
  }
}

const codeOf = (error: unknown) => (error instanceof Error && 'code' in error ? String(error.code) : '')

export const isDiskFull = (error: unknown): boolean => ['ENOSPC', 'EDQUOT'].includes(codeOf(error))

/** The last two where a file lies in place of a folder. */
const REFUSED = new Set(['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EEXIST'])

/** What is thrown where the disk is full or may not be written; undefined for any other error. */
export function refusedWrite(error: unknown, path: string): SoundfoldError | undefined {
  if (isDiskFull(error))
    return new SoundfoldError('disk-full', `No space is left to write ${path}.`, {
      hint: 'Free some space and start again; what was finished before is kept.',
      cause: error,
    })
  if (REFUSED.has(codeOf(error)))
    return new SoundfoldError('workspace-unwritable', `${path} can’t be written.`, {
      hint: 'Make its folder one that you may write to, or take another, and start again; what was finished before is kept.',
      cause: error,
    })
  return undefined
}
