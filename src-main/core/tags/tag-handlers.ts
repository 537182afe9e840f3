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
  const clipsIn = (changed: readonly { clipId: number }[]) =>
    plural(new Set(changed.map(({ clipId }) => clipId)).size, ['clip', 'clips'])
  const inWords = (tags: readonly string[]) => [...new Set(tags)].join(', ')
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
      const title = (changed: readonly { clipId: number }[]) => `Tagged ${clipsIn(changed)}: ${inWords(tags)}`
      return journal.record(clipTags, { by, datasetId, items, title })
    },
    'tags.remove': async ({ by, datasetId, selection, tags }, signal) => {
      const subjects = await chosen(datasetId, selection, tags, signal)
      const items = subjects.map((subject) => ({ subject, after: null }))
      const title = (changed: readonly { clipId: number }[]) =>
        `Removed tags from ${clipsIn(changed)}: ${inWords(tags)}`
      return journal.record(clipTags, { by, datasetId, items, title })
    },
  }
}
