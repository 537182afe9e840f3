import type { Dataset } from '../../../src-main/contract/model.ts'
import { libraryRoute } from '../route.ts'
import { router } from './router.svelte.ts'
import { session } from './session.svelte.ts'
import { settings } from './settings.svelte.ts'

/** Which dataset the window is about: the one that the address names, else the one chosen last, else the first. */
class Selection {
  readonly dataset = $derived.by<Dataset | undefined>(() => {
    const { route } = router
    const all = session.datasets ?? []
    const named = 'datasetId' in route ? route.datasetId : undefined
    return (
      all.find(({ id }) => id === named) ?? all.find(({ id }) => id === settings.values.datasetId) ?? all[0]
    )
  })

  choose(datasetId: number): void {
    settings.change({ datasetId })
    const { screen } = router.route
    const ofDataset = ['train', 'dataset', 'recipes', 'history', 'queue', 'issues', 'map'] as const
    const own = ofDataset.find((one) => one === screen)
    if (own) router.go({ screen: own, datasetId })
    else router.go(libraryRoute({ datasetId }))
  }
}

export const selection = new Selection()
