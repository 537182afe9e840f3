import { z } from 'zod'
import { isEmbedding, recipeSchema } from './embedding.ts'
import { featureRecipeSchema } from './recipe.ts'
import { saidSchema } from './said.ts'

/** The things both sides talk about. Identifiers are the database's integer keys, except a run's, which is text. */

export const datasetFormatSchema = z.enum(['urbansound8k', 'esc', 'csv', 'recordings'])
export type DatasetFormat = z.infer<typeof datasetFormatSchema>

/** Which column of a generic CSV holds what. `file` is relative to the imported folder. */
export const csvMappingSchema = z.strictObject({
  csv: z.string().min(1).describe('CSV file, relative to the folder'),
  file: z.string().min(1),
  label: z.string().min(1),
  fold: z.string().min(1).optional().describe('all clips are in fold 1 without'),
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
  message: saidSchema,
  clipId: z.int().nullable(),
  file: z.string().nullable(),
  /** Line of the metadata CSV, 1 for the header. */
  line: z.int().nullable(),
})
export type Problem = z.infer<typeof problemSchema>

/** Clips that have left the dataset and whose tags, annotations or verdicts are kept. Results of old jobs don't tell. */
const keptAsideSchema = z.int().default(0)

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
  keptAside: keptAsideSchema,
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
  keptAside: keptAsideSchema,
  /** Clips that this import found gone and that runs had predicted: their predictions went with them. */
  unpredicted: z.int().default(0),
})
export type ImportResult = z.infer<typeof importResultSchema>

/** 1 foreground, 2 background, as UrbanSound8K numbers them. */
export const salienceSchema = z.union([z.literal(1), z.literal(2)])

/** What a set of verdicts says of a clip, as `OUTCOMES`; `none` where it says nothing. */
export const CLIP_VERDICTS = ['none', 'keep', 'relabel', 'exclude', 'unsure', 'disputed'] as const
export const clipVerdictSchema = z.enum(CLIP_VERDICTS)
export type ClipVerdict = z.infer<typeof clipVerdictSchema>

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
  container: z.string().nullable(),
  codec: z.string().nullable(),
  problems: z.int(),
  /** Words of people's own, in order. */
  tags: z.array(z.string()),
  /** Only where the filter names a run. */
  predictedClassId: z.int().nullable(),
  predictedClassName: z.string().nullable(),
  confidence: z.number().nullable().describe('probability of the predicted class, 0..1'),
  margin: z.number().nullable().describe('confidence less the next probability, 0..1'),
  /** Only where the filter names a set of verdicts. */
  verdict: clipVerdictSchema.nullable(),
  verdictClassName: z.string().nullable().describe('what the set relabels it to'),
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
  text: z.string().max(200).optional().describe('part of the file name, recording, class or tag'),
  recordings: z.array(z.string().max(1000)).optional(),
  sampleRatesHz: z.array(z.int()).optional(),
  channels: z.array(z.int()).optional().describe('numbers of channels'),
  formats: z.array(z.string().max(200)).optional().describe('container and codec: wav pcm16'),
  durationFromSeconds: z.number().min(0).optional(),
  durationBelowSeconds: z.number().min(0).optional().describe('not itself'),
  withProblems: z.boolean().optional(),
  /** Clips with any of these. */
  problemCodes: z.array(problemCodeSchema).optional(),
  /** Clips with any of these. */
  tags: z.array(z.string().max(100)).optional(),
  withTags: z.boolean().optional(),
  /** Clips that were chosen elsewhere, as `clips.choose` names them. */
  chosenId: z.string().max(64).optional(),
  /** Whose verdicts the next one means, which says nothing without it. */
  verdictSetId: z.int().optional(),
  verdicts: z.array(clipVerdictSchema).optional(),
  /** Only clips that this run predicted; the next ones narrow it and mean nothing without it. */
  runId: z.string().optional(),
  predictedClassIds: z.array(z.int()).optional(),
  correct: z.boolean().optional(),
  confidenceFrom: z.number().min(0).max(1).optional(),
  confidenceBelow: z.number().min(0).max(1).optional().describe('not itself'),
  /** What another run made of the clip. */
  against: z.strictObject({ runId: z.string(), correct: z.boolean() }).optional(),
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
  'format',
  'problems',
  'predictedClassName',
  'confidence',
  'margin',
  'verdict',
] as const
export const clipSortSchema = z.strictObject({
  key: z.enum(CLIP_SORT_KEYS),
  direction: z.enum(['asc', 'desc']),
})
export type ClipSort = z.infer<typeof clipSortSchema>

