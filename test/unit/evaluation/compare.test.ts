import { describe, expect, it } from 'vitest'
import {
  comparePair,
  type PairedPredictions,
  pairPredictions,
} from '../../../src-main/core/evaluation/compare.ts'
import type { Predictions } from '../../../src-main/core/evaluation/predictions.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'
import { columnsOf } from '../../support/predictions.ts'

const CLASSES = [
  { id: 3, name: 'dog_bark' },
  { id: 8, name: 'siren' },
]
const NAMES = { first: 'forest', second: 'network' }

/** Clips 1 … n of ten folds, four a recording; a recording is got right as a whole with some probability. */
function run(
  clips: number,
  accuracy: number,
  seed: number,
  more: Partial<Parameters<typeof columnsOf>[0]> = {},
) {
  const random = createRandom(seed)
  const luck = Array.from({ length: Math.ceil(clips / 4) }, () => random.uniform())
  const rows = Array.from({ length: clips }, (_, row) => row)
  const truth = rows.map((row) => row % 2)
  return columnsOf({
    classes: CLASSES,
    truth,
    predicted: truth.map((label, row) => ((luck[Math.floor(row / 4)] ?? 1) < accuracy ? label : 1 - label)),
    folds: rows.map((row) => (Math.floor(row / 4) % 10) + 1),
    recordings: rows.map((row) => Math.floor(row / 4)),
    ...more,
  })
}
const compared = (first: Predictions, second: Predictions, folds = 10) =>
  comparePair(pairPredictions(first, second), NAMES, folds)
const only = (predictions: Predictions, keep: (row: number) => boolean): Predictions => {
  const rows = [...predictions.clipIds.keys()].filter(keep)
  const of = (column: ArrayLike<number>) => rows.map((row) => column[row] ?? 0)
  return columnsOf({
    classes: predictions.classes,
    truth: of(predictions.truth),
    predicted: of(predictions.predicted),
    folds: of(predictions.folds),
    clipIds: of(predictions.clipIds),
    // As another run's reading would number them.
    recordings: of(predictions.recordings).map((number) => 99 - (number % 100)),
  })
}

