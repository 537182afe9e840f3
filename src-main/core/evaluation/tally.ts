import type { Predictions } from './predictions.ts'

/** Clips of one run, each counted as often as its recording was drawn. */
export interface Tally {
  /** By class: labelled with it, predicted as it, both. */
  support: Float64Array
  guesses: Float64Array
  hits: Float64Array
  /** By fold. */
  foldClips: Float64Array
  foldHits: Float64Array
}

/**
 * Counts anew into the same arrays at each call.
 * @param folds - in the order of the tally; clips of other folds are counted by class only
 */
export function createTally(
  predictions: Predictions,
  folds: readonly number[],
): (drawn: Uint16Array) => Tally {
  const { classes, truth, predicted, recordings } = predictions
  const foldOf = Int32Array.from(predictions.folds, (fold) => folds.indexOf(fold))
  const ofClasses = () => new Float64Array(classes.length)
  const ofFolds = () => new Float64Array(folds.length)
  const [support, guesses, hits, foldClips, foldHits] = [
    ofClasses(),
    ofClasses(),
    ofClasses(),
    ofFolds(),
    ofFolds(),
  ]
  return (drawn) => {
    for (const counts of [support, guesses, hits, foldClips, foldHits]) counts.fill(0)
    for (let row = 0; row < truth.length; row++) {
      const times = drawn[recordings[row] ?? 0] ?? 0
      if (times === 0) continue
      const [label, guess, fold] = [truth[row] ?? 0, predicted[row] ?? 0, foldOf[row] ?? -1]
      support[label] = (support[label] ?? 0) + times
      guesses[guess] = (guesses[guess] ?? 0) + times
      if (label === guess) hits[label] = (hits[label] ?? 0) + times
      if (fold < 0) continue
      foldClips[fold] = (foldClips[fold] ?? 0) + times
      if (label === guess) foldHits[fold] = (foldHits[fold] ?? 0) + times
    }
    return { support, guesses, hits, foldClips, foldHits }
  }
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
