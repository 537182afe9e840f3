import type { ClipDetail } from '../../../src-main/contract/model.ts'
import { type ClipsRoute, libraryRoute, type Route } from '../../lib/route.ts'
import { router } from '../../lib/state/router.svelte.ts'

/** How the window shows whichever clip is chosen; kept while one goes from clip to clip. */
class ClipView {
  optionsOpen = $state(false)
  /** Where the page of a clip was opened from. */
  #from: Route | undefined

  /** Opens a clip's own page. @param list - that its next and previous clips are of */
  open(clipId: number, { datasetId, filter, sort }: ClipsRoute): void {
    this.#from = router.route
    router.go({ screen: 'clip', clipId, ...(datasetId === undefined ? {} : { datasetId }), filter, sort })
  }

  /** Back to the screen that the page was opened from, with the clip that it shows now. */
  leave({ id: clipId, datasetId }: Pick<ClipDetail, 'id' | 'datasetId'>, { filter, sort }: ClipsRoute): void {
    const from = this.#from
    const isList = from?.screen === 'library' || from?.screen === 'runs'
    router.go(isList ? { ...from, clipId } : libraryRoute({ datasetId, filter, sort, clipId }))
  }
}

export const clipView = new ClipView()
