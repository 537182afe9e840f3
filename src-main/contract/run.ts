import { z } from 'zod'
import { recipeSchema } from './embedding.ts'
import { errorShapeSchema, jobStatusSchema } from './job.ts'
import { salienceSchema } from './model.ts'
import { crossingSchema, PREDEFINED, splitSchema } from './split.ts'
import { augmentationSchema, trainingInputSchema, trainingSchema } from './training.ts'

export const engineNameSchema = z.enum(['tensorflow', 'wasm'])
export type EngineName = z.infer<typeof engineNameSchema>
export const engineChoiceSchema = z.enum(['auto', 'tensorflow', 'wasm'])
export type EngineChoice = z.infer<typeof engineChoiceSchema>

export const engineReportSchema = z.object({
  name: engineNameSchema,
  available: z.boolean(),
  version: z.string().nullable().describe('of the TF.js backend package'),
  libraryVersion: z.string().nullable().describe('of the library below it: libtensorflow, or the wasm build'),
  threads: z.int().nullable(),
  reason: z.string().nullable().describe('why it is not available'),
  /** 3×3 convolution; null unless a benchmark was asked for. */
  forwardGflops: z.number().nullable(),
  backwardGflops: z.number().nullable(),
})
export type EngineReport = z.infer<typeof engineReportSchema>

export const modelPresetSchema = z.object({
  name: z.string(),
  /** A classical baseline learns in one pass, from statistics of the features over time, without an engine. */
  kind: z.enum(['network', 'classical']),
  title: z.string(),
  description: z.string(),
  parameters: z.int().nullable().describe('trainable, for ten classes; null where the data decides'),
  recipe: z.string(),
  /** Of a network that is given two pictures of each clip. */
  secondRecipe: z.string().optional(),
  /** How it is trained where nothing else is said. */
  defaults: trainingInputSchema,
  /** JSON schema of what can be set of the network or classifier itself. */
  networkSettings: z.record(z.string(), z.unknown()),
})
export type ModelPreset = z.infer<typeof modelPresetSchema>

/** A clip as training might see it: one draw a seed. */
export const augmentationRequestSchema = z.strictObject({
  clipId: z.int(),
  recipe: z.string(),
  augmentation: augmentationSchema,
  seed: z.int(),
})
export type AugmentationRequest = z.infer<typeof augmentationRequestSchema>
/** What was drawn for the clip. */
export const augmentationDrawSchema = z.object({
  /** That made its picture. */
  recipe: z.string(),
  noise: z
    .object({ fileName: z.string().nullable().describe('null for white noise'), snrDb: z.number() })
    .nullable(),
  gainDb: z.number(),
  flip: z.boolean(),
  shiftSeconds: z.number().describe('later where positive'),
  /** With which clip it is mixed, and its own share. */
  mix: z.object({ fileName: z.string(), className: z.string(), share: z.number() }).nullable(),
})
export type AugmentationDraw = z.infer<typeof augmentationDrawSchema>

export const runSettingsSchema = z.strictObject({
  preset: z.string().default('compact-s'),
  /** Feature recipe; the preset's own when left out. */
  recipe: z.string().optional(),
  /** Of a network that takes two pictures of each clip, with as many frames; the preset's own when left out. */
  secondRecipe: z.string().optional(),
  /** Settings of the network or classifier itself; its own where left out. */
  network: z.record(z.string(), z.unknown()).default({}),
  training: trainingInputSchema.default({}),
  /** Which clips are held out together. */
  split: splitSchema.default(PREDEFINED),
  /** Leaves out of training, never of the held-out fold, the clips whose recording is on the other side too. */
  excludeCrossing: z.boolean().default(false),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(73),
  /** Folds to hold out, one model each. */
  folds: z.union([z.literal('all'), z.array(z.int()).min(1)]).default('all'),
  engine: engineChoiceSchema.default('auto'),
  /** Fold processes at once and threads in each; chosen from the machine when left out. */
  processes: z.int().min(1).max(64).optional(),
  threadsPerProcess: z.int().min(1).max(256).optional(),
})
export type RunSettingsInput = z.input<typeof runSettingsSchema>
/** Settings with every default filled in: what is recorded and hashed. */
export const resolvedRunSettingsSchema = z.object({
  preset: z.string(),
  recipe: z.string(),
  recipeHash: z.string(),
  /** The recipe itself, since a name can be given to another; runs of the first versions lack it. */
  recipeSettings: recipeSchema.optional(),
  secondRecipe: z
    .object({ name: z.string(), hash: z.string(), settings: recipeSchema })
    .optional()
    .describe('of a network that takes two pictures'),
  /** Likewise those of `training.augmentation.recipes`, in that order; none when left out. */
  augmentationRecipes: z.array(recipeSchema).optional(),
  network: z.record(z.string(), z.unknown()),
  /** `SINGLE_PASS` for a classical baseline, which nothing of it changes. */
  training: trainingSchema,
  split: splitSchema,
  excludeCrossing: z.boolean(),
  seed: z.int(),
  folds: z.array(z.int()),
  engine: engineChoiceSchema,
  processes: z.int(),
  threadsPerProcess: z.int(),
})
export type RunSettings = z.infer<typeof resolvedRunSettingsSchema>

