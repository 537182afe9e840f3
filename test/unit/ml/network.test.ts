import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'
import { NetworkBuilder } from '../../../src-main/core/ml/network.ts'
import { averagePool, maxPool, meanThenMax } from '../../../src-main/core/ml/pooling.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'

await loadEngine('wasm', { threads: 1 })

const training = { training: true, dropoutSeed: 3 } as const
const still = { training: false } as const

/** Of the variables in the order in which layers made them. */
function drawn(make: (builder: NetworkBuilder) => void) {
  const builder = new NetworkBuilder(createRandom(8))
  make(builder)
  const network = builder.build(() => tf.zeros([1, 1]))
  const values = network.trainable.map((variable) => [...variable.dataSync()])
  network.dispose()
  return values.map((numbers) => {
    const mean = numbers.reduce((sum, value) => sum + value, 0) / numbers.length
    const squares = numbers.reduce((sum, value) => sum + (value - mean) ** 2, 0)
    return {
      mean,
      deviation: Math.sqrt(squares / numbers.length),
      largest: Math.max(...numbers.map(Math.abs)),
    }
  })
}

describe('weights begin', () => {
  it('as kaiming_normal_ of PyTorch in convolutions, with biases of zero', () => {
    const [filter, bias] = drawn((builder) => builder.convolution(32, 64, { size: [3, 5], bias: true }))
    const expected = Math.sqrt(2 / (3 * 5 * 32))
    expect(Math.abs((filter?.deviation ?? 0) / expected - 1)).toBeLessThan(0.02)
    expect(Math.abs(filter?.mean ?? 1)).toBeLessThan(0.02 * expected)
    expect(bias).toEqual({ mean: 0, deviation: 0, largest: 0 })
  })

  it('as torch.nn.Linear: weights and biases uniform up to 1/√inputs', () => {
    const bound = 1 / Math.sqrt(400)
    for (const values of drawn((builder) => builder.linear(400, 200))) {
      expect(values.largest).toBeLessThanOrEqual(bound)
      expect(values.largest).toBeGreaterThan(0.97 * bound)
      expect(Math.abs((values.deviation * Math.sqrt(3)) / bound - 1)).toBeLessThan(0.1)
    }
  })
})

describe('dropout', () => {
  it('drops whole channels of an example where it is spatial, and keeps the sum', () => {
    const layer = new NetworkBuilder(createRandom(1)).spatialDropout(0.25)
    const x = tf.ones<tf.Rank.R4>([40, 3, 2, 25])
    const means = [...tf.mean(layer(x, training), [1, 2]).dataSync()]
    expect(means).toHaveLength(1000)
    for (const mean of means) expect([0, 4 / 3]).toContainEqual(expect.closeTo(mean, 5))
    expect(Math.abs(means.filter((mean) => mean === 0).length / 1000 - 0.25)).toBeLessThan(0.05)
    expect(layer(x, still)).toBe(x)
  })

  it('of two layers is not the same', () => {
    const builder = new NetworkBuilder(createRandom(1))
    const [first, second] = [builder.dropout(0.5), builder.dropout(0.5)]
    const x = tf.ones<tf.Rank.R2>([10, 10])
    expect([...first(x, training).dataSync()]).not.toEqual([...second(x, training).dataSync()])
  })
})

describe('pooling', () => {
  // 3 bands × 5 frames
  const picture = tf.tensor4d([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 99], [1, 3, 5, 1])

  it('leaves out what fills no window', () => {
    expect([...averagePool(picture, [2, 2]).dataSync()]).toEqual([4, 6])
    expect([...maxPool(picture, [2, 2]).dataSync()]).toEqual([7, 9])
    expect([...maxPool(picture, [3, 2], [1, 1]).dataSync()]).toEqual([12, 13, 14, 99])
  })

  it('takes the mean over time before the loudest band', () => {
    expect(meanThenMax(picture).dataSync()[0]).toBeCloseTo((11 + 12 + 13 + 14 + 99) / 5, 4)
  })
})

describe('batch normalisation', () => {
  it('gives a channel with a single value its offset, and stays finite', () => {
    const builder = new NetworkBuilder(createRandom(1))
    const norm = builder.flatBatchNorm(3)
    const network = builder.build(() => tf.zeros([1, 1]))
    expect([...norm(tf.tensor2d([[1, 2, 3]]), training).dataSync()]).toEqual([0, 0, 0])
    const values = network.state.map((variable) => [...variable.dataSync()])
    expect(values[0]).toEqual([expect.closeTo(0.1), expect.closeTo(0.2), expect.closeTo(0.3)])
    expect(values[1]).toEqual([0.9, 0.9, 0.9].map((value) => expect.closeTo(value)))
  })
})
