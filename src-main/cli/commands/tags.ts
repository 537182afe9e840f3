import { selectionOf } from '../clips-named.ts'
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
