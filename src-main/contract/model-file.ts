import { z } from 'zod'
import { csvText } from './csv.ts'
import { clipSelectionSchema } from './library.ts'
import { saidSchema } from './said.ts'

/** Trained models outside the workspace: as files for other programs, and asked about other audio. */

/** `tfjs` is a graph model of TensorFlow.js, `tfjs-layers` one of layers, which can be trained further. */
export const MODEL_FORMATS = ['onnx', 'tfjs', 'tfjs-layers'] as const
export const modelFormatSchema = z.enum(MODEL_FORMATS)
export type ModelFormat = z.infer<typeof modelFormatSchema>

/** `ensemble` is the mean of all folds' probabilities, `each` one model a fold; a number is a fold. */
export const modelChoiceSchema = z.union([z.enum(['ensemble', 'each']), z.int()])
export type ModelChoice = z.infer<typeof modelChoiceSchema>

export const modelExportSchema = z.object({
  /** Absolute. */
  folder: z.string(),
  files: z.int(),
  sizeBytes: z.int(),
  folds: z.array(z.int()),
})
export type ModelExport = z.infer<typeof modelExportSchema>

export const MOST_PREDICTED = 10_000

const asked = z.strictObject({
  runId: z.string(),
  /** By this fold's model; by the mean of all when left out. */
  fold: z.int().optional(),
})
export const predictInputSchema = z.union([
  /** Absolute paths of files and folders. */
  asked.extend({ files: z.array(z.string().min(1).max(4096)).min(1).max(MOST_PREDICTED) }),
  /** Clips of any dataset. */
  asked.extend({ datasetId: z.int(), selection: clipSelectionSchema }),
])

const predictedFileSchema = z.object({
  file: z.string(),
  /** Where clips were asked about, not files. */
  clipId: z.int().nullable().default(null),
  /** In the order of the classes; they sum to 1. */
  probabilities: z.array(z.number()),
  /** The clip's fold where the run's dataset has the very same file: models of the other folds learnt it. */
  fold: z.int().nullable(),
})
export const predictionResultSchema = z.object({
  runId: z.string(),
  classes: z.array(z.string()),
  /** Whose models were asked. */
  folds: z.array(z.int()),
  predicted: z.array(predictedFileSchema),
  failed: z.array(z.object({ file: z.string(), message: saidSchema })),
})
export type PredictionResult = z.infer<typeof predictionResultSchema>

/** Classes by their probability, the most probable first. */
export const ranked = (classes: readonly string[], probabilities: readonly number[]) =>
  classes
    .map((name, index) => ({ name, probability: probabilities[index] ?? 0 }))
    .sort((a, b) => b.probability - a.probability)

/** A row a file, with every probability. */
export function predictionCsv({ classes, predicted }: PredictionResult): string {
  return csvText([
    ['file', 'predicted', 'fold_in_dataset', ...classes],
    ...predicted.map(({ file, fold, probabilities }) => [
      file,
      ranked(classes, probabilities)[0]?.name ?? '',
      fold ?? '',
      ...probabilities,
    ]),
  ])
}

/** How many of the files are clips that a model asked here was trained on: it says nothing of new recordings. */
export const learntFiles = ({ folds, predicted }: PredictionResult): number =>
  predicted.filter(({ fold }) => fold !== null && folds.some((own) => own !== fold)).length
