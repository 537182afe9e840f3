import type { RunComparison, RunPair } from '../../contract/evaluation.ts'
import { LABEL_BASIS_WORDS } from '../../contract/label-basis.ts'
import { differenceGroups, pairName, widestDifference } from '../../contract/run-pair.ts'
import {
  count,
  dateTime,
  MISSING,
  percent,
  plural,
  points,
  pointsInterval,
  pValue,
  signed,
} from '../../contract/words.ts'
import { intervalBar } from './charts.ts'
import { type Html, html } from './html.ts'
import { differenceTable } from './matrix.ts'
import { caveatList, page, table } from './page.ts'

export interface ComparisonReport {
  comparison: RunComparison
  datasetName: string
  writtenBy: string
  /** ISO 8601. */
  writtenAt: string
}

/** Runs side by side on the same clips, each later one with the first, as one HTML file. */
export function comparisonReport({
  comparison,
  datasetName,
  writtenBy,
  writtenAt,
}: ComparisonReport): string {
  const { runs, pairs, labels } = comparison
  const title = `${runs.map(({ preset }) => preset).join(', ')} on ${datasetName}`
  return page(
    title,
    html`<h1>${title}</h1><p class="muted">Comparison of ${plural(runs.length, ['run', 'runs'])} on the same clips</p>${labels.verdicts === null ? null : html`<p>${LABEL_BASIS_WORDS[labels.basis].title}: ${LABEL_BASIS_WORDS[labels.basis].text} Verdict set “${labels.verdicts.name}” (${labels.verdicts.fingerprint}): ${plural(labels.verdicts.relabelled, ['clip', 'clips'])} relabelled, ${labels.verdicts.excluded} excluded.</p>`}`,
    [
      summaryTable(comparison),
      pairs.length > 1
        ? html`<p class="note">${pairs.length} runs are each compared with the first. One in twenty such comparisons shows a difference by chance alone.</p>`
        : null,
      pairs.map((pair) => pairSection(pair, comparison)),
    ],
    html`Written by ${writtenBy} on ${dateTime(writtenAt)}. Figures are of out-of-fold predictions of the clips that both runs of a pair predicted under the same label.`,
  )
}

function summaryTable({ runs }: RunComparison): Html {
  const folds = [...new Set(runs.flatMap((run) => run.folds.map(({ fold }) => fold)))].sort((a, b) => a - b)
  return table({
    caption: 'The runs, each on all its own clips',
    head: [
      'Run',
      'Model',
      'Created',
      'Clips',
      'Mean accuracy',
      'Pooled',
      'Macro F1',
      ...folds.map((fold) => `Fold ${fold}`),
    ],
    text: [1],
    rows: runs.map((run) => [
      html`<code>${run.runId}</code>`,
      run.preset,
      dateTime(run.createdAt),
      count(run.clips),
      percent(run.meanAccuracy),
      percent(run.pooledAccuracy),
      percent(run.macroF1),
      ...folds.map((fold) => percent(run.folds.find((own) => own.fold === fold)?.accuracy ?? null)),
    ]),
  })
}

function pairSection(pair: RunPair, { runs, classes }: RunComparison): Html {
  const [first, second] = [pairName(runs, pair.first), pairName(runs, pair.second)]
  const groups = differenceGroups(pair)
  const widest = widestDifference(groups)
  return html`<h2>${second} compared with ${first}</h2>
<p class="summary">${pair.conclusion}</p>
${caveatList(pair.caveats)}
${groups
  .filter(({ rows }) => rows.length > 0)
  .map(({ title, rows }) =>
    table({
      caption: `${title}: ${second} less ${first}, in percentage points`,
      head: ['', 'Clips', 'First', 'Second', 'Difference', '95 % interval', ''],
      rows: rows.map((row) => [
        row.name,
        count(row.clips),
        percent(row.first),
        percent(row.second),
        points(row.difference),
        intervalBar(row.difference, row.interval, [-widest, widest]),
        pointsInterval(row.interval),
      ]),
    }),
  )}
<div class="columns">
${table({
  caption: 'Clips by who got them right',
  head: ['', 'Second right', 'Second wrong'],
  rows: [
    ['First right', count(pair.bothRight), count(pair.onlyFirstRight)],
    ['First wrong', count(pair.onlySecondRight), count(pair.bothWrong)],
  ],
})}
${table({ caption: 'Tests', head: ['Test', 'Result', 'p'], text: [1], rows: testRows(pair) })}
</div>
<p class="note">McNemar takes clips for independent and these two models as given; the others ask about models trained on other clips. Intervals are made by drawing ${count(pair.bootstrap.recordings)} recordings ${count(pair.bootstrap.replicates)} times.</p>
${differenceTable(classes, pair.confusion)}`
}

function testRows({ mcNemar, tTest, bayesian }: RunPair): string[][] {
  return [
    ['McNemar, exact', '', pValue(mcNemar.exactP)],
    ['McNemar', `chi-square ${mcNemar.chiSquare.toFixed(2)}`, pValue(mcNemar.chiSquareP)],
    tTest
      ? [
          'Corrected t-test over folds (Nadeau & Bengio 2003)',
          `t = ${signed(tTest.statistic)}, ${plural(tTest.degreesOfFreedom, ['degree', 'degrees'])} of freedom`,
          pValue(tTest.p),
        ]
      : ['Corrected t-test over folds (Nadeau & Bengio 2003)', 'takes two folds that differ', MISSING],
    ...(bayesian
      ? [
          ['Bayesian t-test (Corani & Benavoli 2015): first better', percent(bayesian.firstBetter), ''],
          [
            `Within ${(100 * bayesian.rope).toFixed(0)} point of each other`,
            percent(bayesian.equivalent),
            '',
          ],
          ['Second better', percent(bayesian.secondBetter), ''],
        ]
      : []),
  ]
}
