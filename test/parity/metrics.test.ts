import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { evaluate } from '../../src-main/core/ml/metrics.ts'

/** Made by generate/metrics.py with scikit-learn and numpy. */
const numbers = z.array(z.number())
const fileSchema = z.object({
  classes: z.array(z.int()),
  cases: z.array(
    z.object({
      name: z.string(),
      true: numbers,
      predicted: numbers,
      fold: numbers,
      salience: z.array(z.union([z.literal(1), z.literal(2)])),
      expected: z.object({
        accuracies: numbers,
        foldMacroF1: numbers,
        mean: z.number(),
        sampleStandardDeviation: z.number(),
        quartiles: numbers,
        pooled: z.number(),
        macroF1: z.number(),
        confusion: z.array(numbers),
        precision: numbers,
        recall: numbers,
        f1: numbers,
        support: numbers,
        salienceAccuracy: numbers,
      }),
    }),
  ),
})
const { classes, cases } = fileSchema.parse(
  JSON.parse(readFileSync(new URL('data/metrics.json', import.meta.url), 'utf8')),
)

const closeTo = (values: readonly number[]) => values.map((value) => expect.closeTo(value, 9))

describe('metrics equal scikit-learn’s and numpy’s', () => {
  it.each(cases)('$name', ({ expected, ...given }) => {
    const clips = given.true.map((trueClassId, index) => ({
      trueClassId,
      predictedClassId: given.predicted[index] ?? -1,
      fold: given.fold[index] ?? -1,
      salience: given.salience[index] ?? null,
    }))
    const found = evaluate(
      'run',
      classes.map((id) => ({ id, name: `class ${id}` })),
      clips,
      [1, 2, 3, 4, 5, 6],
    )
    expect(found.folds.map((fold) => fold.fold)).toEqual([1, 2, 3, 4, 5])
    expect(found.folds.map((fold) => fold.accuracy)).toEqual(closeTo(expected.accuracies))
    expect(found.folds.map((fold) => fold.macroF1)).toEqual(closeTo(expected.foldMacroF1))
    expect(found.meanAccuracy).toBeCloseTo(expected.mean, 9)
    expect(found.sampleStandardDeviation).toBeCloseTo(expected.sampleStandardDeviation, 9)
    expect(Object.values(found.boxPlot)).toEqual(closeTo(expected.quartiles))
    expect(found.pooledAccuracy).toBeCloseTo(expected.pooled, 9)
    expect(found.macroF1).toBeCloseTo(expected.macroF1, 9)
    expect(found.confusion).toEqual(expected.confusion)
    expect(found.perClass.map((row) => row.precision)).toEqual(closeTo(expected.precision))
    expect(found.perClass.map((row) => row.recall)).toEqual(closeTo(expected.recall))
    expect(found.perClass.map((row) => row.f1)).toEqual(closeTo(expected.f1))
    expect(found.perClass.map((row) => row.support)).toEqual(expected.support)
    expect(found.bySalience.map((row) => row.accuracy)).toEqual(closeTo(expected.salienceAccuracy))
    expect(found.missingFolds).toEqual([6])
  })

  it('one fold has no standard deviation', () => {
    const clip = { fold: 3, salience: null, trueClassId: 0, predictedClassId: 0 }
    const found = evaluate('run', [{ id: 0, name: 'only' }], [clip], [3])
    expect(found).toMatchObject({
      meanAccuracy: 1,
      sampleStandardDeviation: null,
      bySalience: [],
      missingFolds: [],
    })
  })
})
