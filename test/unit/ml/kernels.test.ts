import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'

/** The three kernels against TF.js' plain JavaScript backend, and one of them against finite differences. */

interface Case {
  input: [number, number, number, number]
  filter: [number, number, number, number]
  stride: number
  pad: 'same' | 'valid'
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
  const scale = Math.max(...Array.from(expected, Math.abs))
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
      for (const backend of ['cpu', 'wasm']) {
        await tf.setBackend(backend)
        const left = tf.randomNormal(a, 0, 1, 'float32', 1)
        const right = tf.randomNormal(b, 0, 1, 'float32', 2)
        const product = tf.matMul(left, right, transposeA, transposeB)
        results.push(Float32Array.from(await product.data()))
        tf.dispose([left, right, product])
      }
      expectClose(results[1] ?? [], results[0] ?? [])
    },
  )
})
