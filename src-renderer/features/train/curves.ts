import type { Epoch } from '../../../src-main/contract/model.ts'
import { type ChartPoint, meanSeries, type Series } from '../../lib/components/chart/line-chart.ts'

type Measure = 'trainLoss' | 'testLoss' | 'trainAccuracy' | 'testAccuracy'

/**
 * The lines of one chart: training and held-out, each fold faint and the chosen fold or the mean in front.
 * @param chosen - a fold, or null for the mean over folds
 */
export function curves(epochs: readonly Epoch[], kind: 'Loss' | 'Accuracy', chosen: number | null): Series[] {
  const folds = [...new Set(epochs.map(({ fold }) => fold))].sort((a, b) => a - b)
  const lines = (measure: Measure, name: string, colour: string, dashed: boolean): Series[] => {
    const byFold = folds.map((fold) => ({ fold, points: pointsOf(epochs, fold, measure) }))
    const front =
      chosen === null ? meanSeries(byFold.map(({ points }) => points)) : pointsOf(epochs, chosen, measure)
    return [
      ...byFold.map(
        ({ fold, points }): Series => ({ name: `${name}, fold ${fold}`, points, colour, emphasis: 'faint' }),
      ),
      { name, points: front, colour, emphasis: 'main', dashed },
    ]
  }
  return [
    ...lines(`train${kind}`, 'training', 'var(--series-train)', true),
    ...lines(`test${kind}`, 'held-out', 'var(--series-test)', false),
  ]
}

function pointsOf(epochs: readonly Epoch[], fold: number, measure: Measure): ChartPoint[] {
  return epochs
    .filter((epoch) => epoch.fold === fold)
    .map((epoch) => ({ x: epoch.epoch, y: epoch[measure] }))
    .sort((a, b) => a.x - b.x)
}
