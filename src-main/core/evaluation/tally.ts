import type { ClusterCounts } from './bootstrap.ts'
import type { Predictions } from './predictions.ts'

/** Clips of one run, each counted as often as its cluster was drawn. */
export interface Tally {
  /** By class: labelled with it, predicted as it, both. */
  support: Int32Array
  guesses: Int32Array
  hits: Int32Array
  /** By fold. */
  foldClips: Int32Array
  foldHits: Int32Array
}

/** Clusters at the most. More recordings are put together by chance: sums over bundles vary as sums over recordings do. */
const MOST_CLUSTERS = 5000

/**
 * What each recording, or bundle of recordings, adds to the sums of a tally; of several runs on the same clips one after another.
 * @param folds - in the order of the tally; clips of other folds are counted by class only
 */
export function clusterCounts(runs: readonly Predictions[], folds: readonly number[]): ClusterCounts {
  const sizes = runs.map(({ classes }) => tallySize(classes.length, folds.length))
  const width = sizes.reduce((sum, size) => sum + size, 0)
  const clusters = Math.min(runs[0]?.recordingCount ?? 0, MOST_CLUSTERS)
  const counts = new Int32Array(clusters * width)
  let first = 0
  for (const [place, run] of runs.entries()) {
    addClips(counts, run, folds, { clusters, width, first })
    first += sizes[place] ?? 0
  }
  return { counts, width }
}

const tallySize = (classes: number, folds: number) => 3 * classes + 2 * folds

/** The tally of the run at a place. @param sums - see `clusterCounts`; of runs with as many classes */
export function tallyOf(sums: Int32Array, classes: number, folds: number, place = 0): Tally {
  const first = place * tallySize(classes, folds)
  const part = (from: number, length: number) => sums.subarray(first + from, first + from + length)
  return {
    support: part(0, classes),
    guesses: part(classes, classes),
    hits: part(2 * classes, classes),
    foldClips: part(3 * classes, folds),
    foldHits: part(3 * classes + folds, folds),
  }
}

function addClips(
  counts: Int32Array,
  { classes, truth, predicted, recordings, folds: foldOfClip }: Predictions,
  folds: readonly number[],
  { clusters, width, first }: { clusters: number; width: number; first: number },
): void {
  const foldOf = new Map(folds.map((fold, place) => [fold, place]))
  const size = classes.length
  for (let row = 0; row < truth.length; row++) {
    const start = ((recordings[row] ?? 0) % clusters) * width + first
    const [label, guess] = [truth[row] ?? 0, predicted[row] ?? 0]
    const isHit = label === guess
    add(counts, start + label)
    add(counts, start + size + guess)
    if (isHit) add(counts, start + 2 * size + label)
    const fold = folds.length > 0 ? foldOf.get(foldOfClip[row] ?? 0) : undefined
    if (fold === undefined) continue
    add(counts, start + 3 * size + fold)
    if (isHit) add(counts, start + 3 * size + folds.length + fold)
  }
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
