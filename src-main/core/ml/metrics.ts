import type { ClassReport, Evaluation, FoldResult } from '../../contract/run.ts'

/** One out-of-fold prediction, as far as metrics look at it. */
export interface ScoredClip {
  fold: number
  salience: 1 | 2 | null
  trueClassId: number
  predictedClassId: number
}

type Classes = readonly { id: number; name: string }[]

/**
 * Everything that is shown of a run, from its predictions. Figures are those of scikit-learn's `accuracy_score`,
 * `confusion_matrix` and `precision_recall_fscore_support(zero_division=0)`; the spread is numpy's `std(ddof=1)`, the
 * quartiles numpy's `percentile` with linear interpolation.
 * @param expectedFolds - folds that the run was to hold out
 */
export function evaluate(
  runId: string,
  classes: Classes,
  clips: readonly ScoredClip[],
  expectedFolds: readonly number[],
): Omit<Evaluation, 'split'> {
  const byFold = Map.groupBy(clips, (clip) => clip.fold)
  const folds = [...byFold]
    .sort(([a], [b]) => a - b)
    .map(([fold, group]): FoldResult => {
      const correct = countCorrect(group)
      return {
        fold,
        clips: group.length,
        correct,
        accuracy: correct / group.length,
        macroF1: macroF1(classReports(classes, confusionMatrix(classes, group)), group),
      }
    })
  const accuracies = folds.map((fold) => fold.accuracy)
  const confusion = confusionMatrix(classes, clips)
  const perClass = classReports(classes, confusion)
  const sorted = accuracies.toSorted((a, b) => a - b)
  return {
    runId,
    classes: classes.map(({ id, name }) => ({ id, name })),
    folds,
    meanAccuracy: mean(accuracies),
    sampleStandardDeviation: sampleStandardDeviation(accuracies),
    pooledAccuracy: clips.length === 0 ? 0 : countCorrect(clips) / clips.length,
    macroF1: macroF1(perClass, clips),
    boxPlot: {
      minimum: percentile(sorted, 0),
      lowerQuartile: percentile(sorted, 0.25),
      median: percentile(sorted, 0.5),
      upperQuartile: percentile(sorted, 0.75),
      maximum: percentile(sorted, 1),
    },
    confusion,
    perClass,
    bySalience: ([1, 2] as const).flatMap((salience) => {
      const group = clips.filter((clip) => clip.salience === salience)
      return group.length === 0
        ? []
        : [{ salience, clips: group.length, accuracy: countCorrect(group) / group.length }]
    }),
    missingFolds: expectedFolds.filter((fold) => !byFold.has(fold)),
  }
}

const countCorrect = (clips: readonly ScoredClip[]) =>
  clips.filter((clip) => clip.trueClassId === clip.predictedClassId).length

/** @returns [true class][predicted class] = clips, both in the order of `classes` */
export function confusionMatrix(classes: Classes, clips: readonly ScoredClip[]): number[][] {
  const placeOf = new Map(classes.map(({ id }, place) => [id, place]))
  const matrix = classes.map(() => classes.map(() => 0))
  for (const clip of clips) {
    const row = matrix[placeOf.get(clip.trueClassId) ?? -1]
    const column = placeOf.get(clip.predictedClassId) ?? -1
    if (row?.[column] !== undefined) row[column] += 1
  }
  return matrix
}

/** Precision, recall and F1 of each class; a quotient with nothing below is 0. */
export function classReports(classes: Classes, confusion: readonly (readonly number[])[]): ClassReport[] {
  return classes.map(({ id, name }, place) => {
    const hits = confusion[place]?.[place] ?? 0
    const support = sum(confusion[place] ?? [])
    const predicted = sum(confusion.map((row) => row[place] ?? 0))
    const precision = ratio(hits, predicted)
    const recall = ratio(hits, support)
    return {
      classId: id,
      className: name,
      precision,
      recall,
      f1: ratio(2 * hits, support + predicted),
      support,
    }
  })
}

/** Unweighted mean of F1 over the classes that occur among labels or predictions, as scikit-learn's default. */
function macroF1(reports: readonly ClassReport[], clips: readonly ScoredClip[]): number {
  const present = new Set(clips.flatMap((clip) => [clip.trueClassId, clip.predictedClassId]))
  return mean(reports.filter((report) => present.has(report.classId)).map((report) => report.f1))
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)
const ratio = (part: number, whole: number) => (whole === 0 ? 0 : part / whole)
const mean = (values: readonly number[]) => (values.length === 0 ? 0 : sum(values) / values.length)

/** With n − 1 below; null for fewer than two values. */
export function sampleStandardDeviation(values: readonly number[]): number | null {
  if (values.length < 2) return null
  const centre = mean(values)
  return Math.sqrt(sum(values.map((value) => (value - centre) ** 2)) / (values.length - 1))
}

/** @param sorted - ascending. @param share - 0 … 1; between two values linearly */
export function percentile(sorted: readonly number[], share: number): number {
  const place = share * (sorted.length - 1)
  const below = sorted[Math.floor(place)] ?? 0
  const above = sorted[Math.ceil(place)] ?? below
  return below + (above - below) * (place - Math.floor(place))
}
