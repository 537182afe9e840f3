import { type ErrorShape, toErrorShape } from '../../../src-main/contract/errors.ts'
import { PageCache } from '../components/table/page-cache.ts'

const PAGE_SIZE = 100
const MAX_PAGES = 60
/** Pages asked for at once. With more, those scrolled past would be waited for before those in view. */
const MOST_ON_THE_WAY = 2

type Ask<Q, T> = (
  query: Q & { offset: number; limit: number },
  signal: AbortSignal,
) => Promise<{ total: number; rows: readonly T[] }>

/** What fits a query, in a list of any length: its count at once, its rows page by page as they come into view. */
export class PagedList<Q extends object, T extends { id: number }> {
  total = $state<number | null>(null)
  error = $state.raw<ErrorShape | null>(null)
  /** Rises with every page that arrives; whoever reads a row reads this too. */
  #arrivals = $state(0)
  readonly #ask: Ask<Q, T>
  readonly #pages = new PageCache<T>(PAGE_SIZE, MAX_PAGES)
  readonly #onTheWay = new Map<number, Promise<void>>()
  protected query: Q | undefined
  protected running = new AbortController()
  #view = { first: 0, last: 0 }
  /** Rows that are asked for beyond the view, in the direction in which it moves; negative ones above it. */
  #ahead = 0

  constructor(ask: Ask<Q, T>) {
    this.#ask = ask
  }

  /** Starts over. The old count stays until the new one is known. @returns the way out */
  open(query: Q): () => void {
    this.running.abort()
    const running = new AbortController()
    this.running = running
    this.query = query
    this.#onTheWay.clear()
    void this.#fetch(0, { fresh: true })
    return () => running.abort()
  }

  rowAt(index: number): T | undefined {
    void this.#arrivals
    return this.#pages.get(index)
  }

  /** Position of the first row here that fits; −1 where none does. */
  findIndex(fits: (row: T) => boolean): number {
    void this.#arrivals
    return this.#pages.findIndex(fits)
  }

  /**
   * Asks for the rows of a range that are not here, both ends inclusive, and then for the page that comes next. While the view moves
   * faster than pages arrive, it is the newest place that is asked for.
   */
  show(first: number, last: number): void {
    const moved = first - this.#view.first
    // A jump leads anywhere next.
    if (moved !== 0) this.#ahead = Math.abs(moved) > PAGE_SIZE ? 0 : Math.sign(moved) * PAGE_SIZE
    this.#view = { first, last }
    this.#askForView()
  }

  #askForView(): void {
    const { first, last } = this.#view
    const end = (this.total ?? 1) - 1
    const missing = (from: number, to: number) =>
      this.#pages.missing(Math.max(0, from), Math.min(end, to)).filter((page) => !this.#onTheWay.has(page))
    const next = this.#ahead < 0 ? missing(first + this.#ahead, first) : missing(last, last + this.#ahead)
    for (const page of new Set([...missing(first, last), ...next]))
      if (this.#onTheWay.size < MOST_ON_THE_WAY) void this.#fetch(page)
  }

  /** The row at an index, asked for when it is not here. */
  async reach(index: number): Promise<T | undefined> {
    for (const page of this.#pages.missing(index, index)) await this.#fetch(page)
    return this.#pages.get(index)
  }

  #fetch(page: number, { fresh = false } = {}): Promise<void> {
    const { signal } = this.running
    const { query } = this
    const before = this.#onTheWay.get(page)
    if (before || !query) return before ?? Promise.resolve()
    const fetching = this.#ask({ ...query, offset: page * PAGE_SIZE, limit: PAGE_SIZE }, signal)
      .then(
        ({ total, rows }) => {
          if (signal.aborted) return
          if (fresh) this.#pages.clear()
          this.#pages.put(page, rows)
          this.total = total
          this.error = null
          this.#arrivals++
        },
        (error: unknown) => {
          if (!signal.aborted) this.error = toErrorShape(error)
        },
      )
      .finally(() => {
        if (signal.aborted) return
        this.#onTheWay.delete(page)
        if (!this.error) this.#askForView()
      })
    this.#onTheWay.set(page, fetching)
    return fetching
  }
}
