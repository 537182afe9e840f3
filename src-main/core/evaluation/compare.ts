import type { RunPair } from '../../contract/evaluation.ts'
import type { Rights } from '../../contract/library.ts'
import { BOOTSTRAP, clusterBootstrap, totals } from './bootstrap.ts'
import { conclude } from './conclusion.ts'
import { confusionByFold, confusionMatrix } from './confusion.ts'
import { bayesianTTest, correctedTTest, mcNemar } from './paired-tests.ts'
import { type Predictions, pick } from './predictions.ts'
import { clusterCounts, figuresOf, tallyOf } from './tally.ts'

/** Two runs on the clips that both predicted under the same label, row for row; classes are those of the first. */
export interface PairedPredictions {
  first: Predictions
  second: Predictions
  /** Clips that one of the runs predicted and the other did not. */
  unshared: number
  /** Clips left out since the runs were scored against different labels. */
  relabelled: number
  /** Of the shared clips, those that were held out in different folds. */
  inOtherFolds: number
}

/** Clip ids of both rise, so one pass finds the shared ones. Both must be of the same list of classes. */
export function pairPredictions(first: Predictions, second: Predictions): PairedPredictions {
  const most = Math.min(first.clipIds.length, second.clipIds.length)
  const [inFirst, inSecond] = [new Int32Array(most), new Int32Array(most)]
  let [a, b, paired, relabelled, inOtherFolds] = [0, 0, 0, 0, 0]
  while (a < first.clipIds.length && b < second.clipIds.length) {
    const [idA, idB] = [first.clipIds[a] ?? 0, second.clipIds[b] ?? 0]
    if (idA === idB) {
      if (first.truth[a] !== second.truth[b]) relabelled += 1
      else {
        if (first.folds[a] !== second.folds[b]) inOtherFolds += 1
        inFirst[paired] = a
        inSecond[paired] = b
        paired += 1
      }
    }
    if (idA <= idB) a += 1
    if (idB <= idA) b += 1
  }
  const shared = paired + relabelled
  // In the same order of the same clips, so recordings get the same numbers in both.
  return {
    first: pick(first, inFirst.subarray(0, paired)),
    second: pick(second, inSecond.subarray(0, paired)),
    unshared: first.clipIds.length + second.clipIds.length - 2 * shared,
    relabelled,
    inOtherFolds,
  }
}

/** The shared clips that both got right, only one, or neither. @returns ids, ascending */
export function clipsByRights({ first, second }: PairedPredictions, right: Rights): Int32Array {
  const wanted = RIGHTS_PATTERNS[right]
  return first.clipIds.filter((_, row) => rightsOf(first, second, row) === wanted)
}

/** A bit each for the first and the second. */
const RIGHTS_PATTERNS: Readonly<Record<Rights, number>> = { neither: 0, first: 1, second: 2, both: 3 }
const rightsOf = (first: Predictions, second: Predictions, row: number) =>
  (first.predicted[row] === first.truth[row] ? 1 : 0) + (second.predicted[row] === first.truth[row] ? 2 : 0)

/** Of accuracy: a percentage point either way is practically none, as in Benavoli et al. (2017). */
const ROPE = 0.01

export interface Names {
  first: string
  second: string
}

/**
 * The second run less the first, on shared clips.
 * @param paired - one clip at least
 * @param foldCount - into how many the split parts the dataset: a model of a fold was trained on all the others
 */
export function comparePair(paired: PairedPredictions, names: Names, foldCount: number): RunPair {
  const { first, second } = paired
  const { classes, truth, recordingCount } = first
  const folds = paired.inOtherFolds > 0 ? [] : [...confusionByFold(first).keys()]
  const clusters = clusterCounts([first, second], folds)
  const figures = (sums: Int32Array, place: number) => {
    const found = figuresOf(tallyOf(sums, classes.length, folds.length, place))
    return [found.accuracy, found.macroF1, ...found.folds, ...found.recall]
  }
  const whole = totals(clusters)
  const [ofFirst, ofSecond] = [figures(whole, 0), figures(whole, 1)]
  const intervals = clusterBootstrap(clusters, BOOTSTRAP, (sums) => {
    const other = figures(sums, 1)
    return figures(sums, 0).map(({ value }, at) => (other[at]?.value ?? Number.NaN) - value)
  })
  const figure = (at: number) => {
    const { clips = 0, value: a = 0 } = ofFirst[at] ?? {}
    const b = ofSecond[at]?.value ?? 0
    return { clips, first: a, second: b, difference: b - a, interval: intervals[at] ?? null }
  }
  const counted = (right: Rights) =>
    truth.filter((_, row) => rightsOf(first, second, row) === RIGHTS_PATTERNS[right]).length
  const rights = { both: counted('both'), first: counted('first'), second: counted('second') }
  const perFold = folds.map((fold, index) => ({ fold, ...figure(2 + index) }))
  const differences = perFold.map(({ difference }) => difference)
  const testToTraining = 1 / (foldCount - 1)
  const confusions = [confusionMatrix(first), confusionMatrix(second)]
  const pair = {
    clips: truth.length,
    bootstrap: { ...BOOTSTRAP, recordings: recordingCount },
    accuracy: figure(0),
    macroF1: figure(1),
    folds: perFold,
    classes: classes.flatMap(({ id, name }, index) => {
      const found = figure(2 + folds.length + index)
      return found.clips === 0 ? [] : [{ classId: id, className: name, ...found }]
    }),
    confusion: classes.map((_, row) =>
      classes.map(
        (__, column) => (confusions[1]?.[row]?.[column] ?? 0) - (confusions[0]?.[row]?.[column] ?? 0),
      ),
    ),
    bothRight: rights.both,
    onlyFirstRight: rights.first,
    onlySecondRight: rights.second,
    bothWrong: truth.length - rights.both - rights.first - rights.second,
    mcNemar: mcNemar(rights.first, rights.second),
    tTest: correctedTTest(differences, testToTraining),
    bayesian: bayesianTTest(differences, testToTraining, ROPE),
  }
  return { ...names, ...pair, ...conclude(pair, paired, names, foldCount) }
}
