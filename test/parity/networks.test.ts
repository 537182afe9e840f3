import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { EngineName } from '../../src-main/contract/run.ts'
import { TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'
import { FEATURE_PRESETS, recipeFrames, recipeRows } from '../../src-main/core/features/recipe.ts'
import { ARCHITECTURES } from '../../src-main/core/ml/architectures/index.ts'
import { loadEngine } from '../../src-main/core/ml/engines/load.ts'
import { probeEngines } from '../../src-main/core/ml/engines/probe.ts'
import { reducedShape } from '../../src-main/core/ml/examples.ts'
import { createLoss } from '../../src-main/core/ml/losses.ts'
import { type Inputs, type Network, parameterCounts } from '../../src-main/core/ml/network.ts'
import { createRandom, type Random } from '../../src-main/core/ml/random.ts'
import { assignValues, valuesOf } from '../../src-main/core/ml/variables.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { architecture } from '../support/architectures.ts'
import { networkArray } from './feature-references.ts'

/**
 * Our networks and the same ones in PyTorch (generate/networks.py), from the same weights on the same pictures: what they
 * give, what it costs, and how each weight should change.
 */

const numbers = z.array(z.number())
const shape = z.object({ bands: z.int(), frames: z.int() })
/** All values of an array, or some of them and the norm of all. */
const kept = z.union([
  z.object({ offset: z.int(), shape: z.array(z.int()) }),
  z.object({ size: z.int(), norm: z.number(), places: z.array(z.int()), values: numbers }),
])
const { cases, counts } = z
  .object({
    cases: z.array(
      z.object({
        name: z.string(),
        architecture: z.string(),
        settings: z.record(z.string(), z.unknown()),
        seed: z.int(),
        batch: z.int(),
        inputs: z.array(shape),
        inputCentre: z.number(),
        inputSpread: z.number(),
        variables: z.array(z.object({ shape: z.array(z.int()), centre: z.number(), spread: z.number() })),
        /** Of PyTorch's own gradients in float32 from those stored, as `errors` below. */
        float32Distance: z.number(),
        evaluatedLogits: numbers,
        trainedLogits: numbers,
        loss: z.number(),
        gradients: z.array(kept),
        movingStatistics: z.array(kept),
      }),
    ),
    counts: z.array(
      z.object({
        name: z.string(),
        settings: z.record(z.string(), z.unknown()),
        inputs: z.array(shape),
        trainable: z.int(),
        all: z.int(),
        statistics: z.int(),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('data/networks.json', import.meta.url), 'utf8')))
type Case = (typeof cases)[number]
type Kept = z.infer<typeof kept>

const CLASSES = 10

const draw = (random: Random, size: number, centre: number, spread: number) =>
  Float32Array.from({ length: size }, () => centre + spread * (2 * random.uniform() - 1))

/** The network with the case's weights, and its pictures and targets. */
function prepare(given: Case) {
  const chosen = architecture(given.architecture)
  const withoutDropout = Object.fromEntries(
    Object.keys(chosen.settings({})).flatMap((key) => (/dropout/i.test(key) ? [[key, 0]] : [])),
  )
  const settings = chosen.settings({ ...given.settings, ...withoutDropout })
  const network = chosen.build(given.inputs, CLASSES, createRandom(0), settings)
  const variables = [...network.trainable, ...network.state]
  expect(variables.map((variable) => variable.shape)).toEqual(given.variables.map(({ shape }) => shape))
  const random = createRandom(given.seed)
  assignValues(
    variables,
    given.variables.map(({ shape, centre, spread }) =>
      draw(random, tf.util.sizeFromShape(shape), centre, spread),
    ),
  )
  const [first, ...rest] = given.inputs.map(({ bands, frames }) => {
    const values = draw(random, given.batch * bands * frames, given.inputCentre, given.inputSpread)
    return tf.tensor4d(values, [given.batch, bands, frames, 1])
  })
  if (!first) throw new Error('a case has a picture')
  const inputs: Inputs = [first, ...rest]
  return { network, inputs }
}

/** Of a step in training mode. */
function step(network: Network, inputs: Inputs, batch: number) {
  const loss = createLoss(TRAINING_DEFAULTS, new Array<number>(CLASSES).fill(1))
  const targets = new Float32Array(batch * CLASSES)
  for (let row = 0; row < batch; row++) targets[row * CLASSES + (row % CLASSES)] = 1
  const prepared = tf.tensor2d(loss.prepare(targets), [batch, CLASSES])
  let logits: tf.Tensor2D | undefined
  const { value, grads } = tf.variableGrads(() => {
    logits = tf.keep(network.forward(inputs, { training: true, dropoutSeed: 1 }))
    return loss.of(logits, prepared, batch)
  }, network.trainable)
  const found = {
    logits: logits?.dataSync() ?? [],
    loss: value.dataSync()[0] ?? Number.NaN,
    gradients: network.trainable.map(({ name }) => grads[name]?.dataSync<'float32'>() ?? new Float32Array()),
  }
  tf.dispose([prepared, value, logits ?? [], grads])
  return found
}

/** Largest distance of two arrays of one length; a NaN counts as infinite. */
function distance(found: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (found.length !== expected.length) throw new Error(`${found.length} values, expected ${expected.length}`)
  let largest = 0
  for (let index = 0; index < expected.length; index++) {
    const gap = Math.abs((found[index] ?? Number.NaN) - (expected[index] ?? Number.NaN))
    largest = gap <= largest ? largest : gap >= 0 ? gap : Number.POSITIVE_INFINITY
  }
  return largest
}

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
const norm = (values: Float32Array) => Math.sqrt(values.reduce((sum, value) => sum + value ** 2, 0))

/** What is known of an expected array, and the same of ours. */
function compared(expected: Kept, found: Float32Array) {
  if ('offset' in expected) return { expected: networkArray(expected), found }
  if (found.length !== expected.size) throw new Error(`${found.length} values, expected ${expected.size}`)
  return {
    expected: [...expected.values, expected.norm],
    found: [...expected.places.map((place) => found[place] ?? Number.NaN), norm(found)],
  }
}

const reports = await probeEngines(workerEntries().engineProbe, { benchmark: false, threads: 1 })
const isThere = (name: EngineName) => reports.some((report) => report.name === name && report.available)

describe.each<EngineName>(['wasm', 'tensorflow'])('networks on %s equal PyTorch’s', (engine) => {
  const test = isThere(engine) ? it : it.skip
  beforeAll(async () => {
    if (isThere(engine)) await loadEngine(engine, { threads: 1 })
  })
  afterAll(() => tf.disposeVariables())

  test.each(cases)('$name', (given) => {
    const { network, inputs } = prepare(given)
    const evaluated = tf.tidy(() => network.forward(inputs, { training: false }).dataSync())
    expect(distance(evaluated, given.evaluatedLogits)).toBeLessThan(1e-4)

    const { logits, loss, gradients } = step(network, inputs, given.batch)
    expect(distance(logits, given.trainedLogits)).toBeLessThan(1e-4)
    expect(Math.abs(loss - given.loss)).toBeLessThan(2e-5)
    const pairs = given.gradients.map((expected, index) =>
      compared(expected, gradients[index] ?? new Float32Array()),
    )
    const most = Math.max(...pairs.map(({ expected }) => largest(expected)))
    const errors = pairs.map(({ found, expected }) => {
      const size = largest(expected)
      // A bias before a normalisation has no gradient but rounding: ours is then the rounding of large terms.
      if (size < 1e-6 * most) return largest(found) < 0.01 * most ? 0 : Number.POSITIVE_INFINITY
      return distance(found, expected) / Math.max(size, 0.05 * most)
    })
    expect(Math.max(...errors)).toBeLessThan(1e-4)

    const statistics = valuesOf(network.state)
    given.movingStatistics.forEach((expected, index) => {
      const pair = compared(expected, statistics[index] ?? new Float32Array())
      expect(distance(pair.found, pair.expected)).toBeLessThan(1e-5 * largest(pair.expected))
    })

    tf.dispose([...inputs])
    network.dispose()
  })
})

describe('parameters are PyTorch’s', () => {
  it.each(counts)('$name: $trainable', ({ name, settings, inputs, trainable, all, statistics }) => {
    const chosen = architecture(name.split(', ')[0] ?? '')
    expect(all).toBe(trainable)
    if (name === chosen.preset.name) {
      expect(chosen.preset.parameters).toEqual({ trainable, statistics })
      const recipe = FEATURE_PRESETS[chosen.preset.recipe]
      if (!recipe) throw new Error('a preset names a recipe')
      const picture = { rows: recipeRows(recipe), frames: recipeFrames(recipe) }
      expect(inputs[0]).toEqual(reducedShape(picture, chosen.reduction))
    }
    // Drawing more weights than this takes seconds.
    if (trainable > 10_000_000) return
    const network = chosen.build(inputs, CLASSES, createRandom(1), chosen.settings(settings))
    expect(parameterCounts(network)).toEqual({ trainable, statistics })
    network.dispose()
  })

  it('covers every network', () => {
    const names = ARCHITECTURES.map(({ preset }) => preset.name)
    expect(counts.map(({ name }) => name)).toEqual(expect.arrayContaining(names))
    expect(cases.map(({ architecture }) => architecture)).toEqual(expect.arrayContaining(names))
  })
})
