import { Floats, kernels } from '../audio/simd.ts'
import { type FeatureMatrix, type PackedFilters, packFilters } from './log-mel.ts'
import { forEachFrame, frameCount, type StftSettings } from './stft.ts'

const PITCH_CLASSES = 12
/** A0 of A440 is bin 0 of the pitch scale. */
const REFERENCE_HZ = 440 / 16
/** Octave (above that A) at which the weights are centred, and the width of their Gaussian in octaves. */
const CENTRE_OCTAVE = 5
const OCTAVE_WIDTH = 2
/** From A, where the octaves begin, down to C, the first row. */
const A_TO_C = 3

/**
 * Weights of the spectrum's bins for each pitch class from C on, as `librosa.filters.chroma(sr, n_fft, tuning=0)`.
 * @returns [12][nFft/2 + 1]
 */
export function chromaFilters(sampleRateHz: number, nFft: number): Float64Array[] {
  const pitch = Float64Array.from({ length: nFft }, (_, bin) =>
    bin === 0 ? 0 : PITCH_CLASSES * Math.log2((bin * sampleRateHz) / nFft / REFERENCE_HZ),
  )
  // Bin 0 has no pitch; it is put an octave and a half below bin 1.
  pitch[0] = (pitch[1] ?? 0) - 1.5 * PITCH_CLASSES
  const bins = nFft / 2 + 1
  const rows = Array.from({ length: PITCH_CLASSES }, () => new Float64Array(bins))
  for (let bin = 0; bin < bins; bin++) {
    const place = pitch[bin] ?? 0
    const width = Math.max((pitch[bin + 1] ?? 0) - place, 1)
    const weights = rows.map((_, pitchClass) => {
      const away = modulo(place - pitchClass + 6 + 120, PITCH_CLASSES) - 6
      return Math.exp(-0.5 * ((2 * away) / width) ** 2)
    })
    const norm = Math.hypot(...weights)
    const octave = Math.exp(-0.5 * ((place / PITCH_CLASSES - CENTRE_OCTAVE) / OCTAVE_WIDTH) ** 2)
    rows.forEach((row, index) => {
      row[bin] = ((weights[(index + A_TO_C) % PITCH_CLASSES] ?? 0) / norm) * octave
    })
  }
  return rows
}

const modulo = (value: number, by: number) => ((value % by) + by) % by

const packed = new Map<string, PackedFilters>()

/**
 * Energy of the twelve pitch classes, C first, each frame divided by its largest, as
 * `librosa.feature.chroma_stft(tuning=0)`. librosa estimates the tuning unless it is given; here it is A = 440 Hz.
 * @returns [12, frames], 0 … 1
 */
export function chroma(
  samples: Float32Array,
  settings: StftSettings & { sampleRateHz: number },
): FeatureMatrix {
  const { sampleRateHz, nFft } = settings
  const key = `${sampleRateHz},${nFft}`
  const filters =
    packed.get(key) ??
    packFilters(chromaFilters(sampleRateHz, nFft).map((weights) => ({ start: 0, weights })))
  packed.set(key, filters)
  const frames = frameCount(samples.length, settings)
  const data = new Float32Array(PITCH_CLASSES * frames)
  const column = new Floats(PITCH_CLASSES)
  forEachFrame(samples, settings, (power, frame) => {
    const { table, weights } = filters
    kernels.weightedBands(power.pointer, table.pointer, weights.pointer, PITCH_CLASSES, column.pointer, 1)
    const values = column.view
    const largest = values.reduce((high, value) => Math.max(high, value), 0)
    // librosa leaves a frame alone whose largest value is the smallest normal number or less.
    const scale = largest > 2 ** -126 ? 1 / largest : 1
    for (let row = 0; row < PITCH_CLASSES; row++) data[row * frames + frame] = (values[row] ?? 0) * scale
  })
  column.free()
  return { data, rows: PITCH_CLASSES, frames }
}
