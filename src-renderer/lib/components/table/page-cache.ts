/**
 * Rows of a long list, kept by page. Pages that were used longest ago are dropped first, so scrolling through a large
 * dataset holds a bounded number of rows.
 */
export class PageCache<T> {
  readonly pageSize: number
  readonly #maxPages: number
  /** Insertion order is the order of use. */
  readonly #pages = new Map<number, readonly T[]>()

  constructor(pageSize: number, maxPages: number) {
    this.pageSize = pageSize
    this.#maxPages = maxPages
  }

  put(page: number, rows: readonly T[]): void {
    this.#pages.delete(page)
    this.#pages.set(page, rows)
    for (const oldest of this.#pages.keys()) {
      if (this.#pages.size <= this.#maxPages) break
      this.#pages.delete(oldest)
    }
  }

  get(index: number): T | undefined {
    return this.#pages.get(Math.floor(index / this.pageSize))?.[index % this.pageSize]
  }

  /**
   * Marks the pages of a range as used.
   * @param first - index of the first row, inclusive
   * @param last - index of the last row, inclusive
   * @returns numbers of the pages that are not here yet
   */
  missing(first: number, last: number): number[] {
    const wanted: number[] = []
    for (let page = Math.floor(first / this.pageSize); page <= Math.floor(last / this.pageSize); page++) {
      const rows = this.#pages.get(page)
      if (rows) this.put(page, rows)
      else wanted.push(page)
    }
    return wanted
  }

  /** Position of the first loaded row that fits, or −1. */
  findIndex(fits: (row: T) => boolean): number {
    for (const [page, rows] of this.#pages) {
      const index = rows.findIndex(fits)
      if (index >= 0) return page * this.pageSize + index
    }
    return -1
  }

  clear(): void {
    this.#pages.clear()
  }
}
