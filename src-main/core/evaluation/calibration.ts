import type { Predictions } from './predictions.ts'

const BINS = 15

export interface Calibration {
  /** Only those with clips; the first includes 0, each its upper edge. */
  bins: { from: number; to: number; clips: number; meanConfidence: number; accuracy: number }[]
  binCount: number
  /** Σ of each bin's share of clips × |accuracy − mean confidence|, 0 … 1. */
  expectedCalibrationError: number
}

/** How often a prediction of some confidence is right, in 15 bins of equal width (Guo et al. 2017). */
export function calibration({ classes, truth, predicted, probabilities }: Predictions): Calibration {
  const clips = new Uint32Array(BINS)
  const hits = new Uint32Array(BINS)
  const confidences = new Float64Array(BINS)
  for (let row = 0; row < truth.length; row++) {
    const confidence = probabilities[row * classes.length + (predicted[row] ?? 0)] ?? 0
    const bin = Math.min(BINS - 1, Math.max(0, Math.ceil(confidence * BINS) - 1))
    clips[bin] = (clips[bin] ?? 0) + 1
    confidences[bin] = (confidences[bin] ?? 0) + confidence
    if (truth[row] === predicted[row]) hits[bin] = (hits[bin] ?? 0) + 1
  }
  const bins = Array.from(clips, (count, bin) => ({
    from: bin / BINS,
    to: (bin + 1) / BINS,
    clips: count,
    meanConfidence: (confidences[bin] ?? 0) / count,
    accuracy: (hits[bin] ?? 0) / count,
  })).filter((bin) => bin.clips > 0)
  const expectedCalibrationError = bins.reduce(
    (total, bin) => total + (bin.clips / truth.length) * Math.abs(bin.accuracy - bin.meanConfidence),
    0,
  )
  return { bins, binCount: BINS, expectedCalibrationError }
}
