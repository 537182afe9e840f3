import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { activate, activationSchema } from '../activations.ts'
import type { Network, NetworkBuilder } from '../network.ts'
import { averagePool, meanThenMax } from '../pooling.ts'
import { defineArchitecture } from './architecture.ts'
import { dropoutRate, scaled, width } from './settings.ts'

const CHANNELS = [64, 128, 256, 512] as const
const HIDDEN = 128

/** Four average poolings halve a picture to one value. */
export const SMALLEST = { bands: 16, frames: 16 }

interface ArticleNetwork {
  /** Of the picture: 1, or 3 that are the same. */
  inputChannels: 1 | 3
  width: number
  activation: z.infer<typeof activationSchema>
  blockDropout: number
  dropout: number
  lastDropout: number
  /** Whether the last dropout comes before or after the head's batch normalisation. */
  head: 'norm-dropout' | 'dropout-norm'
}

/**
 * The convolutions of the article and of its recorded run. A block: convolution, batch normalisation, activation,
 * convolution, activation, dropout, mean of 2 × 2. Between blocks and head: mean over time, then the loudest band. All
 * convolutions have a bias, as the author's; 4,754,507 parameters with three input channels and ten classes.
 */
export function articleNetwork(
  builder: NetworkBuilder,
  classes: number,
  settings: ArticleNetwork,
): Network['forward'] {
  const channels = CHANNELS.map((count) => scaled(count, settings.width))
  const hidden = scaled(HIDDEN, settings.width)
  const blocks = channels.map((outputs, index) => ({
    first: builder.convolution(channels[index - 1] ?? settings.inputChannels, outputs, { bias: true }),
    norm: builder.batchNorm(outputs),
    second: builder.convolution(outputs, outputs, { bias: true }),
    dropout: builder.dropout(settings.blockDropout),
  }))
  const featureMap = builder.featureMap()
  const head = {
    dropout: builder.dropout(settings.dropout),
    first: builder.linear(channels.at(-1) ?? 1, hidden),
    prelu: builder.prelu(),
    norm: builder.flatBatchNorm(hidden),
    lastDropout: builder.dropout(settings.lastDropout),
    last: builder.classifier(hidden, classes),
  }
  return ([input], mode) => {
    let x = settings.inputChannels === 1 ? input : tf.tile(input, [1, 1, 1, settings.inputChannels])
    for (const [index, { first, norm, second, dropout }] of blocks.entries()) {
      const before = x
      // What no gradient needs is freed at the end of a block.
      x = tf.tidy(() => {
        const inner = activate(settings.activation, norm(first(before, mode), mode))
        let outer = activate(settings.activation, second(inner, mode))
        if (index === blocks.length - 1) outer = featureMap(outer, mode)
        return averagePool(dropout(outer, mode), [2, 2])
      })
    }
    let y = head.prelu(head.first(head.dropout(meanThenMax(x), mode), mode), mode)
    y =
      settings.head === 'norm-dropout'
        ? head.lastDropout(head.norm(y, mode), mode)
        : head.norm(head.lastDropout(y, mode), mode)
    return head.last(y, mode)
  }
}

/**
 * "Urban Environmental Audio Classification Using Mel Spectrograms" (S. Duda, 2020) as it describes its network. Its three
 * input channels are the same picture, so a first convolution of one channel, with the sum of their weights, is the same
 * function; it begins with the same distribution, and 1152 parameters are saved.
 */
export const article = defineArchitecture({
  preset: {
    name: 'article',
    title: 'Article',
    description:
      'The published network as its article describes it: four blocks of two convolutions with dropout. Hours on a CPU.',
    parameters: { trainable: 4_753_355, statistics: 2176 },
    recipe: 'article',
    defaults: {
      epochs: 50,
      batchSize: 64,
      learningRate: 1e-3,
      schedule: { name: 'cosine', halfPeriodEpochs: null, minimum: 1e-5, updated: 'epoch' },
      augmentation: { flip: 0.5 },
    },
  },
  smallest: SMALLEST,
  // "Scaled by 255."
  inputScaling: () => 1 / 255,
  settings: z.strictObject({
    width: width('64, 128, 256 and 512 channels'),
    activation: activationSchema.default('relu').describe('After each convolution'),
    blockDropout: dropoutRate(0.5, 'at the end of each block'),
    dropout: dropoutRate(0.4, 'before the first fully connected layer'),
    lastDropout: dropoutRate(0.2, 'before the last layer'),
  }),
  network: (builder, _inputs, classes, settings) =>
    articleNetwork(builder, classes, { ...settings, inputChannels: 1, head: 'norm-dropout' }),
})
