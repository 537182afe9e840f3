import type { Job } from '../../../src-main/contract/job.ts'
import type { ModelPreset, Run } from '../../../src-main/contract/run.ts'
import type { Sort } from '../../lib/components/table/columns.ts'
import { readableText } from '../train/setting-texts.ts'
import { type Difference, differences, presetTexts, settingTexts } from '../train/train-form.ts'

/** A run as the list shows it. */
export interface RunRow {
  readonly run: Run
  /** What of its settings is not the preset's, in words. */
  readonly changes: string
  /**
   * From its beginning, or where that is not known from its creation, to its end; of all its starts together where it was
   * resumed.
   */
  readonly seconds: number | null
}

export type RunSortKey =
  | 'createdAt'
  | 'status'
  | 'dataset'
  | 'network'
  | 'recipe'
  | 'accuracy'
  | 'seed'
  | 'seconds'

export function runRow(
  run: Run,
  job: Pick<Job, 'startedAt'> | undefined,
  presets: readonly ModelPreset[],
): RunRow {
  const began = job?.startedAt ?? run.createdAt
  return {
    run,
    changes: changesInWords(runDifferences(run, presets)),
    seconds:
      run.finishedAt === null
        ? null
        : run.record && run.record.starts > 1
          ? run.record.workSeconds
          : (Date.parse(run.finishedAt) - Date.parse(began)) / 1000,
  }
}

/** Settings of a run that are not its preset's; none where the preset is not in this version. */
export function runDifferences({ settings }: Run, presets: readonly ModelPreset[]): Difference[] {
  const preset = presets.find(({ name }) => name === settings.preset)
  return preset ? differences(settingTexts(settings, preset), presetTexts(preset), preset) : []
}

export function changesInWords(differing: readonly Difference[]): string {
  return differing.map(({ field, text }) => `${field.label}: ${readableText(field, text)}`).join(' · ')
}

/** Rows in which every word is found: in the id, dataset, network, recipe, status or changed settings. */
export function filterRuns(rows: readonly RunRow[], text: string): RunRow[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean)
  return rows.filter(({ run, changes }) => {
    const { id, datasetName, settings, status } = run
    const searched = [
      id,
      datasetName,
      settings.preset,
      settings.recipe,
      status,
      `seed ${settings.seed}`,
      changes,
    ]
      .join(' ')
      .toLowerCase()
    return words.every((word) => searched.includes(word))
  })
}

/** In a stable order: equal values newest first, missing ones last. */
export function sortRuns(rows: readonly RunRow[], { key, direction }: Sort<RunSortKey>): RunRow[] {
  const sign = direction === 'asc' ? 1 : -1
  const compare = (a: string | number | null, b: string | number | null) => {
    if (a === null || b === null) return Number(a === null) - Number(b === null)
    if (typeof a === 'number' && typeof b === 'number') return sign * (a - b)
    return sign * String(a).localeCompare(String(b))
  }
  return rows.toSorted(
    (a, b) => compare(valueBy(key, a), valueBy(key, b)) || b.run.createdAt.localeCompare(a.run.createdAt),
  )
}

function valueBy(key: RunSortKey, { run, seconds }: RunRow): string | number | null {
  switch (key) {
    case 'createdAt':
      return run.createdAt
    case 'status':
      return run.status
    case 'dataset':
      return run.datasetName
    case 'network':
      return run.settings.preset
    case 'recipe':
      return run.settings.recipe
    case 'accuracy':
      return run.meanAccuracy
    case 'seed':
      return run.settings.seed
    case 'seconds':
      return seconds
  }
}
