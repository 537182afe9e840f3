import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { EngineName } from '../../../src-main/contract/run.ts'
import { afterEpoch, startOfPlateau } from '../../../src-main/contract/schedules.ts'
import { TRAINING_DEFAULTS, type TrainingInput, trainingSchema } from '../../../src-main/contract/training.ts'
import { type FoldData, trainingBatch } from '../../../src-main/core/ml/batches.ts'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'
import { probeEngines } from '../../../src-main/core/ml/engines/probe.ts'
import type { Examples } from '../../../src-main/core/ml/examples.ts'
import { createLoss } from '../../../src-main/core/ml/losses.ts'
import { bytesOf, measureStep, microBatchFor } from '../../../src-main/core/ml/memory.ts'
import { type Network, NetworkBuilder } from '../../../src-main/core/ml/network.ts'
import { relu } from '../../../src-main/core/ml/ops.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'
import { predict, scoreOf } from '../../../src-main/core/ml/scoring.ts'
import type { Snapshot, TrainedEpoch } from '../../../src-main/core/ml/snapshot.ts'
import { batchGradients } from '../../../src-main/core/ml/steps.ts'
import { type BuildNetwork, trainFold } from '../../../src-main/core/ml/trainer.ts'
import { valuesOf } from '../../../src-main/core/ml/variables.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'

/** The trainer on a network of one block, in this process, on each engine. */

const SHAPE = { bands: 6, frames: 8 }
const SIZE = SHAPE.bands * SHAPE.frames
const CLASSES = 3
const never = new AbortController().signal

const network =
  (parts: { norm: boolean; dropout: number }): BuildNetwork =>
  (_inputs, classes, random): Network => {
    const builder = new NetworkBuilder(random)
    const convolution = builder.convolution(1, 4)
    const norm = parts.norm ? builder.batchNorm(4) : (x: tf.Tensor4D) => x
    const dropout = builder.dropout(parts.dropout)
    const head = builder.linear(4 * SHAPE.bands, classes)
    return builder.build(([input], mode) => {
      const x = relu(norm(convolution(input, mode), mode))
      const pooled = tf.mean(x, 2).as2D(x.shape[0], 4 * SHAPE.bands)
      return head(dropout(pooled, mode), mode)
    })
  }
const whole = network({ norm: true, dropout: 0.2 })

/** Clips whose class is the loud third of the bands, in noise; a fourth of them inner, a fourth held out. */
function madeUpData(noise = 1, clips = 24): FoldData {
  const random = createRandom(9)
  const labels = Uint8Array.from({ length: clips }, (_, place) => place % CLASSES)
  const data = Float32Array.from({ length: clips * SIZE }, (_, at) => {
    const band = Math.floor((at % SIZE) / SHAPE.frames)
    const loud = Math.floor(band / 2) === labels[Math.floor(at / SIZE)]
    return noise * random.normal() + (loud ? 1 : 0)
  })
  const quarter = (...which: number[]) =>
    Uint32Array.from(labels.keys()).filter((place) => which.includes(Math.floor(place / 3) % 4))
  const examples = { ...SHAPE, data, count: clips }
  return {
    examples,
    labels,
    training: quarter(0, 1),
    inner: quarter(2),
    test: quarter(3),
    classes: CLASSES,
    augmentation: augmentationBy(examples),
  }
}

/** Nothing but what needs no knowledge of the recipe. */
function augmentationBy(examples: Examples, variants: Examples[] = []): FoldData['augmentation'] {
  const level = { normalisation: { mean: 0, deviation: 1 }, gain: null, powers: null, oddRows: null }
  const inputs = [{ examples, variants, noise: examples, level, fill: 0 }]
  return { inputs, noisePlaces: new Uint32Array(), noiseIsClips: true }
}

const settingsOf = (given: TrainingInput, microBatchSize = 4096) => {
  const settings = trainingSchema.parse({ ...TRAINING_DEFAULTS, batchSize: 4, learningRate: 0.02, ...given })
  return { ...settings, seed: 5, microBatchSize: Math.min(microBatchSize, settings.batchSize) }
}

async function train(data: FoldData, settings = settingsOf({}), build = whole, from: Snapshot | null = null) {
  const epochs: TrainedEpoch[] = []
  const snapshots: Snapshot[] = []
  const listener = {
    epoch: (epoch: TrainedEpoch) => epochs.push({ ...epoch, seconds: 0 }),
    save: async (snapshot: Snapshot) => {
      snapshots.push(snapshot)
    },
  }
  const trained = await trainFold(build, data, settings, listener, never, from)
  const weights = valuesOf([...trained.network.trainable, ...trained.network.state])
  trained.network.dispose()
  return { epochs, snapshots, weights, result: trained.resultEpoch, predictions: trained.testProbabilities }
}

