import FFT from 'fft.js'
import { type MelFilter, type MelSettings, melFilters } from './mel.ts'

export interface SpectrogramSettings extends MelSettings {
  hopLength: number
}

/** [nMels, frames], row-major, lowest band first. */
export interface FeatureMatrix {
  data: Float32Array
  nMels: number
  frames: number
}

/** Periodic Hann window, as `scipy.signal.get_window('hann', n)`. */
export function hannWindow(length: number): Float64Array {
  return Float64Array.from({ length }, (_, n) => 0.5 - 0.5 * Math.cos((2 * Math.PI * n) / length))
}

interface Plan {
  fft: FFT
  window: Float64Array
  filters: MelFilter[]
}
const plans = new Map<string, Plan>()

function planFor(settings: MelSettings): Plan {
  const { sampleRateHz, nFft, nMels, fMinHz, fMaxHz, scale } = settings
  const key = [sampleRateHz, nFft, nMels, fMinHz, fMaxHz, scale].join()
  let plan = plans.get(key)
  if (!plan) {
    plan = { fft: new FFT(nFft), window: hannWindow(nFft), filters: melFilters(settings) }
    plans.set(key, plan)
  }
  return plan
}

/**
 * Mel power spectrogram, as `librosa.feature.melspectrogram(y, power=2, center=True, pad_mode='constant')`.
 * @param samples - one channel at `sampleRateHz`
 * @param settings - nFft a power of two
 * @returns 1 + ⌊n / hop⌋ frames, power
 */
export function melPower(samples: Float32Array, settings: SpectrogramSettings): FeatureMatrix {
  const { nFft, hopLength, nMels } = settings
  const { fft, window, filters } = planFor(settings)
  const frames = 1 + Math.floor(samples.length / hopLength)
  const data = new Float32Array(nMels * frames)
  const frame = new Float64Array(nFft)
  const spectrum = new Float64Array(2 * nFft)
  const power = new Float64Array(nFft / 2 + 1)
  const half = nFft / 2
  const padded = new Float64Array(samples.length + nFft)
  padded.set(samples, half)
  for (let t = 0; t < frames; t++) {
    const start = t * hopLength
    for (let n = 0; n < nFft; n++) frame[n] = (padded[start + n] ?? 0) * (window[n] ?? 0)
    fft.realTransform(spectrum, frame)
    for (let bin = 0; bin < power.length; bin++) {
      const re = spectrum[2 * bin] ?? 0
      const im = spectrum[2 * bin + 1] ?? 0
      power[bin] = re * re + im * im
    }
    for (let band = 0; band < nMels; band++) {
      const filter = filters[band]
      if (!filter) continue
      const { start: firstBin, weights } = filter
      let sum = 0
      for (let k = 0; k < weights.length; k++) sum += (weights[k] ?? 0) * (power[firstBin + k] ?? 0)
      data[band * frames + t] = sum
    }
  }
  return { data, nMels, frames }
}

/** Power below this counts as this: librosa's `amin`. */
const LEAST_POWER = 1e-10

/**
 * Decibels below the loudest value, as `librosa.power_to_db(S, ref=np.max, top_db=topDb)`; in place.
 * @returns −topDb … 0; silence is 0 everywhere, as there
 */
export function powerToDb(matrix: FeatureMatrix, topDb: number): FeatureMatrix {
  const { data } = matrix
  let loudest = LEAST_POWER
  for (const power of data) if (power > loudest) loudest = power
  const reference = 10 * Math.log10(loudest)
  for (let index = 0; index < data.length; index++) {
    const db = 10 * Math.log10(Math.max(LEAST_POWER, data[index] ?? 0)) - reference
    data[index] = Math.max(db, -topDb)
  }
  return matrix
}
