import { z } from 'zod'
import { createRandom } from '../random.ts'
import { arrayNamed } from './arrays.ts'
import { defineClassifier } from './classifier.ts'
import { growTree, type Nodes, ranked } from './decision-tree.ts'

/**
 * Breiman 2001: trees that each learn from as many clips drawn with replacement, and see but some columns at each split. As
 * scikit-learn's `RandomForestClassifier`: the probabilities are the mean of the trees' shares.
 */
export const randomForest = defineClassifier({
  preset: {
    name: 'random-forest',
    title: 'Random forest',
    description: 'Decision trees of other clips and numbers, averaged.',
    parameters: null,
  },
  settings: z.strictObject({
    trees: z.int().min(1).max(10_000).default(100).describe('Trees'),
    maxDepth: z.int().min(1).max(1000).nullable().default(null).describe('Depth, at most'),
    featuresPerSplit: z
      .enum(['sqrt', 'log2', 'all'])
      .default('sqrt')
      .describe('Numbers a split may choose from'),
  }),
  async learn(table, { trees, maxDepth, featuresPerSplit }, seed, pause) {
    const { rows, columns, classes } = table
    const random = createRandom(seed)
    const ranks = ranked(table)
    const columnsPerSplit = COLUMNS_PER_SPLIT[featuresPerSplit](columns)
    const nodes: Nodes = { roots: [], columns: [], thresholds: [], next: [], shares: [] }
    for (let tree = 0; tree < trees; tree++) {
      await pause()
      const samples = Uint32Array.from({ length: rows }, () => random.whole(rows))
      growTree(ranks, table, samples, { columnsPerSplit, maxDepth }, random, nodes)
    }
    return {
      roots: Int32Array.from(nodes.roots),
      columns: Int32Array.from(nodes.columns),
      thresholds: Float64Array.from(nodes.thresholds),
      next: Int32Array.from(nodes.next),
      shares: Float32Array.from(nodes.shares),
      classes: Int32Array.of(classes),
    }
  },
  predictor(learnt) {
    const roots = arrayNamed(learnt, 'roots', 'int32')
    const columns = arrayNamed(learnt, 'columns', 'int32')
    const thresholds = arrayNamed(learnt, 'thresholds', 'float64')
    const next = arrayNamed(learnt, 'next', 'int32')
    const shares = arrayNamed(learnt, 'shares', 'float32')
    const [classes = 0] = arrayNamed(learnt, 'classes', 'int32')
    return (vector) => {
      const sums = new Float64Array(classes)
      for (let node of roots) {
        for (let column = columns[node] ?? -1; column >= 0; column = columns[node] ?? -1)
          node = (next[node] ?? 0) + Number((vector[column] ?? 0) > (thresholds[node] ?? 0))
        const leaf = (next[node] ?? 0) * classes
        for (let of = 0; of < classes; of++) sums[of] = (sums[of] ?? 0) + (shares[leaf + of] ?? 0)
      }
      return Float32Array.from(sums, (sum) => sum / roots.length)
    }
  },
})

const COLUMNS_PER_SPLIT = {
  sqrt: (columns: number) => Math.max(1, Math.floor(Math.sqrt(columns))),
  log2: (columns: number) => Math.max(1, Math.floor(Math.log2(columns))),
  all: (columns: number) => columns,
}
