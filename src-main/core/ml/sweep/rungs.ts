import type { Search } from '../../../contract/sweep.ts'

export interface Rung {
  readonly trials: number
  /** Null for what each trial's settings say. */
  readonly epochs: number | null
}

/**
 * How many trials train how long. Successive halving (Jamieson & Talwalkar 2016): each rung keeps the best 1/eta of the one
 * before and trains them eta times as long, the last all epochs; as many rungs as leave a trial to the last and
 * `minimumEpochs` to the first (Li et al. 2018, `s_max` of one bracket).
 * @param trials - drawn
 * @param epochs - of the last rung
 */
export function rungsOf(search: Search, trials: number, epochs: number): Rung[] {
  if (search.method !== 'halving') return [{ trials, epochs: null }]
  const { eta, minimumEpochs } = search
  const count =
    1 +
    Math.max(
      0,
      Math.min(wholeLog(trials, eta), minimumEpochs < epochs ? wholeLog(epochs / minimumEpochs, eta) : 0),
    )
  return Array.from({ length: count }, (_, rung) => ({
    trials: Math.floor(trials / eta ** rung),
    epochs: Math.max(1, Math.round(epochs / eta ** (count - 1 - rung))),
  }))
}

/** Largest n with base^n ≤ value, whatever the logarithm rounds to. */
const wholeLog = (value: number, base: number) => Math.floor(Math.log(value) / Math.log(base) + 1e-9)

interface Score {
  readonly accuracy: number
  readonly loss: number
}

/** The better first: higher accuracy, between equals the lower loss. */
export const byScore = (a: Score, b: Score) => b.accuracy - a.accuracy || a.loss - b.loss
