import { extractFeature } from '../features/extract.ts'
import { type FeatureRecipe, recipeSamples } from '../features/recipe.ts'
import type { Reduction } from './architectures/architecture.ts'
import { type Examples, normalise, reducedShape, reduceInto } from './examples.ts'
import type { Normalisation } from './picture-level.ts'
import type { Random } from './random.ts'

/** Rolled in time when they are added, so a few are many. */
export const WHITE_NOISES = 8
const AMPLITUDE = 0.1

/** Pictures of white Gaussian noise by the recipe itself, which so has each band's level and its fluctuation. */
export function whiteNoise(
  recipe: FeatureRecipe,
  reduction: Reduction,
  normalisation: Normalisation,
  random: Random,
): Examples {
  const { sampleRateHz } = recipe
  const matrices = Array.from({ length: WHITE_NOISES }, () => {
    const samples = new Float32Array(Math.ceil(recipeSamples(recipe) * Math.max(1, recipe.timeStretch)))
    for (let at = 0; at < samples.length; at++) samples[at] = AMPLITUDE * random.normal()
    return extractFeature({ samples, sampleRateHz }, recipe)
  })
  const shape = reducedShape(matrices[0] ?? { rows: 0, frames: 0 }, reduction)
  const size = shape.bands * shape.frames
  const data = new Float32Array(WHITE_NOISES * size)
  matrices.forEach((matrix, place) => {
    reduceInto(data, place * size, matrix, reduction)
  })
  normalise(data, normalisation)
  return { ...shape, count: WHITE_NOISES, data }
}
