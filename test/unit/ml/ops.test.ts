import * as tf from '@tensorflow/tfjs'
import { beforeAll, describe, expect, it } from 'vitest'
import type { EngineName } from '../../../src-main/contract/run.ts'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'
import { probeEngines } from '../../../src-main/core/ml/engines/probe.ts'
import {
  addBias,
  crossEntropy,
  dropout,
  meanOver,
  normalise,
  product,
  relu,
} from '../../../src-main/core/ml/ops.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'

/** Our operations and kernels on each engine against TF.js' own operations on its plain JavaScript backend. */

type Operation = (...inputs: tf.Tensor[]) => tf.Tensor

interface Case {
  name: string
  shapes: number[][]
  ours: Operation
  /** Left out where ours is TF.js' own operation with another kernel below. */
  theirs?: Operation
  /** Whole numbers of few values: zeros, and equal neighbours. */
  coarse?: boolean
}

/** The same whatever the backend. */
function madeUp(shape: number[], seed: number, coarse = false): tf.Tensor {
  const random = createRandom(seed)
  const draw = () => (coarse ? random.whole(4) - 1 : random.normal())
  return tf.tensor(Float32Array.from({ length: tf.util.sizeFromShape(shape) }, draw), shape)
}

/** The result, and its gradients by each input as it counts with made-up weights. */
async function results(
  backend: string,
  operation: Operation,
  { shapes, coarse }: Case,
): Promise<Float32Array[]> {
  await tf.setBackend(backend)
  return tf.tidy(() => {
    const inputs = shapes.map((shape, index) => madeUp(shape, index + 1, coarse))
    const value = operation(...inputs)
    const weights = madeUp(value.shape, 99)
    const gradients = tf.grads((...given) => tf.sum(tf.mul(operation(...given), weights)))(inputs)
    return [value, ...gradients].map((tensor) => Float32Array.from(tensor.dataSync()))
  })
}

/** By the largest of what is expected. */
function worstDifference(found: Float32Array | undefined, expected: Float32Array): number {
  const scale = expected.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  return (
    expected.reduce(
      (most, value, index) => Math.max(most, Math.abs(value - (found?.[index] ?? Number.NaN))),
      0,
    ) / scale
  )
}

const pooled = (size: number, strides: number, pad: 'same' | 'valid') => (x: tf.Tensor) =>
  tf.maxPool(x.as4D(...four(x.shape)), size, strides, pad)
const convolved =
  (strides: number | [number, number], pad: 'same' | 'valid') => (x: tf.Tensor, w: tf.Tensor) =>
    tf.conv2d(x.as4D(...four(x.shape)), w.as4D(...four(w.shape)), strides, pad)
const normed = (x: tf.Tensor, scale: tf.Tensor, offset: tf.Tensor) =>
  normalise(x.as4D(...four(x.shape)), {
    scale: scale.as1D(),
    offset: offset.as1D(),
    movingMean: tf.fill([2], 3),
    movingVariance: tf.fill([2], 7),
  })
function four([a = 0, b = 0, c = 0, d = 0]: number[]): [number, number, number, number] {
  return [a, b, c, d]
}

