import type { Evaluation, FoldResult } from '../../contract/evaluation.ts'
import { BOOTSTRAP, clusterBootstrap } from './bootstrap.ts'
import {
  balancedAccuracy,
  type Confusion,
  classReports,
  clipCount,
  cohenKappa,
  confusionByFold,
  confusionMatrix,
  hitCount,
  macroAverages,
  matthewsCorrelation,
  weightedAverages,
} from './confusion.ts'
import { foldInterval } from './intervals.ts'
import type { ClassList, Predictions } from './predictions.ts'
import { brierScore, labelRanks, logLoss, topAccuracy } from './probability-scores.ts'
import { mean, percentile, ratio, sampleStandardDeviation } from './summary.ts'
import { clusterCounts, figuresOf, tallyOf } from './tally.ts'

/**
 * Everything that is shown of a run but its curves, from its predictions. Figures are scikit-learn's with
 * `zero_division=0`; the spread is numpy's `std(ddof=1)`, the quartiles numpy's `percentile` with linear interpolation.
 * @param predictions - one at least
 * @param expectedFolds - folds that the run was to hold out
 */
export function evaluate(
  runId: string,
  predictions: Predictions,
  expectedFolds: readonly number[],
): Omit<Evaluation, 'published' | 'split'> {
  const figures = pointFigures(predictions)
  const ranks = labelRanks(predictions)
  return {
    runId,
    ...figures,
    top2: topAccuracy(ranks, 2),
    top3: topAccuracy(ranks, 3),
    logLoss: logLoss(predictions),
    brierScore: brierScore(predictions),
    ...resampled(predictions),
    missingFolds: expectedFolds.filter((fold) => !figures.folds.some((result) => result.fold === fold)),
  }
}

/** What follows from labels and predicted classes alone, without intervals by resampling. */
export function pointFigures(predictions: Predictions) {
  const { classes } = predictions
  const folds = [...confusionByFold(predictions)].map(([fold, own]) => foldResult(classes, fold, own))
  const accuracies = folds.map(({ accuracy }) => accuracy)
  const sorted = accuracies.toSorted((a, b) => a - b)
  const confusion = confusionMatrix(predictions)
  const perClass = classReports(classes, confusion)
  return {
    classes: classes.map(({ id, name }) => ({ id, name })),
    clips: predictions.truth.length,
    folds,
    meanAccuracy: mean(accuracies),
    sampleStandardDeviation: sampleStandardDeviation(accuracies),
    meanInterval: foldInterval(accuracies),
    boxPlot: {
      minimum: percentile(sorted, 0),
      lowerQuartile: percentile(sorted, 0.25),
      median: percentile(sorted, 0.5),
      upperQuartile: percentile(sorted, 0.75),
      maximum: percentile(sorted, 1),
    },
    pooledAccuracy: ratio(hitCount(confusion), clipCount(confusion)),
    balancedAccuracy: balancedAccuracy(perClass),
    macro: macroAverages(perClass),
    weighted: weightedAverages(perClass),
    matthewsCorrelation: matthewsCorrelation(confusion),
    cohenKappa: cohenKappa(confusion),
    confusion,
    perClass,
  }
}

function foldResult(classes: ClassList, fold: number, confusion: Confusion): FoldResult {
  const perClass = classReports(classes, confusion)
  const [clips, correct] = [clipCount(confusion), hitCount(confusion)]
  return {
    fold,
    clips,
    correct,
    accuracy: correct / clips,
    macroF1: macroAverages(perClass).f1,
    balancedAccuracy: balancedAccuracy(perClass),
    perClass,
  }
}

/** Intervals of the pooled figures by drawing whole recordings. */
function resampled(predictions: Predictions): Pick<Evaluation, 'bootstrap' | 'intervals'> {
  const { recordingCount } = predictions
  const classes = predictions.classes.length
  const intervals = clusterBootstrap(clusterCounts([predictions], []), BOOTSTRAP, (sums) => {
    const { accuracy, macroF1, recall, f1 } = figuresOf(tallyOf(sums, classes, 0))
    return [accuracy, macroF1, ...recall, ...f1].map(({ value }) => value)
  })
  const [accuracy, macroF1] = intervals
  return {
    bootstrap: { ...BOOTSTRAP, recordings: recordingCount },
    intervals: {
      accuracy: accuracy ?? { low: 0, high: 1 },
      macroF1: macroF1 ?? { low: 0, high: 1 },
      recall: intervals.slice(2, 2 + classes),
      f1: intervals.slice(2 + classes),
    },
  }
}
