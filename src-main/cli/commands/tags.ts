import { SoundfoldError } from '../../contract/errors.ts'
import type { ClipSelection } from '../../contract/library.ts'
import type { Dataset } from '../../contract/model.ts'
import type { Core } from '../../core/create-core.ts'
import { table } from '../output.ts'
import { type GlobalOptions, madeBy, pickDataset, withSession } from '../session.ts'

interface TagOptions extends GlobalOptions {
  dataset?: string
  author?: string
  matching?: string
}

export function listTags(options: GlobalOptions & { dataset?: string }): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const dataset = await pickDataset(core, options.dataset)
    const tags = await core.call('tags.list', { datasetId: dataset.id })
    output.result(tags, () =>
      tags.length === 0
        ? `${dataset.name} has no tag yet. Give one: soundfold tag add TAG CLIP…`
        : table(
            ['tag', 'clips'],
            tags.map(({ tag, clips }) => [tag, String(clips)]),
            [1],
          ),
    )
  })
}

/** @param tags - with commas between them */
export function changeTags(
  method: 'tags.add' | 'tags.remove',
  tags: string,
  clips: string[],
  options: TagOptions,
): Promise<void> {
  return withSession(options, async ({ core, output, signal }) => {
    const dataset = await pickDataset(core, options.dataset)
    const selection = await selectionOf(core, dataset, clips, options.matching)
    const by = await madeBy(core, options.author)
    const input = { by, datasetId: dataset.id, selection, tags: tags.split(',') }
    const change = await core.call(method, input, signal)
    output.result(change, () =>
      change
        ? `${change.title}\nTo take it back: soundfold history undo ${change.id}`
        : 'Nothing to change: all of them are so already.',
    )
  })
}

async function selectionOf(
  core: Core,
  { id: datasetId, name: dataset }: Dataset,
  clips: string[],
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
  for (const named of clips) {
    const { rows } = await core.call('clips.page', { datasetId, filter: { text: named }, limit: 500 })
    const found = rows.filter(({ fileName }) => fileName === named).map(({ id }) => id)
    if (found.length > 0) clipIds.push(...found)
    else if (
      /^\d{1,15}$/.test(named) &&
      (await core.call('clips.get', { clipId: Number(named) })).datasetId === datasetId
    )
      clipIds.push(Number(named))
    else throw new SoundfoldError('not-found', `There is no clip ${named} in ${dataset}.`)
  }
  return { clipIds }
}
