import { toErrorShape } from '../../../src-main/contract/errors.ts'
import type { ClipFilter, ClipRow, ClipSort } from '../../../src-main/contract/model.ts'
import { PagedList } from '../../lib/state/paged-list.svelte.ts'
import { session } from '../../lib/state/session.svelte.ts'

export interface ClipQuery {
  readonly datasetId: number
  readonly filter: ClipFilter
  readonly sort: ClipSort
}

/** The clips that fit a query. */
export class ClipList extends PagedList<ClipQuery, ClipRow> {
  #located = $state.raw<{ clipId: number; index: number } | null>(null)

  constructor() {
    super((query, signal) => session.call('clips.page', query, signal))
  }

  override open(query: ClipQuery): () => void {
    this.#located = null
    return super.open(query)
  }

  /** Where a clip stands; −1 while that is not known, or the list is without it. */
  indexOf(clipId: number | undefined): number {
    const index = this.findIndex(({ id }) => id === clipId)
    return index < 0 && clipId !== undefined && this.#located?.clipId === clipId ? this.#located.index : index
  }

  /** Asks where a clip stands whose row is not here. */
  async locate(clipId: number): Promise<void> {
    const { query } = this
    const { signal } = this.running
    if (!query || this.indexOf(clipId) >= 0) return
    try {
      const { position } = await session.call('clips.position', { ...query, clipId }, signal)
      if (!signal.aborted && position !== null) this.#located = { clipId, index: position }
    } catch (error) {
      if (!signal.aborted) this.error = toErrorShape(error)
    }
  }
}
