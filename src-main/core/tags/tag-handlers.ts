import type { ClipSelection } from '../../contract/library.ts'
import { plural } from '../../contract/words.ts'
import { getDataset } from '../db/datasets.ts'
import { tagCounts, tagCountsOf } from '../db/tags.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import { clipTags } from './clip-tags.ts'

type TagMethod = 'tags.list' | 'tags.add' | 'tags.remove'

/** Words of people's own on clips. */
export function tagHandlers({
  db,
  library,
  journal,
}: Pick<HandlerParts, 'db' | 'library' | 'journal'>): Pick<Handlers, TagMethod> {
  /** Every chosen clip with every tag. */
  const chosen = async (
    datasetId: number,
    selection: ClipSelection,
    tags: readonly string[],
    signal: AbortSignal,
  ) => {
    const clipIds = new Set(await library.selected(datasetId, selection, signal))
    return [...clipIds].flatMap((clipId) => [...new Set(tags)].map((tag) => ({ clipId, tag })))
  }
  const title = (verb: string, tags: readonly string[]) => (changed: readonly { clipId: number }[]) => {
    const clips = new Set(changed.map(({ clipId }) => clipId)).size
    return `${verb} ${plural(clips, ['clip', 'clips'])}: ${[...new Set(tags)].join(', ')}`
  }
  return {
    'tags.list': async ({ datasetId, selection }, signal) => {
      getDataset(db, datasetId)
      return selection
        ? tagCountsOf(db, await library.selected(datasetId, selection, signal))
        : tagCounts(db, datasetId)
    },
    'tags.add': async ({ by, datasetId, selection, tags }, signal) => {
      const subjects = await chosen(datasetId, selection, tags, signal)
      const items = subjects.map((subject) => ({ subject, after: true as const }))
      return journal.record(clipTags, { by, datasetId, items, title: title('Tagged', tags) })
    },
    'tags.remove': async ({ by, datasetId, selection, tags }, signal) => {
      const subjects = await chosen(datasetId, selection, tags, signal)
      const items = subjects.map((subject) => ({ subject, after: null }))
      return journal.record(clipTags, { by, datasetId, items, title: title('Removed tags from', tags) })
    },
  }
}
