import { z } from 'zod'

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

export const predictInputSchema = z.strictObject({
  runId: z.string(),
  /** Absolute paths. */
  files: z.array(z.string().min(1).max(4096)).min(1).max(10_000),
  /** By this fold's model; by the mean of all when left out. */
  fold: z.int().optional(),
})

const predictedFileSchema = z.object({
  file: z.string(),
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
  failed: z.array(z.object({ file: z.string(), message: z.string() })),
})
export type PredictionResult = z.infer<typeof predictionResultSchema>
