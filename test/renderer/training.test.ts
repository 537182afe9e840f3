import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { api } from '../../src-main/contract/api.ts'
import type { ModelPreset, RunSettings } from '../../src-main/contract/run.ts'
import { learningRateAt, startOfPlateau } from '../../src-main/contract/schedules.ts'
import { TRAINING_DEFAULTS, trainingSchema } from '../../src-main/contract/training.ts'
import { learningRateOf, learningRatePoints } from '../../src-renderer/features/train/learning-rate.ts'
import { TRAINING_FIELDS } from '../../src-renderer/features/train/setting-fields.ts'
import { networkFields, settingsOf, textsOf } from '../../src-renderer/features/train/setting-texts.ts'
import { foldsOf } from '../../src-renderer/features/train/split-fields.ts'
import {
  checkTrain,
  differences,
  groupsWithErrors,
  presetTexts,
  type TrainFields,
  trainFieldsOf,
  trainFieldsOfRun,
  withSetting,
  withSettings,
} from '../../src-renderer/features/train/train-form.ts'
import { rangeText, readValueSchema } from '../../src-renderer/features/train/value-schema.ts'

const networkSettings = z.toJSONSchema(
  z.strictObject({
    dropout: z.number().min(0).max(0.95).default(0.3).describe('Dropout before the last layer'),
    headOrder: z.enum(['norm-last', 'norm-first']).default('norm-last'),
    channels: z.array(z.int().min(1)).length(3).default([8, 16, 32]),
    bias: z.boolean().default(true),
    width: z.number().positive().nullable().default(null),
  }),
  { io: 'input' },
)
const preset: ModelPreset = {
  name: 'compact-s',
  kind: 'network',
  title: 'Compact S',
  description: '',
  parameters: { trainable: 48_746, statistics: 320 },
  recipe: 'article',
  defaults: {
    epochs: 30,
    batchSize: 32,
    learningRate: 0.001,
    optimizer: { name: 'sgd', momentum: 0.8, nesterov: false },
    augmentation: { ...TRAINING_DEFAULTS.augmentation, timeShift: 0.25 },
  },
  networkSettings,
}
const fields = (training: Record<string, string> = {}, rest: Partial<TrainFields> = {}): TrainFields => {
  const own = trainFieldsOf(preset)
  return { ...own, ...rest, training: { ...own.training, ...training } }
}
const base = presetTexts(preset)

