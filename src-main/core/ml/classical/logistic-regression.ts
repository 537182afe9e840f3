import { z } from 'zod'
import { arrayNamed } from './arrays.ts'
import { defineClassifier, type TrainingTable } from './classifier.ts'
import { minimise } from './lbfgs.ts'

/** Largest slope of the mean loss that is still uphill. */
const GRADIENT_TOLERANCE = 1e-8

/**
 * Multinomial logistic regression: a linear score for each class and their softmax, with the least cross-entropy plus
 * l2 / 2 · ‖weights‖². As scikit-learn's `LogisticRegression(solver="lbfgs", C=1 / l2)`: the intercepts are free. The minimum is
 * the only one, so nothing is drawn and no seed matters.
 */
export const logisticRegression = defineClassifier({
  preset: {
    name: 'logistic-regression',
    title: 'Logistic regression',
    description: 'A weight for each number and class.',
    parameters: { trainable: 10 * (6 * 40 + 1), statistics: 0 },
  },
  settings: z.strictObject({
    l2: z.number().positive().max(1e6).default(1).describe('L2 penalty (1 / C)'),
    maxIterations: z.int().min(1).max(100_000).default(1000).describe('Iterations, at most'),
  }),
  async learn(table, { l2, maxIterations }, _seed, pause) {
    const { classes, columns } = table
    const found = await minimise(lossOf(table, l2), new Float64Array(classes * (columns + 1)), {
      gradientTolerance: GRADIENT_TOLERANCE,
      maxIterations,
      onIteration: pause,
    })
    return {
      weights: found.point.slice(0, classes * columns),
      intercepts: found.point.slice(classes * columns),
      // Whether the last of them was needed is worth knowing of a model.
      iterations: Int32Array.of(found.iterations, Number(found.converged)),
    }
  },
  predictor(learnt) {
    const weights = arrayNamed(learnt, 'weights', 'float64')
    const intercepts = arrayNamed(learnt, 'intercepts', 'float64')
    return (vector) => {
      const scores = new Float64Array(intercepts.length)
      scoresInto(scores, vector, 0, weights, intercepts)
      softmaxInPlace(scores)
      return Float32Array.from(scores)
    }
  },
})

/** Mean loss and its gradient by weights [classes, columns] and, after them, intercepts [classes]. */
function lossOf({ values, rows, columns, labels, classes }: TrainingTable, l2: number) {
  const scores = new Float64Array(classes)
  return (point: Float64Array, gradient: Float64Array): number => {
    const weights = point.subarray(0, classes * columns)
    const intercepts = point.subarray(classes * columns)
    let loss = 0
    gradient.fill(0)
    for (let row = 0; row < rows; row++) {
      const start = row * columns
      const label = labels[row] ?? 0
      scoresInto(scores, values, start, weights, intercepts)
      loss -= (scores[label] ?? 0) - softmaxInPlace(scores)
      scores[label] = (scores[label] ?? 0) - 1
      addSlopes(gradient, scores, values, start)
    }
    for (let at = 0; at < weights.length; at++) {
      const weight = weights[at] ?? 0
      loss += (l2 / 2) * weight * weight
      gradient[at] = (gradient[at] ?? 0) + l2 * weight
    }
    for (let at = 0; at < gradient.length; at++) gradient[at] = (gradient[at] ?? 0) / rows
    return loss / rows
  }
}

function scoresInto(
  scores: Float64Array,
  values: Float32Array,
  start: number,
  weights: Float64Array,
  intercepts: Float64Array,
): void {
  const columns = Math.floor(weights.length / scores.length)
  for (let of = 0; of < scores.length; of++) {
    let sum = intercepts[of] ?? 0
    const first = of * columns
    for (let column = 0; column < columns; column++)
      sum += (weights[first + column] ?? 0) * (values[start + column] ?? 0)
    scores[of] = sum
  }
}

/** @param errors - probability minus truth of each class */
function addSlopes(gradient: Float64Array, errors: Float64Array, values: Float32Array, start: number): void {
  const columns = Math.floor(gradient.length / errors.length) - 1
  for (let of = 0; of < errors.length; of++) {
    const error = errors[of] ?? 0
    const first = of * columns
    for (let column = 0; column < columns; column++)
      gradient[first + column] = (gradient[first + column] ?? 0) + error * (values[start + column] ?? 0)
    const intercept = errors.length * columns + of
    gradient[intercept] = (gradient[intercept] ?? 0) + error
  }
}

/** @returns the logarithm of the sum of the exponentials */
function softmaxInPlace(scores: Float64Array): number {
  let highest = Number.NEGATIVE_INFINITY
  for (let of = 0; of < scores.length; of++) highest = Math.max(highest, scores[of] ?? 0)
  let sum = 0
  for (let of = 0; of < scores.length; of++) sum += Math.exp((scores[of] ?? 0) - highest)
  const logSum = highest + Math.log(sum)
  for (let of = 0; of < scores.length; of++) scores[of] = Math.exp((scores[of] ?? 0) - logSum)
  return logSum
}
