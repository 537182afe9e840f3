import { pause } from '../library/steps.ts'
import { createRandom, shuffled } from '../ml/random.ts'

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
const EXACT_ROWS = 12_000
const CELLS_LOOKED_AT = 12
const ROUNDS = 4
/** Rows of a step between which others go on. */
const STEP_MULTIPLICATIONS = 2e7

function dot(a: Float32Array, from: number, b: Float32Array, at: number, width: number): number {
  let sum = 0
  for (let column = 0; column < width; column++) sum += (a[from + column] ?? 0) * (b[at + column] ?? 0)
  return sum
}

/**
 * The rows with the highest cosine. Exact up to 12,000 rows; above, rows are put into √n cells by k-means and compared with those of
 * the 12 cells nearest to them, which misses some neighbours at the cells' edges (G. Sivic & A. Zisserman 2003, "inverted file").
 * @param mayBe - false for pairs that are of no interest
 */
export async function nearestRows(
  vectors: UnitVectors,
  count: number,
  mayBe: (row: number, other: number) => boolean,
  { signal, onProgress }: { signal?: AbortSignal; onProgress?: (done: number) => void } = {},
  exactRows = EXACT_ROWS,
): Promise<Neighbours> {
  const { rows, width, values } = vectors
  const found: Neighbours = {
    count,
    rows: new Int32Array(rows * count).fill(-1),
    cosines: new Float32Array(rows * count).fill(-2),
  }
  const offer = (row: number, other: number, cosine: number) => {
    const first = row * count
    let at = first + count - 1
    if (cosine <= (found.cosines[at] ?? 0)) return
    for (; at > first && cosine > (found.cosines[at - 1] ?? 0); at--) {
      found.cosines[at] = found.cosines[at - 1] ?? 0
      found.rows[at] = found.rows[at - 1] ?? 0
    }
    found.cosines[at] = cosine
    found.rows[at] = other
  }
  const cells = rows > exactRows ? await cellsOf(vectors, signal) : undefined
  let work = 0
  for (let row = 0; row < rows; row++) {
    const others = cells?.near(row)
    if (others)
      for (const other of others) {
        if (other !== row && mayBe(row, other))
          offer(row, other, dot(values, row * width, values, other * width, width))
      }
    else
      for (let other = row + 1; other < rows; other++) {
        if (!mayBe(row, other)) continue
        const cosine = dot(values, row * width, values, other * width, width)
        offer(row, other, cosine)
        offer(other, row, cosine)
      }
    work += (others?.length ?? rows - row) * width
    if (work > STEP_MULTIPLICATIONS) {
      work = 0
      onProgress?.(row)
      await pause(signal)
    }
  }
  return found
}

/** k-means with cosines, on a sample; then every row in its cell. */
async function cellsOf({ rows, width, values }: UnitVectors, signal: AbortSignal | undefined) {
  const number = Math.round(Math.sqrt(rows))
  const sample = shuffled(rows, createRandom(1)).subarray(0, 20 * number)
  const centres = new Float32Array(number * width)
  for (let cell = 0; cell < number; cell++) {
    const from = (sample[cell] ?? 0) * width
    centres.set(values.subarray(from, from + width), cell * width)
  }
  const nearestCell = (row: number) => {
    let [best, most] = [0, -2]
    for (let cell = 0; cell < number; cell++) {
      const cosine = dot(values, row * width, centres, cell * width, width)
      if (cosine > most) [best, most] = [cell, cosine]
    }
    return best
  }
  const perStep = Math.max(1, Math.floor(STEP_MULTIPLICATIONS / (number * width)))
  for (let round = 0; round < ROUNDS; round++) {
    const sums = new Float32Array(number * width)
    for (const [place, row] of sample.entries()) {
      if (place % perStep === 0) await pause(signal)
      const at = nearestCell(row) * width
      for (let column = 0; column < width; column++)
        sums[at + column] = (sums[at + column] ?? 0) + (values[row * width + column] ?? 0)
    }
    for (let cell = 0; cell < number; cell++) {
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
  const members: number[][] = Array.from({ length: number }, () => [])
  for (let row = 0; row < rows; row++) {
    if (row % perStep === 0) await pause(signal)
    members[nearestCell(row)]?.push(row)
  }
  return {
    near(row: number): number[] {
      const cosines = Array.from({ length: number }, (_, cell) => ({
        cell,
        cosine: dot(values, row * width, centres, cell * width, width),
      }))
      cosines.sort((a, b) => b.cosine - a.cosine)
      return cosines.slice(0, CELLS_LOOKED_AT).flatMap(({ cell }) => members[cell] ?? [])
    },
  }
}
