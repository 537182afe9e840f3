import type { Predictions } from '../evaluation/predictions.ts'
import type { ClipName } from './predictions-file.ts'
import type { ReportedError } from './run-report.ts'

/** Errors that are listed. */
const SHOWN = 50

/** The clips that were predicted wrong with the most confidence, most first; equal ones by clip. */
export function confidentErrors(
  { classes, clipIds, folds, truth, predicted, probabilities }: Predictions,
  namesOf: (clipIds: Int32Array) => ReadonlyMap<number, ClipName>,
  shown = SHOWN,
): ReportedError[] {
  const probability = (row: number, place: number) => probabilities[row * classes.length + place] ?? 0
  const confidence = (row: number) => probability(row, predicted[row] ?? 0)
  const wrong = Array.from(clipIds.keys())
    .filter((row) => truth[row] !== predicted[row])
    .sort((a, b) => confidence(b) - confidence(a) || a - b)
    .slice(0, shown)
  const names = namesOf(Int32Array.from(wrong, (row) => clipIds[row] ?? 0))
  return wrong.map((row) => {
    const { fileName, recording } = names.get(clipIds[row] ?? 0) ?? { fileName: '', recording: null }
    return {
      fileName,
      recording,
      fold: folds[row] ?? 0,
      className: classes[truth[row] ?? 0]?.name ?? '',
      predictedClassName: classes[predicted[row] ?? 0]?.name ?? '',
      confidence: confidence(row),
      labelProbability: probability(row, truth[row] ?? 0),
    }
  })
}
