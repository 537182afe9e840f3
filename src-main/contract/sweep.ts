import { z } from 'zod'
import { errorShapeSchema, jobStatusSchema } from './job.ts'
import { resolvedRunSettingsSchema, runSettingsSchema, runVerdictsSchema } from './run.ts'

/** A search over settings, scored on inner folds alone. */

const bounds = z
  .tuple([z.number(), z.number()])
  .refine(([low, high]) => low < high, 'must be the lower and the higher end')
/** Values of a grid, evenly from end to end; of random draws none. */
const points = z.int().min(2).max(100).optional()

export const dimensionSchema = z.union([
  z.strictObject({ choice: z.array(z.json()).min(1).max(100) }),
  z.strictObject({ uniform: bounds, integer: z.boolean().default(false), points }),
  z.strictObject({
    logUniform: bounds.refine(([low]) => low > 0, 'must be above 0'),
    integer: z.boolean().default(false),
    points,
  }),
])
export type Dimension = z.infer<typeof dimensionSchema>

/** Settings that a trial may change; those of the comparison itself, as the split, are the same for all. */
const SEARCHED = /^(preset|recipe|secondRecipe|seed|(training|network)(\.\w+)+)$/
/** Dotted name of a setting → its values. */
export const spaceSchema = z
  .record(
    z
      .string()
      .regex(SEARCHED, 'must be preset, recipe, secondRecipe, seed, or begin with training. or network.'),
    dimensionSchema,
  )
  .refine((space) => Object.keys(space).length > 0, 'must name at least one setting')
export type Space = z.infer<typeof spaceSchema>

const trials = z.int().min(1).max(1000)
const seed = z
  .int()
  .min(0)
  .max(2 ** 31 - 1)
  .default(73)
export const searchSchema = z.discriminatedUnion('method', [
  /** Every combination. */
  z.strictObject({ method: z.literal('grid') }),
  /** Bergstra & Bengio 2012. */
  z.strictObject({ method: z.literal('random'), trials: trials.default(20), seed }),
  /**
   * Random draws; all train a few epochs, the best of each rung `eta` times as many, the last ones all epochs (Jamieson &
   * Talwalkar 2016, with the rungs of Li et al. 2018).
   */
  z.strictObject({
    method: z.literal('halving'),
    trials: trials.default(27),
    eta: z.number().min(1.5).max(10).default(3),
    minimumEpochs: z.int().min(1).default(1),
    seed,
  }),
])
export type Search = z.infer<typeof searchSchema>

const shared = {
  space: spaceSchema,
  search: searchSchema,
  /** Folds that no trial sees: on them a run with the best settings can be tested. */
  heldOut: z.array(z.int()).min(1),
  /** How many of the other folds score each trial, each trained on the rest. */
  innerFolds: z.int().min(1).max(100).default(1),
}
export const sweepInputSchema = z.strictObject({
  ...shared,
  /** What all trials have in common. */
  base: runSettingsSchema.omit({ folds: true }).prefault({}),
})
export type SweepInput = z.input<typeof sweepInputSchema>

export const sweepSettingsSchema = z.object({
  ...shared,
  /** As it was given: what is the preset's is filled in by each trial. */
  base: runSettingsSchema,
  /** The verdicts whose labels all trials have, as they were then; none for labels as imported. */
  verdicts: runVerdictsSchema.optional(),
  /** Those folds. */
  scoredOn: z.array(z.int()),
  processes: z.int(),
  /** From the first, each with how many trials it takes and the epochs that they train; null for the trial's own. */
  rungs: z.array(z.object({ trials: z.int(), epochs: z.int().nullable() })),
})
export type SweepSettings = z.infer<typeof sweepSettingsSchema>

export const rungScoreSchema = z.object({
  rung: z.int().describe('from 0'),
  folds: z.array(z.object({ fold: z.int(), accuracy: z.number(), loss: z.number(), seconds: z.number() })),
  /** Over the inner folds that have scored it. */
  accuracy: z.number(),
  /** Of those accuracies, n − 1 in the denominator; null for one. */
  sampleStandardDeviation: z.number().nullable(),
  /** Mean −log of the true class' probability; decides between equal accuracies. */
  loss: z.number(),
  seconds: z.number(),
})
export type RungScore = z.infer<typeof rungScoreSchema>

export const trialSchema = z.object({
  trial: z.int().describe('1-based'),
  /** Dotted name → value. */
  changes: z.record(z.string(), z.unknown()),
  settings: resolvedRunSettingsSchema,
  /** `dropped`: another rung went on without it. */
  state: z.enum(['waiting', 'dropped', 'scored', 'failed']),
  rungs: z.array(rungScoreSchema),
  error: errorShapeSchema.nullable(),
})
export type Trial = z.infer<typeof trialSchema>

export const sweepSchema = z.object({
  id: z.string(),
  datasetId: z.int(),
  datasetName: z.string(),
  status: jobStatusSchema,
  settings: sweepSettingsSchema,
  dataFingerprint: z.string().describe('of the clips that its trials may see'),
  createdAt: z.string(),
  finishedAt: z.string().nullable(),
  engine: z.string().nullable(),
  error: errorShapeSchema.nullable(),
  jobId: z.int().nullable(),
  trials: z.int(),
  /** Trials with a score, or that could not be trained. */
  trialsDone: z.int(),
})
export type Sweep = z.infer<typeof sweepSchema>

export const sweepDetailSchema = z.object({
  sweep: sweepSchema,
  /** Best first: by the rung that they reached, then by accuracy, then by loss. */
  trials: z.array(trialSchema),
  /** Settings of a run with the first of them, on the folds that no trial saw; null before any was scored on the last rung. */
  best: runSettingsSchema.nullable(),
})
export type SweepDetail = z.infer<typeof sweepDetailSchema>
