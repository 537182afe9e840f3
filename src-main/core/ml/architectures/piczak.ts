import { z } from 'zod'
import { activate, activationSchema } from '../activations.ts'
import { flatten, maxPool } from '../pooling.ts'
import { defineArchitecture } from './architecture.ts'
import { dropoutRate, scaled, width } from './settings.ts'

const CHANNELS = 80
const FIRST_FRAMES = 6
const SECOND_FRAMES = 3
/** The first filter is as high as the picture but for this many bands, over which the maximum is taken. */
const FREE_BANDS = 3
const POOL_FRAMES = 3

/**
 * "Environmental Sound Classification with Convolutional Neural Networks" (K. Piczak 2015): a first filter nearly as high as
 * the picture, a second along time, two large fully connected layers. The paper gives it two pictures of 60 bands, log-mel and its
 * derivative, in pieces that vote; here it sees one picture of the whole clip, reduced to 64 bands.
 */
export const piczak = defineArchitecture({
  preset: {
    name: 'piczak',
    title: 'Piczak',
    description:
      'Piczak 2015: filters as high as the picture, then along time, and two layers of 5000 values, on the whole clip.',
    parameters: { trainable: 32_308_650, statistics: 0 },
    recipe: 'article',
    defaults: {
      epochs: 100,
      batchSize: 100,
      learningRate: 0.002,
      optimizer: { name: 'sgd', momentum: 0.9, nesterov: true },
      schedule: { name: 'constant' },
      weightDecay: 1e-3,
      augmentation: { timeShift: 0.25 },
    },
  },
  reduction: { bands: 2, frames: 1 },
  smallest: { bands: 4, frames: 20 },
  settings: z.strictObject({
    width: width('80 channels'),
    hidden: z.int().min(1).max(10_000).default(5000).describe('Values of each fully connected layer'),
    activation: activationSchema.default('relu').describe('After each layer but the last'),
    dropout: dropoutRate(0.5, 'after the first convolution and both fully connected layers'),
  }),
  network(builder, [{ bands, frames }], classes, settings) {
    const channels = scaled(CHANNELS, settings.width)
    const options = { padding: 'valid', bias: true } as const
    const first = builder.convolution(1, channels, { ...options, size: [bands - FREE_BANDS, FIRST_FRAMES] })
    const second = builder.convolution(channels, channels, { ...options, size: [1, SECOND_FRAMES] })
    const pooled = (size: number, filter: number) => Math.floor((size - filter + 1) / POOL_FRAMES)
    const left = pooled(pooled(frames, FIRST_FRAMES), SECOND_FRAMES)
    const dropouts = [0, 1, 2].map(() => builder.dropout(settings.dropout))
    const dense = [
      builder.linear(left * channels, settings.hidden),
      builder.linear(settings.hidden, settings.hidden),
    ]
    const featureMap = builder.featureMap()
    const last = builder.classifier(settings.hidden, classes)
    return ([picture], mode) => {
      let x = activate(settings.activation, first(picture, mode))
      x = maxPool(x, [FREE_BANDS + 1, POOL_FRAMES], [1, POOL_FRAMES])
      x = dropouts[0]?.(x, mode) ?? x
      x = featureMap(activate(settings.activation, second(x, mode)), mode)
      x = maxPool(x, [1, POOL_FRAMES])
      let y = flatten(x)
      dense.forEach((layer, index) => {
        y = activate(settings.activation, layer(y, mode))
        y = dropouts[1 + index]?.(y, mode) ?? y
      })
      return last(y, mode)
    }
  },
})
