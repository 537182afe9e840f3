import { createRandom } from '../ml/random.ts'
import type { Interval } from './intervals.ts'
import { percentile } from './summary.ts'

/** How intervals by resampling are made; told with every one. */
export const BOOTSTRAP = { replicates: 1000, seed: 1 }

/**
 * Percentile bootstrap over clusters (Davison & Hinkley 1997, 2.4): whole recordings are drawn with replacement, since clips of
 * one recording are right or wrong together.
 * @param clusters - how many there are
 * @param statistics - by how often each cluster was drawn; as many numbers each time, NaN where one is not defined
 * @returns the interval of each statistic; null where it was never defined
 */
export function clusterBootstrap(
  clusters: number,
  { replicates, seed }: typeof BOOTSTRAP,
  statistics: (drawn: Uint16Array) => ArrayLike<number>,
): (Interval | null)[] {
  const { uniform } = createRandom(seed)
  const drawn = new Uint16Array(clusters)
  const samples: number[][] = []
  for (let replicate = 0; replicate < replicates; replicate++) {
    drawn.fill(0)
    for (let draw = 0; draw < clusters; draw++) {
      // Millions of draws: as `whole`, without its call.
      const cluster = (uniform() * clusters) | 0
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
