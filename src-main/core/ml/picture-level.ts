import { isEmbedding, type Recipe, recipeShape } from '../../contract/embedding.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { FeatureRecipe } from '../../contract/recipe.ts'
import type { Augmentation } from '../../contract/training.ts'
import { melEdgesHz } from '../features/mel.ts'
import { recipeRows } from '../features/recipe.ts'
import type { Reduction } from './architectures/architecture.ts'

/** The network's value = (the recipe's value − mean) / deviation. */
export interface Normalisation {
  mean: number
  deviation: number
}

/** How the values of a picture, as the network is given them, follow the level of its sound. */
export interface PictureLevel {
  normalisation: Normalisation
  /** `shift`: each dB adds so much to a row. `scale`: values are proportional to amplitude^exponent. Null: they don't follow. */
  gain: { kind: 'shift'; perDecibel: Float32Array } | { kind: 'scale'; exponent: 1 | 2 } | null
  /** What is needed to add powers; null where a picture's powers can't be had from it. */
  powers: {
    decibels: boolean
    /** Of the amplitude, where the values are not in dB. */
    exponent: 1 | 2
    /** Of each row, by which its value is multiplied to be its share of the clip's power. */
    widths: Float64Array
    /** 0 dB is the clip's own loudest value. */
    ownReference: boolean
    topDb: number | null
  } | null
  /** Rows that change their sign when time runs backwards: first derivatives. Null for none. */
  oddRows: Uint8Array | null
}

/** @param reduction - by which the recipe's picture was made smaller */
export function pictureLevel(
  recipe: Recipe,
  reduction: Reduction,
  normalisation: Normalisation,
): PictureLevel {
  if (isEmbedding(recipe)) return { normalisation, gain: null, powers: null, oddRows: null }
  const rows = recipeRows(recipe)
  const { kind, power, nMfcc, deltas } = recipe
  const reduced = (value: (row: number) => number) =>
    Float64Array.from({ length: Math.ceil(rows / reduction.bands) }, (_, place) => {
      const first = place * reduction.bands
      const count = Math.min(rows - first, reduction.bands)
      return (
        Array.from({ length: count }, (_unused, row) => value(first + row)).reduce((a, b) => a + b) / count
      )
    })
  const isPlain = recipe.scaling === 'none'
  const { deviation } = normalisation
  let gain: PictureLevel['gain'] = null
  // A DCT of a constant is its first coefficient alone.
  const perDecibel = (row: number) => (kind === 'log-mel' ? 1 : row === 0 ? Math.sqrt(recipe.nMels) : 0)
  if (isPlain && (kind === 'log-mel' || kind === 'mfcc'))
    gain = {
      kind: 'shift',
      perDecibel: Float32Array.from(reduced(perDecibel), (value) => value / deviation),
    }
  else if (isPlain && kind === 'mel') gain = { kind: 'scale', exponent: power }
  const hasPowers = isPlain && (kind === 'log-mel' || kind === 'mel')
  const isOdd = (row: number) => (row >= nMfcc && row < 2 * nMfcc ? 1 : 0)
  return {
    normalisation,
    gain,
    powers: hasPowers
      ? {
          decibels: kind === 'log-mel',
          exponent: power,
          widths: reduced(bandWidths(recipe)),
          ownReference: kind === 'log-mel' && recipe.decibelReference === 'max',
          topDb: kind === 'log-mel' ? recipe.topDb : null,
        }
      : null,
    oddRows: kind === 'mfcc' && deltas > 0 ? Uint8Array.from(reduced(isOdd), Math.round) : null,
  }
}

/** Bands of equal area hold the mean of their power, not its sum: times half their width they add up to the clip's. */
function bandWidths(recipe: FeatureRecipe): (row: number) => number {
  if (recipe.melNorm === 'none') return () => 1
  const edges = melEdgesHz({ ...recipe, scale: recipe.melScale })
  return (row) => ((edges[row + 2] ?? 0) - (edges[row] ?? 0)) / 2
}

/**
 * Refuses what a picture can't be given.
 * @param others - the recipes of `augmentation.recipes`
 * @throws SoundfoldError invalid-input saying why and what to do
 */
export function checkAugmentation(
  augmentation: Augmentation,
  recipe: Recipe,
  others: readonly Recipe[],
): void {
  const { gain, powers } = pictureLevel(recipe, { bands: 1, frames: 1 }, { mean: 0, deviation: 1 })
  const what = scalingOf(recipe) === 'bytes' ? 'scaled to 0 … 255 each' : `of the kind ${recipe.kind}`
  if (augmentation.gainDb > 0 && !gain)
    throw new SoundfoldError(
      'invalid-input',
      `Pictures ${what} do not follow the level, so gain can’t change them.`,
      {
        hint: 'Set gainDb to 0, or take a recipe of log-mel, mel or mfcc that is not scaled.',
      },
    )
  if (augmentation.noise && !powers)
    throw new SoundfoldError(
      'invalid-input',
      `Noise can’t be added to pictures ${what}: they don’t tell their powers.`,
      {
        hint: 'Leave noise out, or take a recipe of log-mel or mel that is not scaled.',
      },
    )
  const shapeOf = (one: Recipe) => {
    const { rows, frames } = recipeShape(one)
    return `${rows} × ${frames}`
  }
  for (const [place, other] of others.entries()) {
    const alike = other.kind === recipe.kind && scalingOf(other) === scalingOf(recipe)
    if (alike && shapeOf(other) === shapeOf(recipe)) continue
    throw new SoundfoldError(
      'invalid-input',
      `Examples can’t be drawn from the recipe ${augmentation.recipes[place]}: its pictures are other ones than the run’s own (${alike ? `${shapeOf(other)}, not ${shapeOf(recipe)}` : 'another kind or scaling'}).`,
      { hint: 'Save a copy of the run’s own recipe that differs in pitch shift or time stretch alone.' },
    )
  }
}

/** What must be the same for values to mean the same: how a picture is scaled, or the model that an embedding is of. */
const scalingOf = (recipe: Recipe) => (isEmbedding(recipe) ? recipe.modelHash : recipe.scaling)
