import { z } from 'zod'
import { saidSchema } from './said.ts'

/** The history of what people changed. */

/** Whose change it is. What Ctrl+Z takes back is the last change of the same session: one window, or one command. */
export const madeBySchema = z.strictObject({
  author: z.string().trim().min(1).max(100),
  session: z.string().min(1).max(100),
})
export type MadeBy = z.infer<typeof madeBySchema>

export const changeSchema = z.object({
  id: z.int(),
  /** ISO 8601, UTC */
  at: z.string(),
  author: z.string(),
  session: z.string(),
  datasetId: z.int(),
  /** Of what: `tags`. */
  kind: z.string(),
  /** What was done, in people's words: `Tagged 3 clips “siren”`. */
  title: saidSchema,
  /** How many things it changed. */
  items: z.int(),
  act: z.enum(['do', 'undo', 'redo']),
  /** The change that this one took back; null where it took none back. */
  undoes: z.int().nullable(),
  /** True where a later change took this one back. */
  undone: z.boolean(),
})
export type Change = z.infer<typeof changeSchema>

/** What a method that changes something answers: null where all was as wanted before. */
export const recordedSchema = changeSchema.nullable()

export const historyQuerySchema = z.strictObject({
  datasetId: z.int().optional(),
  /** Only changes of this clip. */
  clipId: z.int().optional(),
  /** Only changes before this one: the last of the page before. */
  before: z.int().optional(),
  limit: z.int().min(1).max(500).default(100),
})
/** The newest first. */
export const historyPageSchema = z.object({ changes: z.array(changeSchema), more: z.boolean() })

/** What undo and redo would take back and do again in a session. */
export const nextChangesSchema = z.object({ undo: changeSchema.nullable(), redo: changeSchema.nullable() })
