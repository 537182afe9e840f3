import { describe, expect, it } from 'vitest'
import { runSettingsSchema } from '../../../src-main/contract/run.ts'
import { FEATURE_PRESETS } from '../../../src-main/core/features/recipe.ts'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'
import { normalisationOf, normalise, reduceInto } from '../../../src-main/core/ml/examples.ts'
import { createRandom, shuffled } from '../../../src-main/core/ml/random.ts'
import { dataFingerprint, resolveRunSettings, settingsHash } from '../../../src-main/core/ml/settings.ts'

await loadEngine('wasm', { threads: 1 })

describe('examples', () => {
  it('are reduced by the mean of each cell, the last one smaller', () => {
    const target = new Float32Array(4)
    // 2 × 5 by cells of 1 × 4
    reduceInto(
      target,
      0,
      { data: Float32Array.from([1, 2, 3, 6, 10, 0, 0, 4, 4, -1]), rows: 2, frames: 5 },
      { bands: 1, frames: 4 },
    )
    expect([...target]).toEqual([3, 10, 2, -1])
  })

  it('are standardised by the training clips alone', () => {
    const examples = { data: Float32Array.from([1, 3, 100, 100]), count: 2, bands: 1, frames: 2 }
    normalise(examples.data, normalisationOf(examples, [0]))
    expect([...examples.data]).toEqual([-1, 1, 98, 98])
  })
})

describe('random numbers', () => {
  it('come back by seed, uniform and normal as they should', () => {
    const random = createRandom(42)
    const again = createRandom(42)
    const values = Array.from({ length: 20_000 }, () => random.normal())
    expect(values.slice(0, 5)).toEqual(Array.from({ length: 5 }, () => again.normal()))
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length
    expect(Math.abs(mean)).toBeLessThan(0.03)
    expect(Math.abs(variance - 1)).toBeLessThan(0.05)
  })

  it('shuffle into a permutation', () => {
    expect([...shuffled(50, createRandom(1))].sort((a, b) => a - b)).toEqual(
      Array.from({ length: 50 }, (_, i) => i),
    )
  })
})

describe('settings of a run', () => {
  const folds = [1, 2, 3]
  const recipeNamed = (name: string) => {
    const recipe = FEATURE_PRESETS[name]
    if (!recipe) throw new Error(`no recipe ${name}`)
    return recipe
  }
  const resolve = (given: object) => resolveRunSettings(runSettingsSchema.parse(given), recipeNamed, folds, 4)

  it('are filled in from the preset', () => {
    expect(resolve({})).toMatchObject({
      preset: 'compact-s',
      recipe: 'article',
      folds,
      processes: 3,
      threadsPerProcess: 1,
    })
    expect(resolve({ folds: [2], training: { epochs: 7 } })).toMatchObject({
      folds: [2],
      training: { epochs: 7, learningRate: 0.008, warmUp: 0.1 },
      processes: 1,
      threadsPerProcess: 4,
    })
  })

  it('name what there is instead of what there is not', () => {
    expect(() => resolve({ preset: 'nope' })).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('compact-s') }),
    )
    expect(() => resolve({ folds: [9] })).toThrow(/no fold 9/)
    expect(() => resolve({ recipe: 'nope' })).toThrow(/no recipe nope/)
    expect(() => resolveRunSettings(runSettingsSchema.parse({}), recipeNamed, [1], 2)).toThrow(
      /at least two folds/,
    )
    const inner = runSettingsSchema.parse({ training: { innerFold: 'next' } })
    expect(() => resolveRunSettings(inner, recipeNamed, [1, 2], 2)).toThrow(/at least three folds/)
    expect(() => resolve({ training: { stopAfterEpochs: 3 } })).toThrow(/innerFold/)
  })

  it('refuse a picture that is too small for the network, before anything is extracted', () => {
    const tiny = { ...recipeNamed('article'), nMels: 8 }
    expect(() =>
      resolveRunSettings(runSettingsSchema.parse({ preset: 'article' }), () => tiny, folds, 2),
    ).toThrow(
      expect.objectContaining({ code: 'invalid-input', message: expect.stringContaining('has 8 × 173') }),
    )
  })

  it('name a second recipe for a network that takes two pictures', () => {
    expect(resolve({}).secondRecipe).toBeUndefined()
    expect(resolve({ preset: 'joint' })).toMatchObject({ recipe: 'article', secondRecipe: { name: 'mfcc' } })
    expect(resolve({ preset: 'joint', secondRecipe: 'pcen' })).toMatchObject({
      secondRecipe: { name: 'pcen', settings: { kind: 'pcen' } },
    })
    expect(() => resolve({ secondRecipe: 'mfcc' })).toThrow(/takes one picture/)
    expect(() => resolve({ preset: 'joint', secondRecipe: 'compact' })).toThrow(/173 and 126 frames/)
    expect(() => resolve({ preset: 'joint', training: { augmentation: { gainDb: 6, noise: {} } } })).toThrow(
      /augmentation by gainDb, noise would change one alone/,
    )
  })

  it('have one hash for the same settings, and data another for another label', () => {
    expect(settingsHash(resolve({ seed: 1 }))).toBe(settingsHash(resolve({ seed: 1 })))
    expect(settingsHash(resolve({ seed: 1 }))).not.toBe(settingsHash(resolve({ seed: 2 })))
    const clips = [
      { contentHash: 'a', classId: 0, fold: 1 },
      { contentHash: 'b', classId: 1, fold: 2 },
    ]
    expect(dataFingerprint(clips)).toBe(dataFingerprint(clips.toReversed()))
    expect(dataFingerprint(clips)).not.toBe(dataFingerprint(clips.map((clip) => ({ ...clip, classId: 1 }))))
  })
})
