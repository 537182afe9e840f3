import { type Predictions, pick } from './predictions.ts'

/**
 * The same predictions against other labels.
 * @param labels - id of the class that each clip is to count as; null leaves it out, and so does one that the run does not know
 */
export function rescored(predictions: Predictions, labels: readonly (number | null)[]): Predictions {
  const placeOf = new Map(predictions.classes.map(({ id }, place) => [id, place]))
  const places = Int32Array.from(labels, (label) => placeOf.get(label ?? Number.NaN) ?? -1)
  const kept = Int32Array.from(places.keys()).filter((row) => (places[row] ?? -1) >= 0)
  const picked = pick(predictions, kept)
  return { ...picked, truth: Uint16Array.from(kept, (row) => places[row] ?? 0) }
}
