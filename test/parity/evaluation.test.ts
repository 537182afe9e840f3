import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { clusterBootstrap } from '../../src-main/core/evaluation/bootstrap.ts'
import { calibration } from '../../src-main/core/evaluation/calibration.ts'
import { classCurves } from '../../src-main/core/evaluation/curves.ts'
import { studentCdf, studentQuantile } from '../../src-main/core/evaluation/distributions.ts'
import { evaluate } from '../../src-main/core/evaluation/evaluate.ts'
import { wilsonInterval } from '../../src-main/core/evaluation/intervals.ts'
import { bayesianTTest, correctedTTest, mcNemar } from '../../src-main/core/evaluation/paired-tests.ts'
import { columnsOf } from '../support/predictions.ts'

/** Made by generate/evaluation.py with scikit-learn, scipy, statsmodels, baycomp and numpy. */
const numbers = z.array(z.number())
const averages = z.object({ precision: z.number(), recall: z.number(), f1: z.number() })
const report = z.object({ precision: numbers, recall: numbers, f1: numbers, support: numbers })
const points = z.object({ x: numbers, y: numbers })
const caseSchema = z.object({
  name: z.string(),
  true: numbers,
  predicted: numbers,
  fold: numbers,
  recording: numbers,
  probabilities: numbers,
  expected: z.object({
    accuracies: numbers,
    foldMacroF1: numbers,
    foldBalanced: numbers,
    foldReports: z.array(report),
    mean: z.number(),
    sampleStandardDeviation: z.number(),
    meanInterval: z.object({ low: z.number(), high: z.number() }),
    quartiles: numbers,
    pooled: z.number(),
    balanced: z.number(),
    macro: averages,
    weighted: averages,
    confusion: z.array(numbers),
    report,
    matthewsCorrelation: z.number(),
    cohenKappa: z.number().nullable(),
    top: numbers,
    logLoss: z.number(),
    brierScore: z.number(),
    curves: z.array(
      z.object({
        positives: z.number(),
        roc: points.extend({ auc: z.number() }).nullable(),
        precisionRecall: points.extend({ averagePrecision: z.number() }).nullable(),
      }),
    ),
    calibration: z.object({
      clips: numbers,
      accuracy: numbers,
      meanConfidence: numbers,
      expectedCalibrationError: z.number(),
    }),
  }),
})
const fileSchema = z.object({
  classes: z.array(z.int()),
  cases: z.array(caseSchema),
  paired: z.object({
    folds: z.array(
      z.object({
        differences: numbers,
        testToTraining: z.number(),
        statistic: z.number(),
        p: z.number(),
        bayesian: numbers,
      }),
    ),
    mcnemar: z.array(
      z.object({
        onlyFirst: z.number(),
        onlySecond: z.number(),
        exactP: z.number(),
        chiSquare: z.number().nullable(),
        chiSquareP: z.number().nullable(),
      }),
    ),
  }),
  wilson: z.array(z.object({ hits: z.number(), count: z.number(), interval: numbers })),
  student: z.array(z.object({ share: z.number(), degrees: z.number(), t: z.number(), back: z.number() })),
  bootstrap: z.object({ hits: numbers, clips: numbers, interval: numbers }),
})
const reference = fileSchema.parse(
  JSON.parse(readFileSync(new URL('data/evaluation.json', import.meta.url), 'utf8')),
)

/** Every number within 1e-9; null equals null only. */
function near(expected: unknown): unknown {
  if (typeof expected === 'number') return expect.closeTo(expected, 9)
  if (Array.isArray(expected)) return expected.map(near)
  if (expected === null || typeof expected !== 'object') return expected
  return Object.fromEntries(Object.entries(expected).map(([key, value]) => [key, near(value)]))
}
const columns = <K extends string>(rows: readonly Record<K, number>[], keys: readonly K[]) =>
  Object.fromEntries(keys.map((key) => [key, rows.map((row) => row[key])]))
const REPORT = ['precision', 'recall', 'f1', 'support'] as const

describe('an evaluation equals scikit-learn’s, numpy’s and scipy’s', () => {
  it.each(reference.cases)('$name', ({ expected, ...given }) => {
    const predictions = columnsOf({
      classes: reference.classes.map((id) => ({ id, name: `class ${id}` })),
      truth: given.true,
      predicted: given.predicted,
      folds: given.fold,
      recordings: given.recording,
      probabilities: given.probabilities,
    })
    const found = evaluate('run', predictions, [...given.fold, 99])
    expect(found.missingFolds).toEqual([99])
    expect({
      accuracies: found.folds.map(({ accuracy }) => accuracy),
      foldMacroF1: found.folds.map(({ macroF1 }) => macroF1),
      foldBalanced: found.folds.map(({ balancedAccuracy }) => balancedAccuracy),
      foldReports: found.folds.map(({ perClass }) => columns(perClass, REPORT)),
      mean: found.meanAccuracy,
      sampleStandardDeviation: found.sampleStandardDeviation,
      meanInterval: found.meanInterval,
      quartiles: Object.values(found.boxPlot),
      pooled: found.pooledAccuracy,
      balanced: found.balancedAccuracy,
      macro: found.macro,
      weighted: found.weighted,
      confusion: found.confusion,
      report: columns(found.perClass, REPORT),
      matthewsCorrelation: found.matthewsCorrelation,
      cohenKappa: found.cohenKappa,
      top: [found.top2, found.top3],
      logLoss: found.logLoss,
      brierScore: found.brierScore,
      curves: classCurves(predictions, 0).map(({ classId: _, ...curve }) => curve),
      calibration: (({ bins, expectedCalibrationError }) => ({
        ...columns(bins, ['clips', 'accuracy', 'meanConfidence']),
        expectedCalibrationError,
      }))(calibration(predictions)),
    }).toEqual(near(expected))
  })
})

