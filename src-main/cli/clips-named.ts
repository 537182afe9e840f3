import { SoundfoldError } from '../contract/errors.ts'
import type { ClipSelection } from '../contract/library.ts'
import type { Core } from '../core/create-core.ts'

/** A dataset as commands have it. */
interface Named {
  id: number
  name: string
}

/** The clips that are named by number or file name, or have a text in their name, recording, class or tags. */
export async function selectionOf(
  core: Core,
  dataset: Named,
  clips: readonly string[],
  text: string | undefined,
): Promise<ClipSelection> {
  if (clips.length > 0 && text !== undefined)
    throw new SoundfoldError('invalid-input', 'Clips are named one by one or by --matching, not by both.')
  if (text !== undefined) return { filter: { text }, except: [] }
  if (clips.length === 0)
    throw new SoundfoldError('invalid-input', 'No clip is named.', {
      hint: 'Name clips by number or file name, or many by --matching TEXT.',
    })
  const clipIds: number[] = []
  for (const named of clips) clipIds.push(...(await clipsCalled(core, dataset, named)))
  return { clipIds }
}

/** @throws SoundfoldError not-found | invalid-input for a file name that several clips have */
export async function clipNamed(core: Core, dataset: Named, text: string): Promise<number> {
  const [found, ...others] = await clipsCalled(core, dataset, text)
  if (found !== undefined && others.length === 0) return found
  throw new SoundfoldError('invalid-input', `${others.length + 1} clips are called ${text}.`, {
    hint: `Give the number of one: ${[found, ...others].join(', ')}.`,
  })
}

/** One at least. @throws SoundfoldError not-found */
async function clipsCalled(core: Core, { id: datasetId, name }: Named, text: string): Promise<number[]> {
  const filter = { text: text.slice(0, 200) }
  const { rows } = await core.call('clips.page', { datasetId, filter, limit: 500 })
  const found = rows.filter(({ fileName }) => fileName === text).map(({ id }) => id)
  if (found.length > 0) return found
  if (/^\d{1,15}$/.test(text)) {
    const clip = await core.call('clips.get', { clipId: Number(text) })
    if (clip.datasetId === datasetId) return [clip.id]
  }
  throw new SoundfoldError('not-found', `There is no clip ${text} in ${name}.`, {
    hint: 'Give the file name as the library shows it, or the number of the clip.',
  })
}
