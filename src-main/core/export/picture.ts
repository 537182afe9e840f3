import { isEmbedding, type Recipe } from '../../contract/embedding.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import { encodePng } from './png.ts'

/** Values that are black and white, where the recipe fixes them: only then pictures of different clips can be compared. */
function fixedRange(recipe: Recipe): readonly [black: number, white: number] | undefined {
  if (isEmbedding(recipe)) return undefined
  if (recipe.scaling === 'bytes') return [0, 255]
  if (recipe.kind === 'log-mel' && recipe.decibelReference === 'max' && recipe.topDb !== null)
    return [-recipe.topDb, 0]
  return undefined
}

function rangeOf(values: Float32Array): readonly [least: number, most: number] {
  let least = Number.POSITIVE_INFINITY
  let most = Number.NEGATIVE_INFINITY
  for (const value of values) {
    if (value < least) least = value
    if (value > most) most = value
  }
  return [least, most]
}

/**
 * A clip's features as a greyscale PNG of `frames` × `rows` pixels, the highest row at the top. Black to white is −topDb …
 * 0 dB, 0 … 255 for bytes, and otherwise the clip's own least to largest value; black where all are equal.
 */
export async function pictureOf({ data, rows, frames }: FeatureMatrix, recipe: Recipe): Promise<Uint8Array> {
  const [black, white] = fixedRange(recipe) ?? rangeOf(data)
  const scale = white > black ? 255 / (white - black) : 0
  // Clamped and rounded by the array; what is no number becomes black.
  const pixels = new Uint8ClampedArray(rows * frames)
  for (let row = 0; row < rows; row++) {
    const source = data.subarray(row * frames, (row + 1) * frames)
    pixels.set(
      source.map((value) => (value - black) * scale),
      (rows - 1 - row) * frames,
    )
  }
  return encodePng(pixels, frames, rows)
}
