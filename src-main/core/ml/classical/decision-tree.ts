import type { Random } from '../random.ts'
import type { TrainingTable } from './classifier.ts'
import type { Table } from './table.ts'

/** A table by the rank of each value among its column's: rank 0 is the smallest, equal values share one. */
export interface RankedTable {
  /** [columns, rows]: a split looks at one column of many rows. */
  ranks: Uint32Array
  /** The value of each rank, by column. */
  values: Float32Array[]
  rows: number
  columns: number
}

export function ranked({ values, rows, columns }: Table): RankedTable {
  const ranks = new Uint32Array(rows * columns)
  const levels = Array.from({ length: columns }, (_, column) => {
    const own = new Float32Array(rows)
    for (let row = 0; row < rows; row++) own[row] = values[row * columns + column] ?? 0
    const different = own.toSorted().filter((value, at, all) => at === 0 || value !== all[at - 1])
    const rankOf = new Map(Array.from(different, (value, rank) => [value, rank]))
    for (let row = 0; row < rows; row++) ranks[column * rows + row] = rankOf.get(own[row] ?? 0) ?? 0
    return different
  })
  return { ranks, values: levels, rows, columns }
}

/** Trees as rows of nodes; each tree begins at its root. */
export interface Nodes {
  roots: number[]
  /** Column that a node asks for; −1 for a leaf. */
  columns: number[]
  /** Up to it a vector goes to the first child, above it to the second, which is the next node. */
  thresholds: number[]
  /** First child of a node, or a leaf's place among `shares`. */
  next: number[]
  /** Share of each class at each leaf, [leaves, classes]. */
  shares: number[]
}

export interface TreeSettings {
  /** Columns drawn for each split. */
  columnsPerSplit: number
  /** Null for no limit. */
  maxDepth: number | null
}

/**
 * Grows one classification tree (CART, Breiman et al. 1984) by the Gini impurity, until its leaves are pure, and adds it to
 * `nodes`. As scikit-learn: thresholds lie midway between two values, and columns are drawn until one can be split.
 * @param samples - rows that it learns from, repeated ones counting as often; reordered
 */
export function growTree(
  table: RankedTable,
  { labels, classes }: Pick<TrainingTable, 'labels' | 'classes'>,
  samples: Uint32Array,
  { columnsPerSplit, maxDepth }: TreeSettings,
  random: Random,
  nodes: Nodes,
): void {
  const splits = new SplitSearch(table, labels, classes, samples, columnsPerSplit, random)
  const addNode = () => {
    nodes.columns.push(-1)
    nodes.thresholds.push(0)
    return nodes.next.push(0) - 1
  }
  const root = addNode()
  nodes.roots.push(root)
  const open = [{ node: root, start: 0, end: samples.length, depth: 0 }]
  for (let current = open.pop(); current; current = open.pop()) {
    const { node, start, end, depth } = current
    const counts = splits.countsOf(start, end)
    const pure = counts.some((count) => count === end - start)
    const split = pure || depth === maxDepth ? null : splits.best(start, end, counts)
    if (!split) {
      nodes.next[node] = nodes.shares.length / classes
      for (const count of counts) nodes.shares.push(count / (end - start))
      continue
    }
    const middle = splits.part(start, end, split)
    const first = addNode()
    const second = addNode()
    nodes.columns[node] = split.column
    nodes.thresholds[node] = split.threshold
    nodes.next[node] = first
    open.push({ node: second, start: middle, end, depth: depth + 1 })
    open.push({ node: first, start, end: middle, depth: depth + 1 })
  }
}

interface Split {
  column: number
  /** The highest that goes to the first child. */
  rank: number
  threshold: number
}

/** Looks for splits of ranges of `samples`, with arrays that last as long as the tree grows. */
class SplitSearch {
  readonly #table: RankedTable
  readonly #labels: Uint16Array
  readonly #samples: Uint32Array
  readonly #columnsPerSplit: number
  readonly #random: Random
  readonly #columns: Uint32Array
  /** Rank · classes + label of each sample of a node: sorted, they lie by rank. */
  readonly #keys: Uint32Array
  readonly #classes: number
  readonly #below: Float64Array

