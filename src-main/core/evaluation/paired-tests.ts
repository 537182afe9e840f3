import { chiSquareTail, fairBinomialCdf, studentCdf, studentTwoSided } from './distributions.ts'
import { mean, sampleStandardDeviation } from './summary.ts'

export interface McNemar {
  /** Two-sided, by the binomial distribution. */
  exactP: number
  /** With continuity correction (Edwards 1948); 0 where no clip is right in one run only. */
  chiSquare: number
  chiSquareP: number
}

/**
 * McNemar's test (1947): were the runs right on as many of the clips? It takes clips for independent, and the two
 * models as given: nothing is said of other training sets.
 * @param onlyFirst - clips that only the first run got right. @param onlySecond - only the second
 */
export function mcNemar(onlyFirst: number, onlySecond: number): McNemar {
  const discordant = onlyFirst + onlySecond
  const chiSquare = discordant === 0 ? 0 : (Math.abs(onlyFirst - onlySecond) - 1) ** 2 / discordant
  return {
    exactP: Math.min(1, 2 * fairBinomialCdf(Math.min(onlyFirst, onlySecond), discordant)),
    chiSquare,
    chiSquareP: chiSquareTail(chiSquare),
  }
}

export interface CorrectedTTest {
  statistic: number
  degreesOfFreedom: number
  p: number
}

/** Standard error of a mean over folds, larger than of independent ones by what their training sets share. */
function correctedError(differences: readonly number[], testToTraining: number): number | null {
  const deviation = sampleStandardDeviation(differences)
  if (deviation === null || deviation < 1e-12) return null
  return deviation * Math.sqrt(1 / differences.length + testToTraining)
}

/**
 * Corrected resampled t-test (Nadeau & Bengio 2003), two-sided.
 * @param differences - of accuracy, one a fold
 * @param testToTraining - clips tested on to clips trained on, of a fold
 * @returns null for fewer than two folds, or where all differ alike
 */
export function correctedTTest(
  differences: readonly number[],
  testToTraining: number,
): CorrectedTTest | null {
  const error = correctedError(differences, testToTraining)
  if (error === null) return null
  const statistic = mean(differences) / error
  const degreesOfFreedom = differences.length - 1
  return { statistic, degreesOfFreedom, p: studentTwoSided(statistic, degreesOfFreedom) }
}

export interface BayesianTTest {
  /** Differences up to it, either way, count as none. */
  rope: number
  /** Probabilities; they add up to 1. */
  firstBetter: number
  equivalent: number
  secondBetter: number
}

/**
 * Bayesian correlated t-test (Corani & Benavoli 2015): how probable it is that the second run's mean over folds is
 * lower, practically equal or higher.
 * @param rope - region of practical equivalence, as a share. Others as in `correctedTTest`
 */
export function bayesianTTest(
  differences: readonly number[],
  testToTraining: number,
  rope: number,
): BayesianTTest | null {
  const error = correctedError(differences, testToTraining)
  if (error === null) return null
  const below = (difference: number) =>
    studentCdf((difference - mean(differences)) / error, differences.length - 1)
  const firstBetter = below(-rope)
  const secondBetter = 1 - below(rope)
  return { rope, firstBetter, equivalent: 1 - firstBetter - secondBetter, secondBetter }
}
