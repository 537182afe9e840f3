import { z } from 'zod'
import { ERROR_CODES } from './errors.ts'

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
  kind: z.enum(['import', 'validate', 'features', 'export', 'train', 'sweep', 'demo']),
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
  /** On success, by kind: ImportResult, ValidationReport, FeatureResult, FeatureExport, { runId }, { sweepId }. */
  result: z.unknown(),
  runId: z.string().nullable(),
})
export type Job = z.infer<typeof jobSchema>
