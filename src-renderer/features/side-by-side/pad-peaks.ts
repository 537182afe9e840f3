/**
 * Peaks of a clip as those of a longer one that is silent after it, so that both have as many pixels for a second.
 * @param peaks - [maxima, minima] of `ownSeconds`
 */
export function padPeaks(
  [maxima, minima]: readonly [Float32Array, Float32Array],
  ownSeconds: number,
  wholeSeconds: number,
): [Float32Array, Float32Array] {
  const length =
    ownSeconds > 0 ? Math.max(maxima.length, Math.round((maxima.length * wholeSeconds) / ownSeconds)) : 1
  const padded = (own: Float32Array) => {
    const all = new Float32Array(length)
    all.set(own)
    return all
  }
  return [padded(maxima), padded(minima)]
}
