import { createHash } from 'node:crypto'
import {
  type EmbeddingRecipe,
  embeddingWindows,
  isEmbedding,
  type Recipe,
  recipeShape,
  recipeSound,
} from '../../contract/embedding.ts'
import type { FeatureRecipeInfo } from '../../contract/model.ts'
import {
  type FeatureRecipe,
  featureRecipeSchema,
  RECIPE_DEFAULTS,
  recipeRows,
} from '../../contract/recipe.ts'
import { melEdgesHz } from './mel.ts'

export {
  type FeatureRecipe,
  featureRecipeSchema,
  recipeFrames,
  recipeRows,
  recipeSamples,
} from '../../contract/recipe.ts'

/** "Urban Environmental Audio Classification Using Mel Spectrograms" (S. Duda, 2020) as it describes its features. */
const article = featureRecipeSchema.parse({
  kind: 'log-mel',
  sampleRateHz: 22_050,
  durationSeconds: 4,
  nFft: 2048,
  hopLength: 512,
  fMinHz: 20,
})

const mfcc: FeatureRecipe = {
  ...article,
  kind: 'mfcc',
  fMinHz: 0,
  nMfcc: 40,
  deltas: 2,
  decibelReference: 1,
}

/** Named recipes. */
export const FEATURE_PRESETS: Readonly<Record<string, FeatureRecipe>> = {
  article,
  // What its recorded run did: another grid, silence trimmed, clips in the middle, each scaled to 0 … 255.
  'article-recorded': {
    ...article,
    nFft: 2560,
    hopLength: 1388,
    placement: 'centre',
    trimTopDb: 60,
    scaling: 'bytes',
  },
  // A quarter of the values, for small networks and large sets.
  compact: { ...article, sampleRateHz: 16_000, fMaxHz: 8000, nFft: 1024, hopLength: 512, nMels: 64 },
  mfcc,
  // For classical baselines, whose summary takes differences of its own.
  'mfcc-static': { ...mfcc, deltas: 0 },
  // Keeps quiet sounds in front of steady noise (Wang et al. 2017).
  pcen: { ...article, kind: 'pcen', power: 1 },
}

/** @returns 16 hex digits of sha256 over the recipe's settings in order, without those of `RECIPE_DEFAULTS` at their default */
export function recipeHash(recipe: Recipe): string {
  const defaults: Record<string, unknown> = isEmbedding(recipe) ? {} : RECIPE_DEFAULTS
  const telling = Object.entries(isEmbedding(recipe) ? withInputHash(recipe) : recipe).filter(
    ([key, value]) => !(key in defaults) || defaults[key] !== value,
  )
  const sorted = telling.sort(([a], [b]) => (a < b ? -1 : 1))
  return createHash('sha256').update(JSON.stringify(sorted)).digest('hex').slice(0, 16)
}

/** A recipe within one stands by its hash, so that a setting added to recipes does not change that of the embedding. */
function withInputHash({ input, ...rest }: EmbeddingRecipe) {
  return { ...rest, input: input.kind === 'recipe' ? { ...input, recipe: recipeHash(input.recipe) } : input }
}

const NOUNS: Record<FeatureRecipe['kind'], string> = {
  'log-mel': 'mel bands in dB',
  mel: 'mel bands',
  mfcc: 'MFCCs',
  pcen: 'mel bands with PCEN',
  chroma: 'pitch classes',
}

function effectsOf({ timeStretch, pitchShiftSemitones }: FeatureRecipe): string {
  const speed = timeStretch === 1 ? '' : `, ${timeStretch} times as fast`
  if (pitchShiftSemitones === 0) return speed
  return `${speed}, ${Math.abs(pitchShiftSemitones)} semitones ${pitchShiftSemitones > 0 ? 'higher' : 'lower'}`
}

/** What the rows are, and where they lie. */
export function describeRecipe<R extends Recipe>(
  name: string,
  recipe: R,
): FeatureRecipeInfo & { settings: R } {
  const { sampleRateHz, durationSeconds } = recipeSound(recipe)
  return {
    name,
    hash: recipeHash(recipe),
    builtIn: FEATURE_PRESETS[name] === recipe,
    settings: recipe,
    sampleRateHz,
    durationSeconds,
    ...recipeShape(recipe),
    ...(isEmbedding(recipe) ? describeEmbedding(recipe) : describeSpectral(recipe)),
  }
}

type Description = Pick<FeatureRecipeInfo, 'description' | 'hopLength' | 'unit' | 'melCentresHz'>

function describeSpectral(recipe: FeatureRecipe): Description {
  const { kind, sampleRateHz, durationSeconds, nFft, hopLength, deltas } = recipe
  const derivatives = kind === 'mfcc' && deltas > 0 ? ` (${recipe.nMfcc} with ${deltas} derivatives)` : ''
  const isMel = kind === 'log-mel' || kind === 'mel' || kind === 'pcen'
  return {
    description: `${recipeRows(recipe)} ${NOUNS[kind]}${derivatives}, ${durationSeconds} s at ${sampleRateHz} Hz, window ${recipe.winLength ?? nFft}, hop ${hopLength}${effectsOf(recipe)}`,
    hopLength,
    unit: recipe.scaling === 'bytes' ? '0 … 255' : kind === 'log-mel' ? 'dB' : '',
    melCentresHz: isMel ? melEdgesHz({ ...recipe, scale: recipe.melScale }).slice(1, -1) : [],
  }
}

function describeEmbedding(recipe: EmbeddingRecipe): Description {
  const { input, output, dimensions, framesPerWindow } = recipe
  const { sampleRateHz, durationSeconds } = recipeSound(recipe)
  const { window, hop, count } = embeddingWindows(input)
  const samples = input.kind === 'waveform' ? 1 : input.recipe.hopLength
  const seconds = (length: number) => `${Number(((length * samples) / sampleRateHz).toFixed(3))} s`
  const windows = count === 1 ? '1 window' : `${count} windows of ${seconds(window)} every ${seconds(hop)}`
  const framesKept = output.pooling === 'none' ? framesPerWindow : 1
  return {
    description: `${dimensions} values of an embedding model, ${durationSeconds} s at ${sampleRateHz} Hz, ${windows}`,
    hopLength: Math.max(1, Math.round((hop * samples) / framesKept)),
    unit: '',
    melCentresHz: [],
  }
}
