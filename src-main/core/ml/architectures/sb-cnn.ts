import { z } from 'zod'
import { activate, activationSchema } from '../activations.ts'
import { flatten, maxPool } from '../pooling.ts'
import { defineArchitecture, type InputShape } from './architecture.ts'
import { dropoutRate, scaled, width } from './settings.ts'

const FILTER = 5
const POOL = { bands: 2, frames: 4 }

/** What valid convolutions, with a pooling after the first two, leave of a picture. */
function remaining({ bands, frames }: InputShape): InputShape {
  const along = (size: number, pool: number) => {
    const pooled = (from: number) => Math.floor((from - FILTER + 1) / pool)
    return pooled(pooled(size)) - FILTER + 1
  }
  return { bands: along(bands, POOL.bands), frames: along(frames, POOL.frames) }
}

/**
 * SB-CNN (Salamon & Bello, "Deep Convolutional Neural Networks and Data Augmentation for Environmental Sound
 * Classification", 2017): three convolutions of 5 × 5 without padding, maxima over 2 bands × 4 frames behind the first two.
 * The paper gives it pieces of 3 s and averages their outputs; here it sees the whole clip at once. At 128 × 128 it has the
 * paper's 241,434 parameters. The paper trained by plain SGD and weight decay of the last two layers alone.
 */
export const sbCnn = defineArchitecture({
  preset: {
    name: 'sb-cnn',
    title: 'SB-CNN',
    description:
      'Salamon & Bello 2017: three convolutions of 5 × 5 and two fully connected layers, on the whole clip.',
    parameters: { trainable: 471_834, statistics: 0 },
    recipe: 'article',
    defaults: {
      epochs: 50,
      batchSize: 100,
      learningRate: 0.01,
      optimizer: { name: 'sgd', momentum: 0.9, nesterov: false },
      schedule: { name: 'constant' },
      weightDecay: 1e-3,
      augmentation: { timeShift: 0.25 },
    },
  },
  smallest: { bands: 32, frames: 100 },
  settings: z.strictObject({
    width: width('24, 48 and 48 channels and 64 values'),
    activation: activationSchema.default('relu').describe('After each layer but the last'),
    dropout: dropoutRate(0.5, 'before each of the two fully connected layers'),
  }),
  network(builder, [input], classes, settings) {
    const channels = [24, 48, 48].map((count) => scaled(count, settings.width))
    const hidden = scaled(64, settings.width)
    const convolutions = channels.map((outputs, index) =>
      builder.convolution(channels[index - 1] ?? 1, outputs, {
        size: [FILTER, FILTER],
        padding: 'valid',
        bias: true,
      }),
    )
    const featureMap = builder.featureMap()
    const left = remaining(input)
    const dropout = builder.dropout(settings.dropout)
    const first = builder.linear(left.bands * left.frames * (channels.at(-1) ?? 1), hidden)
    const lastDropout = builder.dropout(settings.dropout)
    const last = builder.classifier(hidden, classes)
    return ([picture], mode) => {
      let x = picture
      convolutions.forEach((convolution, index) => {
        x = convolution(x, mode)
        if (index < 2) x = maxPool(x, [POOL.bands, POOL.frames])
        x = activate(settings.activation, x)
      })
      x = featureMap(x, mode)
      const y = activate(settings.activation, first(dropout(flatten(x), mode), mode))
      return last(lastDropout(y, mode), mode)
    }
  },
})
