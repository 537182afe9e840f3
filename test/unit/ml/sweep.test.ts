import { describe, expect, it } from 'vitest'
import { withChanges } from '../../../src-main/contract/dotted.ts'
import { sweepInputSchema } from '../../../src-main/contract/sweep.ts'
import { FEATURE_PRESETS } from '../../../src-main/core/features/recipe.ts'
import { drawTrials } from '../../../src-main/core/ml/sweep/draw-trials.ts'
import { planSweep, visibleClips } from '../../../src-main/core/ml/sweep/plan-sweep.ts'
import { rankTrials } from '../../../src-main/core/ml/sweep/rank-trials.ts'
import { rungsOf } from '../../../src-main/core/ml/sweep/rungs.ts'

const recipeNamed = (name: string) => {
  const recipe = FEATURE_PRESETS[name]
  if (!recipe) throw new Error(`no recipe ${name}`)
  return recipe
}
const plan = (given: object, folds = [1, 2, 3, 4, 5]) =>
  planSweep(
    sweepInputSchema.parse({ heldOut: [1], search: { method: 'grid' }, ...given }),
    recipeNamed,
    folds,
    2,
  )
const rates = { 'training.learningRate': { choice: [0.01, 0.001] } }

describe('settings by dotted names', () => {
  it('are changed in their place, and leave the rest and the original alone', () => {
    const settings = { preset: 'a', training: { epochs: 3, optimizer: { name: 'sgd', momentum: 0.8 } } }
    expect(
      withChanges(settings, { 'training.optimizer.momentum': 0.5, 'network.width': 2, preset: 'b' }),
    ).toEqual({
      preset: 'b',
      training: { epochs: 3, optimizer: { name: 'sgd', momentum: 0.5 } },
      network: { width: 2 },
    })
    expect(settings.training.optimizer.momentum).toBe(0.8)
  })

  it('begin anew what another name is given to, in whatever order', () => {
    const settings = { training: { optimizer: { name: 'sgd', momentum: 0.8 } } }
    expect(
      withChanges(settings, { 'training.optimizer.beta1': 0.7, 'training.optimizer.name': 'adam' }),
    ).toEqual({ training: { optimizer: { name: 'adam', beta1: 0.7 } } })
  })
})

describe('draws', () => {
  it('of a grid are every combination once, ranges from end to end', () => {
    const drawn = drawTrials(
      {
        'network.width': { choice: [1, 2] },
        'training.learningRate': { logUniform: [0.0001, 0.01], integer: false, points: 3 },
        'training.epochs': { uniform: [1, 4], integer: true, points: 9 },
      },
      { method: 'grid' },
    )
    expect(drawn).toHaveLength(2 * 3 * 4)
    expect(new Set(drawn.map((changes) => changes['training.learningRate']))).toEqual(
      new Set([0.0001, 0.001, 0.01]),
    )
    expect(new Set(drawn.map((changes) => changes['training.epochs']))).toEqual(new Set([1, 2, 3, 4]))
    expect(() =>
      drawTrials({ 'network.width': { uniform: [1, 2], integer: false } }, { method: 'grid' }),
    ).toThrow(/needs the points of network.width/)
  })

  it('at random come back by seed, stay in their range, and are even on their own scale', () => {
    const space = {
      'training.learningRate': { logUniform: [1e-5, 0.1] as [number, number], integer: false },
      'training.warmUp': { uniform: [0, 0.5] as [number, number], integer: false },
    }
    const draw = (seed: number) => drawTrials(space, { method: 'random', trials: 1000, seed })
    expect(draw(1)).toEqual(draw(1))
    expect(draw(1)).not.toEqual(draw(2))
    const logs = draw(3).map((changes) => Math.log10(Number(changes['training.learningRate'])))
    const shares = draw(3).map((changes) => Number(changes['training.warmUp']) / 0.5)
    for (const [values, low, high] of [
      [logs, -5, -1],
      [shares, 0, 1],
    ] as const) {
      expect(Math.min(...values)).toBeGreaterThanOrEqual(low)
      expect(Math.max(...values)).toBeLessThanOrEqual(high)
      for (let quarter = 0; quarter < 4; quarter++) {
        const from = low + ((high - low) * quarter) / 4
        const inside = values.filter((value) => value >= from && value < from + (high - low) / 4)
        // Binomial with n 1000 and p 1/4: five standard deviations.
        expect(Math.abs(inside.length - 250)).toBeLessThan(69)
      }
    }
  })

  it('are all different, and fewer where a space has no more', () => {
    const drawn = drawTrials(
      { 'network.width': { choice: [1, 2, 3] }, seed: { choice: [4, 5] } },
      { method: 'random', trials: 50, seed: 1 },
    )
    expect(new Set(drawn.map((changes) => JSON.stringify(changes))).size).toBe(6)
    expect(drawn).toHaveLength(6)
  })
})

