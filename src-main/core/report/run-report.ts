import type {
  ClassReport,
  Evaluation,
  EvaluationCurves,
  EvaluationSlices,
} from '../../contract/evaluation.ts'
import type { Run } from '../../contract/run.ts'
import { sliceGroups } from '../../contract/slice-groups.ts'
import { RANDOM_SPLIT_LABEL, RANDOM_SPLIT_LEAK } from '../../contract/split.ts'
import {
  className,
  count,
  dateTime,
  foldWords,
  interval,
  MISSING,
  percent,
  plural,
} from '../../contract/words.ts'
import { boxPlot, intervalBar, shareChart, swatch } from './charts.ts'
import { type Html, html } from './html.ts'
import { confusionTable } from './matrix.ts'
import { caveatList, page, table } from './page.ts'
import { type FoldNote, provenance } from './provenance.ts'

/** A clip that was predicted wrong. */
export interface ReportedError {
  fileName: string
  recording: string | null
  fold: number
  className: string
  predictedClassName: string
  /** Probabilities of the predicted class and of the label, 0 … 1. */
  confidence: number
  labelProbability: number
}

export interface RunReport {
  run: Run
  evaluation: Evaluation
  curves: EvaluationCurves
  slices: EvaluationSlices
  /** The most confident first. */
  errors: readonly ReportedError[]
  /** What folds said of how they trained. */
  notes: readonly FoldNote[]
  writtenBy: string
  /** ISO 8601. */
  writtenAt: string
}

const number = (value: number | null, digits = 4) => (value === null ? MISSING : value.toFixed(digits))

/** Everything that is known of a run as one HTML file. */
export function runReport(report: RunReport): string {
  const { run, evaluation, curves, writtenAt, writtenBy } = report
  const title = `${run.settings.preset} on ${run.datasetName}`
  return page(
    title,
    html`<h1>${title}</h1>
<p class="muted">Cross-validation of ${dateTime(run.createdAt)} · run <code>${run.id}</code></p>`,
    [
      html`<p class="summary">${summary(report)}</p>`,
      caveatList(caveats(report)),
      headline(evaluation, curves),
      folds(evaluation),
      html`<h2>Confusion</h2>`,
      html`<div class="columns">${(['counts', 'rows'] as const).map((values) => confusionTable(evaluation.classes, evaluation.confusion, values))}</div>`,
      classes(evaluation),
      probabilities(curves),
      slices(report.slices),
      errors(report),
      provenance(report),
    ],
    html`Written by ${writtenBy} on ${dateTime(writtenAt)}. Figures are of out-of-fold predictions: each clip was predicted by a model that was not trained on its fold.`,
  )
}

/** In plain words. */
function summary({ run, evaluation, errors: listed }: RunReport): string {
  const { clips, bootstrap, meanAccuracy, sampleStandardDeviation: sd, meanInterval, perClass } = evaluation
  const spread = sd === null ? '' : ` ± ${(100 * sd).toFixed(1)}`
  const between = meanInterval ? ` (95 % interval of the mean ${interval(meanInterval)})` : ''
  const ranked = perClass.filter(({ support }) => support > 0).sort((a, b) => b.recall - a.recall)
  const [best] = ranked
  const worst = ranked.at(-1)
  const byClass =
    best && worst && best !== worst
      ? ` Best recognised was ${className(best.className)} (recall ${percent(best.recall)}), worst ${className(worst.className)} (${percent(worst.recall)}).`
      : ''
  const cell = evaluation.confusion
    .flatMap((row, truth) => row.map((hits, predicted) => ({ hits, truth, predicted })))
    .filter(({ truth, predicted, hits }) => truth !== predicted && hits > 0)
    .sort((a, b) => b.hits - a.hits)[0]
  const name = (place: number) => className(evaluation.classes[place]?.name ?? '')
  const confused = cell
    ? ` The most frequent mistake: ${plural(cell.hits, ['clip', 'clips'])} labelled ${name(cell.truth)} ${cell.hits === 1 ? 'was' : 'were'} taken for ${name(cell.predicted)}.`
    : ''
  const none = listed.length === 0 ? ' No clip was predicted wrong.' : ''
  const leak = evaluation.split.kind === 'random' ? ` (${RANDOM_SPLIT_LABEL})` : ''
  return `${run.settings.preset} was tested on ${plural(clips, ['clip', 'clips'])} from ${plural(bootstrap.recordings, ['recording', 'recordings'])} in ${plural(evaluation.folds.length, ['fold', 'folds'])}, each by a model trained on the other folds. It was right on ${percent(meanAccuracy)}${spread} of the clips of a fold on average${between}${leak}.${byClass}${confused}${none}`
}

