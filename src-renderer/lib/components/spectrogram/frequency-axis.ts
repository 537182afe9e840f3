export const FREQUENCY_AXES = ['mel', 'linear', 'log'] as const
export type FrequencyAxisName = (typeof FREQUENCY_AXES)[number]

/** Places on the frequency axis are shares of its height from the bottom, 0..1. */
export interface FrequencyAxis {
  readonly lowHz: number
  readonly highHz: number
  hzAt(share: number): number
  /** NaN outside the axis. */
  shareOf(hz: number): number
  /** Where a place lies among the bands: k at the centre of band k, from −0.5 to n − 0.5. */
  bandAt(share: number): number
}

/** The axis over all bands, from half a band below the lowest centre to half a band above the highest. */
export function frequencyAxis(melCentresHz: readonly number[], name: FrequencyAxisName): FrequencyAxis {
  const bands = melCentresHz.length
  const lowHz = hzAtBand(melCentresHz, -0.5)
  const highHz = hzAtBand(melCentresHz, bands - 0.5)
  const inside = (hz: number, share: number) => (hz >= lowHz && hz <= highHz ? share : Number.NaN)
  if (name === 'mel') {
    const bandAt = (share: number) => share * bands - 0.5
    return {
      lowHz,
      highHz,
      bandAt,
      hzAt: (share) => hzAtBand(melCentresHz, bandAt(share)),
      shareOf: (hz) => inside(hz, (bandAtHz(melCentresHz, hz) + 0.5) / bands),
    }
  }
  const [warp, unwarp] =
    name === 'log' ? [Math.log, Math.exp] : [(hz: number) => hz, (warped: number) => warped]
  const low = warp(lowHz)
  const span = warp(highHz) - low
  const hzAt = (share: number) => unwarp(low + span * share)
  return {
    lowHz,
    highHz,
    hzAt,
    shareOf: (hz) => inside(hz, (warp(hz) - low) / span),
    bandAt: (share) => bandAtHz(melCentresHz, hzAt(share)),
  }
}

/** Linear between two centres, and beyond the outer ones as between the two next to them. */
export function bandAtHz(melCentresHz: readonly number[], hz: number): number {
  const last = melCentresHz.length - 1
  let lower = 0
  let upper = last
  while (upper - lower > 1) {
    const middle = (lower + upper) >> 1
    if ((melCentresHz[middle] ?? 0) <= hz) lower = middle
    else upper = middle
  }
  const [below = 0, above = 0] = [melCentresHz[lower], melCentresHz[upper]]
  return above > below ? lower + (hz - below) / (above - below) : lower
}

/** The inverse of `bandAtHz`; above 0 Hz, so that it has a logarithm. */
export function hzAtBand(melCentresHz: readonly number[], band: number): number {
  const last = melCentresHz.length - 1
  const lower = Math.max(0, Math.min(last - 1, Math.floor(band)))
  const below = melCentresHz[lower] ?? 0
  const above = melCentresHz[Math.min(last, lower + 1)] ?? below
  return Math.max(1, below + (above - below) * (band - lower))
}

/** Where bands lie on the axis of another picture. */
export interface BandsOnAxis {
  /** Shares of that axis, where the bands begin and end. */
  readonly bottom: number
  readonly top: number
  /** The part between, for painting the bands there. */
  readonly axis: FrequencyAxis
}

/** @returns undefined where the axis has none of the bands' frequencies */
export function bandsOnAxis(axis: FrequencyAxis, melCentresHz: readonly number[]): BandsOnAxis | undefined {
  const lowHz = Math.max(axis.lowHz, hzAtBand(melCentresHz, -0.5))
  const highHz = Math.min(axis.highHz, hzAtBand(melCentresHz, melCentresHz.length - 0.5))
  const [bottom, top] = [axis.shareOf(lowHz), axis.shareOf(highHz)]
  if (!(top > bottom)) return undefined
  const hzAt = (share: number) => axis.hzAt(bottom + share * (top - bottom))
  return {
    bottom,
    top,
    axis: {
      lowHz,
      highHz,
      hzAt,
      shareOf: (hz) => (axis.shareOf(hz) - bottom) / (top - bottom),
      bandAt: (share) => bandAtHz(melCentresHz, hzAt(share)),
    },
  }
}
