import { mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { encodeFeatureFile } from '../../../src-main/core/features/feature-file.ts'
import type { FoldData } from '../../../src-main/core/ml/batches.ts'
import { innerFoldOf, loadFoldData } from '../../../src-main/core/ml/fold-data.ts'
import { foldTaskSchema } from '../../../src-main/core/ml/fold-task.ts'
import { madeUpTask } from './made-up-folds.ts'

const never = new AbortController().signal
const each = { reduction: { bands: 1, frames: 1 }, inputScaling: () => 'standardise' as const }

/** Clips of folds 1, 2, 3 and 5, two a fold, each picture its own value in all four places. */
function task(values: readonly number[], training: object, variants: readonly number[] = []) {
  const folder = mkdtempSync(join(tmpdir(), 'soundfold-data-'))
  const write = (name: string, value: number, frames = 2) => {
    const path = join(folder, name)
    const data = new Float32Array(2 * frames).fill(value)
    writeFileSync(path, encodeFeatureFile({ data, rows: 2, frames }))
    return path
  }
  const base = madeUpTask({ engine: 'wasm', epochs: 1, clipsPerFold: 0 })
  return foldTaskSchema.parse({
    ...base,
    training: {
      ...base.training,
      augmentation: { ...base.training.augmentation, recipes: variants.map(String) },
      ...training,
    },
    fold: 2,
    clips: values.map((value, clipId) => ({
      clipId,
      fold: [1, 2, 3, 5][clipId % 4],
      label: clipId % 3,
      featurePath: write(`${clipId}.feat`, value, Number.isNaN(value) ? 3 : 2),
      variantPaths: variants.map((by, index) => write(`${clipId}-${index}.feat`, value * by)),
    })),
  })
}

/** The first value of each clip's picture, by the run's recipe and by each other. */
function firstOfEach({ augmentation }: FoldData): number[][] {
  const all = augmentation.inputs.flatMap(({ examples, variants }) => [examples, ...variants])
  return all.map(({ data, count }) => Array.from({ length: count }, (_, row) => data[row * 4] ?? Number.NaN))
}

describe('the data of a fold', () => {
  it('are parted by fold, each clip in one part', async () => {
    const values = [0, 1, 2, 3, 4, 5, 6, 7]
    const without = await loadFoldData(task(values, {}), each, never)
    expect([...without.training]).toEqual([0, 2, 3, 4, 6, 7])
    expect([...without.inner]).toEqual([])
    expect([...without.test]).toEqual([1, 5])
    const inner = await loadFoldData(task(values, { innerFold: 'next' }), each, never)
    expect([...inner.training]).toEqual([0, 3, 4, 7])
    expect([...inner.inner]).toEqual([2, 6])
    expect([...inner.test]).toEqual([1, 5])
  })

  it('are standardised by the training clips alone', async () => {
    // Folds 1, 2, 3, 5: training by -1 and 1, the inner fold 3 by 900, the held-out fold 2 by 500.
    const data = await loadFoldData(task([-1, 500, 900, 1], { innerFold: 'next' }), each, never)
    const first = Array.from({ length: 4 }, (_, place) => data.examples.data[place * 4])
    expect(first).toEqual([-1, 500, 900, 1])
  })

  it('are multiplied by a constant where the network asks for it, whatever the training clips are', async () => {
    const halved = { ...each, inputScaling: () => 0.5 }
    const data = await loadFoldData(task([-1, 500, 900, 1], {}, [2]), halved, never)
    expect(firstOfEach(data)).toEqual([
      [-0.5, 250, 450, 0.5],
      [-1, 0, 900, 1],
    ])
  })

  it('have the same clips by other recipes beside them, on the same scale', async () => {
    const data = await loadFoldData(task([-1, 500, 900, 1], { innerFold: 'next' }, [2, 3]), each, never)
    // Only those that train are read: folds 1 and 5.
    expect(firstOfEach(data)).toEqual([
      [-1, 500, 900, 1],
      [-2, 0, 0, 2],
      [-3, 0, 0, 3],
    ])
  })

  it('have a second picture below the first', async () => {
    const given = task([1, 2, 3, 4], {})
    const paths = given.clips.map(({ featurePath }) => featurePath)
    const clips = given.clips.map((clip, place) => ({ ...clip, secondPath: paths[(place + 1) % 4] }))
    const data = await loadFoldData({ ...given, clips }, { ...each, inputScaling: () => 1 }, never)
    expect(data.examples).toMatchObject({ bands: 4, frames: 2, bandsOfEach: [2, 2], count: 4 })
    expect([...data.examples.data.subarray(0, 16)]).toEqual([1, 1, 1, 1, 2, 2, 2, 2, 2, 2, 2, 2, 3, 3, 3, 3])
  })

  it('must be of one size', async () => {
    await expect(loadFoldData(task([1, Number.NaN, 1, 1], {}), each, never)).rejects.toMatchObject({
      code: 'training-failed',
      message: expect.stringMatching(/1\.feat has another shape/),
    })
  })

  it('must leave a clip to train', async () => {
    const given = task([1, 2, 3, 4], {})
    const only = { ...given, clips: given.clips.filter(({ fold }) => fold === 2) }
    await expect(loadFoldData(only, each, never)).rejects.toThrow(/No clips are left to train fold 2/)
  })
})

describe('the inner fold', () => {
  const folds = [3, 1, 10, 3, 7]
  it.each([
    [1, 3],
    [3, 7],
    [7, 10],
    [10, 1],
  ])('beside %i is %i', (heldOut, inner) => expect(innerFoldOf(heldOut, folds)).toBe(inner))

  it('needs three folds', () => {
    expect(() => innerFoldOf(1, [1, 2])).toThrow(
      expect.objectContaining({ code: 'invalid-input', hint: expect.stringContaining('none') }),
    )
  })
})
