import { SoundfoldError } from '../../contract/errors.ts'
import type {
  ClassReport,
  Evaluation,
  EvaluationCurves,
  EvaluationSlices,
  Interval,
  RunComparison,
  RunPair,
} from '../../contract/evaluation.ts'
import { AUDITED_BASES, LABEL_BASIS_WORDS, type LabelBasis } from '../../contract/label-basis.ts'
import { sliceGroups } from '../../contract/slice-groups.ts'
import { RANDOM_SPLIT_LABEL } from '../../contract/split.ts'
import { interval, plural } from '../../contract/words.ts'
import type { Core } from '../../core/create-core.ts'
import { percent, table } from '../output.ts'
import { type GlobalOptions, namedOrLatestRun, withSession } from '../session.ts'
import { exportingTo, reportFormat, writeReport, writeTables } from './report.ts'

export function evaluate(
  runId: string | undefined,
  { tables, ...options }: GlobalOptions & { folds?: number[]; tables?: string },
): Promise<void> {
  return withSession(exportingTo(options, tables), async (session) => {
    const { core, output } = session
    const asked = {
      runId: await namedOrLatestRun(core, runId),
      filter: options.folds ? { folds: options.folds } : {},
    }
    if (tables !== undefined) await writeTables(session, 'runs.tables', asked)
    const evaluation = await core.call('runs.evaluation', asked)
    const curves = await core.call('runs.curves', asked)
    const slices = await core.call('runs.slices', asked)
    output.result({ ...evaluation, curves, slices }, () => describeEvaluation(evaluation, curves, slices))
  })
}

export function compare(
  runIds: string[],
  {
    html,
    tables,
    labels,
    ...options
  }: GlobalOptions & { html?: string; tables?: string; labels: LabelBasis },
): Promise<void> {
  return withSession(exportingTo(options, html ?? tables), async (session) => {
    const { core, output } = session
    if (html !== undefined && tables !== undefined)
      throw new SoundfoldError('invalid-input', 'One call writes the HTML file or the tables, not both.', {
        hint: 'Call it twice.',
      })
    const comparison = await core.call('runs.compare', { runIds, labels })
    if (html !== undefined)
      await writeReport(session, 'runs.comparisonReport', { runIds, labels, format: reportFormat(html) })
    if (tables !== undefined) await writeTables(session, 'runs.comparisonTables', { runIds, labels })
    const audited = comparison.labels.verdicts === null ? [] : await byLabels(core, runIds)
    output.result(audited.length === 0 ? comparison : { ...comparison, byLabels: audited }, () =>
      [...describeLabels(comparison, audited), describeComparison(comparison)].join('\n\n'),
    )
  })
}

const share = (value: number | null) => (value === null ? '–' : value.toFixed(4))
const between = (interval: Interval | null) =>
  interval ? `${(100 * interval.low).toFixed(1)} … ${(100 * interval.high).toFixed(1)}` : '–'
/** Columns of numbers, after the first. */
const numeric = (header: readonly string[]) => header.slice(1).map((_, index) => index + 1)

function columns(header: string[], rows: string[][]): string {
  return table(header, rows, numeric(header))
}

export function describeFolds(evaluation: Evaluation): string {
  const sd = evaluation.sampleStandardDeviation
  const spread = sd === null ? '' : ` ± ${percent(sd)} (sample standard deviation)`
  const ofMean = evaluation.meanInterval
    ? `; 95 % interval of the mean ${interval(evaluation.meanInterval)} (Student, over folds)`
    : ''
  const leak = evaluation.split.kind === 'random' ? ` (${RANDOM_SPLIT_LABEL})` : ''
  const missing =
    evaluation.missingFolds.length > 0
      ? [`Folds without predictions: ${evaluation.missingFolds.join(', ')}`]
      : []
  return [
    table(
      ['fold', 'clips', 'correct', 'accuracy', 'macro F1'],
      evaluation.folds.map((fold) => [
        String(fold.fold),
        String(fold.clips),
        String(fold.correct),
        percent(fold.accuracy),
        fold.macroF1.toFixed(4),
      ]),
      [0, 1, 2, 3, 4],
    ),
    `mean accuracy${leak} ${percent(evaluation.meanAccuracy)}${spread}${ofMean}; pooled macro F1 ${evaluation.macro.f1.toFixed(4)}`,
    ...missing,
  ].join('\n')
}

