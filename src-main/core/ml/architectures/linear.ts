import { z } from 'zod'
import { meanOverFrames } from '../pooling.ts'
import { defineArchitecture } from './architecture.ts'
import { dropoutRate } from './settings.ts'

/** Each row's mean over time, normalised over the batch, then one layer: the usual probe of frozen embeddings. */
export const linear = defineArchitecture({
  preset: {
    name: 'linear',
    title: 'Linear',
    description:
      'One linear layer on each row’s mean over time: a probe of embeddings, and what a network must beat.',
    parameters: { trainable: 1546, statistics: 256 },
    recipe: 'article',
    defaults: { epochs: 100, batchSize: 32, learningRate: 0.01, weightDecay: 1e-3 },
  },
  settings: z.strictObject({ dropout: dropoutRate(0, 'of the means') }),
  network(builder, [{ bands }], classes, settings) {
    const norm = builder.flatBatchNorm(bands)
    const dropout = builder.dropout(settings.dropout)
    const last = builder.classifier(bands, classes)
    return ([input], mode) => last(dropout(norm(meanOverFrames(input), mode), mode), mode)
  },
})