function caveats({ run, evaluation }: RunReport): string[] {
  const { crossing, settings } = run
  return [
    ...(evaluation.split.kind === 'random' ? [RANDOM_SPLIT_LEAK] : []),
    ...(crossing && crossing.recordings > 0
      ? [
          `${plural(crossing.recordings, ['recording', 'recordings'])} (${plural(crossing.clips, ['clip', 'clips'])}) ${crossing.recordings === 1 ? 'has' : 'have'} clips in several folds; ${settings.excludeCrossing ? 'those were left out of training where the recording was held out.' : 'models were trained on parts of recordings that they were tested on, which flatters the figures.'}`,
        ]
      : []),
    ...(crossing === null ? ['Whether recordings cross folds was not recorded with this run.'] : []),
    ...(evaluation.missingFolds.length > 0
      ? [`Without ${foldWords(evaluation.missingFolds)}, not trained yet: figures are of the other folds.`]
      : []),
    'This is one training with one seed; another seed moves the figures, and no interval here knows by how much.',
  ]
}

function headline(
  evaluation: Evaluation,
  { calibration, macroAuc, macroAveragePrecision }: EvaluationCurves,
) {
  const sd = evaluation.sampleStandardDeviation
  const figures: { title: string; value: string; range?: string }[] = [
    {
      title: 'Mean accuracy over folds',
      value: percent(evaluation.meanAccuracy),
      range: `${sd === null ? '' : `± ${(100 * sd).toFixed(1)}; `}${interval(evaluation.meanInterval)}`,
    },
    {
      title: 'Pooled accuracy',
      value: percent(evaluation.pooledAccuracy),
      range: interval(evaluation.intervals.accuracy),
    },
    { title: 'Macro F1', value: percent(evaluation.macro.f1), range: interval(evaluation.intervals.macroF1) },
    { title: 'Weighted F1', value: percent(evaluation.weighted.f1) },
    { title: 'Balanced accuracy', value: percent(evaluation.balancedAccuracy) },
    ...(evaluation.top2 === null ? [] : [{ title: 'Among the top 2', value: percent(evaluation.top2) }]),
    ...(evaluation.top3 === null ? [] : [{ title: 'Among the top 3', value: percent(evaluation.top3) }]),
    { title: 'Matthews correlation', value: number(evaluation.matthewsCorrelation) },
    { title: 'Cohen’s kappa', value: number(evaluation.cohenKappa) },
    { title: 'Log loss (nats)', value: number(evaluation.logLoss) },
    { title: 'Brier score (0 to 2)', value: number(evaluation.brierScore) },
    { title: 'Calibration error (ECE)', value: percent(calibration.expectedCalibrationError) },
    { title: 'Macro ROC AUC', value: number(macroAuc) },
    { title: 'Macro average precision', value: number(macroAveragePrecision) },
  ]
  return html`<dl class="figures">
${figures.map(({ title, value, range }) => html`<div><dt>${title}</dt><dd>${value}</dd>${range === undefined ? null : html`<dd class="range">${range}</dd>`}</div>\n`)}</dl>
<p class="note">Ranges are 95 % intervals: of the mean by Student over folds, which share training clips, so it is somewhat too narrow; of the others by drawing ${count(evaluation.bootstrap.recordings)} recordings with replacement ${count(evaluation.bootstrap.replicates)} times.</p>`
}