describe('training form', () => {
  it('has a field for every setting of the contract, and for none that is not there', () => {
    const leaves = (schema: unknown, path: string): string[] => {
      const { properties, anyOf, oneOf } = readValueSchema(schema)
      const forms = (oneOf ?? anyOf ?? [{ properties }]).filter((form) => form.properties)
      if (forms.length === 0) return [path]
      const inner = forms.flatMap((form) =>
        Object.entries(form.properties ?? {}).flatMap(([key, value]) =>
          leaves(value, path ? `${path}.${key}` : key),
        ),
      )
      // A part that can be left out has a field of its own.
      return anyOf?.some(({ type }) => type === 'null') ? [path, ...inner] : inner
    }
    const settings = new Set(leaves(z.toJSONSchema(trainingSchema, { io: 'input' }), ''))
    expect(new Set(TRAINING_FIELDS.map(({ path }) => path))).toEqual(settings)
  })

  it('starts from the preset’s own settings and gives every one of them', () => {
    const { settings, errors } = checkTrain(fields(), preset)
    expect(errors).toEqual({})
    expect(settings).toEqual({
      preset: 'compact-s',
      training: {
        ...TRAINING_DEFAULTS,
        ...preset.defaults,
      },
      network: { dropout: 0.3, headOrder: 'norm-last', channels: [8, 16, 32], bias: true, width: null },
      split: { kind: 'predefined' },
      excludeCrossing: false,
      seed: 73,
      folds: 'all',
      engine: 'auto',
    })
    expect(api['runs.start'].input.safeParse({ datasetId: 1, settings }).success).toBe(true)
    expect(differences(fields(), base, preset)).toEqual([])
  })

  it.each([
    [{ epochs: '' }, 'training.epochs', 'Enter a whole number from 1 to 10,000.'],
    [{ epochs: '1.5' }, 'training.epochs', 'Enter a whole number from 1 to 10,000.'],
    [{ batchSize: '9999' }, 'training.batchSize', 'Enter a whole number from 1 to 4096.'],
    [{ learningRate: 'abc' }, 'training.learningRate', 'Enter a number above 0.'],
    [{ 'optimizer.momentum': '1' }, 'training.optimizer.momentum', 'Enter a number from 0 and below 1.'],
    [{ clipNorm: '0' }, 'training.clipNorm', 'Enter a number above 0, or nothing.'],
    [
      { 'schedule.name': 'step', 'schedule.everyEpochs': '0', 'schedule.factor': '2' },
      'training.schedule.everyEpochs',
      'Enter a whole number from 1.',
    ],
    [
      {
        'schedule.name': 'plateau',
        'schedule.patienceEpochs': '1',
        'schedule.factor': '.5',
        'schedule.watch': 'inner',
      },
      'training.innerFold',
      'The schedule watches the inner fold: choose one, or let it watch the training loss.',
    ],
    [
      {
        'augmentation.noise': 'true',
        'augmentation.noise.kind': 'white',
        'augmentation.noise.probability': '1',
        'augmentation.noise.minimumSnrDb': '20',
        'augmentation.noise.maximumSnrDb': '10',
      },
      'training.augmentation.noise.minimumSnrDb',
      'Must be at most the upper end.',
    ],
  ])('%j is refused at its own field, in words', (change, field, message) => {
    const { settings, errors } = checkTrain(fields(change), preset)
    expect(settings).toBeUndefined()
    expect(errors[field]).toBe(message)
  })

  it.each([
    [{ seed: '-1' }, 'seed', 'Enter a whole number from 0 to 2,147,483,647.'],
    [{ allFolds: false, folds: [] }, 'folds', 'Choose at least one fold.'],
    [{ threadsPerProcess: '0' }, 'threadsPerProcess', 'Enter a whole number from 1 to 256.'],
    [{ network: { ...base.network, dropout: '1' } }, 'network.dropout', 'Enter a number from 0 to 0.95.'],
    [
      { network: { ...base.network, channels: '8, 16' } },
      'network.channels',
      'Enter 3 numbers with commas between, each a whole number from 1.',
    ],
  ])('%j of the run is refused at its own field', (change, field, message) => {
    const { settings, errors } = checkTrain(fields({}, change), preset)
    expect(settings).toBeUndefined()
    expect(errors).toEqual({ [field]: message })
  })

  it('opens the groups that hold an error', () => {
    const { errors } = checkTrain(
      fields(
        { warmUp: '2', labelSmoothing: '' },
        { processes: 'x', network: { ...base.network, dropout: '' } },
      ),
      preset,
    )
    expect([...groupsWithErrors(errors)].sort()).toEqual([
      'Machine',
      'Network',
      'Regularisation and loss',
      'Schedule',
    ])
  })

  it('hands over chosen folds in order, and a recipe where it is not the network’s own', () => {
    const { settings } = checkTrain(
      fields({}, { allFolds: false, folds: [10, 2], recipe: 'my-mfcc' }),
      preset,
    )
    expect(settings).toMatchObject({ folds: [2, 10], recipe: 'my-mfcc' })
  })

  it('sends no setting of a part that is switched off', () => {
    const { settings } = checkTrain(
      fields({ innerFold: 'none', stopAfterEpochs: '5', resultEpoch: 'best-inner' }),
      preset,
    )
    expect(settings?.training).toMatchObject({ stopAfterEpochs: null, resultEpoch: 'last' })
    expect(settings?.training?.augmentation).toMatchObject({ specAugment: null, noise: null })
  })
})

describe('the form of a model that learns in one pass', () => {
  const classical: ModelPreset = { ...preset, kind: 'classical', defaults: {} }

  it('sends its own settings and the seed, and nothing that it would refuse', () => {
    const { settings } = checkTrain(
      fields({ epochs: 'nonsense' }, { engine: 'wasm', threadsPerProcess: '4', processes: '2' }),
      classical,
    )
    expect(settings).toEqual({
      preset: 'compact-s',
      training: {},
      network: expect.objectContaining({ dropout: 0.3 }),
      split: { kind: 'predefined' },
      excludeCrossing: false,
      seed: 73,
      folds: 'all',
      engine: 'auto',
      processes: 2,
    })
  })

  it('differs from its preset by its own settings alone', () => {
    const texts = { training: fields({ epochs: '9' }).training, network: { ...base.network, dropout: '0.5' } }
    expect(differences(texts, base, classical).map(({ field }) => field.path)).toEqual(['dropout'])
  })
})

