import type { Predictions } from './predictions.ts'

/** Smallest probability that log loss takes: float64's epsilon, as scikit-learn's. */
const LEAST = 2 ** -52

/** Mean −log of the probability given to the true class, in nats; 0 is best. */
export function logLoss({ truth, probabilities, classes }: Predictions): number {
  let total = 0
  for (let row = 0; row < truth.length; row++) {
    const given = probabilities[row * classes.length + (truth[row] ?? 0)] ?? 0
    total -= Math.log(Math.max(LEAST, given))
  }
  return total / truth.length
}

/** Mean squared distance of the probabilities from 1 for the true class and 0 for others (Brier 1950): 0, best, … 2. */
export function brierScore({ truth, probabilities, classes }: Predictions): number {
  let total = 0
  for (let row = 0; row < truth.length; row++)
    for (let place = 0; place < classes.length; place++) {
      const wanted = place === truth[row] ? 1 : 0
      total += ((probabilities[row * classes.length + place] ?? 0) - wanted) ** 2
    }
  return total / truth.length
}

/**
 * How many clips have their true class at each rank of probability, from the most probable; of equals the first in the order of
 * classes comes first, as for the prediction itself.
 */
export function labelRanks({ truth, probabilities, classes }: Predictions): Uint32Array {
  const width = classes.length
  const ranks = new Uint32Array(width)
  for (let row = 0; row < truth.length; row++) {
    const label = truth[row] ?? 0
    const start = row * width
    const own = probabilities[start + label] ?? 0
    let before = 0
    for (let place = 0; place < width; place++) {
      const other = probabilities[start + place] ?? 0
      if (other > own || (other === own && place < label)) before += 1
    }
    ranks[before] = (ranks[before] ?? 0) + 1
  }
  return ranks
}

/**
 * Share of clips whose true class is among the `k` most probable.
 * @param ranks - see `labelRanks`
 * @returns null where there are no more than `k` classes: it would be 1 whatever was predicted
 */
export function topAccuracy(ranks: Uint32Array, k: number): number | null {
  if (ranks.length <= k) return null
  const clips = ranks.reduce((sum, count) => sum + count, 0)
  return ranks.subarray(0, k).reduce((sum, count) => sum + count, 0) / clips
}

/** How much more probable the predicted class is than the next, 0 … 1; its own probability where there is no other. */
export function marginOf(probabilities: Float32Array): number {
  let [first, second] = [0, 0]
  for (const value of probabilities)
    if (value > first) [first, second] = [value, first]
    else if (value > second) second = value
  return first - second
}
