import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { activate, activationSchema } from '../activations.ts'
import type { ForwardMode, NetworkBuilder } from '../network.ts'
import { meanAndMax } from '../pooling.ts'
import { type Architecture, type Definition, defineArchitecture } from './architecture.ts'
import { dropoutRate, scaled, width } from './settings.ts'

interface CompactBlocks {
  channels: readonly number[]
  /** How many blocks after the first one begin with half the picture. */
  poolings: number
  activation: z.infer<typeof activationSchema>
}

/**
 * Blocks of convolution, batch normalisation and activation. The first convolution takes every second place, max-pooling
 * halves the picture before some of the next ones.
 * @returns each channel's mean, then each channel's loudest place: [batch, 2 · last channels]
 */
export function compactBlocks(builder: NetworkBuilder, { channels, poolings, activation }: CompactBlocks) {
  const blocks = channels.map((outputs, index) => ({
    convolution: builder.convolution(channels[index - 1] ?? 1, outputs, { stride: index === 0 ? 2 : 1 }),
    norm: builder.batchNorm(outputs),
  }))
  const featureMap = builder.featureMap()
  return (input: tf.Tensor4D, mode: ForwardMode): tf.Tensor2D => {
    let x = input
    blocks.forEach(({ convolution, norm }, index) => {
      if (index > 0 && index <= poolings) x = tf.maxPool(x, 2, 2, 'same')
      const before = x
      x = tf.tidy(() => activate(activation, norm(convolution(before, mode), mode)))
    })
    return meanAndMax(featureMap(x, mode))
  }
}

const widthOf = (channels: readonly number[]) =>
  width(`${channels.slice(0, -1).join(', ')} and ${channels.at(-1)} channels`)

/** A network of `compactBlocks` and one layer. */
export function defineCompact(
  channels: readonly number[],
  {
    poolings,
    ...given
  }: Pick<Definition<z.ZodObject>, 'preset' | 'reduction'> & Pick<CompactBlocks, 'poolings'>,
): Architecture {
  return defineArchitecture({
    ...given,
    settings: z.strictObject({
      width: widthOf(channels),
      activation: activationSchema.default('relu').describe('After each convolution'),
      dropout: dropoutRate(0.3, 'before the last layer'),
    }),
    network(builder, _inputs, classes, settings) {
      const widened = channels.map((count) => scaled(count, settings.width))
      const blocks = compactBlocks(builder, { ...settings, channels: widened, poolings })
      const dropout = builder.dropout(settings.dropout)
      const head = builder.classifier(2 * (widened.at(-1) ?? 1), classes)
      return ([input], mode) => head(dropout(blocks(input, mode), mode), mode)
    },
  })
}

/**
 * Four blocks on a picture of 64 × 44, made for CPUs: 3 million multiplications a clip. The head sees each channel's mean and
 * its loudest place.
 */
export const compactS = defineCompact([16, 32, 64, 48], {
  poolings: 2,
  preset: {
    name: 'compact-s',
    title: 'Compact S',
    description: 'Four small convolution blocks on a reduced log-mel picture. Trains in minutes on any CPU.',
    parameters: { trainable: 52_122, statistics: 320 },
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
})
