import { forEachFrame, frameCount, type StftSettings } from './stft.ts'

/** Share of the magnitude that lies below the roll-off, librosa's default. */
const ROLL_OFF_SHARE = 0.85
/** librosa's `amin` of the flatness, of a power. */
const LEAST_POWER = 1e-10

/** One value a frame. */
export interface SpectralShape {
  /** Mean frequency, weighted by magnitude, in Hz: `librosa.feature.spectral_centroid`. */
  centroidHz: Float32Array
  /** Standard deviation around it, in Hz: `librosa.feature.spectral_bandwidth` (p = 2). */
  bandwidthHz: Float32Array
  /** Least frequency with 85 % of the magnitude at or below it, in Hz: `librosa.feature.spectral_rolloff`. */
  rollOffHz: Float32Array
  /** Geometric over arithmetic mean of the power, 0 … 1 (noise): `librosa.feature.spectral_flatness`. */
  flatness: Float32Array
}

/** The four of each frame, from magnitudes; a frame of silence has 0 Hz and flatness 1, as librosa's. */
export function spectralShape(
  samples: Float32Array,
  settings: StftSettings & { sampleRateHz: number },
): SpectralShape {
  const { nFft, sampleRateHz } = settings
  const frames = frameCount(samples.length, settings)
  const bins = nFft / 2 + 1
  const hzPerBin = sampleRateHz / nFft
  const magnitude = new Float64Array(bins)
  const shape = {
    centroidHz: new Float32Array(frames),
    bandwidthHz: new Float32Array(frames),
    rollOffHz: new Float32Array(frames),
    flatness: new Float32Array(frames),
  }
  forEachFrame(samples, settings, (power, frame) => {
    const values = power.view
    let sum = 0
    let weighted = 0
    let powers = 0
    let logarithms = 0
    for (let bin = 0; bin < bins; bin++) {
      const value = values[bin] ?? 0
      const size = Math.sqrt(value)
      magnitude[bin] = size
      sum += size
      weighted += size * bin
      const audible = Math.max(LEAST_POWER, value)
      powers += audible
      logarithms += Math.log(audible)
    }
    shape.flatness[frame] = Math.exp(logarithms / bins) / (powers / bins)
    if (sum === 0) return
    const centroid = weighted / sum
    shape.centroidHz[frame] = centroid * hzPerBin
    let spread = 0
    let below = 0
    let rollOff = -1
    for (let bin = 0; bin < bins; bin++) {
      const size = magnitude[bin] ?? 0
      spread += size * (bin - centroid) ** 2
      below += size
      if (rollOff < 0 && below >= ROLL_OFF_SHARE * sum) rollOff = bin
    }
    shape.bandwidthHz[frame] = Math.sqrt(spread / sum) * hzPerBin
    shape.rollOffHz[frame] = rollOff * hzPerBin
  })
  return shape
}
