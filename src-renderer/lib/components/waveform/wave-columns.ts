/** A waveform over a stretch of samples: an outline of buckets, or the samples themselves. */
export type WaveColumns =
  | {
      /** int16 pairs, minimum and maximum of each bucket; 32767 for full scale */
      readonly pairs: Int16Array
      readonly bucketSamples: number
      /** Number of the first bucket. */
      readonly first: number
    }
  | {
      readonly samples: Float32Array
      /** Number of the first sample. */
      readonly first: number
    }

/** Outlines that are here, at any zoom; asking for one that is not has it fetched. */
export interface WaveSource {
  readonly sampleRateHz: number
  readonly frames: number
  /**
   * @param from - sample at the left edge
   * @returns null while there is nothing of that stretch
   */
  columns(from: number, samplesPerPixel: number, pixels: number): WaveColumns | null
}

const FULL_SCALE = 32767
/** Wider apart than this, samples are drawn as points on a line. */
const POINT_PIXELS = 5

/** Lowest and highest value in each pixel, −1..1; NaN where there is nothing. */
export function pixelRanges(
  columns: WaveColumns,
  from: number,
  samplesPerPixel: number,
  pixels: number,
): { low: Float32Array; high: Float32Array } {
  const low = new Float32Array(pixels).fill(Number.NaN)
  const high = new Float32Array(pixels).fill(Number.NaN)
  const isOutline = 'pairs' in columns
  const step = isOutline ? columns.bucketSamples : 1
  const count = isOutline ? columns.pairs.length / 2 : columns.samples.length
  for (let pixel = 0; pixel < pixels; pixel++) {
    const start = (from + pixel * samplesPerPixel) / step - columns.first
    const end = start + samplesPerPixel / step
    const first = Math.max(0, Math.floor(start))
    const last = Math.min(count - 1, Math.max(first, Math.ceil(end) - 1))
    for (let index = first; index <= last; index++) {
      const least = isOutline ? (columns.pairs[2 * index] ?? 0) / FULL_SCALE : (columns.samples[index] ?? 0)
      const most = isOutline ? (columns.pairs[2 * index + 1] ?? 0) / FULL_SCALE : least
      if (!(least >= (low[pixel] ?? 0))) low[pixel] = least
      if (!(most <= (high[pixel] ?? 0))) high[pixel] = most
    }
  }
  return { low, high }
}

export interface WaveLook {
  readonly colour: string
  /** How much higher than it is the wave is drawn. */
  readonly gain: number
}

/** Draws the waveform of a stretch over all of a canvas. */
export function drawWave(
  context: CanvasRenderingContext2D,
  columns: WaveColumns,
  from: number,
  samplesPerPixel: number,
  { colour, gain }: WaveLook,
): void {
  const { width, height } = context.canvas
  const middle = height / 2
  const y = (value: number) => middle - Math.max(-1, Math.min(1, value * gain)) * middle
  context.fillStyle = colour
  context.strokeStyle = colour
  if ('samples' in columns && samplesPerPixel < 1) {
    const first = Math.max(0, Math.floor(from) - columns.first)
    const last = Math.min(
      columns.samples.length - 1,
      Math.ceil(from + width * samplesPerPixel) - columns.first,
    )
    context.beginPath()
    for (let index = first; index <= last; index++) {
      const x = (columns.first + index - from) / samplesPerPixel
      const level = y(columns.samples[index] ?? 0)
      context.lineTo(x, level)
      if (1 / samplesPerPixel >= POINT_PIXELS) context.fillRect(x - 1.5, level - 1.5, 3, 3)
    }
    context.stroke()
    return
  }
  const { low, high } = pixelRanges(columns, from, samplesPerPixel, width)
  let [lastLow, lastHigh] = [Number.NaN, Number.NaN]
  for (let pixel = 0; pixel < width; pixel++) {
    let [bottom, top] = [low[pixel] ?? Number.NaN, high[pixel] ?? Number.NaN]
    if (Number.isNaN(bottom)) continue
    // Neighbours touch: between two samples the sound has passed through what lies between them.
    const [ownLow, ownHigh] = [bottom, top]
    if (lastHigh < bottom) bottom = lastHigh
    if (lastLow > top) top = lastLow
    ;[lastLow, lastHigh] = [ownLow, ownHigh]
    const [from, to] = [y(top), y(bottom)]
    context.fillRect(pixel, from, 1, Math.max(1, to - from))
  }
}