function describeEvaluation(
  evaluation: Evaluation,
  curves: EvaluationCurves,
  slices: EvaluationSlices,
): string {
  return [
    describeFolds(evaluation),
    describePooled(evaluation, curves),
    describeConfusion(evaluation),
    describeClasses(evaluation, curves),
    describeSlices(slices),
    ...describePublished(evaluation),
  ].join('\n\n')
}

function describePooled(evaluation: Evaluation, { calibration }: EvaluationCurves): string {
  const { intervals, bootstrap } = evaluation
  return [
    columns(
      ['all clips', '', '95 % interval'],
      [
        ['accuracy', percent(evaluation.pooledAccuracy), between(intervals.accuracy)],
        ['macro F1', share(evaluation.macro.f1), between(intervals.macroF1)],
        ['balanced accuracy', percent(evaluation.balancedAccuracy), ''],
        ...(evaluation.top2 === null ? [] : [['top-2 accuracy', percent(evaluation.top2), '']]),
        ...(evaluation.top3 === null ? [] : [['top-3 accuracy', percent(evaluation.top3), '']]),
        ['Matthews correlation', share(evaluation.matthewsCorrelation), ''],
        ["Cohen's kappa", share(evaluation.cohenKappa), ''],
        ['log loss', share(evaluation.logLoss), ''],
        ['Brier score', share(evaluation.brierScore), ''],
        [`calibration error (${calibration.binCount} bins)`, share(calibration.expectedCalibrationError), ''],
      ],
    ),
    `Intervals by drawing ${bootstrap.recordings} recordings ${bootstrap.replicates} times.`,
  ].join('\n')
}

function describeConfusion(evaluation: Evaluation): string {
  const short = evaluation.classes.map((info) => info.name.slice(0, 8))
  return columns(
    ['true \\ predicted', ...short],
    evaluation.confusion.map((row, index) => [evaluation.classes[index]?.name ?? '', ...row.map(String)]),
  )
}

function describeClasses(evaluation: Evaluation, curves: EvaluationCurves): string {
  const { perClass, macro, weighted, clips } = evaluation
  const measures = (row: Pick<ClassReport, 'precision' | 'recall' | 'f1'>) =>
    [row.precision, row.recall, row.f1].map(share)
  return columns(
    ['class', 'precision', 'recall', 'F1', 'support', 'ROC AUC', 'average precision'],
    [
      ...perClass.map((row, index) => [
        row.className,
        ...measures(row),
        String(row.support),
        share(curves.classes[index]?.roc?.auc ?? null),
        share(curves.classes[index]?.precisionRecall?.averagePrecision ?? null),
      ]),
      [
        'macro average',
        ...measures(macro),
        String(clips),
        share(curves.macroAuc),
        share(curves.macroAveragePrecision),
      ],
      ['weighted average', ...measures(weighted), String(clips), '', ''],
    ],
  )
}

/** Recordings that are listed. */
const RECORDINGS_SHOWN = 5

function describeSlices(slices: EvaluationSlices): string {
  return columns(
    ['slice', 'clips', 'accuracy', '95 % interval (Wilson)'],
    sliceGroups(slices).flatMap(({ title, rows }) =>
      rows
        .filter(
          (row, place) =>
            // Folds have a table of their own.
            title !== 'Fold' &&
            (title !== 'Recording' || (place < RECORDINGS_SHOWN && row.correct < row.clips)),
        )
        .map((row) => [
          `${title.toLowerCase()}: ${row.name}`,
          String(row.clips),
          percent(row.accuracy),
          between(row.interval),
        ]),
    ),
  )
}

function describePublished({ published }: Evaluation): string[] {
  if (published.length === 0) return []
  return [
    table(
      ['published on the same clips and folds', 'mean accuracy', 'source'],
      published.map(({ name, accuracy, source }) => [name, percent(accuracy), source]),
      [1],
    ),
  ]
}

