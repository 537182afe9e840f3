import { DELTA_WIDTH } from '../../contract/recipe.ts'
import type { FeatureMatrix } from './log-mel.ts'

/**
 * Mel-frequency cepstral coefficients: the orthonormal DCT-II of each frame's dB mel spectrum, as
 * `librosa.feature.mfcc(S=decibels, n_mfcc=count)`.
 * @returns [count, frames]
 */
export function mfcc({ data, rows, frames }: FeatureMatrix, count: number): FeatureMatrix {
  const out = new Float32Array(count * frames)
  const column = new Float64Array(frames)
  for (let coefficient = 0; coefficient < count; coefficient++) {
    column.fill(0)
    const norm = Math.sqrt((coefficient === 0 ? 1 : 2) / rows)
    for (let band = 0; band < rows; band++) {
      const weight = norm * Math.cos((Math.PI * coefficient * (2 * band + 1)) / (2 * rows))
      const row = band * frames
      for (let frame = 0; frame < frames; frame++)
        column[frame] = (column[frame] ?? 0) + weight * (data[row + frame] ?? 0)
    }
    out.set(column, coefficient * frames)
  }
  return { data: out, rows: count, frames }
}

const HALF = (DELTA_WIDTH - 1) / 2
/** n − mean, and n² − mean, over −4 … 4: least squares of a line and of a parabola. */
const SLOPE = Array.from({ length: DELTA_WIDTH }, (_, index) => (index - HALF) / 60)
const CURVATURE = Array.from(
  { length: DELTA_WIDTH },
  (_, index) => (2 * ((index - HALF) ** 2 - 20 / 3)) / 308,
)

/**
 * Local derivatives in time, as `librosa.feature.delta(order=order, width=9, mode='interp')`: Savitzky–Golay of that degree.
 * The first and last four frames take the derivative of the nine at their end.
 * @param matrix - of at least nine frames
 */
export function delta({ data, rows, frames }: FeatureMatrix, order: 1 | 2): FeatureMatrix {
  const weights = order === 1 ? SLOPE : CURVATURE
  const out = new Float32Array(data.length)
  for (let row = 0; row < rows; row++) {
    const start = row * frames
    for (let frame = 0; frame < frames; frame++) {
      const centre = Math.min(frames - 1 - HALF, Math.max(HALF, frame))
      let sum = 0
      for (let tap = 0; tap < DELTA_WIDTH; tap++)
        sum += (weights[tap] ?? 0) * (data[start + centre - HALF + tap] ?? 0)
      out[start + frame] = sum
    }
  }
  return { data: out, rows, frames }
}

/** Puts matrices of as many frames above each other. */
export function stacked(parts: readonly FeatureMatrix[]): FeatureMatrix {
  const data = new Float32Array(parts.reduce((sum, part) => sum + part.data.length, 0))
  let at = 0
  for (const part of parts) {
    data.set(part.data, at)
    at += part.data.length
  }
  return { data, rows: parts.reduce((sum, { rows }) => sum + rows, 0), frames: parts[0]?.frames ?? 0 }
}
