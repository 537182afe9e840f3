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
  const sums = new Float64Array(3 * width + 2 * folds.length)
  const { starts, columns, counts } = clusterCounts(predictions, folds, sums.length)
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
    for (let cluster = 0; cluster < drawn.length; cluster++) {
      const times = drawn[cluster] ?? 0
      if (times === 0) continue
      const end = starts[cluster + 1] ?? 0
      for (let entry = starts[cluster] ?? 0; entry < end; entry++) {
        const column = columns[entry] ?? 0
        sums[column] = (sums[column] ?? 0) + times * (counts[entry] ?? 0)
      }
    }
    return tally
  }
}

/** What each cluster adds to which sums: entries of cluster k are those from starts[k] up to starts[k + 1]. */
function clusterCounts(predictions: Predictions, folds: readonly number[], size: number) {
  const { classes, truth, predicted, recordings, recordingCount } = predictions
  const width = classes.length
  const clusters = clusterCount(recordingCount)
  const foldOf = new Map(folds.map((fold, place) => [fold, place]))
  const ofClips = new Uint32Array(clusters + 1)
  for (const recording of recordings) {
    const next = (recording % clusters) + 1
    ofClips[next] = (ofClips[next] ?? 0) + 1
  }
  for (let cluster = 0; cluster < clusters; cluster++)
    ofClips[cluster + 1] = (ofClips[cluster + 1] ?? 0) + (ofClips[cluster] ?? 0)
  const filled = ofClips.slice()
  const rows = new Uint32Array(truth.length)
  recordings.forEach((recording, row) => {
    const at = filled[recording % clusters] ?? 0
    rows[at] = row
    filled[recording % clusters] = at + 1
  })
  const own = new Uint32Array(size)
  const starts = new Uint32Array(clusters + 1)
  const columns: number[] = []
  const counts: number[] = []
  for (let cluster = 0; cluster < clusters; cluster++) {
    own.fill(0)
    const add = (column: number) => {
      own[column] = (own[column] ?? 0) + 1
    }
    for (let at = ofClips[cluster] ?? 0; at < (ofClips[cluster + 1] ?? 0); at++) {
      const row = rows[at] ?? 0
      const [label, guess] = [truth[row] ?? 0, predicted[row] ?? 0]
      const fold = foldOf.get(predictions.folds[row] ?? 0)
      add(label)
      add(width + guess)
      if (label === guess) add(2 * width + label)
      if (fold === undefined) continue
      add(3 * width + fold)
      if (label === guess) add(3 * width + folds.length + fold)
    }
    own.forEach((count, column) => {
      if (count === 0) return
      columns.push(column)
      counts.push(count)
    })
    starts[cluster + 1] = columns.length
  }
  return { starts, columns: Uint32Array.from(columns), counts: Uint32Array.from(counts) }
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
