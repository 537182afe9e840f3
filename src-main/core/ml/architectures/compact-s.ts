import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { activate, activationSchema } from '../activations.ts'
import type { ForwardMode, NetworkBuilder } from '../network.ts'
import { meanAndMax } from '../pooling.ts'
import { defineArchitecture } from './architecture.ts'
import { dropoutRate, scaled, width } from './settings.ts'

const CHANNELS = [16, 32, 64, 48] as const

interface CompactBlocks {
  channels: readonly number[]
  activation: z.infer<typeof activationSchema>
}

/**
 * Blocks of convolution, batch normalisation and activation. The first convolution takes every second place, max-pooling
 * halves the picture before the next two.
 * @returns each channel's mean, then each channel's loudest place: [batch, 2 · last channels]
 */
export function compactBlocks(builder: NetworkBuilder, { channels, activation }: CompactBlocks) {
  const blocks = channels.map((outputs, index) => ({
    convolution: builder.convolution(channels[index - 1] ?? 1, outputs, { stride: index === 0 ? 2 : 1 }),
    norm: builder.batchNorm(outputs),
  }))
  return (input: tf.Tensor4D, mode: ForwardMode): tf.Tensor2D => {
    let x = input
    blocks.forEach(({ convolution, norm }, index) => {
      if (index === 1 || index === 2) x = tf.maxPool(x, 2, 2, 'same')
      x = activate(activation, norm(convolution(x, mode), mode))
    })
    return meanAndMax(x)
  }
}

/**
 * Four blocks on a picture of 64 × 44, made for CPUs: 3 million multiplications a clip. The head sees each channel's mean and
 * its loudest place.
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
    width: width('16, 32, 64 and 48 channels'),
    activation: activationSchema.default('relu').describe('After each convolution'),
    dropout: dropoutRate(0.3, 'before the last layer'),
  }),
  network(builder, _inputs, classes, settings) {
    const channels = CHANNELS.map((count) => scaled(count, settings.width))
    const blocks = compactBlocks(builder, { ...settings, channels })
    const dropout = builder.dropout(settings.dropout)
    const head = builder.dense(2 * (channels.at(-1) ?? 1), classes)
    return ([input], mode) => head(dropout(blocks(input, mode), mode), mode)
  },
})
