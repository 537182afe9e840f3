import { createRandom, shuffled } from '../ml/random.ts'
import { pause } from '../steps.ts'
import { BLOCK_ROWS, RowBlock } from './row-block.ts'

/** Vectors in rows, each of length 1, so that a product is a cosine. */
export interface UnitVectors {
  readonly rows: number
  readonly width: number
  readonly values: Float32Array
}

/** The nearest others of each row, nearest first; −1 where there are fewer. */
export interface Neighbours {
  readonly count: number
  readonly rows: Int32Array
  readonly cosines: Float32Array
}

/** Up to so many rows every pair is compared; above, only those in near cells. */
const EXACT_ROWS = 20_000
const CELLS_LOOKED_AT = 12
const ROUNDS = 4
/** Products of a step between which others go on: some 15 ms. */
const STEP_MULTIPLICATIONS = 6e7

interface Going {
  signal?: AbortSignal
  onProgress?: (done: number) => void
}

/**
 * The rows with the highest cosine. Exact up to 20,000 rows; above, rows are put into √n cells by k-means and compared with those of
 * the 12 cells nearest to them, which misses some neighbours at the cells' edges (G. Sivic & A. Zisserman 2003, "inverted file").
 * @param mayBe - false for pairs that are of no interest
 */
export async function nearestRows(
  vectors: UnitVectors,
  count: number,
  mayBe: (row: number, other: number) => boolean,
  going: Going = {},
  exactRows = EXACT_ROWS,
): Promise<Neighbours> {
  const found: Neighbours = {
    count,
    rows: new Int32Array(vectors.rows * count).fill(-1),
    cosines: new Float32Array(vectors.rows * count).fill(-2),
  }
  const offer = (row: number, other: number, cosine: number) => {
    const first = row * count
    let at = first + count - 1
    if (cosine <= (found.cosines[at] ?? 0) || !mayBe(row, other)) return
    for (; at > first && cosine > (found.cosines[at - 1] ?? 0); at--) {
      found.cosines[at] = found.cosines[at - 1] ?? 0
      found.rows[at] = found.rows[at - 1] ?? 0
    }
    found.cosines[at] = cosine
    found.rows[at] = other
  }
  const block = new RowBlock(vectors.width)
  try {
    const compare = vectors.rows > exactRows ? compareInCells : compareAll
    await compare(vectors, block, offer, going)
  } finally {
    block.free()
  }
  return found
}

type Offer = (row: number, other: number, cosine: number) => void

async function compareAll(
  { rows, width, values }: UnitVectors,
  block: RowBlock,
  offer: Offer,
  { signal, onProgress }: Going,
): Promise<void> {
  const isDue = stepsOf(width)
  for (let first = 0; first < rows; first += BLOCK_ROWS) {
    const others = Uint32Array.from(
      { length: Math.min(BLOCK_ROWS, rows - first) },
      (_, place) => first + place,
    )
    block.load(values, others)
    // Each pair once: with the rows before, and with those of the block that come before.
    for (let row = 0; row < first + others.length; row++) {
      const cosines = block.products(values, row)
      for (let place = Math.max(0, row + 1 - first); place < others.length; place++) {
        const cosine = cosines[place] ?? 0
        offer(row, first + place, cosine)
        offer(first + place, row, cosine)
      }
      if (isDue(others.length)) await pause(signal)
    }
    // Pairs grow with the square.
    onProgress?.(((first + others.length) / rows) ** 2 * rows)
  }
}

