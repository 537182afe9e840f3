import { z } from 'zod'
import { ERROR_CODES } from './errors.ts'
import { saidSchema } from './said.ts'

/** A job or run that was stopped: by a person, for good or for a while, or by the end of the program. */
export const STOPPED_STATUSES = ['cancelled', 'paused', 'interrupted'] as const
export type StoppedStatus = (typeof STOPPED_STATUSES)[number]
export const JOB_STATUSES = ['queued', 'running', 'succeeded', 'failed', ...STOPPED_STATUSES] as const
export const jobStatusSchema = z.enum(JOB_STATUSES)
export type JobStatus = z.infer<typeof jobStatusSchema>

/** Of a job or run: it neither waits nor goes. */
export function isOver({ status }: { status: JobStatus }): boolean {
  return status !== 'queued' && status !== 'running'
}

export const errorShapeSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: saidSchema,
  hint: saidSchema.optional(),
})

export const jobSchema = z.object({
  id: z.int(),
  kind: z.enum([
    'import',
    'validate',
    'map',
    'features',
    'export',
    'predict',
    'train',
    'sweep',
    'audit',
    'annotate',
    'demo',
  ]),
  title: saidSchema,
  status: jobStatusSchema,
  /** What it is doing now, for people. */
  step: saidSchema,
  done: z.int(),
  /** 0 while not yet known. */
  total: z.int(),
  createdAt: z.string(),
  startedAt: z.string().nullable(),
  finishedAt: z.string().nullable(),
  error: errorShapeSchema.nullable(),
  /** On success, by kind: ImportResult, ValidationReport, FeatureResult, FeatureExport, ModelExport, WrittenFile or WrittenFolder, ExplanationFiles, PredictionResult, SearchResult, AnnotationImport, AnnotationExport, { runId }, { sweepId }. */
  result: z.unknown(),
  runId: z.string().nullable(),
  /** 0 for the one that is next; null when it does not wait. */
  queuePlace: z.int().nullable(),
})
export type Job = z.infer<typeof jobSchema>
