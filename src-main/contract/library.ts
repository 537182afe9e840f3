import { z } from 'zod'
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
