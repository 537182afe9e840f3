import { z } from 'zod'

/** Reports and tables of runs, written to files. */

export const REPORT_FORMATS = ['html', 'pdf'] as const
export const reportFormatSchema = z.enum(REPORT_FORMATS)
export type ReportFormat = z.infer<typeof reportFormatSchema>

export const PREDICTION_FORMATS = ['csv', 'npz'] as const
export const predictionFormatSchema = z.enum(PREDICTION_FORMATS)
export type PredictionFormat = z.infer<typeof predictionFormatSchema>

/** Of a job that wrote one file. */
export const writtenFileSchema = z.object({
  /** Absolute. */
  file: z.string(),
  sizeBytes: z.int(),
})
export type WrittenFile = z.infer<typeof writtenFileSchema>

/** Of a job that wrote a folder. */
export const writtenFolderSchema = z.object({
  /** Absolute. */
  folder: z.string(),
  files: z.int(),
  sizeBytes: z.int(),
})
export type WrittenFolder = z.infer<typeof writtenFolderSchema>