  constructor(
    table: RankedTable,
    labels: Uint16Array,
    classes: number,
    samples: Uint32Array,
    columnsPerSplit: number,
    random: Random,
  ) {
    this.#table = table
    this.#labels = labels
    this.#classes = classes
    this.#samples = samples
    this.#columnsPerSplit = columnsPerSplit
    this.#random = random
    this.#columns = Uint32Array.from({ length: table.columns }, (_, column) => column)
    this.#keys = new Uint32Array(samples.length)
    this.#below = new Float64Array(classes)
  }

  countsOf(start: number, end: number): Float64Array {
    const counts = new Float64Array(this.#classes)
    for (let at = start; at < end; at++) {
      const label = this.#labels[this.#samples[at] ?? 0] ?? 0
      counts[label] = (counts[label] ?? 0) + 1
    }
    return counts
  }

  /** The split of the drawn columns that leaves the least impurity; null where all columns are constant. */
  best(start: number, end: number, counts: Float64Array): Split | null {
    let best: Split | null = null
    let bestPurity = Number.NEGATIVE_INFINITY
    for (let drawn = 0; drawn < this.#columns.length; drawn++) {
      if (drawn >= this.#columnsPerSplit && best) break
      const column = this.#draw(drawn)
      const found = this.#bestOf(column, start, end, counts)
      if (found && found.purity > bestPurity) {
        bestPurity = found.purity
        best = { column, rank: found.rank, threshold: found.threshold }
      }
    }
    return best
  }

  /** Brings the samples of the first child to the front. @returns where the second's begin */
  part(start: number, end: number, { column, rank }: Split): number {
    const { ranks, rows } = this.#table
    const samples = this.#samples
    let middle = start
    for (let at = start; at < end; at++) {
      const sample = samples[at] ?? 0
      if ((ranks[column * rows + sample] ?? 0) > rank) continue
      samples[at] = samples[middle] ?? 0
      samples[middle] = sample
      middle += 1
    }
    return middle
  }

  /** The next of the columns in random order (Fisher–Yates, as far as needed). */
  #draw(place: number): number {
    const other = place + this.#random.whole(this.#columns.length - place)
    const column = this.#columns[other] ?? 0
    this.#columns[other] = this.#columns[place] ?? 0
    this.#columns[place] = column
    return column
  }

  /** Purity is Σ counts² / size over both children: it is greatest where their mean Gini impurity is least. */
  #bestOf(column: number, start: number, end: number, counts: Float64Array) {
    const { ranks, rows, values } = this.#table
    const classes = this.#classes
    const size = end - start
    const keys = this.#keys.subarray(0, size)
    const first = column * rows
    for (let at = 0; at < size; at++) {
      const sample = this.#samples[start + at] ?? 0
      keys[at] = (ranks[first + sample] ?? 0) * classes + (this.#labels[sample] ?? 0)
    }
    keys.sort()
    const below = this.#below.fill(0)
    let belowSquares = 0
    let aboveSquares = 0
    for (const count of counts) aboveSquares += count * count
    let purity = Number.NEGATIVE_INFINITY
    let rank = -1
    let nextRank = -1
    let previous = Math.floor((keys[0] ?? 0) / classes)
    for (let at = 0; at < size; at++) {
      const key = keys[at] ?? 0
      const own = Math.floor(key / classes)
      const label = key - own * classes
      if (own !== previous) {
        const here = belowSquares / at + aboveSquares / (size - at)
        if (here > purity) {
          purity = here
          rank = previous
          nextRank = own
        }
        previous = own
      }
      const under = below[label] ?? 0
      const over = (counts[label] ?? 0) - under
      belowSquares += 2 * under + 1
      aboveSquares -= 2 * over - 1
      below[label] = under + 1
    }
    if (rank < 0) return null
    const levels = values[column]
    return { purity, rank, threshold: ((levels?.[rank] ?? 0) + (levels?.[nextRank] ?? 0)) / 2 }
  }
}
