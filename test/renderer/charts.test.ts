import { describe, expect, it } from 'vitest'
import { boxPlotGeometry } from '../../src-main/contract/chart/box-plot.ts'
import {
  chartFrame,
  meanSeries,
  nearestX,
  seriesPath,
  wholeTicks,
} from '../../src-main/contract/chart/line-chart.ts'
import type { Epoch } from '../../src-main/contract/run.ts'
import { bestHeldOut, curves, meanOf } from '../../src-renderer/features/train/curves.ts'
import { type EpochKey, epochsCsv, sortedEpochs } from '../../src-renderer/features/train/epoch-columns.ts'
import {
  foldProgress,
  remainingSeconds,
  samplesPerSecond,
  withEpoch,
} from '../../src-renderer/features/train/run-progress.ts'
import { moveCell, rowShares } from '../../src-renderer/lib/components/confusion/confusion.ts'
import { percent } from '../../src-renderer/lib/format.ts'
import recorded from './recorded-epochs.json' with { type: 'json' }

const epoch = (fold: number, number: number, testAccuracy = 0.5, seconds = 2): Epoch => ({
  fold,
  epoch: number,
  trainLoss: 1,
  trainAccuracy: 0.6,
  innerLoss: null,
  innerAccuracy: null,
  testLoss: 1.2,
  testAccuracy,
  learningRate: 0.001,
  seconds,
})

describe('box plot', () => {
  // numpy.percentile(values, [0, 25, 50, 75, 100])
  const values = [0.66, 0.68, 0.7, 0.71, 0.73, 0.74, 0.76, 0.78, 0.79, 0.81]
  const stats = { minimum: 0.66, lowerQuartile: 0.7025, median: 0.735, upperQuartile: 0.775, maximum: 0.81 }

  it('places everything on one linear axis', () => {
    const { box, median, mean, whiskers, points, ticks } = boxPlotGeometry(stats, values, 0.736, 400)
    const [first, second] = ticks
    if (!first || !second) throw new Error('no ticks')
    const perShare = (second.x - first.x) / (second.value - first.value)
    const at = (share: number) => first.x + (share - first.value) * perShare
    expect(median).toBeCloseTo(at(0.735), 6)
    expect(mean).toBeCloseTo(at(0.736), 6)
    expect(box.x).toBeCloseTo(at(0.7025), 6)
    expect(box.x + box.width).toBeCloseTo(at(0.775), 6)
    expect([whiskers.from, whiskers.to]).toEqual([expect.closeTo(at(0.66), 6), expect.closeTo(at(0.81), 6)])
    expect(points.map(({ x }) => x)).toEqual(values.map((value) => expect.closeTo(at(value), 6)))
  })

  it('stacks points that would hide each other, in the order given', () => {
    const same = { minimum: 0.8, lowerQuartile: 0.8, median: 0.8, upperQuartile: 0.8, maximum: 0.8 }
    const { points } = boxPlotGeometry(same, [0.8, 0.8, 0.8], 0.8, 300)
    expect(points.map(({ lane }) => lane).sort()).toEqual([0, 1, 2])
  })

  it.each([0, 1, 0.5])('keeps folds that all reach %f within the axis', (value) => {
    const same = { minimum: value, lowerQuartile: value, median: value, upperQuartile: value, maximum: value }
    const { median, ticks } = boxPlotGeometry(same, [value], value, 300)
    expect(median).toBeGreaterThanOrEqual(0)
    expect(median).toBeLessThanOrEqual(300)
    for (const tick of ticks) expect(tick.value).toBeLessThanOrEqual(1)
  })
})

