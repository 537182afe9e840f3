import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'

/** The convolution and product kernels against TF.js' plain JavaScript backend, and one of them against finite differences. */

interface Case {
  input: [number, number, number, number]
  filter: [number, number, number, number]
  stride: number | [number, number]
  pad: 'same' | 'valid' | number
}

async function gradients(backend: string, { input, filter, stride, pad }: Case) {
  await tf.setBackend(backend)
  const before = tf.memory().numTensors
  const x = tf.randomNormal<tf.Rank.R4>(input, 0, 1, 'float32', 11)
  const w = tf.randomNormal<tf.Rank.R4>(filter, 0, 1, 'float32', 12)
  const byInput = tf.tidy(() =>
    tf.grad((value) => tf.sum(tf.square(tf.conv2d(value.as4D(...input), w, stride, pad))))(x),
  )
  const byFilter = tf.tidy(() =>
    tf.grad((value) => tf.sum(tf.square(tf.conv2d(x, value.as4D(...filter), stride, pad))))(w),
  )
  const result = {
    x: await x.data(),
    w: await w.data(),
    byInput: await byInput.data(),
    byFilter: await byFilter.data(),
  }
  tf.dispose([x, w, byInput, byFilter])
  expect(tf.memory().numTensors).toBe(before)
  return result
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>) {
  expect(found.length).toBe(expected.length)
  const scale = Array.from(expected).reduce((most, value) => Math.max(most, Math.abs(value)), 0)
  let worst = 0
  for (let index = 0; index < expected.length; index++)
    worst = Math.max(worst, Math.abs((found[index] ?? 0) - (expected[index] ?? 0)))
  expect(worst / scale).toBeLessThan(1e-5)
}

await loadEngine('wasm', { threads: 1 })

