import { z } from 'zod'
import { labelBasisSchema } from './label-basis.ts'
import { clipFilterSchema, salienceSchema } from './model.ts'
import { runVerdictsSchema } from './run.ts'
import { saidSchema } from './said.ts'
import { splitSchema } from './split.ts'

/** Which of a run's predictions are looked at; all where nothing is said. */
export const sliceFilterSchema = clipFilterSchema.pick({
  folds: true,
  saliences: true,
  recordings: true,
  sampleRatesHz: true,
  channels: true,
  durationFromSeconds: true,
  durationBelowSeconds: true,
  tags: true,
})
export type SliceFilter = z.infer<typeof sliceFilterSchema>

/** With 95 % confidence. */
export const intervalSchema = z.object({ low: z.number(), high: z.number() })
export type Interval = z.infer<typeof intervalSchema>
/** How intervals by drawing whole recordings with replacement were made. */
export const bootstrapSchema = z.object({
  replicates: z.int(),
  seed: z.int(),
  recordings: z.int().describe('drawn from; a clip of no known recording is one by itself'),
})

export const averagesSchema = z.object({ precision: z.number(), recall: z.number(), f1: z.number() })
export const classReportSchema = averagesSchema.extend({
  classId: z.int(),
  className: z.string(),
  support: z.int().describe('clips labelled with it'),
  predicted: z.int().describe('clips predicted as it'),
})
export type ClassReport = z.infer<typeof classReportSchema>

export const foldResultSchema = z.object({
  fold: z.int(),
  clips: z.int(),
  correct: z.int(),
  accuracy: z.number(),
  macroF1: z.number(),
  balancedAccuracy: z.number(),
  perClass: z.array(classReportSchema),
})
export type FoldResult = z.infer<typeof foldResultSchema>

export const publishedResultSchema = z.object({
  name: saidSchema,
  accuracy: z.number().describe('mean over the official folds'),
  source: saidSchema,
})
export type PublishedResult = z.infer<typeof publishedResultSchema>

/** Shares are 0..1. What pools clips takes all predictions for one set; means are over folds. */
export const evaluationSchema = z.object({
  runId: z.string(),
  /** No figure goes without it: by a random split it is not one for new recordings. */
  split: splitSchema,
  /** Order of the matrix' rows and columns. */
  classes: z.array(z.object({ id: z.int(), name: z.string() })),
  clips: z.int(),
  folds: z.array(foldResultSchema),
  /** Unweighted over folds, as the field reports it. */
  meanAccuracy: z.number(),
  /** n − 1 in the denominator; null for a single fold. */
  sampleStandardDeviation: z.number().nullable(),
  /** Student's, of the mean over folds; null for a single fold. */
  meanInterval: intervalSchema.nullable(),
  boxPlot: z.object({
    minimum: z.number(),
    lowerQuartile: z.number(),
    median: z.number(),
    upperQuartile: z.number(),
    maximum: z.number(),
  }),
  pooledAccuracy: z.number(),
  balancedAccuracy: z.number(),
  macro: averagesSchema,
  weighted: averagesSchema,
  /** Share of clips whose label is among the most probable two or three; null where there are no more classes. */
  top2: z.number().nullable(),
  top3: z.number().nullable(),
  matthewsCorrelation: z.number().describe('-1..1'),
  cohenKappa: z.number().nullable().describe('up to 1; null where chance alone would agree on all'),
  logLoss: z.number().describe('nats'),
  brierScore: z.number().describe('summed over classes, 0 (best) to 2'),
  bootstrap: bootstrapSchema,
  /** By that bootstrap; of the pooled figures. */
  intervals: z.object({
    accuracy: intervalSchema,
    macroF1: intervalSchema,
    /** In the order of the classes; null where a class has no clips. */
    recall: z.array(intervalSchema.nullable()),
    f1: z.array(intervalSchema.nullable()),
  }),
  /** confusion[true][predicted] = clips. */
  confusion: z.array(z.array(z.int())),
  perClass: z.array(classReportSchema),
  /** Folds asked for that have no predictions yet. */
  missingFolds: z.array(z.int()),
  /** What others reached; only where all clips of the same set and split were tested on. Best first. */
  published: z.array(publishedResultSchema),
})
export type Evaluation = z.infer<typeof evaluationSchema>

