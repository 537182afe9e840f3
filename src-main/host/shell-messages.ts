import { z } from 'zod'
import { errorShapeSchema, jobStatusSchema } from '../contract/job.ts'
import { saidSchema } from '../contract/said.ts'

/** What the desktop shell's main process and the core's process say to each other, beside the pages' ports. */

const bytesSchema = z.custom<Uint8Array>((value) => value instanceof Uint8Array)
const mediaResponseSchema = z.object({
  status: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.discriminatedUnion('kind', [
    z.object({ kind: z.literal('bytes'), bytes: bytesSchema }),
    z.object({ kind: z.literal('file'), path: z.string(), start: z.int(), end: z.int() }),
  ]),
})

const endedJobSchema = z.object({
  title: saidSchema,
  status: jobStatusSchema,
  error: errorShapeSchema.nullable(),
  runId: z.string().nullable(),
})
export type EndedJob = z.infer<typeof endedJobSchema>

export const toCoreSchema = z.discriminatedUnion('type', [
  /** Comes with a page's port. */
  z.object({ type: z.literal('connect') }),
  z.object({
    type: z.literal('media'),
    id: z.int(),
    request: z.object({ path: z.string(), method: z.string(), range: z.string().optional() }),
  }),
  z.object({ type: z.literal('media-cancel'), id: z.int() }),
  z.object({ type: z.literal('chosen'), id: z.int(), path: z.string().nullable() }),
  /** A page as a PDF; null where it could not be printed. */
  z.object({ type: z.literal('printed'), id: z.int(), pdf: bytesSchema.nullable() }),
  /** Close the workspace and end. */
  z.object({ type: z.literal('close') }),
])
export type ToCore = z.infer<typeof toCoreSchema>

export const fromCoreSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('ready') }),
  /** The workspace could not be opened; the process ends. */
  z.object({ type: z.literal('failed'), error: errorShapeSchema }),
  z.object({ type: z.literal('media'), id: z.int(), response: mediaResponseSchema }),
  z.object({ type: z.literal('choose-folder'), id: z.int(), title: z.string() }),
  z.object({ type: z.literal('choose-model'), id: z.int() }),
  z.object({ type: z.literal('print'), id: z.int(), html: z.string() }),
  /** A clip's file, to be dragged out of the window. */
  z.object({ type: z.literal('drag'), path: z.string() }),
  /** The same, to be shown in the system's file manager. */
  z.object({ type: z.literal('reveal'), path: z.string() }),
  /** Titles of the jobs that are queued or running, and the share done of the one that runs, whenever that changes. */
  z.object({
    type: z.literal('jobs'),
    titles: z.array(saidSchema),
    done: z.number().min(0).max(1).nullable(),
  }),
  z.object({ type: z.literal('ended'), job: endedJobSchema }),
])
export type FromCore = z.infer<typeof fromCoreSchema>