describe('curves that are drawn', () => {
  it('are the whole ones but for moves that could not be seen, with the same areas', () => {
    const scores = Array.from({ length: 20_000 }, (_, row) => ((row * 7919) % 20_011) / 20_011)
    const predictions = columnsOf({
      classes: [
        { id: 0, name: 'a' },
        { id: 1, name: 'b' },
      ],
      truth: scores.map((score, row) => (score > (row % 10) / 10 ? 1 : 0)),
      predicted: scores.map(() => 1),
      folds: scores.map(() => 1),
      probabilities: scores.flatMap((score) => [1 - score, score]),
    })
    const whole = classCurves(predictions, 0)
    classCurves(predictions).forEach(({ roc, precisionRecall }, place) => {
      const [allRoc, allPrecisionRecall] = [whole[place]?.roc, whole[place]?.precisionRecall]
      expect(roc?.auc).toBe(allRoc?.auc)
      expect(precisionRecall?.averagePrecision).toBe(allPrecisionRecall?.averagePrecision)
      expect(allRoc?.x.length).toBeGreaterThan(10_000)
      expect(roc?.x.length).toBeLessThan(1_100)
      expect([roc?.x.at(-1), roc?.y.at(-1)]).toEqual([1, 1])
      // The largest gap that leaving out has made.
      const gaps = (roc?.x ?? []).map(
        (x, at) => x + (roc?.y[at] ?? 0) - (roc?.x[at - 1] ?? 0) - (roc?.y[at - 1] ?? 0),
      )
      expect(Math.max(...gaps)).toBeLessThan(1 / 400)
    })
  })
})

describe('tests of two runs equal those of other programs', () => {
  it.each(reference.paired.folds)('over $differences.length folds: baycomp’s and scipy’s', (given) => {
    const { differences, testToTraining, statistic, p, bayesian } = given
    expect(correctedTTest(differences, testToTraining)).toEqual(
      near({ statistic, degreesOfFreedom: differences.length - 1, p }),
    )
    const [firstBetter, equivalent, secondBetter] = bayesian
    expect(bayesianTTest(differences, testToTraining, 0.01)).toEqual(
      near({ rope: 0.01, firstBetter, equivalent, secondBetter }),
    )
  })

  it.each(reference.paired.mcnemar)('$onlyFirst and $onlySecond: statsmodels’ McNemar', (given) => {
    const { onlyFirst, onlySecond, exactP, chiSquare, chiSquareP } = given
    expect(mcNemar(onlyFirst, onlySecond)).toEqual(
      // Without a discordant clip statsmodels divides by nought.
      near({ exactP, chiSquare: chiSquare ?? 0, chiSquareP: chiSquareP ?? 1 }),
    )
  })

  it('over a single fold, or where every fold differs alike, there are none', () => {
    expect(correctedTTest([0.1], 1 / 9)).toBeNull()
    expect(bayesianTTest([0.02, 0.02, 0.02], 1 / 9, 0.01)).toBeNull()
  })
})

describe('intervals', () => {
  it.each(reference.wilson)('Wilson’s of $hits in $count is statsmodels’', ({ hits, count, interval }) => {
    const { low, high } = wilsonInterval(hits, count)
    expect([low, high]).toEqual(near(interval))
  })

  it.each(reference.student)('Student’s $share quantile with $degrees degrees is scipy’s', (given) => {
    expect(studentQuantile(given.share, given.degrees)).toBeCloseTo(given.t, 9)
    expect(studentCdf(-0.7, given.degrees)).toBeCloseTo(given.back, 10)
  })

  it('a bootstrap of recordings ends where numpy’s does, and the same seed draws the same', () => {
    const { hits, clips, interval } = reference.bootstrap
    const counts = Int32Array.from(clips.flatMap((count, at) => [hits[at] ?? 0, count]))
    const ends = (seed: number) =>
      clusterBootstrap({ counts, width: 2 }, { replicates: 5000, seed }, ([hit = 0, all = 0]) => [
        hit / all,
        Number.NaN,
      ])
    const [found, undefinedOne] = ends(1)
    const [low = Number.NaN, high = Number.NaN] = interval
    expect(found?.low).toBeCloseTo(low, 2)
    expect(found?.high).toBeCloseTo(high, 2)
    expect((found?.high ?? 0) - (found?.low ?? 0)).toBeGreaterThan(0.95 * (high - low))
    expect((found?.high ?? 0) - (found?.low ?? 0)).toBeLessThan(1.05 * (high - low))
    expect(undefinedOne).toBeNull()
    expect(ends(1)).toEqual(ends(1))
    expect(ends(2)).not.toEqual(ends(1))
  })
})
