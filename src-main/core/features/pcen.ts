import type { FeatureMatrix } from './log-mel.ts'

/** librosa's defaults (Lostanlen et al. 2019). */
const GAIN = 0.98
const BIAS = 2
const POWER = 0.5
const TIME_CONSTANT_SECONDS = 0.4
const EPSILON = 1e-6
/** librosa's advice for signals between −1 and 1: the method was made for 32-bit integers. */
const INTEGER_SCALE = 2 ** 31

/**
 * Per-channel energy normalisation (Wang et al. 2017), as `librosa.pcen(S * 2**31, sr=…, hop_length=…)` with its defaults;
 * in place. Each band is divided by its own recent level, then compressed.
 * @param matrix - a mel spectrogram of magnitudes
 */
export function pcen(
  matrix: FeatureMatrix,
  settings: { sampleRateHz: number; hopLength: number },
): FeatureMatrix {
  const { data, rows, frames } = matrix
  const constant = (TIME_CONSTANT_SECONDS * settings.sampleRateHz) / settings.hopLength
  const share = (Math.sqrt(1 + 4 * constant ** 2) - 1) / (2 * constant ** 2)
  for (let row = 0; row < rows; row++) {
    // scipy's steady state of a signal of ones.
    let level = 1
    for (let at = row * frames; at < (row + 1) * frames; at++) {
      const value = (data[at] ?? 0) * INTEGER_SCALE
      level = share * value + (1 - share) * level
      const smooth = Math.exp(-GAIN * (Math.log(EPSILON) + Math.log1p(level / EPSILON)))
      data[at] = BIAS ** POWER * Math.expm1(POWER * Math.log1p((value * smooth) / BIAS))
    }
  }
  return matrix
}
