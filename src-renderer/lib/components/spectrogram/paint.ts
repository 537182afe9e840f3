import type { FrequencyAxis } from './frequency-axis.ts'
import type { Levels, SpectrogramData, SpectrogramScale } from './spectrogram-data.ts'
import { secondsAt, type TimeRange } from './time-range.ts'

export interface PaintOptions {
  readonly range: TimeRange
  readonly axis: FrequencyAxis
  readonly levels: Levels
  /** 256 RGBA colours, see `colourTable` */
  readonly table: Uint32Array
  readonly width: number
  readonly height: number
}

/** What one pixel takes of a row of values: a mix of two neighbours, or the loudest of several. */
interface Sample {
  readonly first: number
  readonly last: number
  /** Weight of `last` in a mix; NaN for the loudest from `first` to `last`. */
  readonly share: number
}

/**
 * A spectrogram as pixels. Values are brought to the picture's pixels in dB and coloured afterwards: mixing colours would
 * show ones that the map does not have. Where several values share a pixel the loudest shows, so that a click stays.
 * @returns RGBA, the highest frequency in the first row; transparent where the clip goes on beyond the data
 */
export function paintSpectrogram(
  data: SpectrogramData,
  scale: SpectrogramScale,
  { range, axis, levels, table, width, height }: PaintOptions,
): Uint8ClampedArray<ArrayBuffer> {
  const { nMels, frames, decibels } = data
  const framesPerSecond = scale.sampleRateHz / scale.hopLength
  // Frame k is centred on sample k times hop (librosa's center=True), so it is at k whole here.
  const columns = samples(width, frames, (share) => secondsAt(range, share) * framesPerSecond)
  const rows = samples(height, nMels, (share) => axis.bandAt(1 - share))
  const pixels = new Uint32Array(width * height)
  const row = new Float32Array(frames)
  const lastColour = table.length - 1
  const steps = lastColour / (levels.high - levels.low)
  for (let y = 0; y < height; y++) {
    const bands = rows[y]
    if (!bands) continue
    for (let frame = 0; frame < frames; frame++) row[frame] = take(decibels, bands, frames, frame)
    for (let x = 0; x < width; x++) {
      const column = columns[x]
      if (!column) continue
      const step = Math.round((take(row, column, 1, 0) - levels.low) * steps)
      pixels[y * width + x] = table[Math.min(lastColour, Math.max(0, step))] ?? 0
    }
  }
  return new Uint8ClampedArray(pixels.buffer)
}

/** @param placeOf - of a share of the picture among `count` values; null for pixels whose middle lies beyond the last */
function samples(pixels: number, count: number, placeOf: (share: number) => number): (Sample | null)[] {
  const last = count - 1
  const clamp = (index: number) => Math.min(last, Math.max(0, index))
  return Array.from({ length: pixels }, (_, pixel) => {
    const middle = placeOf((pixel + 0.5) / pixels)
    if (middle > last + 0.5) return null
    const edges = [placeOf(pixel / pixels), placeOf((pixel + 1) / pixels)].sort((a, b) => a - b)
    const [from, to] = [Math.ceil(edges[0] ?? middle), Math.floor(edges[1] ?? middle)]
    if (to > from) return { first: clamp(from), last: clamp(to), share: Number.NaN }
    return {
      first: clamp(Math.floor(middle)),
      last: clamp(Math.floor(middle) + 1),
      share: middle - Math.floor(middle),
    }
  })
}

function take(values: Float32Array, { first, last, share }: Sample, stride: number, offset: number): number {
  const start = values[first * stride + offset] ?? Number.NEGATIVE_INFINITY
  if (!Number.isNaN(share)) return start + ((values[last * stride + offset] ?? start) - start) * share
  let loudest = start
  for (let index = first + 1; index <= last; index++) {
    const value = values[index * stride + offset] ?? loudest
    if (value > loudest) loudest = value
  }
  return loudest
}