const facetSchema = <T extends z.ZodType>(value: T) => z.array(z.object({ value, count: z.int() }))
/**
 * Counts of equal ranges: bar i is from `start + i · width`, inclusive, to the next, exclusive; the last has no upper end.
 * Clips without the value are in no bar.
 */
export const histogramSchema = z.object({ start: z.number(), width: z.number(), counts: z.array(z.int()) })
export type Histogram = z.infer<typeof histogramSchema>

/** Counts per value; each facet is counted under all the other filters, not its own. Null stands for no value. */
export const clipFacetsSchema = z.object({
  total: z.int(),
  classes: facetSchema(z.int()),
  folds: facetSchema(z.int()),
  saliences: facetSchema(salienceSchema.nullable()),
  sampleRatesHz: facetSchema(z.int().nullable()),
  channels: facetSchema(z.int().nullable()),
  formats: facetSchema(z.string().nullable()),
  /** The ones with most clips, at most 20. */
  recordings: facetSchema(z.string()),
  problemCodes: facetSchema(problemCodeSchema),
  withProblems: z.int(),
  /** The ones with most clips, at most 100. */
  tags: facetSchema(z.string()),
  withTags: z.int(),
  withoutTags: z.int(),
  /** Only where the filter names a set of verdicts. */
  verdicts: facetSchema(clipVerdictSchema).nullable(),
  durationSeconds: histogramSchema,
  /** Only where the filter names a run. */
  prediction: z
    .object({
      predictedClasses: facetSchema(z.int()),
      correct: z.int(),
      wrong: z.int(),
      confidence: histogramSchema,
    })
    .nullable(),
})
export type ClipFacets = z.infer<typeof clipFacetsSchema>

export const featureRecipeInfoSchema = z.object({
  name: z.string(),
  hash: z.string(),
  description: saidSchema,
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
  failed: z.array(z.object({ clipId: z.int(), file: z.string(), message: saidSchema })),
})
export type FeatureResult = z.infer<typeof featureResultSchema>

/** A part of the workspace's feature cache. */
export const cachePartSchema = z.object({
  /** Hash of the recipe, or the name of another kind. */
  id: z.string(),
  /** For people; null for a recipe that has no name any more. */
  name: saidSchema.nullable(),
  isRecipe: z.boolean(),
  files: z.int(),
  sizeBytes: z.int(),
})
export type CachePart = z.infer<typeof cachePartSchema>

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
export const workspaceInfoSchema = z.object({
  folder: z.string(),
  schemaVersion: z.int(),
  appVersion: z.string(),
  /** True where the shell can show the system's dialogs for folders and files. */
  canChooseFolder: z.boolean(),
  /** Whether a clip can be dragged out of the window as a file, by `shell.dragClip`. */
  canDragOut: z.boolean(),
  /** True where the shell prints reports to PDF. */
  canPrint: z.boolean(),
  /** Where clip media is served, to be completed by the page: `${mediaBase}clips/12/audio`. */
  mediaBase: z.string(),
  cores: z.int(),
  /** Of the person, as the system knows them; stands by changes until they give another name. */
  userName: z.string(),
})
export type WorkspaceInfo = z.infer<typeof workspaceInfoSchema>
