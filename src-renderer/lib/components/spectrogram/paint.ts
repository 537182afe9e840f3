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

/** What each pixel takes of a row of values, as columns of numbers. */
export interface Samples {
  /** −1 where there is no value. */
  readonly first: Int32Array
  readonly last: Int32Array
  /** Weight of `last` in a mix of the two; −1 for the loudest from `first` to `last`. */
  readonly share: Float32Array
}

/** Fills a canvas with a spectrogram, a pixel of the screen for each; nothing while it has no size. @param size - in CSS pixels */
export function paintCanvas(
  canvas: HTMLCanvasElement,
  size: { readonly width: number; readonly height: number },
  data: SpectrogramData,
  scale: SpectrogramScale,
  options: Omit<PaintOptions, 'width' | 'height'>,
): void {
  const context = canvas.getContext('2d')
  if (!context || size.width === 0 || size.height === 0) return
  canvas.width = Math.round(size.width * devicePixelRatio)
  canvas.height = Math.round(size.height * devicePixelRatio)
  const { width, height } = canvas
  const pixels = paintSpectrogram(data, scale, { ...options, width, height })
  context.putImageData(new ImageData(pixels, width, height), 0, 0)
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
  const line = new Float32Array(width)
  const places = new Uint8ClampedArray(width)
  const beyond = columns.first.indexOf(-1)
  const end = beyond < 0 ? width : beyond
  const steps = (table.length - 1) / (levels.high - levels.low)
  for (let y = 0; y < height; y++) {
    for (let frame = 0; frame < frames; frame++) row[frame] = take(decibels, rows, y, frames, frame)
    for (let x = 0; x < end; x++) line[x] = (take(row, columns, x, 1, 0) - levels.low) * steps
    // A typed array rounds and clips by itself, faster than Math does.
    places.set(line)
    const start = y * width
    for (let x = 0; x < end; x++) pixels[start + x] = table[places[x] ?? 0] ?? 0
  }
  return new Uint8ClampedArray(pixels.buffer)
}

/** @param placeOf - of a share of the picture among `count` values; pixels whose middle lies beyond the last get none */
export function samples(pixels: number, count: number, placeOf: (share: number) => number): Samples {
  const all = {
    first: new Int32Array(pixels).fill(-1),
    last: new Int32Array(pixels),
    share: new Float32Array(pixels),
  }
  const clamp = (index: number) => Math.min(count - 1, Math.max(0, index))
  for (let pixel = 0; pixel < pixels; pixel++) {
    const middle = placeOf((pixel + 0.5) / pixels)
    if (middle > count - 0.5) continue
    const edges = [placeOf(pixel / pixels), placeOf((pixel + 1) / pixels)] as const
    const [start, end] = [Math.min(...edges), Math.max(...edges)]
    const several = end - start > 1
    const below = Math.floor(middle)
    all.first[pixel] = clamp(several ? Math.ceil(start) : below)
    all.last[pixel] = clamp(several ? Math.ceil(end) - 1 : below + 1)
    all.share[pixel] = several ? -1 : middle - below
  }
  return all
}

function take(values: Float32Array, from: Samples, pixel: number, stride: number, offset: number): number {
  const first = from.first[pixel] ?? 0
  const last = from.last[pixel] ?? 0
  const share = from.share[pixel] ?? 0
  const start = values[first * stride + offset] ?? 0
  if (share >= 0) return start + ((values[last * stride + offset] ?? start) - start) * share
  let loudest = start
  for (let index = first + 1; index <= last; index++) {
    const value = values[index * stride + offset] ?? loudest
    if (value > loudest) loudest = value
  }
  return loudest
}
