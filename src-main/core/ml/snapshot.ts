import { z } from 'zod'
import { epochSchema } from '../../contract/run.ts'

/** An epoch as the trainer tells it, which does not know its fold. */
export const trainedEpochSchema = epochSchema.omit({ fold: true })
export type TrainedEpoch = z.infer<typeof trainedEpochSchema>

/** All that the next epoch depends on besides settings, data and the arrays below. */
export const progressSchema = z.object({
  epochs: z.array(trainedEpochSchema),
  /** State of the generator of order, dropout and augmentation. */
  random: z.int(),
  optimizerSteps: z.int().min(0),
  plateau: z.object({ learningRate: z.number(), lowestLoss: z.number().nullable(), badEpochs: z.int() }),
  /** Lowest loss on the inner fold so far, the first of equals; null without one. */
  best: z.object({ epoch: z.int().min(1), innerLoss: z.number() }).nullable(),
})
export type Progress = z.infer<typeof progressSchema>

/** A training between two epochs: from it, it goes on to the same end. */
export interface Snapshot extends Progress {
  /** Trainable variables, then moving statistics. */
  weights: Float32Array[]
  optimizer: Float32Array[]
  /** Weights of the best epoch, where they are the result. */
  bestWeights: Float32Array[] | null
}
