/** Mel scales and filters, as librosa with `norm='slaney'`. */

/** `slaney` is librosa's default, `htk` its `htk=True`. */
export type MelScale = 'slaney' | 'htk'
export type MelNorm = 'slaney' | 'none'

/** 2595 · log10(1 + f / 700), O'Shaughnessy 1987, as HTK has it. */
const HTK_MEL_PER_DECADE = 2595
const HTK_CORNER_HZ = 700

/** Linear below the break, logarithmic above (Slaney, Auditory Toolbox, 1998). */
const LINEAR_HZ_PER_MEL = 200 / 3
const BREAK_HZ = 1000
const BREAK_MEL = BREAK_HZ / LINEAR_HZ_PER_MEL
const LOG_STEP = Math.log(6.4) / 27

/** As `librosa.hz_to_mel`. */
export function hzToMel(hz: number, scale: MelScale = 'slaney'): number {
  if (scale === 'htk') return HTK_MEL_PER_DECADE * Math.log10(1 + hz / HTK_CORNER_HZ)
  return hz < BREAK_HZ ? hz / LINEAR_HZ_PER_MEL : BREAK_MEL + Math.log(hz / BREAK_HZ) / LOG_STEP
}

/** As `librosa.mel_to_hz`. */
export function melToHz(mel: number, scale: MelScale = 'slaney'): number {
  if (scale === 'htk') return HTK_CORNER_HZ * (10 ** (mel / HTK_MEL_PER_DECADE) - 1)
  return mel < BREAK_MEL ? mel * LINEAR_HZ_PER_MEL : BREAK_HZ * Math.exp(LOG_STEP * (mel - BREAK_MEL))
}

export interface MelSettings {
  sampleRateHz: number
  nFft: number
  nMels: number
  fMinHz: number
  fMaxHz: number
  /** `slaney` unless given. */
  scale?: MelScale
  /** `slaney` (each triangle has the area 1, per Hz) unless given; `none` for triangles of height 1. */
  norm?: MelNorm
}

/** @returns nMels + 2 frequencies in Hz, equally spaced in mel: the corners of the triangles */
export function melEdgesHz({
  nMels,
  fMinHz,
  fMaxHz,
  scale,
}: Pick<MelSettings, 'nMels' | 'fMinHz' | 'fMaxHz' | 'scale'>): number[] {
  const low = hzToMel(fMinHz, scale)
  const high = hzToMel(fMaxHz, scale)
  return Array.from({ length: nMels + 2 }, (_, index) =>
    melToHz(low + ((high - low) * index) / (nMels + 1), scale),
  )
}

/** One triangle: its weights for the FFT bins from `start` on. */
export interface MelFilter {
  start: number
  weights: Float64Array
}

/** As `librosa.filters.mel`, without the zeros. A filter between two bins is empty, as there. */
export function melFilters(settings: MelSettings): MelFilter[] {
  const edges = melEdgesHz(settings)
  const bins = settings.nFft / 2 + 1
  const hzPerBin = settings.sampleRateHz / settings.nFft
  return Array.from({ length: settings.nMels }, (_, band) => {
    const [left = 0, centre = 0, right = 0] = edges.slice(band, band + 3)
    const height = settings.norm === 'none' ? 1 : 2 / (right - left)
    const start = Math.min(bins, Math.max(0, Math.ceil(left / hzPerBin)))
    const weights: number[] = []
    for (let bin = start; bin < bins && bin * hzPerBin <= right; bin++) {
      const rising = (bin * hzPerBin - left) / (centre - left)
      const falling = (right - bin * hzPerBin) / (right - centre)
      weights.push(Math.max(0, Math.min(rising, falling)) * height)
    }
    return { start, weights: Float64Array.from(weights) }
  })
}
