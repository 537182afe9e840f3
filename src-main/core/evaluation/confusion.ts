import type { ClassReport } from '../../contract/evaluation.ts'
import type { ClassList, Predictions } from './predictions.ts'
import { mean, ratio, sum } from './summary.ts'

/** [true class][predicted class] = clips, in the order of the run's classes. */
export type Confusion = number[][]

export function confusionMatrix({ classes, truth, predicted }: Predictions): Confusion {
  const width = classes.length
  const counts = new Uint32Array(width * width)
  for (let row = 0; row < truth.length; row++) {
    const cell = (truth[row] ?? 0) * width + (predicted[row] ?? 0)
    counts[cell] = (counts[cell] ?? 0) + 1
  }
  return matrixOf(counts, width)
}

/** One for each fold that was held out, folds ascending; by one pass over all clips. */
export function confusionByFold({ classes, folds, truth, predicted }: Predictions): Map<number, Confusion> {
  const width = classes.length
  const countsOf = new Map<number, Uint32Array<ArrayBuffer>>()
  let last = Number.NaN
  let counts = new Uint32Array()
  for (let row = 0; row < folds.length; row++) {
    const fold = folds[row] ?? 0
    if (fold !== last) {
      counts = countsOf.get(fold) ?? new Uint32Array(width * width)
      countsOf.set(fold, counts)
      last = fold
    }
    const cell = (truth[row] ?? 0) * width + (predicted[row] ?? 0)
    counts[cell] = (counts[cell] ?? 0) + 1
  }
  const rising = [...countsOf].sort(([a], [b]) => a - b)
  return new Map(rising.map(([fold, own]) => [fold, matrixOf(own, width)]))
}

const matrixOf = (counts: Uint32Array, width: number): Confusion =>
  Array.from({ length: width }, (_, row) => Array.from(counts.subarray(row * width, (row + 1) * width)))

const supports = (confusion: Confusion) => confusion.map(sum)
const predictedCounts = (confusion: Confusion) =>
  confusion.map((_, column) => sum(confusion.map((row) => row[column] ?? 0)))
export const hitCount = (confusion: Confusion) => sum(confusion.map((row, place) => row[place] ?? 0))
export const clipCount = (confusion: Confusion) => sum(supports(confusion))

/** Precision, recall and F1 of each class; a quotient with nothing below is 0 (scikit-learn's `zero_division=0`). */
export function classReports(classes: ClassList, confusion: Confusion): ClassReport[] {
  const support = supports(confusion)
  const predicted = predictedCounts(confusion)
  return classes.map(({ id, name }, place) => {
    const hits = confusion[place]?.[place] ?? 0
    return {
      classId: id,
      className: name,
      precision: ratio(hits, predicted[place] ?? 0),
      recall: ratio(hits, support[place] ?? 0),
      f1: ratio(2 * hits, (support[place] ?? 0) + (predicted[place] ?? 0)),
      support: support[place] ?? 0,
      predicted: predicted[place] ?? 0,
    }
  })
}

export interface Averages {
  precision: number
  recall: number
  f1: number
}
const MEASURES = ['precision', 'recall', 'f1'] as const

/** Unweighted means over the classes that occur among labels or predictions, as scikit-learn's `macro`. */
export function macroAverages(reports: readonly ClassReport[]): Averages {
  const present = reports.filter(({ support, predicted }) => support + predicted > 0)
  return averages((measure) => mean(present.map((report) => report[measure])))
}

/** Means weighted by the clips of each class. */
export function weightedAverages(reports: readonly ClassReport[]): Averages {
  const clips = sum(reports.map(({ support }) => support))
  return averages((measure) => ratio(sum(reports.map((report) => report[measure] * report.support)), clips))
}

function averages(of: (measure: (typeof MEASURES)[number]) => number): Averages {
  return { precision: of('precision'), recall: of('recall'), f1: of('f1') }
}

/** Mean recall over the classes that clips are labelled with, 0 … 1. */
export function balancedAccuracy(reports: readonly ClassReport[]): number {
  return mean(reports.filter(({ support }) => support > 0).map(({ recall }) => recall))
}

/** Matthews' correlation for several classes (Gorodkin 2004), −1 … 1; 0 where labels or predictions are of one class. */
export function matthewsCorrelation(confusion: Confusion): number {
  const support = supports(confusion)
  const predicted = predictedCounts(confusion)
  const clips = sum(support)
  const product = (a: readonly number[], b: readonly number[]) =>
    sum(a.map((value, place) => value * (b[place] ?? 0)))
  const covariance = hitCount(confusion) * clips - product(support, predicted)
  const ofTruth = clips ** 2 - product(support, support)
  const ofPredicted = clips ** 2 - product(predicted, predicted)
  return ratio(covariance, Math.sqrt(ofTruth) * Math.sqrt(ofPredicted))
}

/** Agreement beyond chance (Cohen 1960), up to 1; null where chance alone would agree on every clip. */
export function cohenKappa(confusion: Confusion): number | null {
  const predicted = predictedCounts(confusion)
  const clips = clipCount(confusion)
  const byChance = sum(supports(confusion).map((count, place) => count * (predicted[place] ?? 0))) / clips
  return byChance === clips ? null : (hitCount(confusion) - byChance) / (clips - byChance)
}
