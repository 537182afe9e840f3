import { isOver } from '../../../src-main/contract/job.ts'
import type { ModelPreset, Run } from '../../../src-main/contract/run.ts'
import { splitWords } from '../../../src-main/contract/split.ts'
import { bytes, dateTime, labelWords, longDuration, MISSING, plural } from '../../lib/format.ts'
import {
  SETTING_GROUPS,
  type SettingField,
  type SettingTexts,
  TRAINING_FIELDS,
} from '../train/setting-fields.ts'
import { networkFields, readableText, shownFields, textsOf } from '../train/setting-texts.ts'

export interface Fact {
  readonly title: string
  readonly value: string
  /** An identifier, not a word or number. */
  readonly code?: boolean
}
export interface FactGroup {
  readonly title: string
  readonly facts: readonly Fact[]
}

/** Everything that a run recorded of how it came about, in groups. */
export function provenance(run: Run, preset: ModelPreset | undefined): FactGroup[] {
  const { settings } = run
  const training = textsOf(TRAINING_FIELDS, settings.training)
  const groups: FactGroup[] = [
    {
      title: 'Data',
      facts: [
        { title: 'Dataset', value: run.datasetName },
        { title: 'Labels', value: labelWords(settings.verdicts) },
        ...(settings.verdicts
          ? [{ title: 'Verdicts’ fingerprint', value: settings.verdicts.fingerprint, code: true }]
          : []),
        { title: 'Split', value: splitWords(settings.split) },
        { title: 'Crossing recordings', value: crossingWords(run) },
        { title: 'Folds held out', value: settings.folds.join(', ') },
        { title: 'Feature recipe', value: settings.recipe },
        { title: 'Recipe hash', value: settings.recipeHash, code: true },
        ...(settings.secondRecipe
          ? [
              { title: 'Second recipe', value: settings.secondRecipe.name },
              { title: 'Second recipe’s hash', value: settings.secondRecipe.hash, code: true },
            ]
          : []),
        { title: 'Data fingerprint', value: run.dataFingerprint, code: true },
      ],
    },
    {
      title: preset?.kind === 'classical' ? 'Classifier' : 'Network',
      facts: [
        { title: 'Preset', value: settings.preset },
        ...(preset
          ? facts(
              networkFields(preset.networkSettings),
              textsOf(networkFields(preset.networkSettings), settings.network),
            )
          : Object.entries(settings.network).map(([title, value]) => ({ title, value: String(value) }))),
      ],
    },
    ...(preset?.kind === 'classical'
      ? []
      : SETTING_GROUPS.map((title) => ({
          title,
          facts: facts(
            TRAINING_FIELDS.filter(({ group }) => group === title),
            training,
          ),
        }))),
  ]
  const machine: Fact[] = [
    { title: 'Engine', value: run.engine ?? `${settings.engine}, not yet chosen` },
    { title: 'Folds at once', value: String(settings.processes) },
    { title: 'Threads each', value: plural(settings.threadsPerProcess, ['thread', 'threads']) },
    ...groups.filter(({ title }) => title === 'Machine').flatMap((group) => group.facts),
    ...(run.record
      ? [
          {
            title: 'Processor',
            value: `${run.record.processor}, ${plural(run.record.cores, ['core', 'cores'])}`,
          },
          { title: 'Memory', value: bytes(run.record.memoryBytes) },
          { title: 'Platform', value: run.record.platform },
          { title: 'Runtime', value: run.record.runtime },
        ]
      : []),
    { title: 'Peak memory of a process', value: bytes(run.peakMemoryBytes) },
  ]
  const record: Fact[] = [
    { title: 'Run', value: run.id, code: true },
    ...(run.record ? [{ title: 'Soundfold', value: run.record.code, code: true }] : []),
    { title: 'Seed', value: String(settings.seed) },
    { title: 'Settings hash', value: run.settingsHash, code: true },
    { title: 'Created', value: dateTime(run.createdAt) },
    {
      title: run.status === 'succeeded' ? 'Finished' : 'Stopped',
      value: dateTime(run.finishedAt),
    },
    { title: 'From creation to end', value: tookWords(run) },
    ...(run.record
      ? [
          {
            title: 'Extracting and training',
            // What runs now is added at its end.
            value: isOver(run) ? longDuration(run.record.workSeconds) : MISSING,
          },
          { title: 'Starts', value: String(run.record.starts) },
        ]
      : []),
  ]
  return [
    ...groups.filter(({ title, facts: own }) => title !== 'Machine' && own.length > 0),
    { title: 'Machine', facts: machine },
    { title: 'Record', facts: record },
  ]
}

function crossingWords({ crossing, settings }: Run): string {
  if (crossing === null) return 'not recorded'
  if (crossing.recordings === 0) return /* @wc-include */ 'none'
  return `${crossing.recordings}, ${settings.excludeCrossing ? 'left out of training where held out' : 'train all the same'}`
}

function facts(fields: readonly SettingField[], texts: SettingTexts): Fact[] {
  return shownFields(fields, texts).map((field) => ({
    title: field.label,
    value: readableText(field, texts[field.path] ?? ''),
  }))
}

function tookWords({ createdAt, finishedAt }: Run): string {
  if (finishedAt === null) return MISSING
  return longDuration((Date.parse(finishedAt) - Date.parse(createdAt)) / 1000)
}
