import { table } from '../output.ts'
import { type GlobalOptions, madeBy, pickDataset, withSession } from '../session.ts'

/** What people changed, the newest first. */
export function listHistory(
  options: GlobalOptions & { dataset?: string; clip?: number; limit: number },
): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const dataset = options.dataset === undefined ? undefined : await pickDataset(core, options.dataset)
    const { changes } = await core.call('history.list', {
      limit: options.limit,
      ...(dataset && { datasetId: dataset.id }),
      ...(options.clip !== undefined && { clipId: options.clip }),
    })
    output.result(changes, () =>
      changes.length === 0
        ? 'Nothing was changed yet.'
        : table(
            ['change', 'when', 'by', 'what'],
            changes.map(({ id, at, author, act, title, undone }) => [
              String(id),
              at.slice(0, 16).replace('T', ' '),
              author,
              `${act === 'do' ? '' : `${act}: `}${title}${undone ? ' (taken back)' : ''}`,
            ]),
            [0],
          ),
    )
  })
}

export function undoChange(changeId: number, options: GlobalOptions & { author?: string }): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const by = await madeBy(core, options.author)
    const change = await core.call('history.undo', { by, changeId })
    output.result(change, () => `Taken back: ${change.title}`)
  })
}