describe('the split of the form', () => {
  const dataset = { folds: [1, 2] }

  it('is that of the contract, and gives the folds to hold out', () => {
    const grouped = {
      split: 'grouped',
      splitFolds: '3',
      splitSeed: '5',
      allFolds: false,
      folds: [3],
    } as const
    expect(foldsOf(fields(), dataset)).toEqual([1, 2])
    expect(foldsOf(fields({}, grouped), dataset)).toEqual([1, 2, 3])
    const { settings } = checkTrain(fields({}, { ...grouped, excludeCrossing: true }), preset)
    expect(settings).toMatchObject({
      split: { kind: 'grouped', folds: 3, seed: 5 },
      excludeCrossing: true,
      folds: [3],
    })
  })

  it('needs whole numbers, and for a random one that its leak is accepted', () => {
    const wrong = checkTrain(fields({}, { split: 'grouped', splitFolds: '1', splitSeed: 'x' }), preset)
    expect(wrong.settings).toBeUndefined()
    expect(wrong.errors).toMatchObject({ splitFolds: expect.any(String), splitSeed: expect.any(String) })
    const random = fields({}, { split: 'random' })
    expect(Object.keys(checkTrain(random, preset).errors)).toEqual(['acceptLeak'])
    expect(checkTrain({ ...random, acceptLeak: true }, preset).settings?.split).toEqual({
      kind: 'random',
      folds: 5,
      seed: 73,
      acceptLeak: true,
    })
  })
})

describe('a choice of the form', () => {
  it('begins with the defaults of what was chosen, and returns to the preset’s own', () => {
    const adam = withSetting(fields().training, base.training, 'optimizer.name', 'adam')
    expect(adam).toMatchObject({ 'optimizer.beta2': '0.999', 'optimizer.epsilon': '1e-8' })
    const back = withSetting(adam, base.training, 'optimizer.name', 'sgd')
    expect(back['optimizer.momentum']).toBe('0.8')
    const rms = withSetting(back, base.training, 'optimizer.name', 'rmsprop')
    expect(rms['optimizer.momentum']).toBe('0')
    expect(checkTrain(fields(rms), preset).settings?.training?.optimizer).toEqual({
      name: 'rmsprop',
      smoothing: 0.99,
      momentum: 0,
      epsilon: 1e-8,
    })
  })

  it('is compared with its own defaults, not with the preset’s of another choice', () => {
    const rms = withSetting(fields().training, base.training, 'optimizer.name', 'rmsprop')
    const texts = { training: rms, network: base.network }
    expect(differences(texts, base, preset).map(({ field }) => field.path)).toEqual(['optimizer.name'])
  })

  it('comes back whole from the changes alone', () => {
    for (const changes of [
      { 'optimizer.name': 'rmsprop', 'optimizer.epsilon': '1e-3' },
      { epochs: '9', 'schedule.name': 'step', 'schedule.everyEpochs': '4' },
      { 'schedule.name': 'one-cycle', 'augmentation.noise': 'true' },
      { 'optimizer.momentum': '0.7' },
    ]) {
      const texts = withSettings(base.training, changes)
      expect(checkTrain(fields(texts), preset).errors).toEqual({})
      expect(texts).toMatchObject(changes)
    }
  })

  it('steps at thirds of the run', () => {
    const texts = withSetting(fields({ epochs: '18' }).training, base.training, 'schedule.name', 'step')
    expect(texts).toMatchObject({ 'schedule.everyEpochs': '6', 'schedule.factor': '0.1' })
  })

  it('switches a part on with its defaults', () => {
    const texts = withSetting(fields().training, base.training, 'augmentation.specAugment', 'true')
    expect(checkTrain(fields(texts), preset).settings?.training?.augmentation).toMatchObject({
      specAugment: { timeMasks: 2, timeWidth: 0.15, bandMasks: 2, bandWidth: 0.15 },
    })
  })
})

describe('what differs from the preset', () => {
  const named = (training: Record<string, string>) =>
    differences({ training: fields(training).training, network: base.network }, base, preset).map(
      ({ field, text, base: own }) => [field.path, text, own],
    )

  it('is told by the value, not by how it is written', () => {
    expect(named({ learningRate: '1e-3', epochs: ' 30 ' })).toEqual([])
    expect(named({ learningRate: '0.01' })).toEqual([['learningRate', '0.01', '0.001']])
  })

  it('is of shown settings alone, against the defaults of what was chosen', () => {
    const texts = withSetting(fields().training, base.training, 'schedule.name', 'one-cycle')
    expect(named({ ...texts, 'schedule.rise': '0.2', stopAfterEpochs: '7' })).toEqual([
      ['schedule.name', 'one-cycle', 'cosine'],
      ['schedule.rise', '0.2', '0.3'],
    ])
  })
})

