/** What few rows differ in, numbered as it comes: many rows share a cell, so one count per cell serves every facet of it. */
export class CellTable<C> {
  readonly cells: C[] = []
  readonly #columns: readonly CellColumn<C>[]
  readonly #codes = new Map<string, number>()

  /** @param columns - that are kept of the cells */
  constructor(columns: readonly CellColumn<C>[]) {
    this.#columns = columns
  }

  /** @param key - of the cell, another one for each */
  code(key: string, cell: () => C): number {
    const known = this.#codes.get(key)
    if (known !== undefined) return known
    const made = cell()
    for (const column of this.#columns) column.push(made)
    this.#codes.set(key, this.cells.length)
    return this.cells.push(made) - 1
  }
}

/** One value of each cell, as a number: few values in many cells. */
export class CellColumn<C, T = unknown> {
  /** Different ones as they came. */
  readonly values: T[] = []
  /** Index into `values`, by code of the cell; behind the last cell there are zeros. */
  codes = new Uint32Array(64)
  #cells = 0
  readonly push: (cell: C) => void

  /** @param key - of a value, the same for equal ones */
  constructor(value: (cell: C) => T, key: (value: T) => unknown = (value) => value) {
    const numbers = new Map<unknown, number>()
    this.push = (cell) => {
      const one = value(cell)
      const name = key(one)
      const known = numbers.get(name)
      const number = known ?? this.values.push(one) - 1
      if (known === undefined) numbers.set(name, number)
      if (this.#cells === this.codes.length) {
        const longer = new Uint32Array(2 * this.#cells)
        longer.set(this.codes)
        this.codes = longer
      }
      this.codes[this.#cells++] = number
    }
  }
}