describe('line chart', () => {
  it('spans its axes and turns the value axis upwards', () => {
    const series = [{ name: 'a', points: [{ x: 1, y: 0.9 }], colour: 'red', emphasis: 'main' as const }]
    const frame = chartFrame(series, [1, 10], 180, 100)
    expect([frame.x(1), frame.x(10)]).toEqual([0, 180])
    expect(frame.y(0)).toBe(100)
    expect(frame.y(0.9)).toBeLessThan(15)
    const alone = chartFrame([], [1, 1], 100, 100, [0, 1])
    expect([alone.x(1), wholeTicks(alone.x, 8)]).toEqual([50, [1]])
  })

  it('draws an SVG path and leaves out what is not a number', () => {
    const frame = chartFrame([], [0, 10], 100, 100, [0, 1])
    const points = [
      { x: 0, y: 0 },
      { x: 5, y: Number.NaN },
      { x: 10, y: 1 },
    ]
    expect(seriesPath(frame, points)).toBe('M0,100L100,0')
    expect(seriesPath(frame, [])).toBe('')
  })

  it('averages over those folds that have reached an epoch', () => {
    const mean = meanSeries([
      [
        { x: 1, y: 0.2 },
        { x: 2, y: 0.4 },
      ],
      [{ x: 1, y: 0.4 }],
    ])
    expect(mean).toEqual([
      { x: 1, y: expect.closeTo(0.3, 12) },
      { x: 2, y: 0.4 },
    ])
  })

  it('marks whole epochs only', () => {
    expect(wholeTicks(chartFrame([], [1, 3], 100, 10).x, 8)).toEqual([1, 2, 3])
  })

  it('has a faint line for each fold and the mean or the chosen fold in front', () => {
    const epochs = [epoch(2, 1, 0.2), epoch(5, 1, 0.4), epoch(2, 2, 0.6)]
    const frontOf = (chosen?: number) =>
      curves(epochs, 'accuracy', chosen ?? meanOf(epochs, [])).filter(
        ({ emphasis }) => emphasis === 'main',
      )[1]?.points
    expect(frontOf()).toEqual([{ x: 1, y: expect.closeTo(0.3, 12) }])
    expect(frontOf(2)).toEqual([
      { x: 1, y: 0.2 },
      { x: 2, y: 0.6 },
    ])
    expect(curves(epochs, 'loss', 2).filter(({ emphasis }) => emphasis === 'faint')).toHaveLength(4)
    expect(curves(epochs, 'rate', 2).at(-1)?.points).toEqual([
      { x: 1, y: 0.001 },
      { x: 2, y: 0.001 },
    ])
  })

  it('takes the mean over folds that ended, else over all that began, as far as each of them has come', () => {
    const epochs = [epoch(1, 1), epoch(1, 2), epoch(2, 1), epoch(2, 2), epoch(2, 3), epoch(3, 1)]
    expect(meanOf(epochs, [])).toEqual({ folds: [1, 2, 3], epochs: 1, ended: false })
    expect(meanOf(epochs, [2, 1])).toEqual({ folds: [1, 2], epochs: 2, ended: true })
    expect(meanOf([], [])).toEqual({ folds: [], epochs: 0, ended: false })
  })

  it('has the inner fold’s line where a run has one', () => {
    const names = (epochs: Epoch[]) =>
      curves(epochs, 'loss', 1).flatMap(({ name, emphasis }) => (emphasis === 'main' ? [name] : []))
    expect(names([epoch(1, 1)])).not.toContain('inner fold')
    expect(names([{ ...epoch(1, 1), innerLoss: 0.7, innerAccuracy: 0.8 }])).toContain('inner fold')
  })

  it('marks the best epoch on the held-out fold, and says that it is not the result', () => {
    const mark = bestHeldOut(
      curves([epoch(1, 1, 0.2), epoch(1, 2, 0.7), epoch(1, 3, 0.6)], 'accuracy', 1),
      percent,
    )
    expect(mark).toMatchObject({ x: 2, y: 0.7, label: 'best on the test fold, not the result: 70.0 %' })
    expect(bestHeldOut(curves([epoch(1, 1)], 'accuracy', 1), percent)).toBeUndefined()
  })

  it('reads the values at the x nearest to the pointer', () => {
    const series = curves([epoch(1, 1), epoch(1, 2), epoch(1, 5)], 'accuracy', 1)
    expect([nearestX(series, 1.4), nearestX(series, 3.9), nearestX([], 1)]).toEqual([1, 5, null])
  })
})

