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

const HEADER_BYTES = 8
/** Pictures show this many dB below their loudest point. */
export const DYNAMIC_RANGE_DB = 80

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

/** Loudest value and `DYNAMIC_RANGE_DB` below it, or the quietest value where that is higher; dB. */
export function decibelRange(decibels: Float32Array): { low: number; high: number } {
  let low = Number.POSITIVE_INFINITY
  let high = Number.NEGATIVE_INFINITY
  for (const value of decibels) {
    if (value < low) low = value
    if (value > high) high = value
  }
  if (!Number.isFinite(low) || !Number.isFinite(high)) return { low: -DYNAMIC_RANGE_DB, high: 0 }
  return { low: high > low ? Math.max(low, high - DYNAMIC_RANGE_DB) : high - 1, high }
}

/**
 * @param table - 256 RGBA colours, see `colourTable`
 * @returns RGBA pixels, `frames` wide and `nMels` high, the highest band in the first row
 */
export function paintSpectrogram(
  data: SpectrogramData,
  range: { low: number; high: number },
  table: Uint32Array,
): Uint8ClampedArray<ArrayBuffer> {
  const { nMels, frames, decibels } = data
  const pixels = new Uint32Array(nMels * frames)
  const last = table.length - 1
  const scale = last / (range.high - range.low)
  for (let band = 0; band < nMels; band++) {
    const target = (nMels - 1 - band) * frames
    for (let frame = 0; frame < frames; frame++) {
      const step = Math.round(((decibels[band * frames + frame] ?? range.low) - range.low) * scale)
      pixels[target + frame] = table[Math.min(last, Math.max(0, step))] ?? 0
    }
  }
  return new Uint8ClampedArray(pixels.buffer)
}
