import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { activate, activationSchema } from '../activations.ts'
import { meanOfAll } from '../pooling.ts'
import { defineArchitecture } from './architecture.ts'
import { dropoutRate, scaled, width } from './settings.ts'

const CHANNELS = [16, 32, 64, 128] as const
const BLOCKS_A_STAGE = 2

/**
 * ResNet-18 (He et al. 2016) at a quarter of its channels, with a first layer of 3 × 3 and no pooling behind it: four stages of
 * two residual blocks, each stage on half the picture; then each channel's mean.
 */
export const resnetS = defineArchitecture({
  preset: {
    name: 'resnet-s',
    title: 'ResNet S',
    description: 'A small residual network: ResNet-18 at a quarter of its channels, on a reduced picture.',
    parameters: { trainable: 701_178, statistics: 2400 },
    recipe: 'article',
    defaults: {
      epochs: 40,
      batchSize: 32,
      learningRate: 0.002,
      optimizer: { name: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
      weightDecay: 0.01,
      warmUp: 0.1,
      augmentation: { timeShift: 0.25 },
    },
  },
  reduction: { bands: 2, frames: 2 },
  settings: z.strictObject({
    width: width('16, 32, 64 and 128 channels'),
    activation: activationSchema.default('relu').describe('After each convolution'),
    dropout: dropoutRate(0.2, 'before the last layer'),
  }),
  network(builder, _inputs, classes, settings) {
    const channels = CHANNELS.map((count) => scaled(count, settings.width))
    const first = channels[0] ?? 1
    const convolve = (inputs: number, outputs: number, options = {}) => {
      const convolution = builder.convolution(inputs, outputs, options)
      const norm = builder.batchNorm(outputs)
      return (...[x, mode]: Parameters<typeof convolution>) => norm(convolution(x, mode), mode)
    }
    const stem = convolve(1, first, { stride: 2 })
    const blocks = channels.flatMap((outputs, stage) =>
      Array.from({ length: BLOCKS_A_STAGE }, (_, block) => {
        const before = block === 0 ? (channels[stage - 1] ?? first) : outputs
        const stride = stage > 0 && block === 0 ? 2 : 1
        return {
          first: convolve(before, outputs, { stride }),
          second: convolve(outputs, outputs),
          // Where the block changes the picture's shape, the sum needs it changed as well.
          shortcut: stride > 1 ? convolve(before, outputs, { size: [1, 1], stride }) : null,
        }
      }),
    )
    const featureMap = builder.featureMap()
    const dropout = builder.dropout(settings.dropout)
    const last = builder.classifier(channels.at(-1) ?? 1, classes)
    return ([picture], mode) => {
      let x = activate(settings.activation, stem(picture, mode))
      for (const { first, second, shortcut } of blocks) {
        const y = second(activate(settings.activation, first(x, mode)), mode)
        x = activate(settings.activation, tf.add(y, shortcut?.(x, mode) ?? x))
      }
      return last(dropout(meanOfAll(featureMap(x, mode)), mode), mode)
    }
  },
})
