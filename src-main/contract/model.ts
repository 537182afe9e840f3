import { z } from 'zod'
import { isEmbedding, recipeSchema } from './embedding.ts'
import { ERROR_CODES } from './errors.ts'
import { featureRecipeSchema } from './recipe.ts'
import { augmentationSchema, trainingInputSchema, trainingSchema } from './training.ts'

/** The things both sides talk about. Identifiers are the database's integer keys, except a run's, which is text. */

export const datasetFormatSchema = z.enum(['urbansound8k', 'esc', 'csv'])
export type DatasetFormat = z.infer<typeof datasetFormatSchema>

/** Which column of a generic CSV holds what. `file` is relative to the imported folder. */
export const csvMappingSchema = z.strictObject({
  csv: z.string().min(1).describe('CSV file, relative to the folder'),
  file: z.string().min(1),
  label: z.string().min(1),
  fold: z.string().min(1),
  group: z.string().min(1).optional(),
  salience: z.string().min(1).optional(),
  start: z.string().min(1).optional(),
  end: z.string().min(1).optional(),
})
export type CsvMapping = z.infer<typeof csvMappingSchema>

export const classInfoSchema = z.object({ id: z.int(), name: z.string(), clips: z.int() })
export type ClassInfo = z.infer<typeof classInfoSchema>

export const datasetSchema = z.object({
  id: z.int(),
  name: z.string(),
  format: datasetFormatSchema,
  folder: z.string(),
  importedAt: z.string(),
  clips: z.int(),
  /** Clips whose audio was read; the others are listed in the validation report. */
  readableClips: z.int(),
  folds: z.array(z.int()),
  classes: z.array(classInfoSchema),
  hasSalience: z.boolean(),
  problems: z.int(),
  totalDurationSeconds: z.number(),
})
export type Dataset = z.infer<typeof datasetSchema>

export const PROBLEM_CODES = [
  'missing-file',
  'unreadable-file',
  'truncated-file',
  'duplicate-content',
  'wrong-duration',
  'class-out-of-range',
  'fold-out-of-range',
  'recording-crosses-folds',
  'malformed-row',
  'path-outside-folder',
  'duplicate-row',
  'unlisted-file',
] as const
export const problemCodeSchema = z.enum(PROBLEM_CODES)
export type ProblemCode = z.infer<typeof problemCodeSchema>

export const problemSchema = z.object({
  code: problemCodeSchema,
  severity: z.enum(['error', 'warning']),
  message: z.string(),
  clipId: z.int().nullable(),
  file: z.string().nullable(),
  /** Line of the metadata CSV, 1 for the header. */
  line: z.int().nullable(),
})
export type Problem = z.infer<typeof problemSchema>

export const validationReportSchema = z.object({
  datasetId: z.int(),
  clips: z.int(),
  readableClips: z.int(),
  counts: z.array(
    z.object({ code: problemCodeSchema, severity: z.enum(['error', 'warning']), count: z.int() }),
  ),
  problems: z.array(problemSchema),
  /** True when `problems` was cut to the limit asked for; `counts` is always whole. */
  truncated: z.boolean(),
})
export type ValidationReport = z.infer<typeof validationReportSchema>

export const importResultSchema = z.object({
  datasetId: z.int(),
  name: z.string(),
  format: datasetFormatSchema,
  clips: z.int(),
  readableClips: z.int(),
  /** Rows that could not become a clip; each is a `malformed-row` or the like in the report. */
  skippedRows: z.int(),
  /** False when the same folder was imported before and nothing differs. */
  changed: z.boolean(),
  problems: z.int(),
})
export type ImportResult = z.infer<typeof importResultSchema>

/** 1 foreground, 2 background, as UrbanSound8K numbers them. */
export const salienceSchema = z.union([z.literal(1), z.literal(2)])

export const clipRowSchema = z.object({
  id: z.int(),
  fileName: z.string(),
  classId: z.int(),
  className: z.string(),
  fold: z.int(),
  salience: salienceSchema.nullable(),
  group: z.string().nullable().describe('recording the clip was cut from (fsID in UrbanSound8K)'),
  durationSeconds: z.number().nullable(),
  sampleRateHz: z.int().nullable(),
  channels: z.int().nullable(),
  bitsPerSample: z.int().nullable(),
  codec: z.string().nullable(),
  problems: z.int(),
  /** Only where the filter names a run. */
  predictedClassId: z.int().nullable(),
  confidence: z.number().nullable().describe('probability of the predicted class, 0..1'),
})
export type ClipRow = z.infer<typeof clipRowSchema>

export const clipDetailSchema = clipRowSchema.extend({
  datasetId: z.int(),
  relativePath: z.string(),
  sizeBytes: z.int().nullable(),
  contentHash: z.string().nullable(),
  /** Position in the original recording, where the metadata tells. */
  startSeconds: z.number().nullable(),
  endSeconds: z.number().nullable(),
  playable: z.boolean(),
  problemList: z.array(problemSchema),
  predictions: z.array(
    z.object({
      runId: z.string(),
      presetName: z.string(),
      startedAt: z.string(),
      fold: z.int(),
      predictedClassId: z.int(),
      probabilities: z.array(z.object({ classId: z.int(), probability: z.number() })),
    }),
  ),
})
export type ClipDetail = z.infer<typeof clipDetailSchema>

