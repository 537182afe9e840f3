import type {
  Evaluation,
  EvaluationCurves,
  EvaluationSlices,
  RunComparison,
} from '../../contract/evaluation.ts'
import { sliceGroups } from '../../contract/slice-groups.ts'

export type Cell = string | number
/** Rows of CSV files, the header first, by the file's name without its ending. Shares are 0 … 1, a missing figure is empty. */
export type Tables = Record<string, readonly (readonly Cell[])[]>

const known = (value: number | null | undefined): Cell => value ?? ''

/** Every table of a run's page. */
export function runTables(
  evaluation: Evaluation,
  curves: EvaluationCurves,
  slices: EvaluationSlices,
): Tables {
  const { intervals, perClass, classes } = evaluation
  const { calibration } = curves
  const measures = (row: { precision: number; recall: number; f1: number }) => [
    row.precision,
    row.recall,
    row.f1,
  ]
  return {
    summary: [
      ['figure', 'value', 'low', 'high'],
      ...[
        figure('mean_accuracy', evaluation.meanAccuracy, evaluation.meanInterval),
        figure('sample_standard_deviation', evaluation.sampleStandardDeviation),
        figure('pooled_accuracy', evaluation.pooledAccuracy, intervals.accuracy),
        figure('balanced_accuracy', evaluation.balancedAccuracy),
        figure('macro_precision', evaluation.macro.precision),
        figure('macro_recall', evaluation.macro.recall),
        figure('macro_f1', evaluation.macro.f1, intervals.macroF1),
        figure('weighted_precision', evaluation.weighted.precision),
        figure('weighted_recall', evaluation.weighted.recall),
        figure('weighted_f1', evaluation.weighted.f1),
        figure('top2_accuracy', evaluation.top2),
        figure('top3_accuracy', evaluation.top3),
        figure('matthews_correlation', evaluation.matthewsCorrelation),
        figure('cohen_kappa', evaluation.cohenKappa),
        figure('log_loss', evaluation.logLoss),
        figure('brier_score', evaluation.brierScore),
        figure('expected_calibration_error', calibration.expectedCalibrationError),
        figure('macro_roc_auc', curves.macroAuc),
        figure('macro_average_precision', curves.macroAveragePrecision),
      ],
    ],
    folds: [
      ['fold', 'clips', 'correct', 'accuracy', 'balanced_accuracy', 'macro_f1'],
      ...evaluation.folds.map((fold) => [
        fold.fold,
        fold.clips,
        fold.correct,
        fold.accuracy,
        fold.balancedAccuracy,
        fold.macroF1,
      ]),
    ],
    classes: [
      [
        ...[
          'class_id',
          'class',
          'precision',
          'recall',
          'f1',
          'support',
          'predicted',
          'recall_low',
          'recall_high',
        ],
        ...['f1_low', 'f1_high', 'roc_auc', 'average_precision'],
      ],
      ...perClass.map((row, place) => [
        row.classId,
        row.className,
        ...measures(row),
        row.support,
        row.predicted,
        known(intervals.recall[place]?.low),
        known(intervals.recall[place]?.high),
        known(intervals.f1[place]?.low),
        known(intervals.f1[place]?.high),
        known(curves.classes[place]?.roc?.auc),
        known(curves.classes[place]?.precisionRecall?.averagePrecision),
      ]),
    ],
    'classes-by-fold': [
      ['fold', 'class_id', 'class', 'precision', 'recall', 'f1', 'support', 'predicted'],
      ...evaluation.folds.flatMap(({ fold, perClass: own }) =>
        own.map((row) => [fold, row.classId, row.className, ...measures(row), row.support, row.predicted]),
      ),
    ],
    confusion: matrixRows(classes, evaluation.confusion),
    'roc-curves': [
      ['class_id', 'class', 'false_positive_rate', 'true_positive_rate'],
      ...pointRows(curves, 'roc'),
    ],
    'precision-recall-curves': [
      ['class_id', 'class', 'recall', 'precision'],
      ...pointRows(curves, 'precisionRecall'),
    ],
    calibration: [
      ['from', 'to', 'clips', 'mean_confidence', 'accuracy'],
      ...calibration.bins.map((bin) => [bin.from, bin.to, bin.clips, bin.meanConfidence, bin.accuracy]),
    ],
    slices: [
      ['property', 'value', 'clips', 'correct', 'accuracy', 'low', 'high'],
      ...sliceGroups(slices).flatMap(({ title, rows }) =>
        rows.map((row) => [
          title.toLowerCase(),
          row.name,
          row.clips,
          row.correct,
          row.accuracy,
          row.interval.low,
          row.interval.high,
        ]),
      ),
    ],
    ...(evaluation.published.length > 0 && {
      published: [
        ['system', 'mean_accuracy', 'source'],
        ...evaluation.published.map(({ name, accuracy, source }) => [name, accuracy, source]),
      ],
    }),
  }
}

