import { createHash } from 'node:crypto'
import { z } from 'zod'
import type { FeatureRecipeInfo } from '../../contract/model.ts'
import { melEdgesHz } from './mel.ts'

/**
 * Every setting that changes a feature's values, and nothing else: its hash names the cached file. `fMaxHz: null` stands
 * for half the sample rate, and is written out so that both ways of saying it have one hash.
 */
export const featureRecipeSchema = z
  .strictObject({
    /** dB of the mel power (|STFT|²) below the clip's loudest value. */
    kind: z.literal('log-mel'),
    sampleRateHz: z.int().min(1000).max(384_000),
    /** Longer clips are cut at the end, shorter ones padded there with zeros. */
    durationSeconds: z.number().positive().max(600),
    nFft: z
      .int()
      .refine((value) => value >= 64 && Number.isInteger(Math.log2(value)), 'must be a power of two'),
    hopLength: z.int().min(1),
    nMels: z.int().min(1).max(1024),
    fMinHz: z.number().min(0),
    fMaxHz: z.number().positive().nullable(),
    topDb: z.number().positive(),
  })
  .transform((recipe) => ({ ...recipe, fMaxHz: recipe.fMaxHz ?? recipe.sampleRateHz / 2 }))
  .refine(({ fMaxHz, sampleRateHz }) => fMaxHz <= sampleRateHz / 2, {
    path: ['fMaxHz'],
    message: 'must be at most half the sample rate',
  })
  .refine(({ fMinHz, fMaxHz }) => fMinHz < fMaxHz, { path: ['fMinHz'], message: 'must be below fMaxHz' })
export type FeatureRecipe = z.infer<typeof featureRecipeSchema>

/** By name. `article`: S. Duda, "Urban Environmental Audio Classification Using Mel Spectrograms" (2020), as described. */
export const FEATURE_PRESETS: Readonly<Record<string, FeatureRecipe>> = {
  article: {
    kind: 'log-mel',
    sampleRateHz: 22_050,
    durationSeconds: 4,
    nFft: 2048,
    hopLength: 512,
    nMels: 128,
    fMinHz: 20,
    fMaxHz: 11_025,
    topDb: 80,
  },
}

/** @returns 16 hex digits of sha256 over the recipe with its keys in order */
export function recipeHash(recipe: FeatureRecipe): string {
  const sorted = Object.entries(recipe).sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}

/** Samples of a clip after padding or cutting. */
export function recipeSamples(recipe: FeatureRecipe): number {
  return Math.round(recipe.durationSeconds * recipe.sampleRateHz)
}

export function recipeFrames(recipe: FeatureRecipe): number {
  return 1 + Math.floor(recipeSamples(recipe) / recipe.hopLength)
}

export function describeRecipe(name: string, recipe: FeatureRecipe): FeatureRecipeInfo {
  const { sampleRateHz, durationSeconds, nFft, hopLength, nMels, fMinHz, fMaxHz } = recipe
  return {
    name,
    hash: recipeHash(recipe),
    description: `${nMels}-band log-mel of ${durationSeconds} s at ${sampleRateHz} Hz, window ${nFft}, hop ${hopLength}`,
    sampleRateHz,
    durationSeconds,
    nFft,
    hopLength,
    nMels,
    frames: recipeFrames(recipe),
    fMinHz,
    fMaxHz,
    melCentresHz: melEdgesHz(recipe).slice(1, -1),
  }
}
