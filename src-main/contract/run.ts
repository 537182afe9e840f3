import { z } from 'zod'
import { recipeSchema } from './embedding.ts'
import { errorShapeSchema, jobStatusSchema } from './job.ts'
import { saidSchema } from './said.ts'
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
  reason: saidSchema.nullable().describe('why it is not available'),
  /** 3×3 convolution; null unless a benchmark was asked for. */
  forwardGflops: z.number().nullable(),
  backwardGflops: z.number().nullable(),
})
export type EngineReport = z.infer<typeof engineReportSchema>

export const modelPresetSchema = z.object({
  name: z.string(),
  /** A classical baseline learns in one pass, from statistics of the features over time, without an engine. */
  kind: z.enum(['network', 'classical']),
  title: saidSchema,
  description: saidSchema,
  /** For ten classes; null where the data decides. Moving statistics are what batch normalisation keeps and no gradient changes. */
  parameters: z.object({ trainable: z.int(), statistics: z.int() }).nullable(),
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
  /** A verdict set, by its id: clips have its labels, and are left out where it excludes them. Those as imported without. */
  verdicts: z.int().optional(),
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
/** The verdicts that a run was trained by, as they were then. */
export const runVerdictsSchema = z.object({
  setId: z.int(),
  name: z.string(),
  /** The last entry of the set's history that counts. */
  upTo: z.int(),
  fingerprint: z.string(),
  excluded: z.int().describe('clips'),
  relabelled: z.int().describe('clips'),
})
export type RunVerdicts = z.infer<typeof runVerdictsSchema>

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
  /** None for labels as imported. */
  verdicts: runVerdictsSchema.optional(),
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

/** What a fold says of how it trains; kept, so that a window that opens later knows it too. */
export const foldStateSchema = z.object({
  fold: z.int(),
  /** Clips that train, that are scored as inner fold, and that are held out; null before its features are read. */
  clips: z.object({ training: z.int(), inner: z.int(), test: z.int() }).nullable(),
  /** Of the checkpoint that it went on from, 0 without. */
  resumedAfterEpoch: z.int(),
  /** Examples whose gradients are computed at once; null before it is known. */
  microBatchSize: z.int().nullable(),
  /** Of its process at its most. */
  expectedMemoryBytes: z.number().nullable(),
  peakMemoryBytes: z.number().nullable(),
  /** What a person should know of how it trains, in sentences. */
  notes: z.array(saidSchema),
  /** Of the held-out clips after its last epoch: [true][predicted] = clips, in the order of the run's classes. */
  confusion: z.array(z.array(z.int())).nullable(),
  /** Whose network the predictions are of, 1-based; null before its end. */
  resultEpoch: z.int().nullable(),
  /** Within the epoch that runs, told about once a second. */
  progress: z
    .object({ epoch: z.int(), examplesDone: z.int(), examples: z.int(), memoryBytes: z.number() })
    .nullable(),
})
export type FoldState = z.infer<typeof foldStateSchema>

/** By what and on what a run was trained; of its last start where it was resumed. */
export const runRecordSchema = z.object({
  /** Version of the program, with the commit where it runs from a checkout. */
  code: z.string(),
  runtime: z.string(),
  platform: z.string(),
  processor: z.string(),
  cores: z.int(),
  memoryBytes: z.number(),
  /** How often it was started: more than once where it was resumed. */
  starts: z.int().min(1),
  /** In which it extracted and trained, over all starts. */
  workSeconds: z.number(),
})
export type RunRecord = z.infer<typeof runRecordSchema>

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
  /** Of those accuracies, with n − 1 below; null for fewer than two folds. */
  sampleStandardDeviation: z.number().nullable(),
  jobId: z.int().nullable(),
  /** Null for runs of the first versions, and before it began. */
  record: runRecordSchema.nullable(),
  /** The most that one of its fold processes took. */
  peakMemoryBytes: z.number().nullable(),
  /** Recordings that the run's folds cut apart; null for runs of the first versions, which did not look. */
  crossing: crossingSchema.nullable(),
})
export type Run = z.infer<typeof runSchema>
