import { z } from 'zod'

/** How a network is trained: everything about a run but its data, its network and the machine. Names as in PyTorch. */

const share = z.number().min(0).max(1)

export const optimizerSchema = z.discriminatedUnion('name', [
  z.strictObject({
    name: z.literal('sgd'),
    momentum: z.number().min(0).lt(1).default(0.9),
    nesterov: z.boolean().default(false),
  }),
  z.strictObject({
    /** `adamw` takes weight decay off the weights themselves (Loshchilov & Hutter 2019), `adam` adds it to the gradient. */
    name: z.enum(['adam', 'adamw']),
    beta1: z.number().min(0).lt(1).default(0.9),
    beta2: z.number().min(0).lt(1).default(0.999),
    epsilon: z.number().positive().default(1e-8),
  }),
  z.strictObject({
    name: z.literal('rmsprop'),
    /** Share of the old mean square that is kept at each step. */
    smoothing: z.number().min(0).lt(1).default(0.99),
    momentum: z.number().min(0).lt(1).default(0),
    epsilon: z.number().positive().default(1e-8),
  }),
])
export type OptimizerSettings = z.infer<typeof optimizerSchema>

const minimum = z.number().min(0).default(0).describe('learning rate')
const updated = z.enum(['step', 'epoch']).default('step')
export const scheduleSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('constant') }),
  z.strictObject({
    name: z.literal('step'),
    everyEpochs: z.int().min(1),
    factor: z.number().positive().lt(1).default(0.1),
  }),
  z.strictObject({
    name: z.literal('cosine'),
    /** Epochs from the highest rate to the lowest; after them it rises again. Null for all epochs. */
    halfPeriodEpochs: z.number().positive().nullable().default(null),
    minimum,
    updated,
  }),
  z.strictObject({
    /** Back to the highest rate at once after each period (SGDR, Loshchilov & Hutter 2017). */
    name: z.literal('cosine-restarts'),
    firstEpochs: z.number().positive(),
    growth: z.number().min(1).default(1).describe('of each period over the one before'),
    minimum,
    updated,
  }),
  z.strictObject({
    /** Smith & Topin 2018, with cosines as in PyTorch. */
    name: z.literal('one-cycle'),
    rise: share.default(0.3).describe('share of the steps'),
    startDivisor: z.number().min(1).default(25),
    endDivisor: z.number().min(1).default(10_000),
  }),
  z.strictObject({
    name: z.literal('plateau'),
    factor: z.number().positive().lt(1).default(0.1),
    patienceEpochs: z.int().min(0).default(10),
    /** Whose loss is watched; never the held-out fold's. */
    watch: z.enum(['training', 'inner']).default('training'),
    minimum,
  }),
])
export type ScheduleSettings = z.infer<typeof scheduleSchema>

const augmentation = {
  /** Probability that a picture is mirrored in time, as the article does. */
  flip: share,
  /** Share of the width by which a picture is rolled in time at most. */
  timeShift: z.number().min(0).max(0.5),
  /** Level by which a clip is made louder or softer at most, where its recipe's values follow the level. */
  gainDb: z.number().min(0).max(40),
  /** Bands and stretches of time that are hidden (Park et al. 2019); widths at most, as shares of the axis. */
  specAugment: z
    .strictObject({
      timeMasks: z.int().min(0).max(20).default(2),
      timeWidth: share.default(0.15),
      bandMasks: z.int().min(0).max(20).default(2),
      bandWidth: share.default(0.15),
    })
    .nullable(),
  /** Alpha of the beta distribution by which two clips and their labels are mixed (Zhang et al. 2018); 0 for never. */
  mixup: z.number().min(0).max(10),
  /** Adds white noise, or another training clip at a lower level whose label does not count. */
  noise: z
    .strictObject({
      kind: z.enum(['white', 'clip']).default('clip'),
      probability: share.default(0.5),
      /** Signal-to-noise ratio, drawn evenly between the two. */
      minimumSnrDb: z.number().min(-20).max(100).default(10),
      maximumSnrDb: z.number().min(-20).max(100).default(30),
    })
    .refine((noise) => noise.minimumSnrDb <= noise.maximumSnrDb, 'minimumSnrDb must be at most maximumSnrDb')
    .nullable(),
  /** Recipes of the same shape, as by pitch shift or time stretch: each example is drawn from them or the run's own. */
  recipes: z.array(z.string()).max(16),
}
export const augmentationSchema = z.strictObject(augmentation)
export type Augmentation = z.infer<typeof augmentationSchema>

