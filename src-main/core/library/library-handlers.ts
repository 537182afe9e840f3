import type { ChosenFrom } from '../../contract/library.ts'
import { issueClips } from '../db/audit-issues.ts'
import { chosenClips, keepChosen } from '../db/chosen-clips.ts'
import { clipDetail } from '../db/clips.ts'
import { getDataset } from '../db/datasets.ts'
import { removeView, saveView, viewsOfDataset } from '../db/views.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'

type LibraryMethod =
  | 'clips.page'
  | 'clips.facets'
  | 'clips.position'
  | 'clips.ids'
  | 'clips.overview'
  | 'clips.get'
  | 'clips.choose'
  | 'clips.chosen'
  | 'views.list'
  | 'views.save'
  | 'views.remove'

/** Lists of clips, their counts, and what is kept of them by name. */
export function libraryHandlers({
  db,
  library,
  evaluations,
  tell,
}: Pick<HandlerParts, 'db' | 'library' | 'evaluations' | 'tell'>): Pick<Handlers, LibraryMethod> {
  const changed = () => tell({ name: 'changed', payload: { topic: 'views' } })
  const idsOf = async (from: ChosenFrom, signal: AbortSignal): Promise<readonly number[]> => {
    if ('clipIds' in from) return from.clipIds
    if ('searchId' in from) return issueClips(db, from.searchId, from.filter)
    return evaluations.compared(from, signal)
  }
  return {
    'clips.page': (query, signal) => library.page(query, signal),
    'clips.facets': ({ datasetId, filter }, signal) => library.facets(datasetId, filter, signal),
    'clips.position': async (query, signal) => ({ position: await library.position(query, signal) }),
    'clips.ids': async (query, signal) => ({ ids: await library.ids(query, signal) }),
    'clips.overview': ({ datasetId, filter }, signal) => library.overview(datasetId, filter, signal),
    'clips.get': ({ clipId }) => clipDetail(db, clipId),
    'clips.choose': async ({ datasetId, title, from }, signal) => {
      getDataset(db, datasetId)
      return { chosenId: keepChosen(db, { datasetId, title, clipIds: [...(await idsOf(from, signal))] }) }
    },
    'clips.chosen': ({ chosenId }) => {
      const { title, clipIds } = chosenClips(db, chosenId)
      return { title, clips: clipIds.length }
    },

    'views.list': ({ datasetId }) => {
      getDataset(db, datasetId)
      return viewsOfDataset(db, datasetId)
    },
    'views.save': (view) => {
      getDataset(db, view.datasetId)
      const saved = saveView(db, view)
      changed()
      return saved
    },
    'views.remove': ({ viewId }) => {
      removeView(db, viewId)
      changed()
      return {}
    },
  }
}
