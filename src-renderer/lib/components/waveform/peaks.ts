/**
 * Stored peaks as wavesurfer.js draws them: its first channel is the upper half, its second the lower.
 * @param buffer - float32 little-endian pairs (minimum, maximum), −1..1
 * @returns [maxima, minima], one value a pair
 */
export function readPeaks(buffer: ArrayBuffer): [Float32Array, Float32Array] {
  const pairs = new Float32Array(buffer, 0, Math.floor(buffer.byteLength / 8) * 2)
  const maxima = new Float32Array(pairs.length / 2)
  const minima = new Float32Array(pairs.length / 2)
  for (let pair = 0; pair < maxima.length; pair++) {
    minima[pair] = pairs[2 * pair] ?? 0
    maxima[pair] = pairs[2 * pair + 1] ?? 0
  }
  return [maxima, minima]
}