describe('the form of a run', () => {
  const settings: RunSettings = {
    preset: 'compact-s',
    recipe: 'compact',
    recipeHash: 'x',
    network: { dropout: 0.5, headOrder: 'norm-first', channels: [1, 2, 3], bias: false, width: 2 },
    training: trainingSchema.parse({
      ...TRAINING_DEFAULTS,
      epochs: 7,
      schedule: { name: 'cosine', halfPeriodEpochs: 10, minimum: 1e-5, updated: 'epoch' },
      innerFold: 'next',
      stopAfterEpochs: 3,
      resultEpoch: 'best-inner',
      augmentation: {
        ...TRAINING_DEFAULTS.augmentation,
        noise: { kind: 'white', probability: 1 },
        recipes: ['up'],
      },
    }),
    split: { kind: 'predefined' },
    excludeCrossing: false,
    seed: 5,
    folds: [2, 3],
    engine: 'wasm',
    processes: 2,
    threadsPerProcess: 1,
  }

  it('gives the run’s own settings back, all of them', () => {
    const { recipeHash: _, ...expected } = settings
    const form = trainFieldsOfRun(settings, preset, { folds: [1, 2, 3] })
    expect(checkTrain(form, preset).settings).toEqual(expected)
    expect(trainFieldsOfRun(settings, preset, { folds: [2, 3] })).toMatchObject({ allFolds: true, folds: [] })
  })
})

describe('fields of a network', () => {
  it('are made from its JSON schema', () => {
    expect(networkFields(networkSettings).map(({ path, label, kind }) => [path, label, kind])).toEqual([
      ['dropout', 'Dropout before the last layer', 'number'],
      ['headOrder', 'Head order', 'choice'],
      ['channels', 'Channels', 'numbers'],
      ['bias', 'Bias', 'flag'],
      ['width', 'Width', 'number'],
    ])
    expect(networkFields(networkSettings)[1]?.options?.[0]).toEqual({
      value: 'norm-last',
      title: 'Norm last',
    })
  })

  it('take what is no simple value as JSON', () => {
    const nested = networkFields(
      z.toJSONSchema(z.strictObject({ blocks: z.array(z.object({ n: z.int() })) })),
    )
    const texts = textsOf(nested, { blocks: [{ n: 3 }] })
    expect(texts).toEqual({ blocks: '[{"n":3}]' })
    expect(settingsOf(nested, texts)).toEqual({ blocks: [{ n: 3 }] })
  })

  it.each([
    [z.number().gt(0).lt(1), 'Enter a number above 0 and below 1.'],
    [z.number().min(-20).max(100), 'Enter a number from -20 to 100.'],
    [z.int(), 'Enter a whole number.'],
    [z.enum(['a', 'b']), 'Choose one of a, b.'],
    [z.union([z.literal('a'), z.literal('b')]).default('a'), 'Choose one of a, b.'],
    [z.number().max(3).nullable(), 'Enter a number at most 3, or nothing.'],
  ])('say in words what they take', (schema, words) => {
    expect(rangeText(readValueSchema(z.toJSONSchema(schema, { io: 'input' })))).toBe(words)
  })
})

describe('the learning rate over a run', () => {
  it('is the trainer’s own at each drawn step, from the first to the last', () => {
    const training = { ...TRAINING_DEFAULTS, epochs: 10, learningRate: 0.1, warmUp: 0.2 }
    const points = learningRatePoints(training, 7)
    expect(points).toHaveLength(70)
    expect(points[0]).toEqual({ x: 0, y: learningRateAt(training, 7, 0, startOfPlateau(training)) })
    expect(points.at(-1)?.x).toBeCloseTo(69 / 7)
    expect(Math.max(...points.map(({ y }) => y))).toBeCloseTo(0.1)
  })

  it('has few points for a long run, and its ends', () => {
    const training = { ...TRAINING_DEFAULTS, epochs: 500 }
    const points = learningRatePoints(training, 200)
    expect(points.length).toBeLessThan(410)
    expect(points.at(-1)?.x).toBeCloseTo(500 - 1 / 200)
  })

  it('follows the form, and is empty while the form is not valid', () => {
    const texts = fields({ 'schedule.name': 'constant', epochs: '2', batchSize: '10' }).training
    expect(learningRateOf(texts, 95).map(({ y }) => y)).toEqual(Array(20).fill(0.001))
    expect(learningRateOf({ ...texts, learningRate: '-' }, 95)).toEqual([])
  })
})
