import type { Predictions } from '../evaluation/predictions.ts'

/**
 * Clips by the probability that a run gives to their own label, the lowest first: its self-confidence (Northcutt et al. 2021).
 * @param only - `disagreements`: those that it predicts as another class
 */
export function suspectsOf(
  { clipIds, truth, predicted, probabilities, classes }: Predictions,
  only: 'disagreements' | 'all',
): number[] {
  const width = classes.length
  const confidence = (row: number) => probabilities[row * width + (truth[row] ?? 0)] ?? 0
  return Array.from(clipIds.keys())
    .filter((row) => only === 'all' || truth[row] !== predicted[row])
    .sort((a, b) => confidence(a) - confidence(b) || (clipIds[a] ?? 0) - (clipIds[b] ?? 0))
    .map((row) => clipIds[row] ?? 0)
}
