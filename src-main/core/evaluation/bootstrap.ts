import { createRandom } from '../ml/random.ts'
import type { Interval } from './intervals.ts'
import { percentile } from './summary.ts'

/** How intervals by resampling are made; told with every one. */
export interface Bootstrap {
  replicates: number
  seed: number
}

const MOST_REPLICATES = 1000
const LEAST_REPLICATES = 200
/** Draws of a bootstrap: what a person waits for. */
const DRAWS = 20_000_000

/** Fewer replicates where recordings are so many that an interval is narrow anyhow. */
export function bootstrapFor(clusters: number): Bootstrap {
  const affordable = Math.floor(DRAWS / Math.max(1, clusters))
  return { replicates: Math.max(LEAST_REPLICATES, Math.min(MOST_REPLICATES, affordable)), seed: 1 }
}

/**
 * Percentile bootstrap over clusters (Davison & Hinkley 1997, 2.4): whole recordings are drawn with replacement, since clips of
 * one recording are right or wrong together.
 * @param clusters - how many there are
 * @param statistics - by how often each cluster was drawn; as many numbers each time, NaN where one is not defined
 * @returns the interval of each statistic; null where it was never defined
 */
export function clusterBootstrap(
  clusters: number,
  { replicates, seed }: Bootstrap,
  statistics: (drawn: Uint16Array) => ArrayLike<number>,
): (Interval | null)[] {
  const random = createRandom(seed)
  const drawn = new Uint16Array(clusters)
  const samples: number[][] = []
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawn.fill(0)
    for (let draw = 0; draw < clusters; draw++) {
      const cluster = random.whole(clusters)
      drawn[cluster] = (drawn[cluster] ?? 0) + 1
    }
    const found = statistics(drawn)
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
