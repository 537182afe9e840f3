import { z } from 'zod'
import {
  type FeatureRecipe,
  featureRecipeSchema,
  MAX_VALUES,
  recipeFrames,
  recipeRows,
  recipeSamples,
} from './recipe.ts'

/** Features by a frozen embedding model: an ONNX file, and how it is asked. See docs/file-formats.md. */

/** Largest model file. */
export const MAX_MODEL_BYTES = 2 ** 30

const count = z.int().min(1).max(100_000_000)
const tensorName = z.string().min(1).max(1000).describe('as the model names it')

/** Axes of a tensor, outermost first: each at most once, the `needed` ones once. The others are of length 1. */
function axesOf<const A extends string>(names: readonly A[], needed: readonly A[]) {
  return z
    .array(z.enum(names))
    .refine((axes) => new Set(axes).size === axes.length, 'must name an axis once')
    .refine(
      (axes) => needed.every((name) => axes.includes(name)),
      `must have ${needed.map((name) => `"${name}"`).join(' and ')}`,
    )
}

const share = {
  name: tensorName,
  /** What is given is value · scale + offset. */
  scale: z.number().default(1),
  offset: z.number().default(0),
}

const waveformInput = z.strictObject({
  kind: z.literal('waveform'),
  ...share,
  sampleRateHz: z.int().min(1000).max(384_000),
  /** Of every clip after cutting and padding. */
  durationSeconds: z.number().positive().max(600),
  /** Where a shorter clip lies, as in a feature recipe. */
  placement: featureRecipeSchema.in.shape.placement,
  /** Samples that the model sees at once; null for the whole clip. The last window is filled up with zeros. */
  windowSamples: count.nullable().default(null),
  /** From window to window; null for the window's length. */
  hopSamples: count.nullable().default(null),
  axes: axesOf(['batch', 'channel', 'sample'], ['sample']).default(['batch', 'sample']),
})

const recipeInputShape = {
  kind: z.literal('recipe'),
  ...share,
  /** Frames that the model sees at once; null for all. The last window is filled up with zeros, after scaling. */
  windowFrames: count.nullable().default(null),
  hopFrames: count.nullable().default(null),
  /** `band` is a row of the recipe. */
  axes: axesOf(['batch', 'channel', 'frame', 'band'], ['frame', 'band']).default([
    'batch',
    'channel',
    'frame',
    'band',
  ]),
}

const outputSchema = z.strictObject({
  name: tensorName,
  axes: axesOf(['batch', 'frame', 'feature'], ['feature']).default(['batch', 'feature']),
  /** Over the frames of one window; `none` keeps them. */
  pooling: z.enum(['none', 'mean', 'max']).default('mean'),
})

const inputSchema = z.discriminatedUnion('kind', [
  waveformInput,
  z.strictObject({ ...recipeInputShape, recipe: featureRecipeSchema }),
])
export type EmbeddingInput = z.infer<typeof inputSchema>
export type EmbeddingOutput = z.infer<typeof outputSchema>

/** What stands in the JSON file beside a model. */
export const modelDeclarationSchema = z.strictObject({
  input: z.discriminatedUnion('kind', [
    waveformInput,
    /** By a recipe's name, or by its settings. */
    z.strictObject({ ...recipeInputShape, recipe: z.union([z.string(), featureRecipeSchema]) }),
  ]),
  output: outputSchema,
})
export type ModelDeclaration = z.infer<typeof modelDeclarationSchema>

/** A declaration with the model that it is of, and what trying it showed. */
export const embeddingRecipeSchema = z
  .strictObject({
    kind: z.literal('embedding'),
    modelHash: z
      .string()
      .regex(/^[0-9a-f]{64}$/)
      .describe('sha256 of the model file'),
    input: inputSchema,
    output: outputSchema,
    dimensions: count,
    /** That the output has for one window, before pooling. */
    framesPerWindow: count,
  })
  .refine(
    (recipe) => recipe.dimensions * embeddingFrames(recipe) <= MAX_VALUES,
    'gives more than 16 million values a clip',
  )
export type EmbeddingRecipe = z.infer<typeof embeddingRecipeSchema>

/** A recipe of either kind: what features are extracted by. */
export const recipeSchema = z.union([featureRecipeSchema, embeddingRecipeSchema])
export type Recipe = z.infer<typeof recipeSchema>

export function isEmbedding(recipe: Recipe): recipe is EmbeddingRecipe {
  return recipe.kind === 'embedding'
}

/** How an input is cut: `total`, `window` and `hop` in samples of a waveform or frames of a recipe. */
export function embeddingWindows(input: EmbeddingInput): {
  total: number
  window: number
  hop: number
  count: number
} {
  const [total, length, step] =
    input.kind === 'waveform'
      ? [recipeSamples(input), input.windowSamples, input.hopSamples]
      : [recipeFrames(input.recipe), input.windowFrames, input.hopFrames]
  const window = length ?? total
  const hop = step ?? window
  return { total, window, hop, count: 1 + Math.max(0, Math.ceil((total - window) / hop)) }
}

function embeddingFrames(recipe: {
  input: EmbeddingInput
  output: EmbeddingOutput
  framesPerWindow: number
}): number {
  const { input, output, framesPerWindow } = recipe
  return embeddingWindows(input).count * (output.pooling === 'none' ? framesPerWindow : 1)
}

/** Rows and columns of the feature. */
export function recipeShape(recipe: Recipe): { rows: number; frames: number } {
  return isEmbedding(recipe)
    ? { rows: recipe.dimensions, frames: embeddingFrames(recipe) }
    : { rows: recipeRows(recipe), frames: recipeFrames(recipe) }
}

/** The sound that a recipe takes. */
export function recipeSound(
  recipe: Recipe,
): Pick<FeatureRecipe, 'sampleRateHz' | 'durationSeconds' | 'placement'> {
  if (!isEmbedding(recipe)) return recipe
  return recipe.input.kind === 'waveform' ? recipe.input : recipe.input.recipe
}