describe('rungs of successive halving', () => {
  const halving = { method: 'halving' as const, eta: 3, minimumEpochs: 1, trials: 27, seed: 1 }

  it('are those of Hyperband’s first bracket (Li et al. 2018, table 1: R 81, eta 3)', () => {
    expect(rungsOf(halving, 81, 81)).toEqual([
      { trials: 81, epochs: 1 },
      { trials: 27, epochs: 3 },
      { trials: 9, epochs: 9 },
      { trials: 3, epochs: 27 },
      { trials: 1, epochs: 81 },
    ])
  })

  it('train at least the fewest epochs, and end with all of them', () => {
    expect(rungsOf({ ...halving, minimumEpochs: 5 }, 27, 18)).toEqual([
      { trials: 27, epochs: 6 },
      { trials: 9, epochs: 18 },
    ])
    expect(rungsOf(halving, 2, 18)).toEqual([{ trials: 2, epochs: 18 }])
    expect(rungsOf({ ...halving, minimumEpochs: 50 }, 27, 18)).toEqual([{ trials: 27, epochs: 18 }])
  })
})

describe('a sweep’s plan', () => {
  it('has every trial with all of its settings, scored on the folds after the held-out ones', () => {
    const { settings, trials } = plan({ space: rates, heldOut: [4], innerFolds: 2 })
    expect(settings).toMatchObject({ scoredOn: [5, 1], rungs: [{ trials: 2, epochs: null }], processes: 2 })
    expect(trials.map((trial) => [trial.settings.training.learningRate, trial.settings.folds])).toEqual([
      [0.01, [1, 5]],
      [0.001, [1, 5]],
    ])
    expect(trials[0]?.settings).toMatchObject({ preset: 'compact-s', threadsPerProcess: 1 })
  })

  it('changes a part of a setting in what the preset has', () => {
    const [trial] = plan({
      space: {
        'training.optimizer.beta2': { choice: [0.9] },
        'training.augmentation.mixup': { choice: [1] },
      },
      base: { preset: 'compact-s' },
    }).trials
    const [same] = plan({ space: { seed: { choice: [1] } } }).trials
    expect(trial?.settings.training.optimizer).toEqual({ ...same?.settings.training.optimizer, beta2: 0.9 })
    expect(trial?.settings.training.augmentation).toEqual({
      ...same?.settings.training.augmentation,
      mixup: 1,
    })
  })

  it.each([
    [{ space: { 'training.learnigRate': { choice: [1] } } }, /training.learnigRate = 1.*learnigRate/],
    [{ space: { 'network.nope': { choice: [1] } } }, /network.nope = 1/],
    [{ space: { 'training.learningRate': { choice: [0.1, -1] } } }, /training.learningRate = -1: /],
    [{ space: { preset: { choice: ['compact-s', 'nope'] } } }, /preset = nope: There is no preset "nope"/],
    [{ space: rates, heldOut: [9] }, /no fold 9/],
    [{ space: rates, heldOut: [1, 2, 3, 4] }, /one fold is left/],
    [{ space: rates, innerFolds: 5 }, /4 folds besides/],
    [{ space: rates, base: { split: { kind: 'random' } } }, /98 %/],
    [
      { space: { 'training.epochs': { choice: [1, 2] } }, search: { method: 'halving' } },
      /can’t be searched too/,
    ],
    [
      {
        space: { 'network.trees': { choice: [1, 2] } },
        base: { preset: 'random-forest' },
        search: { method: 'halving' },
      },
      /learns in one pass/,
    ],
  ])('refuses %j before anything is trained', (given, message) => {
    expect(() => plan(given)).toThrow(message)
  })

  it.each([
    [{ folds: { choice: [1] } }],
    [{ 'split.folds': { choice: [3] } }],
    [{ engine: { choice: ['wasm'] } }],
    [{ 'training.learningRate': { logUniform: [0, 1] } }],
    [{ 'training.learningRate': { uniform: [2, 1] } }],
    [{}],
  ])('has no space like %j', (space) => {
    expect(sweepInputSchema.safeParse({ space, heldOut: [1], search: { method: 'grid' } }).success).toBe(
      false,
    )
  })

  it('shows trials no clip of a held-out fold, and on demand none that shares its recording', () => {
    const clips = [
      { fold: 1, classId: 0, recording: 'a' },
      { fold: 2, classId: 0, recording: 'a' },
      { fold: 3, classId: 0, recording: 'b' },
    ]
    const { settings } = plan({ space: rates, base: { excludeCrossing: true } })
    expect(visibleClips(clips, settings)).toEqual(clips.slice(2))
    expect(visibleClips(clips, plan({ space: rates }).settings)).toEqual(clips.slice(1))
  })
})

