import { flattened } from '../../contract/dotted.ts'
import type { Run } from '../../contract/run.ts'
import { splitWords } from '../../contract/split.ts'
import { bytes, dateTime, longDuration, MISSING, plural } from '../../contract/words.ts'
import { type Html, html } from './html.ts'
import { type Fact, factList } from './page.ts'

/** What a fold said of how it trained. */
export interface FoldNote {
  fold: number
  text: string
}

/** Everything that a run recorded of how it came about, and what its folds said of their training. */
export function provenance({ run, notes }: { run: Run; notes: readonly FoldNote[] }): Html {
  const { settings, record } = run
  const code = (value: string) => html`<code>${value}</code>`
  const listed = (value: object): Fact[] =>
    Object.entries(flattened(value)).map(([title, own]) => ({ title, value: own }))
  const groups: { title: string; facts: Fact[] }[] = [
    {
      title: 'Data',
      facts: [
        { title: 'Dataset', value: run.datasetName },
        { title: 'Data fingerprint', value: code(run.dataFingerprint) },
        {
          title: 'Labels',
          value: settings.verdicts
            ? `verdict set “${settings.verdicts.name}” (${settings.verdicts.fingerprint}): ${plural(settings.verdicts.relabelled, ['clip', 'clips'])} relabelled, ${settings.verdicts.excluded} excluded`
            : 'as imported',
        },
        { title: 'Split', value: splitWords(settings.split) },
        { title: 'Folds held out', value: settings.folds.join(', ') },
        { title: 'Crossing recordings', value: run.crossing?.recordings ?? 'not recorded' },
        { title: 'Left out of training', value: settings.excludeCrossing ? 'what crosses' : 'nothing' },
      ],
    },
    {
      title: 'Run',
      facts: [
        { title: 'Run', value: code(run.id) },
        { title: 'Status', value: run.status },
        { title: 'Seed', value: settings.seed },
        { title: 'Settings hash', value: code(run.settingsHash) },
        { title: 'Created', value: dateTime(run.createdAt) },
        { title: run.status === 'succeeded' ? 'Finished' : 'Stopped', value: dateTime(run.finishedAt) },
        ...(record
          ? [
              { title: 'Extracting and training', value: longDuration(record.workSeconds) },
              { title: 'Starts', value: record.starts },
            ]
          : []),
      ],
    },
    {
      title: 'Machine',
      facts: [
        { title: 'Engine', value: run.engine ?? MISSING },
        { title: 'Processes × threads', value: `${settings.processes} × ${settings.threadsPerProcess}` },
        { title: 'Peak memory of a process', value: bytes(run.peakMemoryBytes) },
        ...(record
          ? [
              { title: 'Program', value: record.code },
              { title: 'Runtime', value: record.runtime },
              {
                title: 'Processor',
                value: `${record.processor}, ${plural(record.cores, ['core', 'cores'])}`,
              },
              { title: 'Memory', value: bytes(record.memoryBytes) },
              { title: 'Platform', value: record.platform },
            ]
          : []),
      ],
    },
    { title: `Network: ${settings.preset}`, facts: listed(settings.network) },
    { title: 'Training', facts: listed(settings.training) },
    {
      title: `Features: ${settings.recipe}`,
      facts: [
        { title: 'Recipe hash', value: code(settings.recipeHash) },
        ...listed(settings.recipeSettings ?? {}),
      ],
    },
    ...(settings.secondRecipe
      ? [
          {
            title: `Second features: ${settings.secondRecipe.name}`,
            facts: [
              { title: 'Recipe hash', value: code(settings.secondRecipe.hash) },
              ...listed(settings.secondRecipe.settings),
            ],
          },
        ]
      : []),
  ]
  return html`<h2>Settings and provenance</h2>
<div class="facts">
${groups.filter(({ facts }) => facts.length > 0).map(({ title, facts }) => factList(title, facts))}
</div>
${notes.length === 0 ? null : html`<h3>What folds said of their training</h3><ul>${notes.map(({ fold, text }) => html`<li>Fold ${fold}: ${text}</li>`)}</ul>`}`
}
