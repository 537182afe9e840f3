import { z } from 'zod'

/** Which clips are held out together: what keeps, or fails to keep, a recording on one side. */

const folds = z.int().min(2).max(100).default(5)
const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .default(73)

export const splitSchema = z.discriminatedUnion('kind', [
  /** The dataset's own folds. */
  z.strictObject({ kind: z.literal('predefined') }),
  /** All clips of a recording in one fold, classes as even as that allows; folds are numbered from 1. */
  z.strictObject({ kind: z.literal('grouped'), folds, seed }),
  /** Clips drawn within each class, whatever their recording: refused unless its leak is accepted. */
  z.strictObject({ kind: z.literal('random'), folds, seed, acceptLeak: z.boolean().default(false) }),
])
export type Split = z.infer<typeof splitSchema>
export type SplitKind = Split['kind']

export const PREDEFINED: Split = { kind: 'predefined' }

/**
 * What is said before a random split. Figures: Yurtsever, Modern Deep Learning Architectures for Urban Sound Classification on
 * UrbanSound8K (doi 10.35377/saucis...1830726): 98.06 and 83.94 %.
 */
export const RANDOM_SPLIT_LEAK =
  'A random split trains on slices of the very recordings that it is tested on. With UrbanSound8K it has been measured at 98 % where the official folds give 84 % (Yurtsever, doi 10.35377/saucis...1830726).'
/** Beside an accuracy by a random split. */
export const RANDOM_SPLIT_LABEL = 'random split: leaks'

/** A recording with clips in several folds. */
export const crossingRecordingSchema = z.object({
  recording: z.string(),
  folds: z.array(z.object({ fold: z.int(), clips: z.int(), classIds: z.array(z.int()) })),
})
export type CrossingRecording = z.infer<typeof crossingRecordingSchema>

/** Every recording that crosses folds, counted, and the first of them. */
export const crossingSchema = z.object({
  recordings: z.int(),
  clips: z.int().describe('of these recordings'),
  first: z.array(crossingRecordingSchema).max(50),
})
export type Crossing = z.infer<typeof crossingSchema>

/** What a split of a dataset would give. */
export const splitPreviewSchema = z.object({
  folds: z.array(
    z.object({
      fold: z.int(),
      clips: z.int(),
      recordings: z.int(),
      /** Training clips that excluding what crosses would leave out when this fold is held out. */
      excluded: z.int(),
    }),
  ),
  crossing: crossingSchema,
  /** Of these nobody can say whether their recording crosses. */
  clipsWithoutRecording: z.int(),
})
export type SplitPreview = z.infer<typeof splitPreviewSchema>

export function splitWords(split: Split): string {
  if (split.kind === 'predefined') return 'the dataset’s folds'
  const kind = split.kind === 'grouped' ? 'by recording' : RANDOM_SPLIT_LABEL
  return `${kind}, ${split.folds} folds, seed ${split.seed}`
}
