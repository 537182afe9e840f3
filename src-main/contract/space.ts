import { z } from 'zod'
import { salienceSchema } from './model.ts'

/** Clips as vectors: which are near each other, and a map of all of them. */

/**
 * Where the vectors come from: what one fold's network of a run gives its last layer (of a classical baseline, what its recipe says of
 * the clip), or a dataset's features, without any label; each of its own scale, so no vector of one is comparable with another's.
 */
export const spaceSourceSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('run'), runId: z.string(), fold: z.int().describe('that it held out') }),
  z.strictObject({
    kind: z.literal('dataset'),
    datasetId: z.int(),
    recipe: z.string().nullable().default(null).describe('null for the clip-level numbers'),
  }),
])
export type SpaceSource = z.infer<typeof spaceSourceSchema>

export const spaceStateSchema = z.object({
  /** Whether its vectors are there. */
  isMade: z.boolean(),
  clips: z.int(),
})

export const neighbourRequestSchema = z.strictObject({
  clipId: z.int(),
  /** By the network of the fold that held the clip out; by the clip-level numbers of its dataset where left out. */
  runId: z.string().optional(),
  count: z.int().min(1).max(50).default(8),
  /** Of a run: only clips that the network learnt. */
  among: z.enum(['training', 'all']).default('training'),
  /** Slices of the clip's own recording are near for that reason alone. */
  ownRecording: z.boolean().default(false),
})
export type NeighbourRequest = z.infer<typeof neighbourRequestSchema>

export const neighboursSchema = z.object({
  source: spaceSourceSchema,
  /** False where the vectors have to be made first (`spaces.make`): there are no neighbours then. */
  isMade: z.boolean(),
  /** Clips of the space. */
  clips: z.int(),
  neighbours: z.array(
    z.object({
      clipId: z.int(),
      fileName: z.string(),
      classId: z.int(),
      className: z.string(),
      fold: z.int(),
      recording: z.string().nullable(),
      /** −1 … 1. */
      cosine: z.number(),
      /** Of a run: whether its network learnt the clip. */
      learnt: z.boolean(),
    }),
  ),
})
export type Neighbours = z.infer<typeof neighboursSchema>

/** UMAP (McInnes, Healy & Melville 2018). */
export const mapSettingsSchema = z.strictObject({
  /** More shows the large, fewer the small. */
  neighbours: z.int().min(2).max(100).default(15),
  /** How close points may lie. */
  minimumDistance: z.number().min(0).max(0.99).default(0.1),
  seed: z
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(73),
  /** Of a larger set as many are drawn, by the seed. */
  mostClips: z.int().min(100).max(50_000).default(20_000),
})
export type MapSettings = z.infer<typeof mapSettingsSchema>

export const mapRequestSchema = z.strictObject({
  source: spaceSourceSchema,
  settings: mapSettingsSchema.prefault({}),
})
export type MapRequest = z.infer<typeof mapRequestSchema>

/** A column a kind, all of one length: what is drawn, and what points are coloured by. */
export const clipMapSchema = z.object({
  clipIds: z.array(z.int()),
  x: z.array(z.number()),
  y: z.array(z.number()),
  fileNames: z.array(z.string()),
  classIds: z.array(z.int()),
  folds: z.array(z.int()),
  saliences: z.array(salienceSchema.nullable()),
  /** Of a run; null for a clip that it did not predict. */
  predictedClassIds: z.array(z.int().nullable()),
  confidences: z.array(z.number().nullable()),
  learnt: z.array(z.boolean()),
  /** Clips of the space, of which these may be a draw. */
  total: z.int(),
})
export type ClipMap = z.infer<typeof clipMapSchema>