export const epochSchema = z.object({
  fold: z.int(),
  epoch: z.int().describe('1-based'),
  /** What training makes smaller: with label smoothing, class weights and augmentation. */
  trainLoss: z.number(),
  trainAccuracy: z.number(),
  /** On the inner fold, which may choose the epoch; null without one. Mean −log of the true class' probability, as testLoss. */
  innerLoss: z.number().nullable(),
  innerAccuracy: z.number().nullable(),
  /** On the held-out fold, for the curve alone: it chooses nothing. */
  testLoss: z.number(),
  testAccuracy: z.number(),
  learningRate: z.number(),
  seconds: z.number(),
})
export type Epoch = z.infer<typeof epochSchema>

export const runSchema = z.object({
  id: z.string(),
  datasetId: z.int(),
  datasetName: z.string(),
  status: jobStatusSchema,
  settings: resolvedRunSettingsSchema,
  settingsHash: z.string(),
  dataFingerprint: z.string(),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  engine: z.string().nullable().describe('the engine that ran, with its version'),
  error: errorShapeSchema.nullable(),
  foldsDone: z.array(z.int()),
  /** Mean of the finished folds' accuracies, 0..1. */
  meanAccuracy: z.number().nullable(),
  jobId: z.int().nullable(),
  /** Recordings that the run's folds cut apart; null for runs of the first versions, which did not look. */
  crossing: crossingSchema.nullable(),
})
export type Run = z.infer<typeof runSchema>

export const foldResultSchema = z.object({
  fold: z.int(),
  clips: z.int(),
  correct: z.int(),
  accuracy: z.number(),
  macroF1: z.number(),
})
export const classReportSchema = z.object({
  classId: z.int(),
  className: z.string(),
  precision: z.number(),
  recall: z.number(),
  f1: z.number(),
  support: z.int(),
})
export const evaluationSchema = z.object({
  runId: z.string(),
  /** No figure goes without it: by a random split it is not one for new recordings. */
  split: splitSchema,
  /** Order of the matrix' rows and columns. */
  classes: z.array(z.object({ id: z.int(), name: z.string() })),
  folds: z.array(foldResultSchema),
  /** Unweighted over folds, as the field reports it. */
  meanAccuracy: z.number(),
  /** n − 1 in the denominator; null for a single fold. */
  sampleStandardDeviation: z.number().nullable(),
  pooledAccuracy: z.number(),
  macroF1: z.number(),
  boxPlot: z.object({
    minimum: z.number(),
    lowerQuartile: z.number(),
    median: z.number(),
    upperQuartile: z.number(),
    maximum: z.number(),
  }),
  /** confusion[true][predicted] = clips. */
  confusion: z.array(z.array(z.int())),
  perClass: z.array(classReportSchema),
  bySalience: z.array(z.object({ salience: salienceSchema, clips: z.int(), accuracy: z.number() })),
  /** Folds asked for that have no predictions yet. */
  missingFolds: z.array(z.int()),
})
export type Evaluation = z.infer<typeof evaluationSchema>
export type FoldResult = z.infer<typeof foldResultSchema>
export type ClassReport = z.infer<typeof classReportSchema>