describe('progress of a run', () => {
  it('is told fold by fold', () => {
    const progress = foldProgress([1, 2, 3], [epoch(1, 2, 0.7), epoch(1, 1, 0.5), epoch(3, 1)], [3])
    expect(progress.map(({ fold, epochsDone, state }) => [fold, epochsDone, state])).toEqual([
      [1, 2, 'training'],
      [2, 0, 'waiting'],
      [3, 1, 'done'],
    ])
    expect(progress[0]?.latest?.testAccuracy).toBe(0.7)
  })

  it('has folds that train before their first epoch has ended, and how far each is in its epoch', () => {
    const at = (epochNow: number, examplesDone: number) => ({
      progress: { epoch: epochNow, examplesDone, examples: 200, memoryBytes: 1 },
    })
    const told = [
      { fold: 1, ...at(1, 50) },
      { fold: 2, ...at(2, 100) },
      // Told before its first epoch ended, which is known by now.
      { fold: 3, ...at(1, 190) },
      { fold: 4, progress: null },
      { fold: 6, progress: null },
    ]
    const progress = foldProgress([1, 2, 3, 4, 5, 6], [epoch(2, 1), epoch(3, 1), epoch(6, 1)], [6], told)
    expect(progress.map(({ state, within }) => [state, within])).toEqual([
      ['training', 0.25],
      ['training', 0.5],
      ['training', 0],
      ['training', 0],
      ['waiting', 0],
      ['done', 0],
    ])
  })

  it('estimates what is left by folds that follow each other in a process', () => {
    const left = (epochs: Epoch[], folds: number[], done: number[], each: number, lanes: number) =>
      remainingSeconds(epochs, foldProgress(folds, epochs, done), each, lanes)
    expect(left([], [1, 2], [], 10, 2)).toBeNull()
    expect(left([epoch(1, 1, 0, 3), epoch(2, 1, 0, 5)], [1, 2], [], 10, 2)).toBe(36)
    // Three folds in two processes: the third begins when one of the first two ends.
    expect(left([epoch(1, 1, 0, 4), epoch(2, 1, 0, 4)], [1, 2, 3], [], 10, 2)).toBe(4 * (9 + 10))
    // A fold that stopped early is done.
    expect(left([epoch(1, 3), epoch(2, 1)], [1, 2], [1], 4, 1)).toBe(2 * 3)
    expect(left([epoch(1, 1)], [1], [1], 1, 1)).toBe(0)
  })

  it('takes recent epochs for those to come', () => {
    const epochs = [epoch(1, 1, 0, 60), ...[2, 3, 4, 5, 6].map((number) => epoch(1, number, 0, 2))]
    expect(remainingSeconds(epochs, foldProgress([1], epochs, []), 8, 1)).toBe(4)
  })

  it('is right within a third after the first epochs of a recorded run, and nearly always later', () => {
    const folds = [...new Set(recorded.epochs.map(([, fold = 0]) => fold))].sort((a, b) => a - b)
    const each = recorded.epochs.length / folds.length
    const errors = recorded.epochs.flatMap(([elapsed = 0], index) => {
      const past = recorded.epochs
        .slice(0, index + 1)
        .map(([, fold = 0, number = 0, seconds = 0]) => epoch(fold, number, 0, seconds))
      const done = folds.filter((fold) => past.filter((own) => own.fold === fold).length === each)
      const left = recorded.endSeconds - elapsed
      if (index === 0 || left < recorded.endSeconds / 10) return []
      return [Math.abs((remainingSeconds(past, foldProgress(folds, past, done), each, 2) ?? 0) / left - 1)]
    })
    expect(errors.length).toBeGreaterThan(100)
    expect(errors[0]).toBeLessThan(1 / 3)
    // Half-way the machine's other work ended, and epochs took half as long.
    expect(errors.filter((error) => error > 1 / 3).length / errors.length).toBeLessThan(0.15)
  })

  it('adds the speeds of the folds that train', () => {
    const folds = foldProgress([1, 2, 3], [epoch(1, 1, 0, 2), epoch(2, 1, 0, 4), epoch(3, 1, 0, 1)], [3])
    expect(samplesPerSecond(folds, 100)).toBe(75)
    expect(samplesPerSecond(foldProgress([1], [], []), 100)).toBeNull()
  })

  it('is a table that sorts, and a CSV', () => {
    const epochs = [epoch(2, 1, 0.5), epoch(1, 2, 0.5), epoch(1, 1, 0.9)]
    const order = (key: EpochKey, direction: 'asc' | 'desc') =>
      sortedEpochs(epochs, { key, direction }).map(({ fold, epoch: number }) => [fold, number])
    expect(order('testAccuracy', 'asc')).toEqual([
      [1, 2],
      [2, 1],
      [1, 1],
    ])
    expect(order('epoch', 'desc')[0]).toEqual([1, 2])
    const lines = epochsCsv(epochs).split('\r\n')
    expect(lines.slice(0, 2)).toEqual([
      'fold,epoch,trainLoss,trainAccuracy,innerLoss,innerAccuracy,testLoss,testAccuracy,learningRate,seconds',
      '1,1,1,0.6,,,1.2,0.9,0.001,2',
    ])
    expect(lines).toHaveLength(5)
  })

  it('takes an epoch once, whether it came as an event or was stored', () => {
    const twice = withEpoch(withEpoch([epoch(1, 1, 0.1)], epoch(1, 1, 0.2)), epoch(2, 1, 0.3))
    expect(twice.map(({ fold, testAccuracy }) => [fold, testAccuracy])).toEqual([
      [1, 0.2],
      [2, 0.3],
    ])
  })
})

describe('confusion matrix', () => {
  it('divides rows by their sums', () => {
    expect(
      rowShares([
        [3, 1],
        [0, 0],
      ]),
    ).toEqual([
      [0.75, 0.25],
      [0, 0],
    ])
  })

  it.each([
    ['ArrowUp', false, { row: 0, column: 1 }],
    ['ArrowDown', false, { row: 2, column: 1 }],
    ['ArrowLeft', false, { row: 1, column: 0 }],
    ['ArrowRight', false, { row: 1, column: 2 }],
    ['Home', false, { row: 1, column: 0 }],
    ['End', true, { row: 2, column: 2 }],
    ['a', false, null],
  ])('moves by %s (with Ctrl: %s)', (key, wide, expected) => {
    expect(moveCell({ row: 1, column: 1 }, key, 3, wide)).toEqual(expected)
  })

  it('stays inside', () => {
    expect(moveCell({ row: 0, column: 0 }, 'ArrowUp', 3, false)).toEqual({ row: 0, column: 0 })
    expect(moveCell({ row: 2, column: 2 }, 'ArrowRight', 3, false)).toEqual({ row: 2, column: 2 })
  })
})