function folds(evaluation: Evaluation): Html {
  return html`<h2>Folds</h2>
<div class="columns">
${table({
  caption: 'Accuracy of each fold, by the model that was not trained on it',
  head: ['Fold', 'Clips', 'Right', 'Accuracy', 'Balanced accuracy', 'Macro F1'],
  rows: evaluation.folds.map((fold) => [
    fold.fold,
    count(fold.clips),
    count(fold.correct),
    percent(fold.accuracy),
    percent(fold.balancedAccuracy),
    percent(fold.macroF1),
  ]),
  foot: [
    ['Mean', '', '', percent(evaluation.meanAccuracy), '', ''],
    ['Sample standard deviation', '', '', percent(evaluation.sampleStandardDeviation), '', ''],
  ],
})}
${boxPlot(
  evaluation.boxPlot,
  evaluation.folds.map(({ fold, accuracy }) => ({ name: `Fold ${fold}`, value: accuracy })),
  evaluation.meanAccuracy,
)}
</div>
${
  evaluation.published.length === 0
    ? null
    : html`${table({
        caption: 'Published for the same clips and folds',
        head: ['System', 'Mean accuracy', 'This run', 'Source'],
        text: [2, 3],
        rows: evaluation.published.map(({ name, accuracy, source }) => [
          name,
          percent(accuracy),
          evaluation.meanAccuracy >= accuracy ? 'above' : 'below',
          source,
        ]),
      })}<p class="note">Shown since every clip of the complete set was tested on in its official fold.</p>`
}`
}

const MEASURES = [
  { key: 'precision', title: 'Precision' },
  { key: 'recall', title: 'Recall' },
  { key: 'f1', title: 'F1' },
] as const

function classes(evaluation: Evaluation): Html {
  const measures = (row: Pick<ClassReport, 'precision' | 'recall' | 'f1'>) =>
    MEASURES.map(({ key }) => percent(row[key]))
  const { perClass, intervals, folds: byFold } = evaluation
  return html`<h2>Classes</h2>
${table({
  caption: 'All folds together',
  head: ['Class', 'Precision', 'Recall', 'F1', 'F1, 95 % interval', '', 'Support', 'Predicted'],
  rows: perClass.map((row, place) => [
    className(row.className),
    ...measures(row),
    intervalBar(row.f1, intervals.f1[place] ?? null),
    interval(intervals.f1[place] ?? null),
    count(row.support),
    count(row.predicted),
  ]),
  foot: [
    ['Macro average', ...measures(evaluation.macro), '', '', count(evaluation.clips), ''],
    ['Weighted average', ...measures(evaluation.weighted), '', '', count(evaluation.clips), ''],
  ],
})}
${
  byFold.length < 2
    ? null
    : [
        ...MEASURES.map(({ key, title }) => ({
          title: `${title} by fold, percent`,
          cell: (row: ClassReport | undefined) =>
            row && row.support > 0 ? (100 * row[key]).toFixed(1) : MISSING,
        })),
        {
          title: 'Support by fold, clips',
          cell: (row: ClassReport | undefined) => count(row?.support ?? 0),
        },
      ].map(({ title, cell }) =>
        table({
          caption: title,
          head: ['Class', ...byFold.map(({ fold }) => `Fold ${fold}`)],
          rows: evaluation.classes.map(({ name }, place) => [
            className(name),
            ...byFold.map((fold) => cell(fold.perClass[place])),
          ]),
        }),
      )
}`
}