const pointsSchema = z.object({ x: z.array(z.number()), y: z.array(z.number()) })
export const curvesSchema = z.object({
  runId: z.string(),
  clips: z.int(),
  /** Each class against the rest, in the order of the run's classes. */
  classes: z.array(
    z.object({
      classId: z.int(),
      className: z.string(),
      positives: z.int(),
      /** False-positive rate, true-positive rate. Null where all clips or none are of the class. */
      roc: pointsSchema.extend({ auc: z.number() }).nullable(),
      /** Recall, precision. Null where no clip is of the class. */
      precisionRecall: pointsSchema.extend({ averagePrecision: z.number() }).nullable(),
    }),
  ),
  /** Unweighted over the classes that have one; null where none has. */
  macroAuc: z.number().nullable(),
  macroAveragePrecision: z.number().nullable(),
  calibration: z.object({
    /** Bins of equal width over the predicted class' probability; only those with clips. Each includes its upper edge. */
    bins: z.array(
      z.object({
        from: z.number(),
        to: z.number(),
        clips: z.int(),
        meanConfidence: z.number(),
        accuracy: z.number(),
      }),
    ),
    binCount: z.int(),
    expectedCalibrationError: z.number(),
  }),
})
export type EvaluationCurves = z.infer<typeof curvesSchema>

const sliceSchema = z.object({
  clips: z.int(),
  correct: z.int(),
  accuracy: z.number(),
  /** Wilson's, which takes clips for independent. */
  interval: intervalSchema,
  /** The clips of the slice. */
  filter: sliceFilterSchema,
})
export const slicesSchema = z.object({
  runId: z.string(),
  bySalience: z.array(sliceSchema.extend({ salience: salienceSchema })),
  byDuration: z.array(sliceSchema.extend({ fromSeconds: z.number(), belowSeconds: z.number().nullable() })),
  bySampleRate: z.array(sliceSchema.extend({ sampleRateHz: z.int() })),
  byChannels: z.array(sliceSchema.extend({ channels: z.int() })),
  byFold: z.array(sliceSchema.extend({ fold: z.int() })),
  /** A clip with several tags is in several. */
  byTag: z.array(sliceSchema.extend({ tag: z.string() })),
  /** Those with the most errors, most first. */
  byRecording: z.array(sliceSchema.extend({ recording: z.string() })),
  recordings: z.int(),
})
export type EvaluationSlices = z.infer<typeof slicesSchema>

/** A figure of the second run less the first's. */
const differenceSchema = z.object({ difference: z.number(), interval: intervalSchema.nullable() })
const pairFigureSchema = differenceSchema.extend({ clips: z.int(), first: z.number(), second: z.number() })
export const runPairSchema = z.object({
  first: z.string(),
  second: z.string(),
  /** That both predicted under the same label; all else is of them. */
  clips: z.int(),
  bootstrap: bootstrapSchema,
  accuracy: pairFigureSchema,
  macroF1: pairFigureSchema,
  /** Empty where the runs held out clips in different folds. */
  folds: z.array(pairFigureSchema.extend({ fold: z.int() })),
  /** Recall. */
  classes: z.array(pairFigureSchema.extend({ classId: z.int(), className: z.string() })),
  /** [true][predicted]: clips of the second run less the first's. */
  confusion: z.array(z.array(z.int())),
  bothRight: z.int(),
  onlyFirstRight: z.int(),
  onlySecondRight: z.int(),
  bothWrong: z.int(),
  mcNemar: z.object({ exactP: z.number(), chiSquare: z.number(), chiSquareP: z.number() }),
  /** Nadeau and Bengio's; null for fewer than two folds in common, or where all differ alike. */
  tTest: z.object({ statistic: z.number(), degreesOfFreedom: z.int(), p: z.number() }).nullable(),
  bayesian: z
    .object({
      rope: z.number(),
      firstBetter: z.number(),
      equivalent: z.number(),
      secondBetter: z.number(),
    })
    .nullable(),
  /** What can be concluded, and what can't. */
  conclusion: saidSchema,
  caveats: z.array(saidSchema),
})
export type RunPair = z.infer<typeof runPairSchema>
const comparedVerdictsSchema = runVerdictsSchema.omit({ upTo: true, setId: true })
export const comparisonSchema = z.object({
  datasetId: z.int(),
  /** What predictions count as right by; the verdicts of the last run that was trained by any. */
  labels: z.object({ basis: labelBasisSchema, verdicts: comparedVerdictsSchema.nullable() }),
  classes: z.array(z.object({ id: z.int(), name: z.string() })),
  /** In the order asked for; each later one is compared with the first. */
  runs: z.array(
    z.object({
      runId: z.string(),
      preset: z.string(),
      createdAt: z.string(),
      /** That it was trained by; null for labels as imported. */
      verdicts: comparedVerdictsSchema.nullable(),
      clips: z.int(),
      meanAccuracy: z.number(),
      pooledAccuracy: z.number(),
      macroF1: z.number(),
      folds: z.array(z.object({ fold: z.int(), accuracy: z.number() })),
    }),
  ),
  pairs: z.array(runPairSchema),
})
export type RunComparison = z.infer<typeof comparisonSchema>
