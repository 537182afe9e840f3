import { BOOTSTRAP as WASM } from './bootstrap.wasm.ts'
import type { Interval } from './intervals.ts'
import { percentile } from './summary.ts'

/** How intervals by resampling are made; told with every one. */
export const BOOTSTRAP = { replicates: 1000, seed: 1 }

/** Counts that clusters add to sums: an entry for each sum, cluster by cluster. */
export interface ClusterCounts {
  readonly counts: Int32Array
  /** Sums. */
  readonly width: number
}

/**
 * Percentile bootstrap over clusters (Davison & Hinkley 1997, 2.4): whole recordings are drawn with replacement, since clips of
 * one recording are right or wrong together.
 * @param statistics - by the sums over the clusters that were drawn, in the same array each time; as many numbers each time, NaN
 *   where one is not defined
 * @returns the interval of each statistic; null where it was never defined
 */
export function clusterBootstrap(
  clusters: ClusterCounts,
  { replicates, seed }: typeof BOOTSTRAP,
  statistics: (sums: Int32Array) => ArrayLike<number>,
): (Interval | null)[] {
  const draw = drawing(clusters, seed)
  const samples: number[][] = []
  for (let replicate = 0; replicate < replicates; replicate++) {
    const found = statistics(draw())
    for (let index = 0; index < found.length; index++) {
      const value = found[index] ?? Number.NaN
      if (Number.isNaN(value)) continue
      samples[index] ??= []
      samples[index]?.push(value)
    }
    if (replicate === 0) samples.length = found.length
  }
  return Array.from(samples, (values) => {
    if (!values) return null
    const sorted = Float64Array.from(values).sort()
    return { low: percentile(sorted, 0.025), high: percentile(sorted, 0.975) }
  })
}

/** The sums with every cluster once. */
export function totals({ counts, width }: ClusterCounts): Int32Array {
  const sums = new Int32Array(width)
  for (let at = 0; at < counts.length; at++) sums[at % width] = (sums[at % width] ?? 0) + (counts[at] ?? 0)
  return sums
}

/** See src-wasm/bootstrap.ts. */
interface Draws {
  sumDrawnRows(state: number, table: number, rows: number, width: number, sums: number): number
}
const isDraws = (exports: object): exports is Draws => 'sumDrawnRows' in exports

const PAGE_BYTES = 65_536
let compiled: WebAssembly.Module | undefined

/** @returns draws as many clusters as there are, and gives their sums: in WebAssembly, where it takes a fifth of the time */
function drawing({ counts, width }: ClusterCounts, seed: number): () => Int32Array {
  const rows = counts.length / width
  // Whole vectors of four; the sums lie before the table.
  const padded = 4 * Math.ceil(width / 4)
  const table = Int32Array.BYTES_PER_ELEMENT * padded
  const memory = new WebAssembly.Memory({ initial: Math.ceil((table + table * rows) / PAGE_BYTES) })
  compiled ??= new WebAssembly.Module(Buffer.from(WASM, 'base64'))
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } })
  if (!isDraws(exports)) throw new Error('the draws are not those of src-wasm/bootstrap.ts')
  const cells = new Int32Array(memory.buffer, table)
  for (let row = 0; row < rows; row++)
    cells.set(counts.subarray(row * width, (row + 1) * width), row * padded)
  const sums = new Int32Array(memory.buffer, 0, width)
  let state = seed
  return () => {
    state = exports.sumDrawnRows(state, table, rows, padded, 0)
    return sums
  }
}
