import type { Predictions } from './predictions.ts'

/** Clips of one run, each counted as often as its cluster was drawn. */
export interface Tally {
  /** By class: labelled with it, predicted as it, both. */
  support: Float64Array
  guesses: Float64Array
  hits: Float64Array
  /** By fold. */
  foldClips: Float64Array
  foldHits: Float64Array
}

/** Clusters at the most. More recordings are put together by chance: sums over bundles vary as sums over recordings do. */
const MOST_CLUSTERS = 5000

/** How many clusters a bootstrap draws from: recordings, or bundles of them. */
export const clusterCount = (recordings: number) => Math.min(recordings, MOST_CLUSTERS)

/**
 * Counts of each cluster are made once, so that a bootstrap adds up few numbers for each.
 * @param folds - in the order of the tally; clips of other folds are counted by class only
 * @returns counts by how often each cluster was drawn, into the same arrays at each call
 */
export function createTally(
  predictions: Predictions,
  folds: readonly number[],
): (drawn: Uint16Array) => Tally {
  const width = predictions.classes.length
  const size = 3 * width + 2 * folds.length
  const sums = new Float64Array(size)
  const entries = entriesOf(clusterCounts(predictions, folds, size), size)
  const part = (from: number, to: number) => sums.subarray(from, to)
  const tally = {
    support: part(0, width),
    guesses: part(width, 2 * width),
    hits: part(2 * width, 3 * width),
    foldClips: part(3 * width, 3 * width + folds.length),
    foldHits: part(3 * width + folds.length, sums.length),
  }
  return (drawn) => {
    sums.fill(0)
    addRows(sums, entries, drawn)
    return tally
  }
}

/** What is not zero: entries of row k are those from starts[k] up to starts[k + 1]. */
interface Entries {
  readonly starts: Uint32Array
  readonly columns: Uint16Array
  readonly counts: Int32Array
}

/** @param dense - [rows, size] */
function entriesOf(dense: Int32Array, size: number): Entries {
  const rows = dense.length / size
  const most = dense.reduce((sum, count) => sum + (count === 0 ? 0 : 1), 0)
  const starts = new Uint32Array(rows + 1)
  const [columns, counts] = [new Uint16Array(most), new Int32Array(most)]
  let entry = 0
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < size; column++) {
      const count = dense[row * size + column] ?? 0
      if (count === 0) continue
      columns[entry] = column
      counts[entry] = count
      entry += 1
    }
    starts[row + 1] = entry
  }
  return { starts, columns, counts }
}

/** sums += each row as often as it was drawn. */
function addRows(sums: Float64Array, { starts, columns, counts }: Entries, drawn: Uint16Array): void {
  for (let row = 0; row < drawn.length; row++) {
    const times = drawn[row] ?? 0
    if (times === 0) continue
    const end = starts[row + 1] ?? 0
    for (let entry = starts[row] ?? 0; entry < end; entry++) {
      const column = columns[entry] ?? 0
      sums[column] = (sums[column] ?? 0) + times * (counts[entry] ?? 0)
    }
  }
}

/** What each cluster adds to each sum: [clusters, size]. */
function clusterCounts(predictions: Predictions, folds: readonly number[], size: number): Int32Array {
  const { classes, truth, predicted, recordings, recordingCount } = predictions
  const width = classes.length
  const clusters = clusterCount(recordingCount)
  const foldOf = new Map(folds.map((fold, place) => [fold, place]))
  const counts = new Int32Array(clusters * size)
  for (let row = 0; row < truth.length; row++) {
    const start = ((recordings[row] ?? 0) % clusters) * size
    const [label, guess] = [truth[row] ?? 0, predicted[row] ?? 0]
    const isHit = label === guess
    add(counts, start + label)
    add(counts, start + width + guess)
    if (isHit) add(counts, start + 2 * width + label)
    const fold = folds.length > 0 ? foldOf.get(predictions.folds[row] ?? 0) : undefined
    if (fold === undefined) continue
    add(counts, start + 3 * width + fold)
    if (isHit) add(counts, start + 3 * width + folds.length + fold)
  }
  return counts
}

function add(counts: Int32Array, at: number): void {
  counts[at] = (counts[at] ?? 0) + 1
}

/** What is counted; NaN where no clip is. */
export interface Figure {
  clips: number
  value: number
}

/** Accuracy, macro F1, accuracy of each fold, recall and F1 of each class. */
export function figuresOf({ support, guesses, hits, foldClips, foldHits }: Tally): {
  accuracy: Figure
  macroF1: Figure
  folds: Figure[]
  recall: Figure[]
  f1: Figure[]
} {
  let [clips, right, f1Sum, present] = [0, 0, 0, 0]
  const [recall, f1]: [Figure[], Figure[]] = [[], []]
  for (let place = 0; place < support.length; place++) {
    const [own, guessed, hit] = [support[place] ?? 0, guesses[place] ?? 0, hits[place] ?? 0]
    clips += own
    right += hit
    const value = (2 * hit) / (own + guessed)
    if (own + guessed > 0) {
      f1Sum += value
      present += 1
    }
    recall.push({ clips: own, value: hit / own })
    f1.push({ clips: own, value: own > 0 ? value : Number.NaN })
  }
  return {
    accuracy: { clips, value: right / clips },
    macroF1: { clips, value: f1Sum / present },
    folds: Array.from(foldClips, (count, at) => ({ clips: count, value: (foldHits[at] ?? 0) / count })),
    recall,
    f1,
  }
}
