import { type Predictions, pick } from './predictions.ts'

/**
 * The same predictions against other labels.
 * @param labelOf - id of the class that a clip is to count as; null leaves it out, and so does one that the run does not know
 */
export function rescored(predictions: Predictions, labelOf: (clipId: number) => number | null): Predictions {
  const placeOf = new Map(predictions.classes.map(({ id }, place) => [id, place]))
  const labels = Array.from(predictions.clipIds, (clipId) => placeOf.get(labelOf(clipId) ?? Number.NaN) ?? -1)
  const kept = Int32Array.from(labels.flatMap((label, row) => (label < 0 ? [] : [row])))
  const picked = pick(predictions, kept)
  return { ...picked, truth: Uint16Array.from(kept, (row) => labels[row] ?? 0) }
}
