import type { Dimension, Search, SweepSettings, Trial } from '../../../src-main/contract/sweep.ts'
import { foldWords, labelWords, plural } from '../../lib/format.ts'

export const METHOD_WORDS: Readonly<Record<Search['method'], string>> = {
  grid: /* @wc-include */ 'grid',
  random: /* @wc-include */ 'random',
  halving: 'successive halving',
}

export const STATE_WORDS: Readonly<Record<Trial['state'], string>> = {
  waiting: /* @wc-include */ 'waiting',
  dropped: /* @wc-include */ 'dropped',
  scored: /* @wc-include */ 'scored',
  failed: /* @wc-include */ 'failed',
}

/** A value of a setting in a table's cell. */
export function valueWords(value: unknown): string {
  if (value === undefined) return ''
  return typeof value === 'string' ? value : JSON.stringify(value)
}

/** How trials were scored, in a sentence. */
export function scoringWords({ scoredOn, heldOut, rungs, verdicts }: SweepSettings): string {
  const rounds = rungs
    .map(
      ({ trials, epochs }) =>
        `${trials} × ${epochs === null ? 'all epochs' : plural(epochs, ['epoch', 'epochs'])}`,
    )
    .join(' → ')
  return [
    `Scored on inner ${foldWords(scoredOn)}; no trial saw ${foldWords(heldOut)}.`,
    ...(rungs.length > 1 ? [`${rounds}.`] : []),
    ...(verdicts ? [`Labels: ${labelWords(verdicts)}.`] : []),
  ].join(' ')
}

/** A trial on the chart of one setting. */
export interface ScorePoint {
  readonly trial: number
  readonly value: unknown
  readonly accuracy: number
  /** Reached the last rung: only these are compared with each other. */
  readonly isFinal: boolean
}

export function scorePoints(name: string, trials: readonly Trial[]): ScorePoint[] {
  return trials.flatMap(({ trial, changes, rungs, state }) => {
    const last = rungs.at(-1)
    return last ? [{ trial, value: changes[name], accuracy: last.accuracy, isFinal: state === 'scored' }] : []
  })
}

/** Numbers lie on their own scale, anything else side by side. */
export function scaleOf(dimension: Dimension): 'log' | 'linear' | 'choice' {
  if ('logUniform' in dimension) return 'log'
  if ('uniform' in dimension) return 'linear'
  const numbers = dimension.choice.filter((value) => typeof value === 'number')
  return numbers.length === dimension.choice.length && numbers.length > 2 ? 'linear' : 'choice'
}
