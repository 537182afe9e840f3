import { Floats, kernels, Scratch } from '../audio/simd.ts'
import { type MelSettings, melFilters } from './mel.ts'
import { forEachFrame, frameCount, type StftSettings } from './stft.ts'

export interface SpectrogramSettings extends Omit<MelSettings, 'nFft'>, StftSettings {
  /** Of the magnitude: 2 (the default) or 1. */
  power?: 1 | 2
}

/** [rows, frames], row-major, lowest band first. */
export interface FeatureMatrix {
  data: Float32Array
  rows: number
  frames: number
}

/** Filters as the kernel wants them: for each band its first bin and number of weights, and the weights. */
export interface PackedFilters {
  bands: number
  table: Floats
  weights: Floats
}
const packed = new Map<string, PackedFilters>()

function filtersFor(settings: SpectrogramSettings): PackedFilters {
  const { sampleRateHz, nFft, nMels, fMinHz, fMaxHz, scale, norm } = settings
  const key = [sampleRateHz, nFft, nMels, fMinHz, fMaxHz, scale, norm].join()
  let filters = packed.get(key)
  if (!filters) {
    filters = packFilters(melFilters(settings))
    packed.set(key, filters)
  }
  return filters
}

/** Pads each band's weights with zeros to whole vectors of four. */
export function packFilters(bands: readonly { start: number; weights: ArrayLike<number> }[]): PackedFilters {
  const lengths = bands.map(({ weights }) => Math.ceil(weights.length / 4) * 4)
  const table = new Floats(2 * bands.length)
  const weights = new Floats(lengths.reduce((sum, length) => sum + length, 0))
  const entries = new Int32Array(table.view.buffer, table.pointer, 2 * bands.length)
  let at = 0
  bands.forEach((band, index) => {
    const length = lengths[index] ?? 0
    entries[2 * index] = band.start
    entries[2 * index + 1] = length
    weights.view.set(band.weights, at)
    at += length
  })
  return { bands: bands.length, table, weights }
}

const picture = new Scratch()
const single = new Floats(1)

/**
 * Mel spectrogram, as `librosa.feature.melspectrogram`.
 * @param samples - one channel at `sampleRateHz`
 * @returns [nMels, frames], power (or magnitude, where `power` is 1)
 */
export function melPower(samples: Float32Array, settings: SpectrogramSettings): FeatureMatrix {
  const { nFft, power = 2 } = settings
  const { bands, table, weights } = filtersFor(settings)
  const frames = frameCount(samples.length, settings)
  const out = picture.ofLength(bands * frames)
  forEachFrame(samples, settings, (bins, frame) => {
    if (power === 1) kernels.squareRoot(bins.pointer, nFft / 2 + 1)
    const target = out.pointer + 4 * frame
    kernels.weightedBands(bins.pointer, table.pointer, weights.pointer, bands, target, frames)
  })
  return { data: out.view.slice(0, bands * frames), rows: bands, frames }
}

/** Power below this counts as this: librosa's `amin`. */
const LEAST_POWER = 1e-10

export interface DecibelSettings {
  /** 0 dB: the loudest value of the picture (the default), or this power. */
  reference?: 'max' | number
  /** Values this far below the loudest are raised to there; null for none. 80 unless given. */
  topDb?: number | null
  /** 20 for magnitudes (`amplitude_to_db`), 10 for powers (the default). */
  factor?: 10 | 20
}

/**
 * Decibels, as `librosa.power_to_db`; in place. Float32: right to 1e-5 dB.
 * @returns at most 0 where the reference is the loudest value; silence is 0 everywhere, as there
 */
export function powerToDb(matrix: FeatureMatrix, settings: DecibelSettings = {}): FeatureMatrix {
  const { reference = 'max', topDb = 80, factor = 10 } = settings
  const { data } = matrix
  const least = factor === 10 ? LEAST_POWER : Math.sqrt(LEAST_POWER)
  const values = picture.ofLength(data.length)
  values.view.set(data)
  values.view.fill(0, data.length, Math.ceil(data.length / 4) * 4)
  const loudest = kernels.largest(values.pointer, data.length, least)
  // By the kernel's own logarithm, so that the loudest value is 0 dB exactly.
  const decibels = (power: number) => {
    single.view[0] = Math.max(least, power)
    kernels.logarithm(single.pointer, 1, least, factor * Math.log10(2), 0, Number.NEGATIVE_INFINITY)
    return single.view[0] ?? 0
  }
  const zero = decibels(reference === 'max' ? loudest : Math.abs(reference))
  const floor = topDb === null ? Number.NEGATIVE_INFINITY : decibels(loudest) - zero - topDb
  kernels.logarithm(values.pointer, data.length, least, factor * Math.log10(2), zero, floor)
  data.set(values.view.subarray(0, data.length))
  return matrix
}