const CASES: Case[] = [
  { name: 'relu, with zeros', shapes: [[2, 3, 5, 4]], coarse: true, ours: relu, theirs: (x) => tf.relu(x) },
  {
    name: 'addBias',
    shapes: [[2, 3, 5, 4], [4]],
    ours: (x, bias) => addBias(x, bias.as1D()),
    theirs: (x, bias) => tf.add(x, bias),
  },
  {
    name: 'product',
    shapes: [
      [3, 4],
      [4, 5],
    ],
    ours: (x, weights) => product(x.as2D(3, 4), weights.as2D(4, 5)),
    theirs: (x, weights) => tf.matMul(x, weights),
  },
  {
    name: 'crossEntropy',
    shapes: [[3, 4]],
    ours: (logits) => crossEntropy(logits.as2D(3, 4), madeUp([3, 4], 7).as2D(3, 4)),
    theirs: (logits) => tf.neg(tf.sum(tf.mul(tf.logSoftmax(logits), madeUp([3, 4], 7)))),
  },
  {
    name: 'meanOver both axes',
    shapes: [[2, 3, 5, 4]],
    ours: (x) => meanOver(x, [1, 2]),
    theirs: (x) => tf.mean(x, [1, 2]),
  },
  {
    name: 'meanOver one axis',
    shapes: [[2, 3, 5, 4]],
    ours: (x) => meanOver(x, [2]),
    theirs: (x) => tf.mean(x, 2),
  },
  {
    name: 'normalise',
    shapes: [[3, 4, 5, 2], [2], [2]],
    ours: (x, scale, offset) => normed(x, scale, offset).output,
    theirs(x, scale, offset) {
      const { mean, variance } = tf.moments(x, [0, 1, 2])
      const [shift, factor] = [offset.as1D(), scale.as1D()]
      return tf.batchNorm4d(x.as4D(3, 4, 5, 2), mean.as1D(), variance.as1D(), shift, factor, 1e-5)
    },
  },
  { name: 'maxPool of even pictures', shapes: [[32, 128, 100, 1]], ours: pooled(2, 2, 'same') },
  { name: 'maxPool of equal values', shapes: [[10, 128, 64, 5]], coarse: true, ours: pooled(2, 2, 'valid') },
  {
    name: 'maxPool of odd pictures, same',
    shapes: [[10, 127, 65, 5]],
    coarse: true,
    ours: pooled(2, 2, 'same'),
  },
  { name: 'maxPool of odd pictures, valid', shapes: [[10, 127, 65, 5]], ours: pooled(2, 2, 'valid') },
  { name: 'maxPool of few values', shapes: [[2, 7, 6, 3]], coarse: true, ours: pooled(2, 2, 'same') },
  { name: 'maxPool with overlap', shapes: [[2, 7, 5, 3]], ours: pooled(3, 2, 'same') },
  {
    name: 'convolution of many channels, in parts',
    shapes: [
      [5, 40, 50, 64],
      [1, 9, 64, 1],
    ],
    ours: convolved(1, 'same'),
  },
  {
    name: 'convolution of many channels, valid, not square',
    shapes: [
      [1, 51, 41, 64],
      [3, 2, 64, 2],
    ],
    ours: convolved(1, 'valid'),
  },
  {
    name: 'convolution of many channels, even filter',
    shapes: [
      [1, 50, 40, 64],
      [4, 2, 64, 2],
    ],
    ours: convolved(1, 'same'),
  },
  {
    name: 'convolution of many channels with strides',
    shapes: [
      [1, 44, 50, 64],
      [3, 3, 64, 2],
    ],
    ours: convolved([2, 1], 'same'),
  },
]

/** Slow, and the same for each engine. */
const expectations = new Map<string, Promise<Float32Array[]>>()

const reports = await probeEngines(workerEntries().engineProbe, { benchmark: false, threads: 1 })
const there = reports.filter(({ available }) => available).map(({ name }) => name)

describe.each<EngineName>(there)('on %s', (engine) => {
  beforeAll(async () => {
    await loadEngine(engine, { threads: 1 })
  })

  it.each(CASES)('$name has TF.js’ values and gradients', async (one) => {
    const known = expectations.get(one.name) ?? results('cpu', one.theirs ?? one.ours, one)
    expectations.set(one.name, known)
    const expected = await known
    const before = tf.memory().numTensors
    const found = await results(engine, one.ours, one)
    expect(tf.memory().numTensors).toBe(before)
    expect(found).toHaveLength(1 + one.shapes.length)
    expected.forEach((values, index) => {
      expect(worstDifference(found[index], values)).toBeLessThan(2e-5)
    })
  })

  it('normalise moves the statistics a tenth of the way, the variance unbiased', async () => {
    await tf.setBackend(engine)
    tf.tidy(() => {
      const x = madeUp([3, 4, 5, 2], 1)
      const { movingMean, movingVariance } = normed(x, tf.ones([2]), tf.zeros([2]))
      const { mean, variance } = tf.moments(x, [0, 1, 2])
      const values = (tensor: tf.Tensor) => Float32Array.from(tensor.dataSync())
      expect(worstDifference(values(movingMean), values(tf.add(0.9 * 3, tf.mul(mean, 0.1))))).toBeLessThan(
        1e-6,
      )
      const unbiased = tf.mul(variance, 60 / 59)
      expect(
        worstDifference(values(movingVariance), values(tf.add(0.9 * 7, tf.mul(unbiased, 0.1)))),
      ).toBeLessThan(1e-6)
    })
  })

  it('dropout keeps its share, scaled, by the seed alone, and lets through the gradient of what it keeps', async () => {
    await tf.setBackend(engine)
    tf.tidy(() => {
      const x = tf.ones([50, 20, 10])
      const [first, again, other] = [3, 3, 4].map((seed) => dropout(x, 0.3, seed).dataSync())
      expect(again).toEqual(first)
      expect(other).not.toEqual(first)
      expect(new Set(first)).toEqual(new Set([0, Math.fround(1 / (1 - 0.3))]))
      const kept = first?.filter((value) => value > 0).length ?? 0
      expect(Math.abs(kept / x.size - 0.7)).toBeLessThan(0.02)
      const both = first?.filter((value, index) => value > 0 && (other?.[index] ?? 0) > 0).length ?? 0
      expect(Math.abs(both / x.size - 0.49)).toBeLessThan(0.02)
      const gradient = tf.grad((input) => tf.sum(dropout(input, 0.3, 3)))(x)
      expect(gradient.dataSync()).toEqual(first)
      expect(dropout(x, 0, 3)).toBe(x)
    })
  })
})
