import type { ChartPoint } from '../../../src-main/contract/chart/line-chart.ts'
import { learningRateAt, startOfPlateau } from '../../../src-main/contract/schedules.ts'
import { type TrainingSettings, trainingInputSchema } from '../../../src-main/contract/training.ts'
import { type SettingTexts, TRAINING_FIELDS } from './setting-fields.ts'
import { settingsOf } from './setting-texts.ts'

const MOST_POINTS = 400
/** A chart of more is drawn in no time that a person would wait. */
const MOST_EPOCHS = 10_000

/**
 * The learning rate over a run, at most 401 points. A schedule that follows the loss stays at its highest: nobody knows
 * yet when it falls.
 * @returns x in epochs from 0
 */
export function learningRatePoints(
  training: Pick<TrainingSettings, 'epochs' | 'learningRate' | 'schedule' | 'warmUp'>,
  stepsPerEpoch: number,
): ChartPoint[] {
  const steps = training.epochs * stepsPerEpoch
  const plateau = startOfPlateau(training)
  const every = Math.max(1, Math.floor(steps / MOST_POINTS))
  const points: ChartPoint[] = []
  const add = (step: number) =>
    points.push({ x: step / stepsPerEpoch, y: learningRateAt(training, stepsPerEpoch, step, plateau) })
  for (let step = 0; step < steps - 1; step += every) add(step)
  add(steps - 1)
  return points
}

const scheduled = trainingInputSchema
  .pick({ epochs: true, learningRate: true, schedule: true, warmUp: true })
  .required()
  .strip()

/** The same for a form; empty while what it needs is not valid. */
export function learningRateOf(texts: SettingTexts, trainingClips: number): ChartPoint[] {
  const parsed = scheduled.safeParse(settingsOf(TRAINING_FIELDS, texts))
  if (!parsed.success || parsed.data.epochs > MOST_EPOCHS) return []
  const batchSize = Number(texts.batchSize)
  const steps = batchSize >= 1 ? Math.ceil(trainingClips / batchSize) : 1
  return learningRatePoints(parsed.data, Math.max(1, steps))
}

/** Clips that train a fold, if folds are about equal. */
export function trainingClips(
  dataset: { readableClips: number; folds: readonly number[] },
  texts: SettingTexts,
): number {
  const folds = Math.max(2, dataset.folds.length)
  const left = folds - 1 - (texts.innerFold === 'next' ? 1 : 0)
  return Math.max(1, Math.round((dataset.readableClips * left) / folds))
}

/** A rate as it is written: `0.008`, `1e-5`. */
export function rate(value: number): string {
  const rounded = Number(value.toPrecision(3))
  return rounded !== 0 && rounded < 1e-4 ? rounded.toExponential() : String(rounded)
}
