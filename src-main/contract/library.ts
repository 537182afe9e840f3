import { z } from 'zod'
import { issueFilterSchema } from './audit-issues.ts'
import { labelBasisSchema } from './label-basis.ts'
import { clipFilterSchema, clipSortSchema, salienceSchema } from './model.ts'

/** What the library keeps and counts besides its clips. */

/** Clips that are named one by one; more are chosen by a filter. */
export const MOST_CHOSEN = 100_000

/** Clips chosen one by one, or all that fit a filter but for some. */
export const clipSelectionSchema = z.union([
  z.strictObject({ clipIds: z.array(z.int()).max(MOST_CHOSEN) }),
  z.strictObject({ filter: clipFilterSchema, except: z.array(z.int()).max(MOST_CHOSEN).default([]) }),
])
export type ClipSelection = z.input<typeof clipSelectionSchema>

/** Of two runs, which got a clip right. */
export const RIGHTS = ['both', 'first', 'second', 'neither'] as const
export type Rights = (typeof RIGHTS)[number]

/** Where clips come from that the library is to show together. */
export const chosenFromSchema = z.union([
  z.strictObject({ clipIds: z.array(z.int()).min(1).max(MOST_CHOSEN) }),
  /** Of a search for issues, the other clips of each included. */
  z.strictObject({ searchId: z.int(), filter: issueFilterSchema }),
  /** Of runs that are compared: which of the first and this second one is right, under these labels. */
  z.strictObject({
    runIds: z.array(z.string()).min(2).max(32),
    second: z.string(),
    labels: labelBasisSchema,
    right: z.enum(RIGHTS),
  }),
])
export type ChosenFrom = z.infer<typeof chosenFromSchema>

/** How a dataset's clips lie over classes, folds and saliences. */
export const clipOverviewSchema = z.object({
  cells: z.array(
    z.object({
      classId: z.int(),
      fold: z.int(),
      salience: salienceSchema.nullable(),
      count: z.int(),
    }),
  ),
  /** Different recordings that a class's clips were cut from. */
  recordings: z.array(z.object({ classId: z.int(), count: z.int() })),
})
export type ClipOverview = z.infer<typeof clipOverviewSchema>

/** A question to the library that has a name. */
export const savedViewSchema = z.object({
  id: z.int(),
  datasetId: z.int(),
  name: z.string(),
  filter: clipFilterSchema,
  sort: clipSortSchema,
})
export type SavedView = z.infer<typeof savedViewSchema>
