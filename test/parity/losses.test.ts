import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TRAINING_DEFAULTS, trainingSchema } from '../../src-main/contract/training.ts'
import { loadEngine } from '../../src-main/core/ml/engines/load.ts'
import { balancedWeights, createLoss, probabilitiesOf } from '../../src-main/core/ml/losses.ts'

/** Made by generate/losses.py with PyTorch and scikit-learn. */
const rows = z.array(z.array(z.number()))
const file = z
  .object({
    logits: rows,
    labels: z.array(z.int()),
    balanced: z.array(z.number()),
    softmax: rows,
    normalisedSigmoids: rows,
    cases: z.array(
      z.object({
        name: z.string(),
        loss: trainingSchema.shape.loss,
        targets: rows,
        classWeights: z.array(z.number()),
        labelSmoothing: z.number(),
        value: z.number(),
        gradient: rows,
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('data/losses.json', import.meta.url), 'utf8')))
const classes = file.balanced.length

await loadEngine('wasm', { threads: 1 })

function expectClose(found: ArrayLike<number>, expected: readonly number[], tolerance = 1e-6) {
  expect(found).toHaveLength(expected.length)
  expected.forEach((value, index) => {
    expect(Math.abs((found[index] ?? Number.NaN) - value)).toBeLessThan(
      tolerance * Math.max(1, Math.abs(value)),
    )
  })
}

describe('losses equal PyTorch’s', () => {
  it.each(file.cases)('$name', (settings) => {
    const loss = createLoss(settings, settings.classWeights)
    const prepared = loss.prepare(Float32Array.from(settings.targets.flat()))
    const gradient: number[] = []
    let value = 0
    // In two parts: of a batch's size, both value and gradient must add up to the whole's.
    for (const [from, to] of [
      [0, 5],
      [5, file.logits.length],
    ] as const)
      tf.tidy(() => {
        const towards = tf.tensor2d(prepared.subarray(from * classes, to * classes), [to - from, classes])
        const outcome = tf.valueAndGrad((logits: tf.Tensor) =>
          loss.of(logits.as2D(to - from, classes), towards, file.logits.length),
        )(tf.tensor2d(file.logits.slice(from, to)))
        value += outcome.value.dataSync()[0] ?? Number.NaN
        gradient.push(...outcome.grad.dataSync())
      })
    expectClose([value], [settings.value])
    expectClose(gradient, settings.gradient.flat())
  })

  it('weights are scikit-learn’s, and 1 for a class that does not occur', () => {
    expectClose(balancedWeights(file.labels, classes), file.balanced)
    expect(balancedWeights([0, 0, 2, 2], 3)).toEqual([1, 1, 1])
  })
})

describe('probabilities', () => {
  it.each([
    { name: 'cross-entropy' as const, expected: file.softmax },
    { name: 'binary-cross-entropy' as const, expected: file.normalisedSigmoids },
  ])('by $name', ({ name, expected }) => {
    const { loss } = trainingSchema.parse({ ...TRAINING_DEFAULTS, loss: { name } })
    expectClose(probabilitiesOf(tf.tensor2d(file.logits), loss).dataSync(), expected.flat())
  })

  it('add up to 1 where every sigmoid is too small for a number', () => {
    const found = probabilitiesOf(tf.tensor2d([[-200, -201, -300]]), { name: 'binary-cross-entropy' })
    expectClose(found.dataSync(), [1 / (1 + Math.exp(-1)), 1 / (1 + Math.exp(1)), 0])
  })
})
