import { type ClipSelection, MOST_CHOSEN } from '../../../src-main/contract/library.ts'
import type { SelectMode } from '../../lib/components/table/columns.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { toasts } from '../../lib/state/toasts.svelte.ts'
import type { ClipQuery } from './clip-list.svelte.ts'

/** The clips of a list that are chosen for an action: named ones, or all of the list but some. */
export class ClipChoice {
  #all = $state(false)
  /** The named ones, or the exceptions. */
  #ids = $state.raw<ReadonlySet<number>>(new Set())
  /** Where a range begins; null for the clip that is open. */
  #anchor: number | null = null
  /** Of the newest choice: an answer to an older one comes too late. */
  #turn = 0

  /** @param total - of the list */
  count(total: number): number {
    return this.#all ? total - this.#ids.size : this.#ids.size
  }

  readonly has = (clip: { id: number }): boolean => this.#ids.has(clip.id) !== this.#all

  clear(): void {
    this.#turn++
    this.#anchor = null
    this.#all = false
    this.#ids = new Set()
  }

  chooseAll(): void {
    this.#turn++
    this.#all = true
    this.#ids = new Set()
  }

  /** A click or a key on the clip at an index of the list. @param current - the one that was open before */
  async choose(
    clip: { id: number; index: number },
    mode: SelectMode,
    query: ClipQuery,
    current: { id: number | undefined; index: number },
  ): Promise<void> {
    if (mode === 'one') {
      this.clear()
      this.#anchor = clip.index
    } else if (mode === 'toggle') this.#toggle(clip, current.id)
    else await this.#extend(clip.index, query, current.index)
    if (mode === 'toggle') this.#anchor = clip.index
  }

  /** As a request names it. */
  of({ filter }: ClipQuery): ClipSelection {
    return this.#all ? { filter, except: [...this.#ids] } : { clipIds: [...this.#ids] }
  }

  #toggle({ id }: { id: number }, currentId: number | undefined): void {
    this.#turn++
    const ids = new Set(this.#ids)
    // The open clip counts as chosen as soon as a second one is.
    if (!this.#all && ids.size === 0 && currentId !== undefined && currentId !== id) ids.add(currentId)
    if (!ids.delete(id)) ids.add(id)
    this.#ids = ids
  }

  async #extend(index: number, query: ClipQuery, currentIndex: number): Promise<void> {
    const turn = ++this.#turn
    this.#anchor ??= Math.max(0, currentIndex)
    const offset = Math.min(index, this.#anchor)
    const limit = Math.abs(index - this.#anchor) + 1
    if (limit > MOST_CHOSEN) {
      toasts.show({
        tone: 'danger',
        title: `More than ${MOST_CHOSEN.toLocaleString('en-GB')} clips at once`,
        text: 'Filter the list and choose all of it by Ctrl+A.',
      })
      return
    }
    try {
      const { ids } = await session.call('clips.ids', { ...query, offset, limit })
      if (turn !== this.#turn) return
      this.#all = false
      this.#ids = new Set(ids)
    } catch (error) {
      toasts.fail('The clips could not be chosen', error)
    }
  }
}
