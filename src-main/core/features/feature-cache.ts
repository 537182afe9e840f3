import { randomBytes } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import type { CachePart } from '../../contract/model.ts'

/** Folders beside those of recipes, which are named by their hash. */
const OTHERS: Readonly<Record<string, string>> = {
  measures: 'Measurements for audits',
  peaks: 'Waveforms',
  summary: 'Clip-level numbers',
  thumbnails: 'Small pictures',
  waves: 'Outlines of clips at every zoom',
  tiles: 'Spectrograms of long recordings',
  decoded: 'Decoded copies of long compressed recordings',
}
const REMOVED = '.removed-'

/**
 * What a workspace's `features` folder holds, largest first: a part for each recipe, by its hash, and one for each other thing
 * that is made of clips.
 * @param names - of recipes by hash
 */
export async function cacheParts(
  workspaceFolder: string,
  names: ReadonlyMap<string, string>,
): Promise<CachePart[]> {
  const parts: CachePart[] = []
  for (const id of await partsIn(join(workspaceFolder, 'features'))) {
    const content = await contentOf(join(workspaceFolder, 'features', id))
    parts.push({ id, name: names.get(id) ?? OTHERS[id] ?? null, isRecipe: !(id in OTHERS), ...content })
  }
  return parts.sort((a, b) => b.sizeBytes - a.sizeBytes)
}

/**
 * Removes parts of the cache; what is needed again is made again. Each goes at once, by a new name, before its files do.
 * @throws SoundfoldError not-found for a part that is not there; nothing is removed then
 */
export async function pruneCache(workspaceFolder: string, ids: readonly string[]): Promise<void> {
  const folder = join(workspaceFolder, 'features')
  const there = new Set(await partsIn(folder))
  const missing = ids.find((id) => !there.has(id))
  if (missing !== undefined)
    throw new SoundfoldError('not-found', `The feature cache has no part "${missing}".`, {
      hint: 'soundfold features cache lists them.',
    })
  for (const id of new Set(ids))
    await rename(join(folder, id), join(folder, `${REMOVED}${randomBytes(6).toString('hex')}`))
  // Those of a program that was killed meanwhile, too.
  for (const name of await readdir(folder))
    if (name.startsWith(REMOVED)) await rm(join(folder, name), { recursive: true, force: true })
}

async function partsIn(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map(({ name }) => name)
}

async function contentOf(folder: string): Promise<{ files: number; sizeBytes: number }> {
  const content = { files: 0, sizeBytes: 0 }
  for (const group of await readdir(folder)) {
    const names = await readdir(join(folder, group)).catch(() => [])
    const sizes = await Promise.all(
      names.map((name) =>
        stat(join(folder, group, name)).then(
          ({ size }) => size,
          () => null,
        ),
      ),
    )
    for (const size of sizes) {
      if (size === null) continue
      content.files += 1
      content.sizeBytes += size
    }
  }
  return content
}
