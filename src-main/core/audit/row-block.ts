import { Floats, kernels } from '../audio/simd.ts'

type Kernel = typeof kernels.products

/** Rows that a block holds at the most. */
export const BLOCK_ROWS = 1024

/** Some rows of a matrix side by side in WebAssembly's memory, and one row held against all of them at once, in float32. */
export class RowBlock {
  readonly #width: number
  /** In whole vectors of four; what is beyond the width stays zero. */
  readonly #padded: number
  readonly #others: Floats
  readonly #own: Floats
  readonly #results = new Floats(BLOCK_ROWS)
  #count = 0

  constructor(width: number) {
    this.#width = width
    this.#padded = Math.ceil(width / 4) * 4
    this.#others = new Floats(this.#padded * BLOCK_ROWS)
    this.#own = new Floats(this.#padded)
  }

  /** Takes the place of what was loaded before. @param values - [any, width]. @param rows - which of them, `BLOCK_ROWS` at the most */
  load(values: Float32Array, rows: ArrayLike<number>): void {
    const { view } = this.#others
    for (let place = 0; place < rows.length; place++)
      this.#copy(view, place * this.#padded, values, rows[place] ?? 0)
    this.#count = rows.length
  }

  /** Products with each loaded row; good until the next call. */
  products(values: Float32Array, row: number): Float32Array {
    return this.#against(kernels.products, values, row)
  }

  /** Squared Euclidean distances, likewise. */
  squaredDistances(values: Float32Array, row: number): Float32Array {
    return this.#against(kernels.squaredDistances, values, row)
  }

  free(): void {
    for (const floats of [this.#others, this.#own, this.#results]) floats.free()
  }

  #against(kernel: Kernel, values: Float32Array, row: number): Float32Array {
    this.#copy(this.#own.view, 0, values, row)
    kernel(this.#own.pointer, this.#others.pointer, this.#count, this.#padded, this.#results.pointer)
    return this.#results.view
  }

  #copy(view: Float32Array, at: number, values: Float32Array, row: number): void {
    const from = row * this.#width
    for (let column = 0; column < this.#width; column++) view[at + column] = values[from + column] ?? 0
  }
}
