import { z } from 'zod'
import { featureRecipeSchema } from './recipe.ts'

/** Which places of a clip's picture a network's prediction rests on. */

export const EXPLANATION_METHODS = ['grad-cam', 'occlusion'] as const
export const explanationMethodSchema = z.enum(EXPLANATION_METHODS)
export type ExplanationMethod = z.infer<typeof explanationMethodSchema>

/** What hides a part of the picture: a patch, and how far it goes from place to place. */
export const occlusionSchema = z.strictObject({
  patchBands: z.int().min(1).max(10_000).default(16),
  patchFrames: z.int().min(1).max(100_000).default(16),
  strideBands: z.int().min(1).max(10_000).default(8),
  strideFrames: z.int().min(1).max(100_000).default(8),
  /** Its value: the picture's own mean, or its smallest, which is silence in a picture of levels. */
  fill: z.enum(['mean', 'minimum']).default('mean'),
})
export type Occlusion = z.infer<typeof occlusionSchema>

const howSchema = z.strictObject({
  method: explanationMethodSchema.default('grad-cam'),
  /** Which of a network's pictures, from 0. */
  picture: z.int().min(0).max(1).default(0),
  occlusion: occlusionSchema.prefault({}),
})
export type ExplanationHow = z.infer<typeof howSchema>

export const explanationRequestSchema = howSchema.extend({ runId: z.string(), clipId: z.int() })
export type ExplanationRequest = z.infer<typeof explanationRequestSchema>

/** Of one class, as the media route is asked for it at `clips/ID/explanation/REQUEST`. */
export const explanationMapRequestSchema = howSchema.extend({ runId: z.string(), classId: z.int() })
export type ExplanationMapRequest = z.infer<typeof explanationMapRequestSchema>

export const explanationSchema = z.object({
  runId: z.string(),
  clipId: z.int(),
  /** Whose model was asked: the one that held the clip out. */
  fold: z.int(),
  method: explanationMethodSchema,
  /** The picture that is explained, by the recipe of the run. */
  recipe: featureRecipeSchema,
  rows: z.int(),
  frames: z.int(),
  /** What tells places apart: cells of the network's last feature map, or places of the patch. */
  cells: z.object({ bands: z.int(), frames: z.int() }),
  /** In the run's order. */
  classes: z.array(
    z.object({
      classId: z.int(),
      name: z.string(),
      probability: z.number(),
      /** Of its map. */
      smallest: z.number(),
      largest: z.number(),
      /** Where the map is largest; the middle of that frame and row. */
      peak: z.object({ seconds: z.number(), row: z.int() }),
    }),
  ),
})
export type Explanation = z.infer<typeof explanationSchema>

export const explainClipsSchema = howSchema.extend({
  runId: z.string(),
  clipIds: z.array(z.int()).min(1).max(1000),
  /** Of which classes the maps are written. */
  classes: z.enum(['predicted', 'given', 'all']).default('predicted'),
})

/** Of the job that writes maps to a folder. */
export const explanationFilesSchema = z.object({
  /** Absolute. */
  folder: z.string(),
  files: z.int(),
  sizeBytes: z.int(),
  explanations: z.array(explanationSchema.extend({ fileName: z.string(), path: z.string() })),
})
export type ExplanationFiles = z.infer<typeof explanationFilesSchema>
