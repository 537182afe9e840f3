import { randomBytes } from 'node:crypto'
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, extname, join } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { isDiskFull } from '../atomic-write.ts'

/** Where finished work goes: a folder or file that is not there yet. */
export interface NewPlace {
  /** Absolute. */
  path: string
  /** What to do where that is there already: `number` takes the first free of `path-2`, `path-3` …, before a file's ending. */
  whenTaken: 'number' | 'refuse'
}

const UNFINISHED = '.unfinished-'

/**
 * Makes a folder that appears whole or not at all: `fill` writes into one beside it, which gets its name at the end and is
 * removed when anything goes wrong.
 * @returns what `fill` returned, and the folder's path
 * @throws SoundfoldError conflict where it is there and may not be numbered | disk-full; whatever `fill` throws
 */
export async function makeFolder<R>(
  target: NewPlace,
  fill: (folder: string) => Promise<R>,
): Promise<{ folder: string; result: R }> {
  return inWork(target, async (work) => {
    const result = await fill(work)
    return { folder: await settle(work, target, ''), result }
  })
}

/**
 * The same for one file. @param fill - writes it to the path that it is given
 * @throws SoundfoldError conflict | disk-full; whatever `fill` throws
 */
export async function makeFile(
  target: NewPlace,
  fill: (path: string) => Promise<void>,
): Promise<{ file: string; sizeBytes: number }> {
  return inWork(target, async (work) => {
    const path = join(work, 'file')
    await fill(path)
    const { size } = await stat(path)
    const file = await settle(path, target, extname(target.path))
    await rm(work, { recursive: true, force: true, maxRetries: 3 })
    return { file, sizeBytes: size }
  })
}

/** Work in a folder beside the target, which is removed when anything goes wrong. */
async function inWork<R>(target: NewPlace, work: (folder: string) => Promise<R>): Promise<R> {
  const parent = dirname(target.path)
  if (target.whenTaken === 'refuse' && (await isTaken(target.path))) throw taken(target.path)
  try {
    await mkdir(parent, { recursive: true })
    // Of a program that was killed; a folder of numbered work is the workspace's own, which has one writer.
    if (target.whenTaken === 'number') await removeUnfinished(parent)
    const folder = join(parent, `${UNFINISHED}${randomBytes(6).toString('hex')}`)
    // Not mkdtemp, whose folders nobody else may read.
    await mkdir(folder)
    try {
      return await work(folder)
    } catch (error) {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 })
      throw error
    }
  } catch (error) {
    throw isDiskFull(error) ? diskFull(parent, error) : error
  }
}

async function removeUnfinished(parent: string): Promise<void> {
  for (const name of await readdir(parent))
    if (name.startsWith(UNFINISHED)) await rm(join(parent, name), { recursive: true, force: true })
}

async function settle(work: string, { path, whenTaken }: NewPlace, ending: string): Promise<string> {
  const stem = path.slice(0, path.length - ending.length)
  for (let number = 1; ; number++) {
    const wanted = number === 1 ? path : `${stem}-${number}${ending}`
    if (!(await isTaken(wanted))) {
      await rename(work, wanted)
      return wanted
    }
    if (whenTaken === 'refuse') throw taken(path)
  }
}

const isTaken = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  )

const taken = (path: string) =>
  new SoundfoldError('conflict', `${basename(path)} is there already: ${path}`, {
    hint: 'Name a new one: nothing is overwritten.',
  })

const diskFull = (parent: string, cause: unknown) =>
  new SoundfoldError('disk-full', `No space is left in ${parent} for the export.`, {
    hint: 'Free some space and start again; features that were extracted are kept.',
    cause,
  })

/** Every file below a folder, and what they take. */
export async function contentOf(folder: string): Promise<{ files: number; sizeBytes: number }> {
  const content = { files: 0, sizeBytes: 0 }
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue
    content.files += 1
    content.sizeBytes += (await stat(join(entry.parentPath, entry.name))).size
  }
  return content
}
