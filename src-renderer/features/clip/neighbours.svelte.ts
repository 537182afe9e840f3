import type { ClipFilter, ClipSort } from '../../../src-main/contract/model.ts'
import { session } from '../../lib/state/session.svelte.ts'

export interface ClipQuery {
  readonly datasetId: number
  readonly filter: ClipFilter
  readonly sort: ClipSort
}

/** Ids known to either side of the clip: a person who holds the key down goes through them without a question to the core. */
const REACH = 50

/** The clips before and after one in a list, and where in it that one stands. */
export class Neighbours {
  /** From 0; null while that is not known, or the list is without the clip. */
  position = $state<number | null>(null)
  total = $state<number | null>(null)
  #ids = $state.raw<readonly number[]>([])
  /** Where in the list the first of the known ids stands. */
  #offset = 0
  #clipId: number | undefined
  #asked = ''
  #running: AbortController | undefined
  #shown: Promise<void> = Promise.resolve()

  /** @returns the id of the clip that is so many further; undefined beyond the list's ends, or what is known of it */
  after(clipId: number, by: number): number | undefined {
    const index = this.#ids.indexOf(clipId)
    return index < 0 ? undefined : this.#ids[index + by]
  }

  /** As `after`; where that is not known yet, once the list was read that is being read. */
  async found(clipId: number, by: number): Promise<number | undefined> {
    const known = this.after(clipId, by)
    if (known !== undefined) return known
    // Whoever asked for the list is told why it can't be read.
    await this.#shown.catch(() => {})
    return this.after(clipId, by)
  }

  /** Makes a clip of the list the one in the middle. */
  show(clipId: number, query: ClipQuery): Promise<void> {
    this.#shown = this.#show(clipId, query)
    return this.#shown
  }

  async #show(clipId: number, query: ClipQuery): Promise<void> {
    this.#clipId = clipId
    const question = JSON.stringify(query)
    const index = question === this.#asked ? this.#ids.indexOf(clipId) : -1
    if (index >= 0) {
      this.position = this.#offset + index
      const atStart = this.#offset === 0 || index >= REACH / 2
      const atEnd = this.#offset + this.#ids.length === this.total || index < this.#ids.length - REACH / 2
      if (atStart && atEnd) return
    }
    this.#running?.abort()
    const running = new AbortController()
    this.#running = running
    const { signal } = running
    const { position } = await session.call('clips.position', { ...query, clipId }, signal)
    const offset = Math.max(0, (position ?? 0) - REACH)
    const list = { ...query, offset, limit: 2 * REACH + 1 }
    const none: { ids: number[] } = { ids: [] }
    const [{ ids }, { total }] = await Promise.all([
      position === null ? none : session.call('clips.ids', list, signal),
      session.call('clips.page', { ...query, limit: 1 }, signal),
    ])
    if (signal.aborted) return
    this.#offset = offset
    this.#ids = ids
    this.#asked = question
    this.total = total
    this.position = position === null ? null : offset + Math.max(0, ids.indexOf(this.#clipId ?? clipId))
  }

  close(): void {
    this.#running?.abort()
    this.#ids = []
  }
}
