import type { RungScore, Sweep, Trial } from '../../../contract/sweep.ts'
import type { TrialRow, TrialScore } from '../../db/sweeps.ts'
import { byScore } from './rungs.ts'

/**
 * The trials with their scores, best first: by the rung that they reached, then by its accuracy and loss. A rung counts once all
 * of its inner folds have scored the trial.
 */
export function rankTrials(
  { status, settings }: Pick<Sweep, 'status' | 'settings'>,
  trials: readonly TrialRow[],
  scores: readonly TrialScore[],
): Trial[] {
  const innerFolds = settings.scoredOn.length
  const byTrial = Map.groupBy(scores, ({ trial }) => trial)
  const goesOn = settings.rungs.map((_, rung) => {
    const next = settings.rungs[rung + 1]
    const begun = status === 'succeeded' || scores.some((score) => score.rung > rung)
    return next && begun ? new Set(bestOfRung(trials, scores, rung, next.trials, innerFolds)) : undefined
  })
  const ranked = trials.map((row): Trial => {
    const rungs = rungScores(byTrial.get(row.trial) ?? [], innerFolds)
    const reached = rungs.at(-1)?.rung
    const dropped = reached !== undefined && goesOn[reached] && !goesOn[reached].has(row)
    const scored = reached === settings.rungs.length - 1
    return {
      ...row,
      rungs,
      state: row.error ? 'failed' : scored ? 'scored' : dropped ? 'dropped' : 'waiting',
    }
  })
  return ranked.sort((a, b) => compare(a, b) || a.trial - b.trial)
}

function compare(a: Trial, b: Trial): number {
  if ((a.error === null) !== (b.error === null)) return a.error === null ? -1 : 1
  const [x, y] = [a.rungs.at(-1), b.rungs.at(-1)]
  if (!x || !y) return Number(x === undefined) - Number(y === undefined)
  return y.rung - x.rung || byScore(x, y)
}

/** Of the rungs that every inner fold has scored. */
export function rungScores(scores: readonly TrialScore[], innerFolds: number): RungScore[] {
  return [...Map.groupBy(scores, ({ rung }) => rung)]
    .filter(([, own]) => own.length === innerFolds)
    .sort(([a], [b]) => a - b)
    .map(([rung, own]) => {
      const accuracies = own.map(({ accuracy }) => accuracy)
      const accuracy = mean(accuracies)
      const squares = accuracies.reduce((sum, value) => sum + (value - accuracy) ** 2, 0)
      return {
        rung,
        folds: own.map(({ fold, accuracy, loss, seconds }) => ({ fold, accuracy, loss, seconds })),
        accuracy,
        sampleStandardDeviation: own.length > 1 ? Math.sqrt(squares / (own.length - 1)) : null,
        loss: mean(own.map(({ loss }) => loss)),
        seconds: own.reduce((sum, { seconds }) => sum + seconds, 0),
      }
    })
}

const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length

/** The best of a rung, among those that can be trained. */
export function bestOfRung<T extends { trial: number; error: unknown }>(
  trials: readonly T[],
  scores: readonly TrialScore[],
  rung: number,
  count: number,
  innerFolds: number,
): T[] {
  return trials
    .flatMap((trial) => {
      const own = scores.filter((score) => score.trial === trial.trial && score.rung === rung)
      const [whole] = rungScores(own, innerFolds)
      return whole && !trial.error ? [{ trial, whole }] : []
    })
    .sort((a, b) => byScore(a.whole, b.whole) || a.trial.trial - b.trial.trial)
    .slice(0, count)
    .map(({ trial }) => trial)
}