async function compareInCells(
  vectors: UnitVectors,
  block: RowBlock,
  offer: Offer,
  { signal, onProgress }: Going,
): Promise<void> {
  const { rows, width, values } = vectors
  const isDue = stepsOf(width)
  const cells = Math.min(BLOCK_ROWS, Math.round(Math.sqrt(rows)))
  const centres = await centresOf(vectors, cells, block, isDue, signal)
  const looked = Math.min(CELLS_LOOKED_AT, cells)
  /** [rows, looked]: the cells nearest to each row, its own first. */
  const near = new Uint16Array(rows * looked)
  block.load(centres, places(cells))
  for (let row = 0; row < rows; row++) {
    const cosines = block.products(values, row)
    for (let rank = 0; rank < looked; rank++) {
      const best = largest(cosines, cells)
      near[row * looked + rank] = best
      cosines[best] = Number.NEGATIVE_INFINITY
    }
    if (isDue(cells)) await pause(signal)
  }
  const membersOf = listsOf(cells, near, looked, 1)
  const lookingAt = listsOf(cells, near, looked, looked)
  for (let cell = 0; cell < cells; cell++) {
    onProgress?.((rows * cell) / cells)
    const members = membersOf(cell)
    for (let first = 0; first < members.length; first += BLOCK_ROWS) {
      const others = members.subarray(first, first + BLOCK_ROWS)
      block.load(values, others)
      for (const row of lookingAt(cell)) {
        const cosines = block.products(values, row)
        for (let place = 0; place < others.length; place++) {
          const other = others[place] ?? 0
          if (other !== row) offer(row, other, cosines[place] ?? 0)
        }
        if (isDue(others.length)) await pause(signal)
      }
    }
  }
}

/** k-means with cosines, on a sample. @returns [cells, width] */
async function centresOf(
  { rows, width, values }: UnitVectors,
  cells: number,
  block: RowBlock,
  isDue: ReturnType<typeof stepsOf>,
  signal: AbortSignal | undefined,
): Promise<Float32Array> {
  const sample = shuffled(rows, createRandom(1)).subarray(0, 20 * cells)
  const centres = new Float32Array(cells * width)
  for (let cell = 0; cell < cells; cell++) {
    const from = (sample[cell] ?? 0) * width
    centres.set(values.subarray(from, from + width), cell * width)
  }
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float32Array(cells * width)
    block.load(centres, places(cells))
    for (const row of sample) {
      const at = largest(block.products(values, row), cells) * width
      for (let column = 0; column < width; column++)
        sums[at + column] = (sums[at + column] ?? 0) + (values[row * width + column] ?? 0)
      if (isDue(cells)) await pause(signal)
    }
    for (let cell = 0; cell < cells; cell++) {
      const sum = sums.subarray(cell * width, (cell + 1) * width)
      const length = Math.hypot(...sum)
      // A cell that nothing came to stays where it was.
      if (length > 0)
        centres.set(
          sum.map((value) => value / length),
          cell * width,
        )
    }
  }
  return centres
}

const places = (count: number) => Uint32Array.from({ length: count }, (_, place) => place)

function largest(values: Float32Array, count: number): number {
  let best = 0
  for (let place = 1; place < count; place++) if ((values[place] ?? 0) > (values[best] ?? 0)) best = place
  return best
}

/** The rows that have each cell among the first `ranks` of theirs, rising. @param near - [rows, looked] */
function listsOf(cells: number, near: Uint16Array, looked: number, ranks: number) {
  const rows = near.length / looked
  const starts = new Uint32Array(cells + 1)
  for (let row = 0; row < rows; row++)
    for (let rank = 0; rank < ranks; rank++) {
      const next = (near[row * looked + rank] ?? 0) + 1
      starts[next] = (starts[next] ?? 0) + 1
    }
  for (let cell = 0; cell < cells; cell++) starts[cell + 1] = (starts[cell + 1] ?? 0) + (starts[cell] ?? 0)
  const filled = starts.slice()
  const members = new Uint32Array(starts[cells] ?? 0)
  for (let row = 0; row < rows; row++)
    for (let rank = 0; rank < ranks; rank++) {
      const cell = near[row * looked + rank] ?? 0
      const at = filled[cell] ?? 0
      members[at] = row
      filled[cell] = at + 1
    }
  return (cell: number) => members.subarray(starts[cell] ?? 0, starts[cell + 1] ?? 0)
}

/** Whether so many products were made that others should go on. */
function stepsOf(width: number) {
  let work = 0
  return (compared: number): boolean => {
    work += compared * width
    if (work < STEP_MULTIPLICATIONS) return false
    work = 0
    return true
  }
}
