/** Mel filters, as librosa with `norm='slaney'`. */

import { hzToMel, type MelScale, melToHz } from '../../contract/mel-scale.ts'

export { hzToMel, type MelScale, melToHz } from '../../contract/mel-scale.ts'

export type MelNorm = 'slaney' | 'none'

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
