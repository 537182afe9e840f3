import { z } from 'zod'
import { activate, activationSchema } from '../activations.ts'
import { meanOverFrames } from '../pooling.ts'
import { defineArchitecture } from './architecture.ts'
import { dropoutRate } from './settings.ts'

/** Each row's mean over time, normalised over the batch, then a hidden layer: for frozen embeddings. */
export const mlp = defineArchitecture({
  preset: {
    name: 'mlp',
    title: 'MLP',
    description: 'One hidden layer on each row’s mean over time, for embeddings.',
    parameters: { trainable: 35_850, statistics: 256 },
    recipe: 'article',
    defaults: { epochs: 100, batchSize: 32, learningRate: 0.002, weightDecay: 1e-3 },
  },
  settings: z.strictObject({
    hidden: z.int().min(1).max(10_000).default(256).describe('Values of the hidden layer'),
    activation: activationSchema.default('relu').describe('After the hidden layer'),
    dropout: dropoutRate(0.3, 'before the last layer'),
  }),
  network(builder, [{ bands }], classes, settings) {
    const norm = builder.flatBatchNorm(bands)
    const first = builder.linear(bands, settings.hidden)
    const dropout = builder.dropout(settings.dropout)
    const last = builder.classifier(settings.hidden, classes)
    return ([input], mode) => {
      const hidden = activate(settings.activation, first(norm(meanOverFrames(input), mode), mode))
      return last(dropout(hidden, mode), mode)
    }
  },
})