/** Every table of a comparison; differences are of the second run less the first. */
export function comparisonTables({ runs, pairs, classes }: RunComparison): Tables {
  return {
    runs: [
      ['run', 'preset', 'created', 'clips', 'mean_accuracy', 'pooled_accuracy', 'macro_f1'],
      ...runs.map((run) => [
        run.runId,
        run.preset,
        run.createdAt,
        run.clips,
        run.meanAccuracy,
        run.pooledAccuracy,
        run.macroF1,
      ]),
    ],
    differences: [
      ['first_run', 'second_run', 'of', 'name', 'clips', 'first', 'second', 'difference', 'low', 'high'],
      ...pairs.flatMap((pair) =>
        [
          { of: 'all', name: 'accuracy', ...pair.accuracy },
          { of: 'all', name: 'macro_f1', ...pair.macroF1 },
          ...pair.folds.map((row) => ({ of: 'fold_accuracy', name: String(row.fold), ...row })),
          ...pair.classes.map((row) => ({ of: 'class_recall', name: row.className, ...row })),
        ].map((row) => [
          pair.first,
          pair.second,
          row.of,
          row.name,
          row.clips,
          row.first,
          row.second,
          row.difference,
          known(row.interval?.low),
          known(row.interval?.high),
        ]),
      ),
    ],
    tests: [
      [
        ...['first_run', 'second_run', 'both_right', 'only_first_right', 'only_second_right', 'both_wrong'],
        ...[
          'mcnemar_exact_p',
          'mcnemar_chi_square',
          'mcnemar_chi_square_p',
          't',
          't_degrees_of_freedom',
          't_p',
        ],
        ...['bayes_rope', 'bayes_first_better', 'bayes_equivalent', 'bayes_second_better'],
      ],
      ...pairs.map((pair) => [
        ...[
          pair.first,
          pair.second,
          pair.bothRight,
          pair.onlyFirstRight,
          pair.onlySecondRight,
          pair.bothWrong,
        ],
        ...[pair.mcNemar.exactP, pair.mcNemar.chiSquare, pair.mcNemar.chiSquareP],
        ...[known(pair.tTest?.statistic), known(pair.tTest?.degreesOfFreedom), known(pair.tTest?.p)],
        ...[known(pair.bayesian?.rope), known(pair.bayesian?.firstBetter)],
        ...[known(pair.bayesian?.equivalent), known(pair.bayesian?.secondBetter)],
      ]),
    ],
    ...Object.fromEntries(
      pairs.map((pair, place) => [
        `confusion-difference${pairs.length > 1 ? `-${place + 2}` : ''}`,
        matrixRows(classes, pair.confusion),
      ]),
    ),
  }
}

const figure = (name: string, value: number | null, ends?: { low: number; high: number } | null) => [
  name,
  known(value),
  known(ends?.low),
  known(ends?.high),
]

function matrixRows(classes: readonly { name: string }[], matrix: readonly (readonly number[])[]): Cell[][] {
  return [
    ['label', ...classes.map(({ name }) => name)],
    ...classes.map(({ name }, row) => [name, ...(matrix[row] ?? [])]),
  ]
}

function pointRows(curves: EvaluationCurves, kind: 'roc' | 'precisionRecall'): Cell[][] {
  return curves.classes.flatMap(({ classId, className, [kind]: points }) =>
    points ? points.x.map((x, place) => [classId, className, x, points.y[place] ?? 0]) : [],
  )
}
