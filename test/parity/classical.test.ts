import { describe, expect, it } from 'vitest'
import type { Classifier } from '../../src-main/core/ml/classical/classifier.ts'
import { growTree, type Nodes, ranked } from '../../src-main/core/ml/classical/decision-tree.ts'
import { logisticRegression } from '../../src-main/core/ml/classical/logistic-regression.ts'
import { nearestNeighbours } from '../../src-main/core/ml/classical/nearest-neighbours.ts'
import { randomForest } from '../../src-main/core/ml/classical/random-forest.ts'
import { summaryVector } from '../../src-main/core/ml/classical/summary-vector.ts'
import { rowOf, scaled, scalingOf, type Table } from '../../src-main/core/ml/classical/table.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'
import { argMax } from '../../src-main/core/ml/scoring.ts'
import { classical, classicalArray, distance } from './feature-references.ts'

const { training, classes } = classical
const labels = Uint16Array.from(classical.labels)
const truth = labels.subarray(training)
const tableOf = (values: Float32Array): Table => ({
  values,
  rows: labels.length,
  columns: values.length / labels.length,
})
const all = tableOf(classicalArray('scaled'))
const trainingTable = {
  values: all.values.subarray(0, training * all.columns),
  rows: training,
  columns: all.columns,
  labels: labels.subarray(0, training),
  classes,
}
const test = Array.from(truth, (_, index) => rowOf(all, training + index))

async function learn(classifier: Classifier, given: object, seed = 1) {
  const settings = classifier.settings(given)
  const learnt = await classifier.learn(trainingTable, settings, seed, async () => {})
  return { learnt, predict: classifier.predictor(learnt, settings) }
}
const flat = (rows: readonly Float32Array[]) => rows.flatMap((row) => [...row])
function gap(what: string, actual: ArrayLike<number>, key: string): number {
  const { max } = distance(actual, classicalArray(key))
  console.info(`${what}: ${max.toExponential(1)}`)
  return max
}

describe('summary and standardisation', () => {
  it('the vector has numpy’s statistics of each row', () => {
    const data = classicalArray('matrix')
    expect(gap('summary', summaryVector({ data, rows: 5, frames: 37 }), 'summary')).toBeLessThan(1e-5)
  })

  it('one frame has no differences', () => {
    expect([...summaryVector({ data: Float32Array.of(2, -3), rows: 2, frames: 1 })]).toEqual([
      2, 0, 2, 2, 0, 0, -3, 0, -3, -3, 0, 0,
    ])
  })

  it('columns are scaled by the training rows as scikit-learn’s StandardScaler', () => {
    const raw = tableOf(classicalArray('x'))
    const first = { ...raw, values: raw.values.subarray(0, training * raw.columns), rows: training }
    expect(gap('scaled', scaled(raw, scalingOf(first)).values, 'scaled')).toBeLessThan(1e-6)
  })

  it('a column of equal values becomes 0, not NaN', () => {
    const table = { values: Float32Array.of(0.1, 1, 0.1, 2, 0.1, 3), rows: 3, columns: 2 }
    const { values } = scaled(table, scalingOf(table))
    expect([values[0], values[2], values[4]]).toEqual([
      expect.closeTo(0, 6),
      expect.closeTo(0, 6),
      expect.closeTo(0, 6),
    ])
  })
})

describe.each([1, 5, 12])('%i nearest neighbours against scikit-learn', (neighbours) => {
  it.each(['uniform', 'distance'])('%s', async (weighting) => {
    const { predict } = await learn(nearestNeighbours, { neighbours, weighting })
    const rows = [rowOf(all, 0), ...test].map(predict)
    expect(gap('probabilities', flat(rows), `neighbours/${neighbours}/${weighting}`)).toBeLessThan(1e-6)
  })
})

describe.each([0.01, 1, 100])('logistic regression with C = %d against scikit-learn', (c) => {
  it('has its weights, intercepts and probabilities', async () => {
    const key = `logistic/${c === 0.01 ? c : c.toFixed(1)}`
    const { learnt, predict } = await learn(logisticRegression, { l2: 1 / c })
    const { weights = [], intercepts = [], iterations } = learnt
    console.info(`iterations: ${iterations}`)
    expect(gap('weights', weights, `${key}/weights`)).toBeLessThan(1e-4)
    expect(gap('intercepts', intercepts, `${key}/intercepts`)).toBeLessThan(1e-4)
    expect(gap('probabilities', flat(test.map(predict)), `${key}/probabilities`)).toBeLessThan(1e-5)
  })
})

describe('trees against scikit-learn', () => {
  it('one that draws nothing is the same tree', () => {
    const nodes: Nodes = { roots: [], columns: [], thresholds: [], next: [], shares: [] }
    const samples = Uint32Array.from({ length: training }, (_, row) => row)
    const settings = { columnsPerSplit: all.columns, maxDepth: 3 }
    growTree(ranked(trainingTable), trainingTable, samples, settings, createRandom(1), nodes)
    const learnt = {
      roots: Int32Array.from(nodes.roots),
      columns: Int32Array.from(nodes.columns),
      thresholds: Float64Array.from(nodes.thresholds),
      next: Int32Array.from(nodes.next),
      shares: Float32Array.from(nodes.shares),
      classes: Int32Array.of(classes),
    }
    const predict = randomForest.predictor(learnt, randomForest.settings({}))
    expect(gap('probabilities', flat(test.map(predict)), 'tree')).toBeLessThan(1e-6)
  })

  it.each([
    ['sqrt', {}],
    ['log2-depth-3', { featuresPerSplit: 'log2', maxDepth: 3 }],
  ])(
    'forests (%s) are as accurate, and as far from the mean of many as one of its own',
    async (name, given) => {
      const expected = classical.forests[name]
      if (!expected) throw new Error(`no forest ${name}`)
      const mean = classicalArray(`forest/${name}`)
      const found = await Promise.all(
        [1, 2, 3, 4].map(async (seed) => {
          const { predict } = await learn(randomForest, { trees: classical.trees, ...given }, seed)
          const rows = test.map(predict)
          const squares = flat(rows).map((value, at) => (value - (mean[at] ?? 0)) ** 2)
          return {
            accuracy: rows.filter((row, at) => argMax(row) === truth[at]).length / rows.length,
            distance: Math.sqrt(squares.reduce((sum, square) => sum + square, 0) / squares.length),
          }
        }),
      )
      console.info(
        JSON.stringify({
          name,
          found,
          expected: {
            ...expected,
            distances: [Math.min(...expected.distances), Math.max(...expected.distances)],
          },
        }),
      )
      for (const { accuracy, distance: away } of found) {
        expect(Math.abs(accuracy - expected.accuracyMean)).toBeLessThan(3.5 * expected.accuracyDeviation)
        expect(away).toBeLessThan(1.1 * Math.max(...expected.distances))
        expect(away).toBeGreaterThan(0.9 * Math.min(...expected.distances))
      }
    },
  )
})
