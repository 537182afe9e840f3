import type { ClassList, Predictions } from '../../src-main/core/evaluation/predictions.ts'

/** Columns of plain lists. Labels and predictions are places in `classes`; probabilities are certain where left out. */
export function columnsOf(given: {
  classes: ClassList
  truth: readonly number[]
  predicted: readonly number[]
  folds: readonly number[]
  clipIds?: readonly number[]
  recordings?: readonly number[]
  probabilities?: readonly number[]
}): Predictions {
  const recordings = Int32Array.from(given.recordings ?? given.truth.map((_, row) => row))
  return {
    classes: given.classes,
    clipIds: Int32Array.from(given.clipIds ?? given.truth.map((_, row) => row + 1)),
    folds: Int32Array.from(given.folds),
    truth: Uint16Array.from(given.truth),
    predicted: Uint16Array.from(given.predicted),
    probabilities: Float32Array.from(
      given.probabilities ??
        given.predicted.flatMap((place) => given.classes.map((_, at) => (at === place ? 1 : 0))),
    ),
    recordings,
    recordingCount: recordings.reduce((most, number) => Math.max(most, number + 1), 0),
  }
}
