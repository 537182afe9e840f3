import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { runSettingsSchema } from '../../../src-main/contract/model.ts'
import { TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'
import { FEATURE_PRESETS } from '../../../src-main/core/features/recipe.ts'
import { ARCHITECTURES } from '../../../src-main/core/ml/architectures/index.ts'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'
import { normalisationOf, normalise, reduceInto } from '../../../src-main/core/ml/examples.ts'
import { parameterCount } from '../../../src-main/core/ml/network.ts'
import { normalise as batchNorm, relu } from '../../../src-main/core/ml/ops.ts'
import { createRandom, shuffled } from '../../../src-main/core/ml/random.ts'
import { dataFingerprint, resolveRunSettings, settingsHash } from '../../../src-main/core/ml/settings.ts'
import { learningRateAt, trainFold } from '../../../src-main/core/ml/trainer.ts'

await loadEngine('wasm', { threads: 1 })

describe.each(ARCHITECTURES.map((architecture) => ({ name: architecture.preset.name, architecture })))(
  'the network $name',
  ({ architecture }) => {
    it('has the parameters that its preset states', () => {
      const network = architecture.build([{ bands: 64, frames: 44 }], 10, createRandom(1), {})
      expect(parameterCount(network)).toBe(architecture.preset.parameters)
      network.dispose()
    })

    it('leaves no tensor behind but its variables', async () => {
      const examples = { data: new Float32Array(8 * 64 * 44), count: 8, bands: 64, frames: 44 }
      const random = createRandom(3)
      examples.data.forEach((_, index) => {
        examples.data[index] = random.normal()
      })
      const before = tf.memory().numTensors
      const counts: number[] = []
      const { network } = await trainFold(
        (inputs, classes, seeded) => architecture.build(inputs, classes, seeded, {}),
        {
          examples,
          labels: Uint8Array.from([0, 1, 0, 1, 0, 1, 0, 1]),
          training: Uint32Array.from([0, 1, 2, 3, 4, 5]),
          test: Uint32Array.from([6, 7]),
          classes: 2,
          augmentation: { inputs: [], noisePlaces: new Uint32Array(), noiseIsClips: true },
        },
        { ...TRAINING_DEFAULTS, epochs: 3, batchSize: 3, seed: 1 },
        () => counts.push(tf.memory().numTensors),
        new AbortController().signal,
      )
      expect(new Set(counts).size).toBe(1)
      network.dispose()
      expect(tf.memory().numTensors).toBe(before)
    })
  },
)

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

  it('the learning rate rises, then falls to zero', () => {
    expect(learningRateAt(0.05, 1)).toBeCloseTo(0.5)
    expect(learningRateAt(0.1, 1)).toBeCloseTo(1)
    expect(learningRateAt(0.55, 1)).toBeCloseTo(0.5)
    expect(learningRateAt(1, 1)).toBeCloseTo(0)
  })
})

describe('ReLU', () => {
  it('has the values and gradient of TF.js’ own, at zero and next to it as well', () => {
    const x = tf.tensor4d([-2, -1e-9, 0, 1e-9, 3, -5], [1, 2, 3, 1])
    const weights = tf.tensor4d([1, 2, 3, 4, 5, 6], [1, 2, 3, 1])
    const both = [relu, (input: tf.Tensor4D) => tf.relu(input)].map((rectify) => [
      ...rectify(x).dataSync(),
      ...tf
        .grad((input: tf.Tensor) => tf.sum(tf.mul(rectify(input.as4D(...x.shape)), weights)))(x)
        .dataSync(),
    ])
    expect(both[0]).toEqual(both[1])
  })
})

describe('batch normalisation', () => {
  it('has the values and gradients of TF.js’ own, differentiated step by step', () => {
    const x = tf.randomNormal<tf.Rank.R4>([3, 4, 5, 2], 1, 2, 'float32', 1)
    const scale = tf.tensor1d([0.5, 2])
    const offset = tf.tensor1d([1, -1])
    const weights = tf.randomNormal<tf.Rank.R4>([3, 4, 5, 2], 0, 1, 'float32', 2)
    const stepByStep = (input: tf.Tensor, factor: tf.Tensor, shift: tf.Tensor) => {
      const { mean, variance } = tf.moments(input, [0, 1, 2])
      return tf.batchNorm4d(
        input.as4D(3, 4, 5, 2),
        mean.as1D(),
        variance.as1D(),
        shift.as1D(),
        factor.as1D(),
        1e-3,
      )
    }
    const ours = (input: tf.Tensor, factor: tf.Tensor, shift: tf.Tensor) =>
      batchNorm(input.as4D(3, 4, 5, 2), factor.as1D(), shift.as1D()).output
    const [found = [], expected = []] = [ours, stepByStep].map((norm) => [
      norm(x, scale, offset),
      ...tf.grads((input: tf.Tensor, factor: tf.Tensor, shift: tf.Tensor) =>
        tf.sum(tf.mul(tf.square(norm(input, factor, shift)), weights)),
      )([x, scale, offset]),
    ])
    expect(found).toHaveLength(4)
    found.forEach((tensor, index) => {
      const difference = expected[index]
        ? tf.max(tf.abs(tf.sub(tensor, expected[index]))).dataSync()[0]
        : undefined
      expect(difference).toBeLessThan(2e-4)
    })
  })
})
