import type { Migration } from './migration.ts'

/** What every run was trained with before training had settings of its own. */
const FIRST_TRAINING = JSON.stringify({
  optimizer: { name: 'adam', beta1: 0.9, beta2: 0.999, epsilon: 1e-7 },
  schedule: { name: 'cosine', halfPeriodEpochs: null, minimum: 0, updated: 'step' },
  warmUp: 0.1,
  weightDecay: 0,
  clipNorm: null,
  loss: { name: 'cross-entropy' },
  labelSmoothing: 0,
  classWeights: 'none',
  augmentation: {
    flip: 0,
    timeShift: 0.25,
    gainDb: 0,
    specAugment: null,
    mixup: 0,
    noise: null,
    recipes: [],
  },
  innerFold: 'none',
  stopAfterEpochs: null,
  resultEpoch: 'last',
  microBatchSize: null,
})

export const training: Migration = {
  version: 30,
  purpose: 'settings of training and of the network in their own places; figures of the inner fold',
  sql: `
    UPDATE runs SET settings = json_remove(
      json_set(settings, '$.network', json('{}'), '$.training', json_set('${FIRST_TRAINING}',
        '$.epochs', settings ->> 'epochs',
        '$.batchSize', settings ->> 'batchSize',
        '$.learningRate', settings ->> 'learningRate')),
      '$.epochs', '$.batchSize', '$.learningRate');
    ALTER TABLE epochs ADD COLUMN inner_loss REAL;
    ALTER TABLE epochs ADD COLUMN inner_accuracy REAL;
  `,
}
