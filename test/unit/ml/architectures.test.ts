import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EngineName } from '../../../src-main/contract/run.ts'
import { TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'
import type { InputShape } from '../../../src-main/core/ml/architectures/architecture.ts'
import { ARCHITECTURES } from '../../../src-main/core/ml/architectures/index.ts'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'
import { probeEngines } from '../../../src-main/core/ml/engines/probe.ts'
import { picturesOf } from '../../../src-main/core/ml/examples.ts'
import { createLoss } from '../../../src-main/core/ml/losses.ts'
import { measureStep } from '../../../src-main/core/ml/memory.ts'
import { type ForwardMode, type Inputs, inputsOf, type Network } from '../../../src-main/core/ml/network.ts'
import { createOptimizer } from '../../../src-main/core/ml/optimizers.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'
import { batchGradients } from '../../../src-main/core/ml/steps.ts'
import type { BuildNetwork } from '../../../src-main/core/ml/trainer.ts'
import { valuesOf } from '../../../src-main/core/ml/variables.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { architecture } from '../../support/architectures.ts'

/** What every network must do, narrow and on small pictures of odd sizes. */

const CLASSES = 3
const BATCH = 9

interface Small {
  name: string
  /** What makes it narrow. */
  settings: Record<string, unknown>
  picture: InputShape
  /** Below it a layer would have nothing left. */
  smallest: InputShape
}
const ANY = { bands: 1, frames: 1 }
const SMALL: Record<string, Omit<Small, 'name'>> = {
  'compact-s': { settings: { width: 0.25 }, picture: { bands: 13, frames: 21 }, smallest: ANY },
  'compact-m': { settings: { width: 0.25 }, picture: { bands: 13, frames: 21 }, smallest: ANY },
  'resnet-s': { settings: { width: 0.25 }, picture: { bands: 13, frames: 21 }, smallest: ANY },
  joint: { settings: { width: 0.25 }, picture: { bands: 13, frames: 21 }, smallest: ANY },
  'sb-cnn': {
    settings: { width: 0.25 },
    picture: { bands: 33, frames: 107 },
    smallest: { bands: 32, frames: 100 },
  },
  piczak: {
    settings: { width: 0.1, hidden: 20 },
    picture: { bands: 11, frames: 31 },
    smallest: { bands: 4, frames: 20 },
  },
  article: {
    settings: { width: 0.0625 },
    picture: { bands: 19, frames: 37 },
    smallest: { bands: 16, frames: 16 },
  },
  'article-recorded': {
    settings: { width: 0.0625 },
    picture: { bands: 19, frames: 37 },
    smallest: { bands: 16, frames: 16 },
  },
  linear: { settings: {}, picture: { bands: 5, frames: 7 }, smallest: ANY },
  mlp: { settings: { hidden: 8 }, picture: { bands: 5, frames: 7 }, smallest: ANY },
}
const networks = ARCHITECTURES.map(({ preset: { name } }): Small => {
  const small = SMALL[name]
  if (!small) throw new Error(`a small form of ${name}`)
  return { name, ...small }
})

function buildSmall({ name, settings }: Small, picture: InputShape): Network {
  const chosen = architecture(name)
  const pictures = new Array<InputShape>(chosen.pictures).fill(picture)
  return chosen.build(pictures, CLASSES, createRandom(4), chosen.settings(settings))
}

/** Noise with a loud third of the bands, which is the class. */
function pictures(count: number, { bands, frames }: InputShape): Inputs {
  const random = createRandom(6)
  const make = () => {
    const values = Float32Array.from({ length: BATCH * bands * frames }, (_, at) => {
      const example = Math.floor(at / (bands * frames))
      const band = Math.floor((at % (bands * frames)) / frames)
      return random.normal() + (Math.floor((band * CLASSES) / bands) === example % CLASSES ? 2 : 0)
    })
    return tf.tensor4d(values, [BATCH, bands, frames, 1])
  }
  return [make(), ...Array.from({ length: count - 1 }, make)]
}

const logitsOf = (network: Network, inputs: Inputs, mode: ForwardMode) =>
  tf.tidy(() => [...network.forward(inputs, mode).dataSync()])
const reports = await probeEngines(workerEntries().engineProbe, { benchmark: false, threads: 1 })
const isThere = (name: EngineName) => reports.some((report) => report.name === name && report.available)

/** Takes some steps and disposes all it made. @returns the loss of each, and tensors after each */
function train(small: Small, steps: number) {
  const inputs = pictures(architecture(small.name).pictures, small.picture)
  const network = buildSmall(small, small.picture)
  const optimizer = createOptimizer(TRAINING_DEFAULTS.optimizer, TRAINING_DEFAULTS, network.trainable)
  const labels = Int32Array.from({ length: BATCH }, (_, row) => row % CLASSES)
  const losses: number[] = []
  const tensors: number[] = []
  for (let step = 0; step < steps; step++) {
    tf.tidy(() => {
      const targets = tf.oneHot(tf.tensor1d(labels, 'int32'), CLASSES)
      const lossOf = (mode: ForwardMode) =>
        tf.losses.softmaxCrossEntropy(targets, network.forward(inputs, mode)).asScalar()
      const { value, grads } = tf.variableGrads(
        () => lossOf({ training: true, dropoutSeed: 50 * step }),
        network.trainable,
      )
      optimizer.apply(
        network.trainable.map(({ name }) => grads[name] ?? tf.scalar(0)),
        0.01,
      )
      losses.push(value.dataSync()[0] ?? Number.NaN)
    })
    tensors.push(tf.memory().numTensors)
  }
  optimizer.dispose()
  network.dispose()
  tf.dispose([...inputs])
  return { losses, tensors }
}
describe.each<EngineName>(['wasm', 'tensorflow'])('on %s', (engine) => {
  beforeAll(async () => {
    if (isThere(engine)) await loadEngine(engine, { threads: 1 })
  })

  describe.skipIf(!isThere(engine)).each(networks)('$name', (small) => {
    it('learns what a class is, and leaves nothing behind', () => {
      const before = tf.memory().numTensors
      const withoutDropout = Object.keys(architecture(small.name).settings({})).filter((key) =>
        /dropout/i.test(key),
      )
      const zeros = Object.fromEntries(withoutDropout.map((key) => [key, 0]))
      const { losses } = train({ ...small, settings: { ...small.settings, ...zeros } }, 10)
      expect(losses.at(-1)).toBeLessThan(0.9 * (losses[0] ?? 0))
      const { tensors } = train(small, 3)
      expect(new Set(tensors).size).toBe(1)
      expect(tf.memory().numTensors).toBe(before)
    })

    it('drops other values with another seed, and none when it does not train', () => {
      const inputs = pictures(architecture(small.name).pictures, small.picture)
      const network = buildSmall(small, small.picture)
      const before = valuesOf(network.state)
      const evaluated = logitsOf(network, inputs, { training: false })
      expect(logitsOf(network, inputs, { training: false })).toEqual(evaluated)
      expect(valuesOf(network.state)).toEqual(before)
      const trained = [1, 1, 2].map((dropoutSeed) =>
        logitsOf(network, inputs, { training: true, dropoutSeed }),
      )
      expect(trained[1]).toEqual(trained[0])
      // The probe of embeddings has no dropout of its own.
      if (small.name === 'linear') expect(trained[2]).toEqual(trained[0])
      else expect(trained[2]).not.toEqual(trained[0])
      if (before.length > 0) expect(valuesOf(network.state)).not.toEqual(before)
      network.dispose()
      tf.dispose([...inputs])
    })
  })
})

describe.each(networks)('$name', (small) => {
  beforeAll(async () => {
    await loadEngine('wasm', { threads: 1 })
  })

  it('takes pictures down to the smallest, and says what is too small', () => {
    const { bands, frames } = small.smallest
    const inputs = pictures(architecture(small.name).pictures, small.smallest)
    const network = buildSmall(small, small.smallest)
    const logits = logitsOf(network, inputs, { training: false })
    expect(logits).toHaveLength(BATCH * CLASSES)
    expect(logits.every(Number.isFinite)).toBe(true)
    network.dispose()
    tf.dispose([...inputs])
    for (const picture of [
      { bands: bands - 1, frames },
      { bands, frames: frames - 1 },
    ])
      expect(() => buildSmall(small, picture)).toThrow(
        expect.objectContaining({
          code: 'invalid-input',
          message: expect.stringContaining(`${picture.bands} × ${picture.frames}`),
          hint: expect.stringMatching(/recipe/),
        }),
      )
  })

  it('describes each of its settings and has a default for it', () => {
    const { properties } = z
      .object({
        properties: z.record(z.string(), z.object({ description: z.string(), default: z.unknown() })),
      })
      .parse(architecture(small.name).preset.networkSettings)
    const defaults = architecture(small.name).settings({})
    expect(Object.entries(properties).map(([key, setting]) => [key, setting.default])).toEqual(
      Object.entries(defaults),
    )
    for (const { description } of Object.values(properties)) expect(description).toMatch(/^[A-Z]/)
    expect(() => architecture(small.name).settings({ nope: 1 })).toThrow(
      expect.objectContaining({ code: 'invalid-input' }),
    )
  })
})

describe('two pictures', () => {
  const joint = architecture('joint')
  const shapes = [
    { bands: 9, frames: 12 },
    { bands: 5, frames: 12 },
  ]

  it('are asked for where a network takes two', () => {
    for (const wrong of [shapes.slice(1), [...shapes, ...shapes]])
      expect(() => joint.build(wrong, CLASSES, createRandom(1), {})).toThrow(
        expect.objectContaining({
          code: 'invalid-input',
          message: expect.stringMatching(/takes two pictures/),
        }),
      )
    expect(() => architecture('compact-s').build(shapes, CLASSES, createRandom(1), {})).toThrow(
      /takes one picture/,
    )
  })

  it('lie below each other in an example and come apart again', () => {
    const x = tf.range(0, 2 * 3 * 2).reshape<tf.Tensor4D>([2, 3, 2, 1])
    const layout = { bands: 3, frames: 2, bandsOfEach: [1, 2] }
    expect(picturesOf(layout)).toEqual([
      { bands: 1, frames: 2 },
      { bands: 2, frames: 2 },
    ])
    expect(inputsOf(x, layout).map((picture) => [...picture.dataSync()])).toEqual([
      [0, 1, 6, 7],
      [2, 3, 4, 5, 8, 9, 10, 11],
    ])
    expect(inputsOf(x, { bands: 3, frames: 2 })).toEqual([x])
  })

  it('train in parts of a batch, and their memory is measured', async () => {
    const layout = { bands: 14, frames: 12, bandsOfEach: [9, 5] }
    const build: BuildNetwork = (inputs, classes, random) =>
      joint.build(inputs, classes, random, joint.settings({}))
    const network = build(picturesOf(layout), CLASSES, createRandom(4))
    const loss = createLoss(TRAINING_DEFAULTS, new Array<number>(CLASSES).fill(1))
    const batch = {
      count: 3,
      values: Float32Array.from({ length: 3 * 14 * 12 }, (_, at) => Math.sin(at)),
      targets: Float32Array.from([1, 0, 0, 0, 1, 0, 0, 0, 1]),
    }
    const { gradients } = batchGradients(network, loss, batch, layout, 2, 1)
    expect(gradients.map(({ shape }) => shape)).toEqual(network.trainable.map(({ shape }) => shape))
    const moved = gradients.map((gradient) => gradient.dataSync().some((value) => value !== 0))
    expect(new Set(moved)).toEqual(new Set([true]))
    tf.dispose(gradients)
    network.dispose()
    const { bytesPerExample } = await measureStep(build, layout, CLASSES, { ...TRAINING_DEFAULTS, seed: 1 })
    expect(bytesPerExample).toBeGreaterThan(14 * 12 * 4)
  })

  it('both change the outputs', () => {
    const network = joint.build(shapes, CLASSES, createRandom(4), joint.settings({}))
    const [a, b] = pictures(1, { bands: 9, frames: 12 }).concat(pictures(1, { bands: 5, frames: 12 }))
    if (!a || !b) throw new Error('two pictures')
    const whole = logitsOf(network, [a, b], { training: false })
    expect(logitsOf(network, [tf.mul(a, 2), b], { training: false })).not.toEqual(whole)
    expect(logitsOf(network, [a, tf.mul(b, 2)], { training: false })).not.toEqual(whole)
    network.dispose()
  })
})