describe('two runs on the same clips', () => {
  const first = run(400, 0.5, 1)
  const second = run(400, 0.8, 2)
  const pair = compared(first, second)

  it('are counted clip by clip', () => {
    const right = (of: Predictions, row: number) => of.predicted[row] === of.truth[row]
    const rows = [...first.truth.keys()]
    const count = (a: boolean, b: boolean) =>
      rows.filter((row) => right(first, row) === a && right(second, row) === b).length
    expect(pair).toMatchObject({
      clips: 400,
      bothRight: count(true, true),
      onlyFirstRight: count(true, false),
      onlySecondRight: count(false, true),
      bothWrong: count(false, false),
      bootstrap: { recordings: 100, replicates: 1000 },
    })
    expect(pair.accuracy.difference).toBeCloseTo((count(false, true) - count(true, false)) / 400, 12)
    for (const { fold, difference, clips } of pair.folds) {
      const some = rows.filter((row) => first.folds[row] === fold)
      const gained =
        some.filter((row) => right(second, row)).length - some.filter((row) => right(first, row)).length
      expect(clips).toBe(some.length)
      expect(difference).toBeCloseTo(gained / some.length, 12)
    }
    const [dogs] = pair.classes
    const barks = rows.filter((row) => first.truth[row] === 0)
    expect(dogs?.difference).toBeCloseTo(
      (barks.filter((row) => right(second, row)).length - barks.filter((row) => right(first, row)).length) /
        200,
      12,
    )
    expect(pair.confusion.flat().reduce((sum, value) => sum + value, 0)).toBe(0)
  })

  it('have intervals as wide as recordings, not clips, allow', () => {
    // Differences of recordings are −1, 0 or 1: the standard error of their mean is known.
    const gain = Array.from({ length: 100 }, (_, recording) => {
      const row = 4 * recording
      return (
        Number(second.predicted[row] === second.truth[row]) -
        Number(first.predicted[row] === first.truth[row])
      )
    })
    const centre = gain.reduce((sum, value) => sum + value, 0) / 100
    const error = Math.sqrt(gain.reduce((sum, value) => sum + (value - centre) ** 2, 0)) / 100
    const { low, high } = pair.accuracy.interval ?? { low: 0, high: 0 }
    expect(high - low).toBeGreaterThan(0.9 * 2 * 1.96 * error)
    expect(high - low).toBeLessThan(1.1 * 2 * 1.96 * error)
  })

  it('that differ much are told apart by name, as far as folds and recordings allow', () => {
    expect(pair.conclusion).toMatch(/^network is right on .* than forest .*but folds vary too much/)
    const [many, others] = [run(2000, 0.5, 1), run(2000, 0.8, 2)]
    expect(compared(many, others).conclusion).toMatch(/^network .*network can be taken for the better one/)
    const turned = compared(others, many)
    expect(turned.conclusion).toMatch(/^forest is right on .* than network .*forest can be taken/)
    expect(turned.accuracy.difference).toBeCloseTo(-compared(many, others).accuracy.difference, 12)
  })

  it('of more recordings than are drawn one by one have intervals as wide as theory has them', () => {
    const [many, others] = [run(48_000, 0.5, 1), run(48_000, 0.5, 2)]
    const { accuracy, bootstrap } = compared(many, others)
    expect(bootstrap.recordings).toBe(12_000)
    // Each recording is right in one run only half of the time, so its difference has a variance of ½.
    const expected = 2 * 1.96 * Math.sqrt(0.5 / 12_000)
    const width = (accuracy.interval?.high ?? 0) - (accuracy.interval?.low ?? 0)
    expect(width).toBeGreaterThan(0.9 * expected)
    expect(width).toBeLessThan(1.1 * expected)
  })

  it('that hardly differ are not called equal', () => {
    const close = compared(run(400, 0.6, 3), run(400, 0.62, 4))
    expect(close.conclusion).toContain('Neither can be called better')
    expect(close.conclusion).toContain('does not show that they are equal')
  })

  it('that are the same differ by nothing, which no test can judge', () => {
    const same = compared(first, first)
    expect(same).toMatchObject({
      accuracy: { difference: 0, interval: { low: 0, high: 0 } },
      mcNemar: { exactP: 1 },
      tTest: null,
      bayesian: null,
    })
    expect(same.conclusion).toMatch(/right on as many/)
  })
})

describe('what stands against a conclusion is said', () => {
  const first = run(400, 0.5, 1)
  const second = run(400, 0.8, 2)
  const caveats = (pair: ReturnType<typeof compared>) => pair.caveats.join('\n')

  it('clips of one run only are left out', () => {
    const part = only(second, (row) => row < 300)
    const pair = compared(first, part)
    expect(pair.clips).toBe(300)
    expect(caveats(pair)).toContain('Only one of the runs predicted 100 clips')
    const whole = compared(
      only(first, (row) => row < 300),
      part,
    )
    expect(pair.accuracy.difference).toBeCloseTo(whole.accuracy.difference, 12)
    expect(pair.accuracy.interval).toEqual(whole.accuracy.interval)
  })

  it('few folds', () => {
    const inFold = (of: Predictions) => only(of, (row) => of.folds[row] === 1 || of.folds[row] === 4)
    const pair = compared(inFold(first), inFold(second))
    expect(caveats(pair)).toContain('Only 2 of the 10 folds are shared')
    expect(pair.tTest?.degreesOfFreedom).toBe(1)
    const single = compared(
      only(first, (row) => first.folds[row] === 1),
      only(second, (row) => second.folds[row] === 1),
    )
    expect(single.tTest).toBeNull()
  })

  it('other labels are left out, other folds are not compared', () => {
    const relabelled: Predictions = {
      ...second,
      truth: second.truth.map((label, row) => (row < 8 ? 1 - label : label)),
    }
    const paired: PairedPredictions = pairPredictions(first, relabelled)
    expect(paired).toMatchObject({ relabelled: 8, unshared: 0 })
    expect(caveats(compared(first, relabelled))).toContain('8 clips had another label')
    const moved: Predictions = { ...second, folds: second.folds.map((fold, row) => (row === 0 ? 9 : fold)) }
    const pair = compared(first, moved)
    expect(pair).toMatchObject({ folds: [], tTest: null, bayesian: null })
    expect(caveats(pair)).toContain('1 clip lay in other folds')
  })
})
