import { type ErrorShape, toErrorShape } from '../../../src-main/contract/errors.ts'
import type { ClipRow } from '../../../src-main/contract/model.ts'
import { session } from '../../lib/state/session.svelte.ts'

const WINDOW = 500

/** The clips to choose from: those of a dataset that a search finds, by file name, a window of them at a time. */
export class ClipChoice {
  rows = $state.raw<readonly ClipRow[]>([])
  offset = $state(0)
  total = $state<number | null>(null)
  error = $state.raw<ErrorShape | null>(null)
  #query = { datasetId: 0, text: '' }
  #running = new AbortController()

  /**
   * Starts over with another search.
   * @param clipId - the clip in view: the window with it is looked for, else the first is kept
   * @returns the way out
   */
  open(datasetId: number, text: string, clipId: number | undefined): () => void {
    this.#running.abort()
    const running = new AbortController()
    this.#running = running
    this.#query = { datasetId, text }
    void this.#guard(async () => {
      const first = await this.#fetch(0)
      let found = first
      while (clipId !== undefined && !holds(found, clipId) && found.offset + WINDOW < found.total)
        found = await this.#fetch(found.offset + WINDOW)
      this.#show(clipId === undefined || holds(found, clipId) ? found : first)
    })
    return () => running.abort()
  }

  /** The clip before or after; the first one when the given one is not among those found. */
  async neighbour(clipId: number | undefined, direction: 1 | -1): Promise<ClipRow | undefined> {
    const index = this.rows.findIndex(({ id }) => id === clipId)
    if (index < 0) return this.rows[0]
    const place = this.offset + index + direction
    if (place < 0 || place >= (this.total ?? 0)) return undefined
    const offset = Math.floor(place / WINDOW) * WINDOW
    if (offset !== this.offset) await this.#guard(async () => this.#show(await this.#fetch(offset)))
    return this.rows[place - this.offset]
  }

  #show({ rows, offset, total }: Found): void {
    this.rows = rows
    this.offset = offset
    this.total = total
    this.error = null
  }

  async #fetch(offset: number): Promise<Found> {
    const { datasetId, text } = this.#query
    const filter = text ? { text } : {}
    const page = { datasetId, filter, offset, limit: WINDOW }
    return { offset, ...(await session.call('clips.page', page, this.#running.signal)) }
  }

  async #guard(work: () => Promise<void>): Promise<void> {
    const { signal } = this.#running
    try {
      await work()
    } catch (error) {
      if (!signal.aborted) this.error = toErrorShape(error)
    }
  }
}

interface Found {
  readonly rows: readonly ClipRow[]
  readonly offset: number
  readonly total: number
}

const holds = ({ rows }: Found, clipId: number) => rows.some(({ id }) => id === clipId)
