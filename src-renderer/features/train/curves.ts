import type { Epoch } from '../../../src-main/contract/model.ts'
import {
  type ChartMark,
  type ChartPoint,
  meanSeries,
  type Series,
} from '../../lib/components/chart/line-chart.ts'

export type CurveKind = 'loss' | 'accuracy' | 'rate'

interface Line {
  readonly name: string
  readonly colour: string
  readonly dashed: boolean
  /** Null where an epoch has no such value. */
  readonly value: (epoch: Epoch) => number | null
}

const TRAINING = { name: 'training', colour: 'var(--series-train)', dashed: true }
const INNER = { name: 'inner fold', colour: 'var(--series-inner)', dashed: false }
const HELD_OUT = { name: 'held-out, for the curve only', colour: 'var(--series-test)', dashed: false }

const LINES: Readonly<Record<CurveKind, readonly Line[]>> = {
  loss: [
    { ...TRAINING, value: (epoch) => epoch.trainLoss },
    { ...INNER, value: (epoch) => epoch.innerLoss },
    { ...HELD_OUT, value: (epoch) => epoch.testLoss },
  ],
  accuracy: [
    { ...TRAINING, value: (epoch) => epoch.trainAccuracy },
    { ...INNER, value: (epoch) => epoch.innerAccuracy },
    { ...HELD_OUT, value: (epoch) => epoch.testAccuracy },
  ],
  rate: [
    {
      name: 'learning rate',
      colour: 'var(--text-muted)',
      dashed: false,
      value: (epoch) => epoch.learningRate,
    },
  ],
}

/**
 * The lines of one chart: each fold faint, and the chosen fold or the mean in front.
 * @param chosen - a fold, or null for the mean over folds
 */
export function curves(epochs: readonly Epoch[], kind: CurveKind, chosen: number | null): Series[] {
  const folds = [...new Set(epochs.map(({ fold }) => fold))].sort((a, b) => a - b)
  return LINES[kind].flatMap(({ name, colour, dashed, value }): Series[] => {
    const byFold = folds.map((fold) => ({ fold, points: pointsOf(epochs, fold, value) }))
    const front =
      chosen === null ? meanSeries(byFold.map(({ points }) => points)) : pointsOf(epochs, chosen, value)
    if (byFold.every(({ points }) => points.length === 0)) return []
    return [
      ...byFold.map(
        ({ fold, points }): Series => ({ name: `${name}, fold ${fold}`, points, colour, emphasis: 'faint' }),
      ),
      { name, points: front, colour, emphasis: 'main', dashed },
    ]
  })
}

/**
 * Where the line in front is best on the held-out fold. It chose nothing: the label says so, and no figure of the run
 * repeats it.
 */
export function bestHeldOut(
  series: readonly Series[],
  format: (accuracy: number) => string,
): ChartMark | undefined {
  const front = series.find(({ name, emphasis }) => name === HELD_OUT.name && emphasis === 'main')
  const [first, ...others] = front?.points ?? []
  if (!first || others.length === 0) return undefined
  const best = others.reduce((top, point) => (point.y > top.y ? point : top), first)
  return {
    ...best,
    label: `best on the test fold, not the result: ${format(best.y)}`,
    colour: HELD_OUT.colour,
  }
}

function pointsOf(epochs: readonly Epoch[], fold: number, value: Line['value']): ChartPoint[] {
  return epochs
    .flatMap((epoch) => {
      const y = epoch.fold === fold ? value(epoch) : null
      return y === null ? [] : [{ x: epoch.epoch, y }]
    })
    .sort((a, b) => a.x - b.x)
}
