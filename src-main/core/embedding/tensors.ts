import { type EmbeddingInput, type EmbeddingOutput, embeddingWindows } from '../../contract/embedding.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'

/** A float32 tensor, row-major. */
export interface FloatTensor {
  readonly data: Float32Array
  readonly dims: readonly number[]
}

/** Lengths of the axes of what the model is given. @param bands - rows of the recipe; 1 for a waveform */
export function inputDims(input: EmbeddingInput, bands: number): number[] {
  const { window } = embeddingWindows(input)
  return input.axes.map((axis) =>
    axis === 'sample' || axis === 'frame' ? window : axis === 'band' ? bands : 1,
  )
}

/**
 * What the model is given, one tensor a window, each value scaled; the last window is filled up with zeros.
 * @param source - the clip's waveform as one row, or its picture: [bands, total] as `embeddingWindows` counts it
 */
export function* inputTensors(source: FeatureMatrix, input: EmbeddingInput): Generator<FloatTensor> {
  const { window, hop, count } = embeddingWindows(input)
  const { rows: bands, frames: total } = source
  const dims = inputDims(input, bands)
  const bandsFirst = input.kind === 'waveform' || input.axes.indexOf('band') < input.axes.indexOf('frame')
  const [bandStep, frameStep] = bandsFirst ? [window, 1] : [1, bands]
  for (let index = 0; index < count; index++) {
    const start = index * hop
    const filled = Math.min(window, total - start)
    const data = new Float32Array(bands * window)
    for (let band = 0; band < bands; band++) {
      const row = band * total + start
      for (let frame = 0; frame < filled; frame++)
        data[band * bandStep + frame * frameStep] =
          (source.data[row + frame] ?? 0) * input.scale + input.offset
    }
    yield { data, dims }
  }
}

/**
 * A window's features of what the model gave for it.
 * @returns [dimensions, frames], frames being 1 where they are pooled
 * @throws Error saying which axis does not fit
 */
export function outputFeatures(tensor: FloatTensor, { axes, pooling }: EmbeddingOutput): FeatureMatrix {
  const { data, dims } = tensor
  if (dims.length !== axes.length)
    throw new Error(`it has ${dims.length} axes, [${dims.join(', ')}], where ${axes.length} are declared`)
  const lengthOf = (axis: (typeof axes)[number]) => dims[axes.indexOf(axis)] ?? 1
  if (lengthOf('batch') !== 1) throw new Error(`its axis "batch" has length ${lengthOf('batch')}, not 1`)
  const [rows, frames] = [lengthOf('feature'), lengthOf('frame')]
  if (rows < 1 || frames < 1) throw new Error(`it is empty: [${dims.join(', ')}]`)
  const featuresFirst = axes.indexOf('feature') < axes.indexOf('frame')
  const at = (row: number, frame: number) =>
    data[featuresFirst ? row * frames + frame : frame * rows + row] ?? 0
  const kept = pooling === 'none' ? frames : 1
  const out = new Float32Array(rows * kept)
  for (let row = 0; row < rows; row++) {
    if (pooling === 'none')
      for (let frame = 0; frame < frames; frame++) out[row * frames + frame] = at(row, frame)
    else out[row] = pooled(pooling, frames, (frame) => at(row, frame))
  }
  return { data: out, rows, frames: kept }
}

function pooled(pooling: 'mean' | 'max', count: number, at: (index: number) => number): number {
  let [sum, largest] = [0, Number.NEGATIVE_INFINITY]
  for (let index = 0; index < count; index++) {
    sum += at(index)
    largest = Math.max(largest, at(index))
  }
  return pooling === 'mean' ? sum / count : largest
}

/** Windows of one clip beside each other: [rows, frames of all]. */
export function joinWindows(windows: readonly FeatureMatrix[]): FeatureMatrix {
  const [first] = windows
  const rows = first?.rows ?? 0
  const frames = windows.reduce((sum, window) => sum + window.frames, 0)
  const data = new Float32Array(rows * frames)
  let start = 0
  for (const window of windows) {
    for (let row = 0; row < rows; row++)
      data.set(window.data.subarray(row * window.frames, (row + 1) * window.frames), row * frames + start)
    start += window.frames
  }
  return { data, rows, frames }
}
