import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { activationSchema } from '../activations.ts'
import { defineArchitecture } from './architecture.ts'
import { compactBlocks } from './compact-s.ts'
import { dropoutRate, scaled, width } from './settings.ts'

const CHANNELS = [16, 32, 64, 48] as const

/**
 * Two pictures of each clip, such as log-mel and MFCC, each through blocks of its own; their pooled channels stand side by
 * side before the last layer. Each row is normalised first: the lowest cepstral coefficients are a hundred times larger
 * than the highest.
 */
export const joint = defineArchitecture({
  preset: {
    name: 'joint',
    title: 'Joint',
    description:
      'Two pictures of each clip, log-mel and MFCC, through small blocks of their own into one last layer.',
    parameters: { trainable: 104_730, statistics: 1136 },
    recipe: 'article',
    secondRecipe: 'mfcc',
    defaults: {
      epochs: 25,
      batchSize: 32,
      learningRate: 0.006,
      warmUp: 0.1,
      augmentation: { timeShift: 0.25 },
    },
  },
  reduction: { bands: 1, frames: 4 },
  settings: z.strictObject({
    width: width('16, 32, 64 and 48 channels in each branch'),
    activation: activationSchema.default('relu').describe('After each convolution'),
    dropout: dropoutRate(0.3, 'before the last layer'),
  }),
  network(builder, inputs, classes, settings) {
    const channels = CHANNELS.map((count) => scaled(count, settings.width))
    const branches = inputs.map(({ bands }) => ({
      norm: builder.rowNorm(bands),
      blocks: compactBlocks(builder, { ...settings, channels, poolings: 2 }),
    }))
    const dropout = builder.dropout(settings.dropout)
    const last = builder.classifier(branches.length * 2 * (channels.at(-1) ?? 1), classes)
    return (pictures, mode) => {
      const pooled = branches.map(({ norm, blocks }, index) => {
        const picture = pictures[index]
        if (!picture) throw new Error('a picture for each branch')
        return blocks(norm(picture, mode), mode)
      })
      return last(dropout(tf.concat(pooled, 1), mode), mode)
    }
  },
})
