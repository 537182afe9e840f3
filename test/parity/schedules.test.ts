import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { afterEpoch, learningRateAt, startOfPlateau } from '../../src-main/contract/schedules.ts'
import { scheduleSchema, TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'

/** Made by generate/schedules.py with PyTorch. */
const file = z
  .object({
    learningRate: z.number(),
    epochs: z.int(),
    stepsPerEpoch: z.int(),
    cases: z.array(
      z.object({
        name: z.string(),
        schedule: scheduleSchema,
        every: z.enum(['step', 'epoch']),
        losses: z.array(z.number()).optional(),
        rates: z.array(z.number()),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('data/schedules.json', import.meta.url), 'utf8')))
const { learningRate, epochs, stepsPerEpoch, cases } = file
const base = { learningRate, epochs, warmUp: 0 }

describe('schedules equal PyTorch’s', () => {
  it.each(cases)('$name', ({ schedule, every, losses = [], rates }) => {
    const training = { ...base, schedule }
    let plateau = startOfPlateau(training)
    const found: number[] = []
    for (let step = 0; step < epochs * stepsPerEpoch; step++) {
      const last = step % stepsPerEpoch === stepsPerEpoch - 1
      const rate = learningRateAt(training, stepsPerEpoch, step, plateau)
      // What changes by epoch must be the same at each of its steps.
      if (every === 'epoch' && !last)
        expect(rate).toBeCloseTo(rates[Math.floor(step / stepsPerEpoch)] ?? 0, 12)
      if (every === 'step' || last) found.push(rate)
      const loss = losses[Math.floor(step / stepsPerEpoch)]
      if (last && schedule.name === 'plateau' && loss !== undefined)
        plateau = afterEpoch(plateau, loss, schedule)
    }
    expect(found).toEqual(rates.map((rate) => expect.closeTo(rate, 12)))
  })
})

describe('warm-up', () => {
  const rateAt = (training: typeof TRAINING_DEFAULTS, step: number) =>
    learningRateAt(training, 8, step, startOfPlateau(training))
  const cosine = { ...TRAINING_DEFAULTS, epochs: 10, learningRate: 0.008, warmUp: 0.1 }

  it('rises linearly from a twentieth, then gives the schedule the steps that are left', () => {
    // The formula that compact-s was always trained by.
    for (let step = 0; step < 80; step++) {
      const progress = step / 80
      const expected =
        progress < 0.1
          ? 0.008 * Math.max(0.05, progress / 0.1)
          : 0.004 * (1 + Math.cos((Math.PI * (progress - 0.1)) / 0.9))
      expect(rateAt(cosine, step)).toBeCloseTo(expected, 12)
    }
  })

  it('leads to where the schedule begins', () => {
    const cycle = {
      ...cosine,
      schedule: { name: 'one-cycle', rise: 0.5, startDivisor: 10, endDivisor: 100 } as const,
    }
    expect(rateAt(cycle, 4)).toBeCloseTo(0.0004, 12)
    expect(rateAt(cycle, 8)).toBeCloseTo(0.0008, 12)
  })

  it('that ends within an epoch does not break what changes by epoch', () => {
    const steps = {
      ...cosine,
      warmUp: 0.25,
      schedule: { name: 'step', everyEpochs: 2, factor: 0.5 } as const,
    }
    const rates = Array.from({ length: 80 }, (_, step) => rateAt(steps, step) / 0.008)
    for (let epoch = 3; epoch < 10; epoch++)
      expect(new Set(rates.slice(8 * epoch, 8 * epoch + 8)).size).toBe(1)
    expect(rates[79]).toBeCloseTo(0.5 ** 3, 12)
  })
})
