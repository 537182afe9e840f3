import type { SpectrogramData } from '../../lib/components/spectrogram/spectrogram-data.ts'

/** A map in a few numbers: means over parts of the time and of the rows. */
export interface MapTable {
  /** Seconds. */
  times: { from: number; to: number }[]
  /** Rows from `first` up to, not including, `end`; the highest first. */
  bands: { first: number; end: number; shares: number[] }[]
}

/**
 * @param secondsPerFrame - of the picture
 * @returns shares are of the largest value of the map, whichever its sign: −1 … 1
 */
export function mapTable(
  { nMels: rows, frames, decibels: values }: SpectrogramData,
  secondsPerFrame: number,
  { columns = 8, parts = 4 } = {},
): MapTable {
  const most = values.reduce((largest, value) => Math.max(largest, Math.abs(value)), 0)
  const cuts = (size: number, wanted: number) => {
    const count = Math.min(size, wanted)
    const cut = (index: number) => Math.round((index * size) / count)
    return Array.from({ length: count }, (_, index) => ({ first: cut(index), end: cut(index + 1) }))
  }
  const across = cuts(frames, columns)
  const meanOf = (band: { first: number; end: number }, time: { first: number; end: number }) => {
    let sum = 0
    for (let row = band.first; row < band.end; row++)
      for (let frame = time.first; frame < time.end; frame++) sum += values[row * frames + frame] ?? 0
    return sum / ((band.end - band.first) * (time.end - time.first))
  }
  return {
    times: across.map(({ first, end }) => ({ from: first * secondsPerFrame, to: end * secondsPerFrame })),
    bands: cuts(rows, parts)
      .toReversed()
      .map((band) => ({
        ...band,
        shares: across.map((time) => (most > 0 ? meanOf(band, time) / most : 0)),
      })),
  }
}