/** The same data with other labels, or other pictures, in some places. */
function changed(data: FoldData, places: Uint32Array, what: 'labels' | 'pictures'): FoldData {
  const labels = data.labels.slice()
  const pictures = data.examples.data.slice()
  for (const place of places) {
    if (what === 'labels') labels[place] = ((labels[place] ?? 0) + 1) % CLASSES
    else pictures.fill(3, place * SIZE, (place + 1) * SIZE)
  }
  return { ...data, labels, examples: { ...data.examples, data: pictures } }
}

const reports = await probeEngines(workerEntries().engineProbe, { benchmark: false, threads: 1 })
const there = reports.filter((report) => report.available).map(({ name }) => name)

describe.each<EngineName>(
  ['wasm', 'tensorflow'].filter((name): name is EngineName => there.some((one) => one === name)),
)('training on %s', (engine) => {
  beforeAll(async () => {
    await loadEngine(engine, { threads: 1 })
  })
  afterAll(() => tf.disposeVariables())

  describe('the held-out fold', () => {
    const chosen = settingsOf({
      epochs: 8,
      innerFold: 'next',
      resultEpoch: 'best-inner',
      stopAfterEpochs: 3,
      schedule: { name: 'plateau', patienceEpochs: 0, watch: 'inner' },
      classWeights: 'balanced',
    })
    it('has labels that reach neither weights, nor predictions, nor any choice', async () => {
      const data = madeUpData(2)
      const honest = await train(data, chosen)
      const other = await train(changed(data, data.test, 'labels'), chosen)
      expect(other).toMatchObject({
        weights: honest.weights,
        predictions: honest.predictions,
        result: honest.result,
      })
      expect(other.epochs.map(({ learningRate }) => learningRate)).toEqual(
        honest.epochs.map(({ learningRate }) => learningRate),
      )
      expect(other.epochs.at(-1)?.testLoss).not.toBe(honest.epochs.at(-1)?.testLoss)
    })

    it('has pictures that reach neither weights nor any choice', async () => {
      const data = madeUpData(2)
      const honest = await train(data, chosen)
      const other = await train(changed(data, data.test, 'pictures'), chosen)
      expect(other).toMatchObject({ weights: honest.weights, result: honest.result })
      expect(other.predictions).not.toEqual(honest.predictions)
    })
  })

  describe('the inner fold', () => {
    it('does not train', async () => {
      const data = madeUpData()
      const settings = settingsOf({ epochs: 2, innerFold: 'next' })
      const first = await train(data, settings)
      const second = await train(
        changed(changed(data, data.inner, 'labels'), data.inner, 'pictures'),
        settings,
      )
      expect(second.weights).toEqual(first.weights)
      expect(second.epochs.at(-1)?.innerLoss).not.toBe(first.epochs.at(-1)?.innerLoss)
    })

    it('chooses the epoch whose network is kept', async () => {
      const data = madeUpData(2)
      const settings = settingsOf({
        epochs: 12,
        learningRate: 0.1,
        innerFold: 'next',
        resultEpoch: 'best-inner',
      })
      const { epochs, result, weights, snapshots } = await train(data, settings)
      const losses = epochs.map(({ innerLoss }) => innerLoss ?? Number.NaN)
      expect(result).toBe(losses.indexOf(Math.min(...losses)) + 1)
      expect(result).toBeLessThan(12)
      expect(weights).toEqual(snapshots[result - 1]?.weights)
      expect(weights).not.toEqual(snapshots.at(-1)?.weights)
    })

    it('stops training, and the last network is the result where that is asked', async () => {
      const data = madeUpData(2)
      const settings = settingsOf({ epochs: 50, learningRate: 0.1, innerFold: 'next', stopAfterEpochs: 2 })
      const { epochs, result, weights, snapshots } = await train(data, settings)
      const losses = epochs.map(({ innerLoss }) => innerLoss ?? Number.NaN)
      const best = losses.indexOf(Math.min(...losses))
      expect(epochs.length).toBeLessThan(50)
      expect(epochs.length).toBe(best + 1 + 2)
      expect(result).toBe(epochs.length)
      expect(weights).toEqual(snapshots.at(-1)?.weights)
    })

    it('is scored as the test fold is', async () => {
      const data = madeUpData()
      const swapped = { ...data, inner: data.test, test: data.inner }
      const [first] = (await train(data, settingsOf({ epochs: 1, innerFold: 'next' }))).epochs
      const [second] = (await train(swapped, settingsOf({ epochs: 1, innerFold: 'next' }))).epochs
      expect(first?.innerLoss).toBe(second?.testLoss)
      expect(first?.innerAccuracy).toBe(second?.testAccuracy)
      const none = await train({ ...data, inner: new Uint32Array() }, settingsOf({ epochs: 1 }))
      expect(none.epochs[0]).toMatchObject({ innerLoss: null, innerAccuracy: null })
    })
  })

  it('lowers its rate when the training loss no longer falls', async () => {
    const schedule = {
      name: 'plateau',
      factor: 0.5,
      patienceEpochs: 1,
      watch: 'training',
      minimum: 0,
    } as const
    const settings = settingsOf({ epochs: 20, learningRate: 0.2, schedule })
    const { epochs } = await train(madeUpData(3), settings)
    let state = startOfPlateau(settings)
    for (const { learningRate, trainLoss } of epochs) {
      expect(learningRate).toBe(state.learningRate)
      state = afterEpoch(state, trainLoss, schedule)
    }
    expect(epochs.at(-1)?.learningRate).toBeLessThan(0.2)
  })

  it.each<TrainingInput>([
    { loss: { name: 'focal' } },
    { loss: { name: 'binary-cross-entropy' }, labelSmoothing: 0.1 },
    { optimizer: { name: 'sgd', nesterov: true }, schedule: { name: 'one-cycle' }, clipNorm: 1 },
    { optimizer: { name: 'rmsprop' }, schedule: { name: 'cosine-restarts', firstEpochs: 5 }, warmUp: 0.1 },
    { optimizer: { name: 'adamw' }, weightDecay: 0.1, classWeights: 'balanced' },
  ])('learns by %j', async (given) => {
    const { epochs, predictions } = await train(madeUpData(0.5, 48), settingsOf({ epochs: 15, ...given }))
    expect(epochs.at(-1)?.testAccuracy).toBeGreaterThan(0.8)
    for (const row of predictions) expect(row.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
  })

  describe('a batch in parts', () => {
    const plain = network({ norm: false, dropout: 0 })
    const data = madeUpData(1, 48)
    const settings = settingsOf({ labelSmoothing: 0.1 })
    const batch = trainingBatch(
      data,
      Uint32Array.from({ length: 12 }, (_, i) => i),
      settings.augmentation,
      createRandom(1),
    )
    const gradientsOf = (size: number, loss = createLoss(settings, [1, 2, 0.5])) => {
      const before = tf.memory().numTensors
      const net = plain([SHAPE], CLASSES, createRandom(2))
      const outcome = batchGradients(net, loss, batch, SHAPE, size, 0)
      const values = outcome.gradients.map((gradient) => gradient.dataSync<'float32'>().slice())
      tf.dispose(outcome.gradients)
      net.dispose()
      expect(tf.memory().numTensors).toBe(before)
      return { ...outcome, values }
    }
    it.each([1, 3, 5, 11])('of %i has the gradients, loss and hits of the whole', (size) => {
      const expected = gradientsOf(12)
      const found = gradientsOf(size)
      expect(found.hits).toBe(expected.hits)
      expect(found.loss).toBeCloseTo(expected.loss, 6)
      found.values.forEach((values, index) => {
        const of = expected.values[index] ?? new Float32Array()
        const scale = of.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
        values.forEach((value, at) => {
          expect(Math.abs(value - (of[at] ?? Number.NaN))).toBeLessThan(2e-6 * scale)
        })
      })
    })

    it('trains to the same network but for rounding', async () => {
      const inOne = await train(data, settingsOf({ epochs: 3 }), plain)
      const inTwo = await train(data, settingsOf({ epochs: 3 }, 2), plain)
      inTwo.predictions.forEach((row, index) => {
        row.forEach((value, at) => {
          expect(value).toBeCloseTo(inOne.predictions[index]?.[at] ?? Number.NaN, 4)
        })
      })
    })
  })

  it('goes on from any epoch to the same end, bit for bit', async () => {
    const settings = settingsOf(
      {
        epochs: 7,
        optimizer: { name: 'rmsprop', momentum: 0.5 },
        schedule: { name: 'plateau', patienceEpochs: 0, factor: 0.5 },
        innerFold: 'next',
        resultEpoch: 'best-inner',
        augmentation: { ...TRAINING_DEFAULTS.augmentation, timeShift: 0.3, mixup: 0.3, gainDb: 1 },
      },
      3,
    )
    const data = madeUpData(2)
    const undisturbed = await train(data, settings)
    for (const from of undisturbed.snapshots) {
      const resumed = await train(data, settings, whole, from)
      expect(resumed).toMatchObject({
        weights: undisturbed.weights,
        predictions: undisturbed.predictions,
        result: undisturbed.result,
      })
      expect(resumed.epochs).toEqual(undisturbed.epochs.slice(from.epochs.length))
    }
  })

  it('loses no tensor in 1000 steps', async () => {
    const clips = madeUpData(1, 96)
    const data = { ...clips, inner: clips.inner.subarray(0, 3), test: clips.test.subarray(0, 3) }
    const settings = settingsOf({
      epochs: 63,
      batchSize: 3,
      clipNorm: 1,
      innerFold: 'next',
      resultEpoch: 'best-inner',
    })
    const before = tf.memory()
    const seen = new Set<string>()
    let steps = 0
    const listener = {
      epoch: () => {
        const { numTensors, numDataBuffers, numBytes } = tf.memory()
        seen.add(`${numTensors} ${numDataBuffers} ${numBytes}`)
      },
      save: async (snapshot: Snapshot) => {
        steps = snapshot.optimizerSteps
      },
    }
    const { network: trained } = await trainFold(whole, data, settings, listener, never)
    trained.dispose()
    expect(steps).toBeGreaterThanOrEqual(1000)
    expect(seen.size).toBe(1)
    expect(tf.memory()).toMatchObject({
      numTensors: before.numTensors,
      numDataBuffers: before.numDataBuffers,
    })
  })

  it('measures what a step takes, and leaves nothing behind', async () => {
    const before = tf.memory().numTensors
    const memory = await measureStep(whole, SHAPE, CLASSES, settingsOf({}))
    expect(tf.memory().numTensors).toBe(before)
    // Input, convolution and its gradient at the very least; the weights are 4 · (9 + 2) + 24 · 3 + 3.
    expect(memory.bytesPerExample).toBeGreaterThan(4 * SIZE * (1 + 4 + 4))
    expect(memory.bytesPerExample).toBeLessThan(4 * SIZE * 200)
    expect(memory.fixedBytes).toBeGreaterThan(4 * (44 + 75))
    const half = Math.ceil(bytesOf(memory, 16))
    expect(microBatchFor(32, memory, half)).toBe(16)
    expect(microBatchFor(32, memory, half - 2)).toBe(8)
    expect(microBatchFor(32, memory, 2 * half)).toBe(32)
    expect(microBatchFor(33, memory, half)).toBe(9)
    expect(microBatchFor(32, memory, 1)).toBe(1)
  })

  it('scores the same whatever number of clips at once', async () => {
    const data = madeUpData()
    const net = whole([SHAPE], CLASSES, createRandom(2))
    const places = Uint32Array.from(data.labels.keys())
    const loss = TRAINING_DEFAULTS.loss
    const atOnce = await predict(net, data.examples, places, loss, 100, never)
    const one = await predict(net, data.examples, places, loss, 1, never)
    net.dispose()
    expect(one).toHaveLength(24)
    expect(scoreOf(one, places, data.labels).loss).toBeCloseTo(scoreOf(atOnce, places, data.labels).loss, 5)
  })
})

describe('a training batch', () => {
  it('draws each example from its own recipe and the others, and never from another clip', () => {
    const data = madeUpData()
    const [examples, ...variants] = [0, 1, 2].map((recipe) => ({
      ...data.examples,
      data: Float32Array.from(
        { length: data.examples.count * SIZE },
        (_, at) => recipe * data.examples.count + Math.floor(at / SIZE),
      ),
    }))
    if (!examples) throw new Error('three were made')
    const settings = { ...TRAINING_DEFAULTS.augmentation, recipes: ['higher', 'lower'] }
    const random = createRandom(1)
    const seen = new Set<number>()
    for (let round = 0; round < 40; round++) {
      const picked = Uint32Array.from([3, 5])
      const augmentation = augmentationBy(examples, variants)
      const batch = trainingBatch({ ...data, examples, augmentation }, picked, settings, random)
      picked.forEach((index, row) => {
        const drawn = batch.values[row * SIZE] ?? -1
        expect(drawn % data.examples.count).toBe(data.training[index])
        seen.add(Math.floor(drawn / data.examples.count))
      })
    }
    expect(seen).toEqual(new Set([0, 1, 2]))
  })

  it('aims at 1 for the clip’s class', () => {
    const data = madeUpData()
    const batch = trainingBatch(
      data,
      Uint32Array.from([1, 0]),
      TRAINING_DEFAULTS.augmentation,
      createRandom(1),
    )
    expect([...batch.targets]).toEqual([0, 1, 0, 1, 0, 0])
  })
})
