import type { RunColumns } from '../evaluation/predictions.ts'

/**
 * Clips by the probability that a run gives to their own label, the lowest first: its self-confidence (Northcutt et al. 2021).
 * @param only - `disagreements`: those that it predicts as another class
 */
export function suspectsOf(
  { clipIds, truth, predicted, probabilities, classes }: RunColumns,
  only: 'disagreements' | 'all',
): Int32Array {
  const width = classes.length
  const bits = new Uint32Array(probabilities.buffer, probabilities.byteOffset, probabilities.length)
  const keys = new Float64Array(clipIds.length)
  let count = 0
  for (let row = 0; row < clipIds.length; row++) {
    const label = truth[row] ?? 0
    if (only === 'disagreements' && label === predicted[row]) continue
    // Bits of floats from 0 up rise as the floats do; with the row below them they are one whole number that sorts fast.
    keys[count++] = (bits[row * width + label] ?? 0) * clipIds.length + row
  }
  return Int32Array.from(keys.subarray(0, count).sort(), (key) => clipIds[key % clipIds.length] ?? 0)
}