/** The same runs by each kind of labels. */
async function byLabels(core: Core, runIds: string[]): Promise<RunComparison[]> {
  const comparisons: RunComparison[] = []
  for (const labels of AUDITED_BASES) comparisons.push(await core.call('runs.compare', { runIds, labels }))
  return comparisons
}

function describeLabels({ labels }: RunComparison, audited: readonly RunComparison[]): string[] {
  if (!labels.verdicts) return []
  const { name, relabelled, excluded } = labels.verdicts
  return [
    `Verdict set “${name}”: ${plural(relabelled, ['clip', 'clips'])} relabelled, ${excluded} excluded. Accuracy by which labels count:`,
    columns(
      ['labels', 'clips', 'first', 'second', 'difference', '95 % interval'],
      audited.flatMap((one) =>
        one.pairs.map((pair) => [
          LABEL_BASIS_WORDS[one.labels.basis].title,
          String(pair.clips),
          percent(pair.accuracy.first),
          percent(pair.accuracy.second),
          points(pair.accuracy.difference),
          between(pair.accuracy.interval),
        ]),
      ),
    ),
    `What follows: ${LABEL_BASIS_WORDS[labels.basis].title.toLowerCase()}. ${LABEL_BASIS_WORDS[labels.basis].text}`,
  ]
}

function describeComparison(comparison: RunComparison): string {
  const [first] = comparison.runs
  return [
    columns(
      ['run', 'preset', 'clips', 'mean accuracy', 'pooled', 'macro F1'],
      comparison.runs.map((run) => [
        run.runId,
        run.preset,
        String(run.clips),
        percent(run.meanAccuracy),
        percent(run.pooledAccuracy),
        share(run.macroF1),
      ]),
    ),
    ...comparison.pairs.map((pair) => describePair(pair, first?.runId ?? '')),
  ].join('\n\n')
}

/** A difference in percentage points, with its sign. */
function points(difference: number): string {
  const rounded = Math.abs(100 * difference).toFixed(1)
  return rounded === '0.0' ? rounded : `${difference > 0 ? '+' : '−'}${rounded}`
}

function describePair(pair: RunPair, first: string): string {
  type Row = RunPair['accuracy'] & { name: string }
  const rows: Row[] = [
    { ...pair.accuracy, name: 'accuracy' },
    { ...pair.macroF1, name: 'macro F1' },
    ...pair.folds.map((row) => ({ ...row, name: `fold ${row.fold}` })),
    ...pair.classes.map((row) => ({ ...row, name: `recall of ${row.className}` })),
  ]
  const { mcNemar, tTest, bayesian } = pair
  return [
    `${pair.second} less ${first}, in percentage points:`,
    columns(
      ['', 'clips', 'first', 'second', 'difference', '95 % interval'],
      rows.map((row) => [
        row.name,
        String(row.clips),
        percent(row.first),
        percent(row.second),
        points(row.difference),
        row.interval ? `${points(row.interval.low)} … ${points(row.interval.high)}` : '–',
      ]),
    ),
    `Right in both ${pair.bothRight}, in the first only ${pair.onlyFirstRight}, in the second only ${pair.onlySecondRight}, in neither ${pair.bothWrong}.`,
    `McNemar: exact p ${share(mcNemar.exactP)}; chi-square ${mcNemar.chiSquare.toFixed(2)}, p ${share(mcNemar.chiSquareP)}.`,
    ...(tTest
      ? [
          `Corrected t-test over folds: t ${tTest.statistic.toFixed(2)}, ${tTest.degreesOfFreedom} degrees of freedom, p ${share(tTest.p)}.`,
        ]
      : []),
    ...(bayesian
      ? [
          `Bayesian: first better ${share(bayesian.firstBetter)}, within ${100 * bayesian.rope} point ${share(bayesian.equivalent)}, second better ${share(bayesian.secondBetter)}.`,
        ]
      : []),
    '',
    pair.conclusion,
    ...pair.caveats.map((caveat) => `- ${caveat}`),
  ].join('\n')
}