describe('kernels of the WebAssembly engine', () => {
  afterAll(() => tf.setBackend('wasm'))

  it.each<Case>([
    { input: [2, 7, 6, 3], filter: [3, 3, 3, 4], stride: 1, pad: 'same' },
    { input: [2, 7, 6, 3], filter: [3, 3, 3, 4], stride: 1, pad: 'valid' },
    { input: [1, 8, 9, 1], filter: [3, 3, 1, 5], stride: 2, pad: 'same' },
    { input: [3, 9, 5, 2], filter: [3, 3, 2, 2], stride: 2, pad: 'valid' },
    { input: [2, 5, 5, 4], filter: [1, 1, 4, 3], stride: 1, pad: 'same' },
    { input: [2, 8, 8, 2], filter: [5, 4, 2, 3], stride: 1, pad: 'same' },
    { input: [2, 9, 8, 2], filter: [3, 2, 2, 3], stride: [2, 1], pad: 'same' },
    { input: [2, 9, 11, 2], filter: [3, 2, 2, 3], stride: [1, 3], pad: 'valid' },
    // Rows that are moved as a whole, and several products to be added.
    { input: [2, 38, 72, 8], filter: [7, 7, 8, 1], stride: 1, pad: 'same' },
    // Paddings wider than the filter.
    { input: [2, 5, 6, 2], filter: [3, 3, 2, 3], stride: 1, pad: 4 },
  ])('convolution gradients: $input by $filter, stride $stride, $pad', async (shape) => {
    const expected = await gradients('cpu', shape)
    const found = await gradients('wasm', shape)
    expect(found.x).toEqual(expected.x)
    expectClose(found.byInput, expected.byInput)
    expectClose(found.byFilter, expected.byFilter)
  })

  it('the filter gradient agrees with finite differences', async () => {
    const shape: Case = { input: [1, 4, 4, 1], filter: [3, 3, 1, 1], stride: 1, pad: 'same' }
    const { x, w, byFilter } = await gradients('wasm', shape)
    const loss = (filter: Float32Array) =>
      tf.tidy(
        () =>
          tf
            .sum(
              tf.square(
                tf.conv2d(
                  tf.tensor4d(Float32Array.from(x), shape.input),
                  tf.tensor4d(filter, shape.filter),
                  1,
                  'same',
                ),
              ),
            )
            .dataSync()[0] ?? 0,
      )
    const step = 1e-2
    for (let tap = 0; tap < 9; tap++) {
      const above = Float32Array.from(w)
      const below = Float32Array.from(w)
      above[tap] = (above[tap] ?? 0) + step
      below[tap] = (below[tap] ?? 0) - step
      expect((loss(above) - loss(below)) / (2 * step)).toBeCloseTo(byFilter[tap] ?? 0, 1)
    }
  })

  it.each([
    { transposeA: true, transposeB: false, a: [2, 5, 3], b: [2, 5, 4] },
    { transposeA: true, transposeB: true, a: [2, 5, 3], b: [2, 4, 5] },
    { transposeA: false, transposeB: true, a: [2, 3, 5], b: [2, 4, 5] },
  ])(
    'matrix product, transposeA $transposeA, transposeB $transposeB',
    async ({ transposeA, transposeB, a, b }) => {
      const results: Float32Array[] = []
      const before = tf.memory()
      for (const backend of ['cpu', 'wasm']) {
        await tf.setBackend(backend)
        const left = tf.randomNormal(a, 0, 1, 'float32', 1)
        const right = tf.randomNormal(b, 0, 1, 'float32', 2)
        const product = tf.matMul(left, right, transposeA, transposeB)
        results.push(Float32Array.from(await product.data()))
        tf.dispose([left, right, product])
      }
      expectClose(results[1] ?? [], results[0] ?? [])
      const { numTensors, numDataBuffers } = tf.memory()
      expect({ numTensors, numDataBuffers }).toMatchObject({
        numTensors: before.numTensors,
        numDataBuffers: before.numDataBuffers,
      })
    },
  )

  it('leave nothing in the memory of the WebAssembly backend', async () => {
    await tf.setBackend('wasm')
    const shape: Case = { input: [4, 32, 32, 8], filter: [3, 3, 8, 8], stride: 1, pad: 'same' }
    const bytes: number[] = []
    for (let round = 0; round < 30; round++) {
      await gradients('wasm', shape)
      bytes.push(heapBytes(tf.backend()))
    }
    // It may grow while it settles; 20 rounds of lost tensors would be more than a step of growth.
    expect(bytes.at(-1)).toBe(bytes[9])
  })

  const CONVOLUTION = { filters: 4, kernelSize: 3, padding: 'same' } as const
  it.each<{ name: string; layers: () => tf.layers.Layer[] }>([
    {
      name: 'batch normalisation, max-pooling, dropout',
      layers: () => [
        tf.layers.conv2d({ ...CONVOLUTION, useBias: false, inputShape: [12, 10, 2] }),
        tf.layers.batchNormalization(),
        tf.layers.reLU(),
        tf.layers.maxPooling2d({ poolSize: 2 }),
        tf.layers.dropout({ rate: 0.2, seed: 5 }),
        tf.layers.flatten(),
      ],
    },
    {
      name: 'strides, average pooling, its mean',
      layers: () => [
        tf.layers.conv2d({ ...CONVOLUTION, activation: 'relu', inputShape: [12, 10, 2] }),
        tf.layers.conv2d({ ...CONVOLUTION, strides: 2, activation: 'elu' }),
        tf.layers.averagePooling2d({ poolSize: 2, padding: 'same' }),
        tf.layers.globalAveragePooling2d({}),
      ],
    },
    {
      name: 'valid padding, leaky ReLU, the loudest place',
      layers: () => [
        tf.layers.conv2d({ ...CONVOLUTION, padding: 'valid', inputShape: [12, 10, 2] }),
        tf.layers.leakyReLU(),
        tf.layers.globalMaxPooling2d({}),
      ],
    },
  ])('train a network of convolutions: $name', async ({ layers }) => {
    await tf.setBackend('wasm')
    const before = tf.memory().numTensors
    const x = tf.randomNormal([8, 12, 10, 2], 0, 1, 'float32', 3)
    const y = tf.tidy(() => tf.oneHot(tf.tensor1d([0, 1, 2, 0, 1, 2, 0, 1], 'int32'), 3))
    const model = tf.sequential({
      layers: [...layers(), tf.layers.dense({ units: 3, activation: 'softmax' })],
    })
    const optimizer = tf.train.adam(0.02)
    model.compile({ optimizer, loss: 'categoricalCrossentropy' })
    const losses: number[] = []
    const counts: number[] = []
    for (let step = 0; step < 40; step++) {
      losses.push(Number(await model.trainOnBatch(x, y)))
      counts.push(tf.memory().numTensors)
    }
    expect(losses.at(-1)).toBeLessThan(0.7 * (losses[0] ?? 0))
    expect(counts.at(-1)).toBe(counts[1])
    model.dispose()
    optimizer.dispose()
    tf.dispose([x, y])
    expect(tf.memory().numTensors).toBeLessThanOrEqual(before + 2)
  })
})

function heapBytes(backend: object): number {
  if (!('wasm' in backend)) throw new Error('not the WebAssembly backend')
  const { wasm } = backend
  if (typeof wasm !== 'object' || wasm === null || !('HEAPU8' in wasm)) throw new Error('it has no heap')
  return wasm.HEAPU8 instanceof Uint8Array ? wasm.HEAPU8.length : 0
}