function probabilities({
  classes: lines,
  macroAuc,
  macroAveragePrecision,
  calibration,
  clips,
}: EvaluationCurves) {
  return html`<h2>Probabilities</h2>
<div class="columns">
${shareChart({
  title: 'ROC, each class against the rest',
  xTitle: 'False-positive rate',
  yTitle: 'True-positive rate',
  lines: lines.map((entry) => ({ name: className(entry.className), points: entry.roc })),
  diagonal: true,
})}
${shareChart({
  title: 'Precision and recall',
  xTitle: 'Recall',
  yTitle: 'Precision',
  lines: lines.map((entry) => ({ name: className(entry.className), points: entry.precisionRecall })),
})}
${table({
  caption: 'Areas under the curves',
  head: ['Class', 'Clips', 'ROC AUC', 'Average precision'],
  rows: lines.map((entry, place) => [
    html`${swatch(place)}${className(entry.className)}`,
    count(entry.positives),
    number(entry.roc?.auc ?? null),
    number(entry.precisionRecall?.averagePrecision ?? null),
  ]),
  foot: [['Macro average', count(clips), number(macroAuc), number(macroAveragePrecision)]],
})}
${shareChart({
  title: 'Calibration: accuracy by confidence',
  xTitle: 'Mean confidence',
  yTitle: 'Accuracy',
  dots: calibration.bins.map((bin) => ({
    x: bin.meanConfidence,
    y: bin.accuracy,
    share: bin.clips / clips,
    words: `${plural(bin.clips, ['clip', 'clips'])}, confidence ${percent(bin.meanConfidence)}: ${percent(bin.accuracy)} right`,
  })),
  diagonal: true,
})}
${table({
  caption: `Calibration in ${calibration.binCount} bins of equal width`,
  head: ['Confidence', 'Clips', 'Mean', 'Right'],
  rows: calibration.bins.map((bin) => [
    `${(100 * bin.from).toFixed(0)} to ${percent(bin.to, 0)}`,
    count(bin.clips),
    percent(bin.meanConfidence),
    percent(bin.accuracy),
  ]),
  foot: [['Expected calibration error', '', '', percent(calibration.expectedCalibrationError)]],
})}
</div>`
}

/** Rows of a slice table at the most; the tables as CSV have all. */
const SLICES_SHOWN = 20

function slices(all: EvaluationSlices): Html {
  // Folds have a table of their own.
  const ownGroups = sliceGroups(all).filter(({ title }) => title !== 'Fold')
  return html`<h2>Slices</h2>
<p class="note">Intervals are Wilson’s. They take clips for independent, so they are too narrow where many were cut from one recording.</p>
<div class="columns">
${ownGroups.map(({ title, rows, note }) =>
  table({
    caption:
      rows.length > SLICES_SHOWN
        ? `${title}: the ${SLICES_SHOWN} with the most errors, of ${all.recordings}`
        : `${title}${note ? `: ${note}` : ''}`,
    head: [title, 'Clips', 'Wrong', 'Accuracy', '95 % interval', ''],
    rows: rows
      .slice(0, SLICES_SHOWN)
      .map((row) => [
        row.name,
        count(row.clips),
        count(row.clips - row.correct),
        percent(row.accuracy),
        intervalBar(row.accuracy, row.interval),
        interval(row.interval),
      ]),
  }),
)}
</div>`
}

function errors({ errors: listed, evaluation }: RunReport): Html {
  const wrong = evaluation.folds.reduce((sum, fold) => sum + fold.clips - fold.correct, 0)
  if (listed.length === 0) return html`<h2>Errors</h2><p>No clip was predicted wrong.</p>`
  return html`<h2>Errors</h2>
${table({
  caption: `The ${plural(listed.length, ['error', 'errors'])} with the highest confidence, of ${count(wrong)}`,
  head: ['File', 'Recording', 'Fold', 'Label', 'Predicted', 'Confidence', 'Probability of the label'],
  text: [1, 3, 4],
  rows: listed.map((error) => [
    error.fileName,
    error.recording ?? MISSING,
    error.fold,
    className(error.className),
    className(error.predictedClassName),
    percent(error.confidence),
    percent(error.labelProbability),
  ]),
})}`
}
