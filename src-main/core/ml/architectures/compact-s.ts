import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { relu } from '../ops.ts'
import { defineArchitecture } from './architecture.ts'

const CHANNELS = [16, 32, 64, 48] as const

/**
 * Four blocks of convolution, batch normalisation and ReLU on a picture of 64 × 44, made for CPUs: 3 million
 * multiplications a clip. The first convolution takes every second place, max-pooling halves the picture before the next
 * two; the head sees each channel's mean and its loudest place.
 */
export const compactS = defineArchitecture({
  preset: {
    name: 'compact-s',
    title: 'Compact S',
    description: 'Four small convolution blocks on a reduced log-mel picture. Trains in minutes on any CPU.',
    parameters: 52_122,
    recipe: 'article',
    defaults: {
      epochs: 18,
      batchSize: 32,
      learningRate: 0.008,
      warmUp: 0.1,
      augmentation: { timeShift: 0.25 },
    },
  },
  reduction: { bands: 2, frames: 4 },
  settings: z.strictObject({
    dropout: z.number().min(0).max(0.95).default(0.3).describe('Dropout before the last layer'),
  }),
  network(builder, _inputs, classes, { dropout: rate }) {
    const blocks = CHANNELS.map((outputs, index) => ({
      convolution: builder.convolution(CHANNELS[index - 1] ?? 1, outputs, index === 0 ? 2 : 1),
      norm: builder.batchNorm(outputs),
    }))
    const dropout = builder.dropout(rate)
    const head = builder.dense(2 * CHANNELS[3], classes)
    return ([input], mode) => {
      let x = input
      blocks.forEach(({ convolution, norm }, index) => {
        if (index === 1 || index === 2) x = tf.maxPool(x, 2, 2, 'same')
        x = relu(norm(convolution(x, mode), mode))
      })
      const [batch, , , channels] = x.shape
      const pooled = tf.concat([tf.mean(x, [1, 2]), tf.max(x, [1, 2])], 1).as2D(batch, 2 * channels)
      return head(dropout(pooled, mode), mode)
    }
  },
})
