import { z } from 'zod'
import { activationSchema } from '../activations.ts'
import { defineArchitecture } from './architecture.ts'
import { articleNetwork, SMALLEST } from './article.ts'
import { dropoutRate, width } from './settings.ts'

/**
 * The article's network as its recorded run had it, by the author's notebook: no dropout in the blocks, the head's dropout
 * before its normalisation, three equal input channels, bytes that are divided by 255 twice.
 */
export const articleRecorded = defineArchitecture({
  preset: {
    name: 'article-recorded',
    title: 'Article, as recorded',
    description:
      'The published network and training as its recorded run had them, for comparison with its figures. Hours on a CPU.',
    parameters: { trainable: 4_754_507, statistics: 2176 },
    recipe: 'article-recorded',
    defaults: {
      epochs: 50,
      batchSize: 64,
      learningRate: 1e-3,
      schedule: { name: 'cosine', halfPeriodEpochs: 10, minimum: 1e-5, updated: 'epoch' },
      augmentation: { flip: 0.5 },
    },
  },
  smallest: SMALLEST,
  inputScaling: () => 1 / 255 ** 2,
  settings: z.strictObject({
    width: width('64, 128, 256 and 512 channels'),
    activation: activationSchema.default('relu').describe('After each convolution'),
    dropout: dropoutRate(0.4, 'before the first fully connected layer'),
    lastDropout: dropoutRate(0.2, 'before the head’s batch normalisation'),
  }),
  network: (builder, _inputs, classes, settings) =>
    articleNetwork(builder, classes, {
      ...settings,
      inputChannels: 3,
      blockDropout: 0,
      head: 'dropout-norm',
    }),
})
