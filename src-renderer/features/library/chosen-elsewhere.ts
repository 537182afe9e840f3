import type { ChosenFrom } from '../../../src-main/contract/library.ts'
import type { ClipFilter, ClipSort } from '../../../src-main/contract/model.ts'
import { DEFAULT_SORT } from '../../lib/address/clips.ts'
import { libraryRoute } from '../../lib/route.ts'
import { router } from '../../lib/state/router.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'

interface Chosen {
  datasetId: number
  /** What they are, after their number: “chosen on the map”. */
  title: string
  from: ChosenFrom
}

/** Shows clips in the library that another screen has found. @param more - that narrows them there */
export async function openInLibrary(
  chosen: Chosen,
  more: ClipFilter = {},
  sort: ClipSort = DEFAULT_SORT,
): Promise<void> {
  const filter = await keptAs(chosen)
  if (filter) router.go(libraryRoute({ datasetId: chosen.datasetId, filter: { ...filter, ...more }, sort }))
}

/** Has them decided on one by one. */
export async function auditThem(chosen: Chosen): Promise<void> {
  const filter = await keptAs(chosen)
  if (!filter) return
  const source = { from: 'library', filter, sort: DEFAULT_SORT } as const
  router.go({ screen: 'queue', datasetId: chosen.datasetId, source })
}

async function keptAs(chosen: Chosen): Promise<ClipFilter | undefined> {
  try {
    return await session.call('clips.choose', chosen)
  } catch (error) {
    toasts.fail('The clips could not be listed', error)
  }
}
