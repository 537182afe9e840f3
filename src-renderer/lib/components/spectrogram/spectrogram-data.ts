/** A mel spectrogram as the media route sends it. */
export interface SpectrogramData {
  readonly nMels: number
  readonly frames: number
  /** dB, row-major [nMels][frames], lowest band first */
  readonly decibels: Float32Array
}

/** What a picture of one clip needs to know of the recipe. */
export interface SpectrogramScale {
  readonly sampleRateHz: number
  readonly hopLength: number
  /** Centre of each band, low to high. */
  readonly melCentresHz: readonly number[]
}

/** The values that the first and the last colour stand for, in dB. */
export interface Levels {
  readonly low: number
  readonly high: number
}

const HEADER_BYTES = 8

/** @throws Error when the length does not agree with the header */
export function readSpectrogram(buffer: ArrayBuffer): SpectrogramData {
  if (buffer.byteLength < HEADER_BYTES) throw new Error('The spectrogram has no header.')
  const header = new DataView(buffer)
  const nMels = header.getUint32(0, true)
  const frames = header.getUint32(4, true)
  if (buffer.byteLength !== HEADER_BYTES + nMels * frames * Float32Array.BYTES_PER_ELEMENT)
    throw new Error(`The spectrogram should hold ${nMels} × ${frames} values and does not.`)
  return { nMels, frames, decibels: new Float32Array(buffer, HEADER_BYTES) }
}

/** Quietest and loudest value, dB; 0 and 0 where there is none. */
export function decibelExtent(decibels: Float32Array): Levels {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of decibels) {
    if (value < low) low = value
    if (value > high) high = value
  }
  return Number.isFinite(low) && Number.isFinite(high) ? { low, high } : { low: 0, high: 0 }
}

/**
 * Which values the colours span.
 * @param rangeDb - from the last colour down to the first
 * @param gainDb - how much louder everything is shown than it is
 */
export function shownLevels(extent: Levels, rangeDb: number, gainDb: number): Levels {
  // Where nothing is louder than the rest, as in silence, all of it is quiet.
  const loudest = extent.high > extent.low ? extent.high : extent.low + rangeDb
  const high = loudest - gainDb
  return { low: high - rangeDb, high }
}

/** The value of one cell, dB; undefined outside the data. */
export function levelAt({ nMels, frames, decibels }: SpectrogramData, band: number, frame: number) {
  if (band < 0 || band >= nMels || frame < 0 || frame >= frames) return undefined
  return decibels[band * frames + frame]
}