describe('ranking', () => {
  const { settings, trials } = plan({
    space: { 'network.width': { choice: [0.5, 1, 2, 4, 3, 5] } },
    base: { training: { epochs: 9 } },
    search: { method: 'halving', trials: 6, eta: 2, minimumEpochs: 4 },
    innerFolds: 2,
  })
  const rows = trials.map((trial, index) => ({ ...trial, trial: index + 1, error: null }))
  const score = (trial: number, rung: number, accuracies: number[], loss = 1) =>
    accuracies.map((accuracy, fold) => ({ trial, rung, fold: fold + 2, accuracy, loss, seconds: 1 }))
  const first = [
    ...score(1, 0, [0.5, 0.7]),
    ...score(2, 0, [0.7, 0.9]),
    ...score(3, 0, [0.1, 0.1]),
    ...score(4, 0, [0.6, 0.6], 0.5),
    ...score(5, 0, [0.2, 0.2]),
    ...score(6, 0, [0.3]),
  ]

  it('goes by rung, then accuracy, then loss; a rung counts when all inner folds have scored it', () => {
    expect(settings.rungs).toEqual([
      { trials: 6, epochs: 5 },
      { trials: 3, epochs: 9 },
    ])
    const ranked = rankTrials({ status: 'running', settings }, rows, first)
    expect(ranked.map(({ trial, state }) => [trial, state])).toEqual(
      [2, 4, 1, 5, 3, 6].map((trial) => [trial, 'waiting']),
    )
    expect(ranked[0]?.rungs[0]).toMatchObject({
      accuracy: expect.closeTo(0.8, 12),
      sampleStandardDeviation: expect.closeTo(Math.SQRT2 / 10, 12),
    })
  })

  it('drops who is not among the best of a rung, and puts who cannot be trained last', () => {
    const scores = [
      ...first.filter(({ trial }) => trial !== 6),
      ...score(4, 1, [0.9, 0.9]),
      ...score(2, 1, [0.5]),
    ]
    const failed = rows.map((row) =>
      row.trial === 6 ? { ...row, error: { code: 'training-failed' as const, message: 'NaN' } } : row,
    )
    expect(
      rankTrials({ status: 'running', settings }, failed, scores).map(({ trial, state }) => [trial, state]),
    ).toEqual([
      [4, 'scored'],
      [2, 'waiting'],
      [1, 'waiting'],
      [5, 'dropped'],
      [3, 'dropped'],
      [6, 'failed'],
    ])
  })
})