export const clipFilterSchema = z.strictObject({
  classIds: z.array(z.int()).optional(),
  folds: z.array(z.int()).optional(),
  saliences: z.array(salienceSchema).optional(),
  text: z.string().max(200).optional().describe('part of the file name or recording'),
  withProblems: z.boolean().optional(),
  /** Only clips that this run predicted; the next two narrow it. */
  runId: z.string().optional(),
  predictedClassIds: z.array(z.int()).optional(),
  correct: z.boolean().optional(),
})
export type ClipFilter = z.infer<typeof clipFilterSchema>

export const CLIP_SORT_KEYS = [
  'fileName',
  'className',
  'fold',
  'salience',
  'group',
  'durationSeconds',
  'sampleRateHz',
  'channels',
  'confidence',
] as const
export const clipSortSchema = z.strictObject({
  key: z.enum(CLIP_SORT_KEYS),
  direction: z.enum(['asc', 'desc']),
})
export type ClipSort = z.infer<typeof clipSortSchema>

const facetSchema = <T extends z.ZodType>(value: T) => z.array(z.object({ value, count: z.int() }))
/** Counts per value; each facet is counted under all the other filters, not its own. */
export const clipFacetsSchema = z.object({
  total: z.int(),
  classes: facetSchema(z.int()),
  folds: facetSchema(z.int()),
  saliences: facetSchema(salienceSchema.nullable()),
  withProblems: z.int(),
})
export type ClipFacets = z.infer<typeof clipFacetsSchema>

export const featureRecipeInfoSchema = z.object({
  name: z.string(),
  hash: z.string(),
  description: z.string(),
  /** Can't be replaced or removed. */
  builtIn: z.boolean(),
  settings: recipeSchema,
  sampleRateHz: z.int(),
  durationSeconds: z.number(),
  /** Samples from frame to frame. */
  hopLength: z.int(),
  rows: z.int(),
  frames: z.int(),
  /** Of the values; empty where they have none. */
  unit: z.string(),
  /** Centre of each mel band, low to high: the frequency axis of the picture. Empty where rows are no bands. */
  melCentresHz: z.array(z.number()),
})
export type FeatureRecipeInfo = z.infer<typeof featureRecipeInfoSchema>

/** Of a recipe whose settings can be tried out: any but an embedding's. */
export const spectralRecipeInfoSchema = featureRecipeInfoSchema.extend({ settings: featureRecipeSchema })
export type SpectralRecipeInfo = z.infer<typeof spectralRecipeInfoSchema>
export function isSpectral(info: FeatureRecipeInfo): info is SpectralRecipeInfo {
  return !isEmbedding(info.settings)
}

/** An embedding model of the workspace: a recipe, under the same name. */
export const embeddingModelSchema = z.object({
  name: z.string(),
  hash: z.string().describe('sha256 of the file'),
  /** Null when the file is gone from the workspace. */
  sizeBytes: z.int().nullable(),
  recipe: featureRecipeInfoSchema,
})
export type EmbeddingModel = z.infer<typeof embeddingModelSchema>

export const featureStatusSchema = z.object({
  datasetId: z.int(),
  recipe: z.string(),
  recipeHash: z.string(),
  readableClips: z.int(),
  extractedClips: z.int(),
  sizeBytes: z.int(),
})
export type FeatureStatus = z.infer<typeof featureStatusSchema>

export const featureResultSchema = z.object({
  datasetId: z.int(),
  recipe: z.string(),
  extracted: z.int(),
  alreadyThere: z.int(),
  failed: z.array(z.object({ clipId: z.int(), file: z.string(), message: z.string() })),
})
export type FeatureResult = z.infer<typeof featureResultSchema>

export const featureExportFormatSchema = z.enum(['npz', 'npz-per-clip', 'csv', 'png'])
export type FeatureExportFormat = z.infer<typeof featureExportFormatSchema>
export const featureExportSchema = z.object({
  /** Absolute. */
  folder: z.string(),
  files: z.int(),
  sizeBytes: z.int(),
  clips: z.int(),
  failed: featureResultSchema.shape.failed,
})
export type FeatureExport = z.infer<typeof featureExportSchema>

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
  seed: z.int(),
  folds: z.array(z.int()),
  engine: engineChoiceSchema,
  processes: z.int(),
  threadsPerProcess: z.int(),
})
export type RunSettings = z.infer<typeof resolvedRunSettingsSchema>

export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted'] as const
export const jobStatusSchema = z.enum(JOB_STATUSES)
export type JobStatus = z.infer<typeof jobStatusSchema>

export const errorShapeSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string().optional(),
})

export const jobSchema = z.object({
  id: z.int(),
  kind: z.enum(['import', 'validate', 'features', 'export', 'train', 'demo']),
  title: z.string(),
  status: jobStatusSchema,
  /** What it is doing now, for people. */
  step: z.string(),
  done: z.int(),
  /** 0 while not yet known. */
  total: z.int(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  error: errorShapeSchema.nullable(),
  /** On success, by kind: ImportResult, ValidationReport, FeatureResult, FeatureExport, { runId }. */
  result: z.unknown(),
  runId: z.string().nullable(),
})
export type Job = z.infer<typeof jobSchema>

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

export const workspaceInfoSchema = z.object({
  folder: z.string(),
  schemaVersion: z.int(),
  appVersion: z.string(),
  /** True where the shell can show the system's dialogs for folders and files. */
  canChooseFolder: z.boolean(),
  /** Where clip media is served, to be completed by the page: `${mediaBase}clips/12/audio`. */
  mediaBase: z.string(),
  cores: z.int(),
})
export type WorkspaceInfo = z.infer<typeof workspaceInfoSchema>
