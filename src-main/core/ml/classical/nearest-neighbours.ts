import { z } from 'zod'
import { arrayNamed } from './arrays.ts'
import { defineClassifier } from './classifier.ts'

/**
 * Cover & Hart 1967: the classes of the k nearest training clips vote. As scikit-learn's `KNeighborsClassifier`, except that
 * of equally distant clips the first count, and that k is at most the number of training clips. Compares with every clip:
 * trees save nothing in so many dimensions.
 */
export const nearestNeighbours = defineClassifier({
  preset: {
    name: 'nearest-neighbours',
    title: 'Nearest neighbours',
    description: 'The training clips that are most alike vote.',
    parameters: null,
  },
  settings: z.strictObject({
    neighbours: z.int().min(1).max(1000).default(5).describe('Neighbours that vote'),
    weighting: z.enum(['uniform', 'distance']).default('uniform').describe('Weight of votes'),
  }),
  async learn({ values, labels, classes }) {
    return { values, labels: Int32Array.from(labels), classes: Int32Array.of(classes) }
  },
  predictor(learnt, { neighbours, weighting }) {
    const values = arrayNamed(learnt, 'values', 'float32')
    const labels = arrayNamed(learnt, 'labels', 'int32')
    const [classes = 0] = arrayNamed(learnt, 'classes', 'int32')
    const k = Math.min(neighbours, labels.length)
    return (vector) => {
      const nearest = nearestRows(vector, values, labels.length, k)
      const votes = votesOf(nearest.distances, weighting)
      const probabilities = new Float32Array(classes)
      const total = votes.reduce((sum, vote) => sum + vote, 0)
      nearest.rows.forEach((row, place) => {
        const label = labels[row] ?? 0
        probabilities[label] = (probabilities[label] ?? 0) + (votes[place] ?? 0) / total
      })
      return probabilities
    }
  },
})

/** A clip at distance 0 leaves the others no say. */
function votesOf(distances: Float64Array, weighting: 'uniform' | 'distance'): Float64Array {
  if (weighting === 'uniform') return distances.map(() => 1)
  const same = distances.some((distance) => distance === 0)
  return distances.map((distance) => (same ? Number(distance === 0) : 1 / distance))
}

/** Values between two looks at whether a row is already too far. */
const STRIDE = 16

/** The k rows at the smallest Euclidean distances, nearest first. */
function nearestRows(vector: Float32Array, values: Float32Array, count: number, k: number) {
  const rows = new Int32Array(k)
  const squares = new Float64Array(k).fill(Number.POSITIVE_INFINITY)
  const columns = vector.length
  let limit = Number.POSITIVE_INFINITY
  for (let row = 0; row < count; row++) {
    const start = row * columns
    let sum = 0
    for (let from = 0; from < columns && sum < limit; from += STRIDE) {
      const end = Math.min(columns, from + STRIDE)
      for (let column = from; column < end; column++) {
        const difference = (vector[column] ?? 0) - (values[start + column] ?? 0)
        sum += difference * difference
      }
    }
    if (sum >= limit) continue
    let place = k - 1
    for (; place > 0 && (squares[place - 1] ?? 0) > sum; place--) {
      squares[place] = squares[place - 1] ?? 0
      rows[place] = rows[place - 1] ?? 0
    }
    squares[place] = sum
    rows[place] = row
    limit = squares[k - 1] ?? 0
  }
  return { rows, distances: squares.map(Math.sqrt) }
}