export const lossSchema = z.discriminatedUnion('name', [
  z.strictObject({ name: z.literal('cross-entropy') }),
  /** Lin et al. 2017. */
  z.strictObject({ name: z.literal('focal'), gamma: z.number().min(0).max(10).default(2) }),
  /** One yes or no a class; probabilities are then the normalised sigmoids. */
  z.strictObject({ name: z.literal('binary-cross-entropy') }),
])

/** Each thing by itself: what is not said is the preset's. */
export const augmentationInputSchema = augmentationSchema.partial()
export type AugmentationInput = z.input<typeof augmentationInputSchema>

export const NO_AUGMENTATION: Augmentation = {
  flip: 0,
  timeShift: 0,
  gainDb: 0,
  specAugment: null,
  mixup: 0,
  noise: null,
  recipes: [],
}

const settings = {
  epochs: z.int().min(1).max(10_000),
  batchSize: z.int().min(1).max(4096),
  /** The highest of the schedule. */
  learningRate: z.number().positive(),
  optimizer: optimizerSchema,
  schedule: scheduleSchema,
  /** Share of the steps in which the rate rises linearly to its highest, before the schedule begins. */
  warmUp: z.number().min(0).max(0.9),
  weightDecay: z.number().min(0).max(1),
  /** Largest norm of all gradients together; null for no limit. */
  clipNorm: z.number().positive().nullable(),
  loss: lossSchema,
  labelSmoothing: z.number().min(0).max(0.9),
  /** `balanced`: clips / (classes · clips of the class), as scikit-learn. */
  classWeights: z.enum(['none', 'balanced']),
  augmentation: augmentationSchema,
  /** `next`: the fold after the held-out one, in a circle, does not train but may stop training and choose the epoch. */
  innerFold: z.enum(['none', 'next']),
  /** Epochs without a lower loss on the inner fold after which training stops; null for never. */
  stopAfterEpochs: z.int().min(1).nullable(),
  /** Which epoch's network is the fold's result. */
  resultEpoch: z.enum(['last', 'best-inner']),
  /** Examples whose gradients are computed at once; a batch is the sum of several. Null for what fits the memory. */
  microBatchSize: z.int().min(1).max(4096).nullable(),
}

/** Every setting: what is recorded. */
export const trainingSchema = z
  .strictObject(settings)
  .refine(
    ({ innerFold, stopAfterEpochs, resultEpoch, schedule }) =>
      innerFold !== 'none' ||
      (stopAfterEpochs === null &&
        resultEpoch === 'last' &&
        !(schedule.name === 'plateau' && schedule.watch === 'inner')),
    {
      message: 'must be "next" to stop early, to choose an epoch, or for a schedule that watches it',
      path: ['innerFold'],
    },
  )
export type TrainingSettings = z.infer<typeof trainingSchema>

/** What a person or a preset sets; the rest are the preset's, then `TRAINING_DEFAULTS`. */
export const trainingInputSchema = z
  .strictObject({ ...settings, augmentation: augmentationInputSchema })
  .partial()
export type TrainingInput = z.input<typeof trainingInputSchema>

export const TRAINING_DEFAULTS: TrainingSettings = {
  epochs: 30,
  batchSize: 32,
  learningRate: 0.001,
  optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  schedule: { name: 'cosine', halfPeriodEpochs: null, minimum: 0, updated: 'step' },
  warmUp: 0,
  weightDecay: 0,
  clipNorm: null,
  loss: { name: 'cross-entropy' },
  labelSmoothing: 0,
  classWeights: 'none',
  augmentation: NO_AUGMENTATION,
  innerFold: 'none',
  stopAfterEpochs: null,
  resultEpoch: 'last',
  microBatchSize: null,
}

/** What stands for the training of a model that learns in one pass: none of it changes anything. */
export const SINGLE_PASS: TrainingSettings = { ...TRAINING_DEFAULTS, epochs: 1 }
