import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { groupedFolds } from '../../src-main/core/ml/split/assign-folds.ts'

/** Made by generate/grouped_folds.py with scikit-learn's StratifiedGroupKFold. */
const numbers = z.array(z.number())
const fileSchema = z.object({
  cases: z.array(
    z.object({
      name: z.string(),
      folds: z.int(),
      classes: numbers,
      groups: numbers,
      unevenness: z.number(),
      shuffledUnevenness: numbers,
    }),
  ),
})
type Case = z.infer<typeof fileSchema>['cases'][number]
const { cases } = fileSchema.parse(
  JSON.parse(readFileSync(new URL('data/grouped-folds.json', import.meta.url), 'utf8')),
)

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** Mean over classes of the standard deviation of the folds' shares of the class, as the generator has it. */
function unevenness({ classes, folds }: Case, foldOf: readonly number[]): number {
  const deviations = [...new Set(classes)].map((wanted) => {
    const own = foldOf.filter((_, clip) => classes[clip] === wanted)
    const shares = Array.from(
      { length: folds },
      (_, fold) => own.filter((f) => f === fold).length / own.length,
    )
    return Math.sqrt(mean(shares.map((share) => (share - mean(shares)) ** 2)))
  })
  return mean(deviations)
}

describe.each(cases)('grouped folds, $name', (given) => {
  const { folds, classes, groups } = given
  const clips = classes.map((classId, clip) => ({ classId, recording: `recording ${groups[clip]}` }))

  it('are as even as scikit-learn’s by any seed, use every fold, and cut no recording apart', () => {
    const drawn = [73, 1, 2, 3, 4].map((seed) => groupedFolds(clips, folds, seed))
    const ours = mean(
      drawn.map((foldOf) =>
        unevenness(
          given,
          foldOf.map((fold) => fold - 1),
        ),
      ),
    )
    const theirs = [given.unevenness, ...given.shuffledUnevenness]
    console.log(
      `${given.name}: ${ours.toFixed(4)}, scikit-learn ${theirs.map((one) => one.toFixed(4)).join(' ')}`,
    )
    for (const foldOf of drawn) {
      expect(
        unevenness(
          given,
          foldOf.map((fold) => fold - 1),
        ),
      ).toBeLessThanOrEqual(Math.max(...theirs) + 1e-9)
      expect(new Set(foldOf).size).toBe(folds)
      const sides = new Set(foldOf.map((fold, clip) => `${groups[clip]} ${fold}`))
      expect(sides.size).toBe(new Set(groups).size)
    }
  })
})
