import { readFileSync } from 'node:fs'
import * as tf from '@tensorflow/tfjs'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { optimizerSchema } from '../../src-main/contract/training.ts'
import { loadEngine } from '../../src-main/core/ml/engines/load.ts'
import { createOptimizer } from '../../src-main/core/ml/optimizers.ts'
import { assignValues, valuesOf } from '../../src-main/core/ml/variables.ts'

/** Made by generate/optimizers.py with PyTorch. */
const numbers = z.array(z.number())
const { shapes, initial, gradients, learningRates, shownSteps, cases } = z
  .object({
    shapes: z.array(numbers),
    initial: z.array(numbers),
    gradients: z.array(z.array(numbers)),
    learningRates: numbers,
    shownSteps: numbers,
    cases: z.array(
      z.object({
        name: z.string(),
        optimizer: optimizerSchema,
        weightDecay: z.number(),
        clipNorm: z.number().nullable(),
        parameters: z.array(z.array(numbers)),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('data/optimizers.json', import.meta.url), 'utf8')))

await loadEngine('wasm', { threads: 1 })
const tensors = (values: readonly number[][]) =>
  values.map((array, index) => tf.tensor(array, shapes[index] ?? []))
const variables = () => tensors(initial).map((tensor) => tf.variable(tensor))

type Settings = (typeof cases)[number]

/** Values of the parameters after each step from `first` on. */
function* steps(
  settings: Settings,
  parameters: tf.Variable[],
  optimizer = createOptimizer(settings.optimizer, settings, parameters),
) {
  while (optimizer.steps < gradients.length) {
    const step = optimizer.steps
    const given = tensors(gradients[step] ?? [])
    optimizer.apply(given, learningRates[step] ?? 0)
    tf.dispose(given)
    yield { optimizer, values: valuesOf(parameters) }
  }
}

describe('optimisers equal PyTorch’s', () => {
  afterAll(() => tf.disposeVariables())

  it.each(cases)('$name', (settings) => {
    const found = [...steps(settings, variables())].map(({ values }) => values)
    shownSteps.forEach((step, index) => {
      settings.parameters[index]?.forEach((expected, parameter) => {
        const ours = found[step - 1]?.[parameter] ?? []
        // A value near zero is a difference of larger ones: the error is held to the parameter's largest.
        const scale = Math.max(...expected.map(Math.abs))
        expect(ours).toHaveLength(expected.length)
        expected.forEach((value, at) => {
          expect(Math.abs((ours[at] ?? Number.NaN) - value) / scale).toBeLessThan(1e-6)
        })
      })
    })
  })

  it.each(cases.filter(({ weightDecay }) => weightDecay === 0))(
    '$name goes on from its saved state as if it had never stopped',
    (settings) => {
      const whole = [...steps(settings, variables())].at(-1)?.values
      const parameters = variables()
      for (const { optimizer, values } of steps(settings, parameters)) {
        if (optimizer.steps < 7) continue
        const state = valuesOf(optimizer.state)
        const others = variables()
        const next = createOptimizer(settings.optimizer, settings, others)
        assignValues(others, values)
        assignValues(next.state, state)
        next.steps = optimizer.steps
        expect([...steps(settings, others, next)].at(-1)?.values).toEqual(whole)
        break
      }
    },
  )

  it.each(cases)('$name changes a parameter that is too large to be put with others just so', (settings) => {
    const expected = [...steps(settings, variables())].at(-1)?.values ?? []
    // The first one, with zeros behind that add nothing to any norm.
    const padded = (values: readonly number[] = []) => {
      const large = new Float32Array(100_000)
      large.set(values)
      return tf.tensor1d(large)
    }
    const parameters = variables().map((small, index) =>
      index === 0 ? tf.variable(padded(initial[0])) : small,
    )
    const optimizer = createOptimizer(settings.optimizer, settings, parameters)
    for (const [step, given] of gradients.entries()) {
      const tensors = given.map((values, index) =>
        index === 0 ? padded(values) : tf.tensor(values, shapes[index]),
      )
      optimizer.apply(tensors, learningRates[step] ?? 0)
      tf.dispose(tensors)
    }
    const [large = new Float32Array(), small] = valuesOf(parameters)
    const scale = Math.max(...(expected[0] ?? []).map(Math.abs))
    expected[0]?.forEach((value, at) => {
      expect(Math.abs((large[at] ?? Number.NaN) - value)).toBeLessThan(1e-6 * scale)
    })
    expect([...(small ?? [])]).toEqual([...(expected[1] ?? [])].map((value) => expect.closeTo(value, 6)))
  })

  it('leave nothing behind but their state', () => {
    for (const settings of cases) {
      const parameters = variables()
      const before = tf.memory().numTensors
      const optimizer = createOptimizer(settings.optimizer, settings, parameters)
      for (const _ of steps(settings, parameters, optimizer))
        expect(tf.memory().numTensors).toBe(before + optimizer.state.length)
      optimizer.dispose()
      expect(tf.memory().numTensors).toBe(before)
    }
  })
})
