import {
  type ChartMark,
  type ChartPoint,
  meanSeries,
  type Series,
} from '../../../src-main/contract/chart/line-chart.ts'
import type { Epoch } from '../../../src-main/contract/run.ts'

export type CurveKind = 'loss' | 'accuracy' | 'rate'

interface Line {
  readonly name: string
  readonly colour: string
  readonly dashed: boolean
  /** Null where an epoch has no such value. */
  readonly value: (epoch: Epoch) => number | null
}

const TRAINING = { name: /* @wc-include */ 'training', colour: 'var(--series-train)', dashed: true }
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

/** Folds whose mean is drawn, and up to which epoch all of them have come. */
export interface MeanOf {
  readonly folds: readonly number[]
  readonly epochs: number
  /** False for folds that are still on their way. */
  readonly ended: boolean
}

/**
 * Whose mean says something: of the folds that have ended, else of those that have begun, and no further than all of them
 * have come. A mean over whichever folds have reached an epoch would jump with each that joins or leaves.
 */
export function meanOf(epochs: readonly Epoch[], ended: readonly number[]): MeanOf {
  const last = new Map<number, number>()
  for (const { fold, epoch } of epochs) last.set(fold, Math.max(epoch, last.get(fold) ?? 0))
  const done = [...last.keys()].filter((fold) => ended.includes(fold))
  const folds = done.length > 0 ? done : [...last.keys()]
  return {
    folds,
    epochs: folds.length === 0 ? 0 : Math.min(...folds.map((fold) => last.get(fold) ?? 0)),
    ended: done.length > 0,
  }
}

/**
 * The lines of one chart: each fold faint, and the chosen fold or a mean in front.
 * @param front - a fold, or the folds whose mean it is
 */
export function curves(epochs: readonly Epoch[], kind: CurveKind, front: number | MeanOf): Series[] {
  const folds = [...new Set(epochs.map(({ fold }) => fold))].sort((a, b) => a - b)
  return LINES[kind].flatMap(({ name, colour, dashed, value }): Series[] => {
    const byFold = folds.map((fold) => ({ fold, points: pointsOf(epochs, fold, value) }))
    const main =
      typeof front === 'number'
        ? pointsOf(epochs, front, value)
        : meanSeries(
            byFold.filter(({ fold }) => front.folds.includes(fold)).map(({ points }) => points),
          ).filter(({ x }) => x <= front.epochs)
    if (byFold.every(({ points }) => points.length === 0)) return []
    return [
      ...byFold.map(
        ({ fold, points }): Series => ({ name: `${name}, fold ${fold}`, points, colour, emphasis: 'faint' }),
      ),
      { name, points: main, colour, emphasis: 'main', dashed },
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
