import { PREDEFINED } from '../../src-main/contract/split.ts'
import { TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'
import type { insertRun } from '../../src-main/core/db/runs.ts'

type RunPlan = Parameters<typeof insertRun>[1]

/** A run to be put into a database, of three folds that were split by the dataset; nothing trains it. */
export function runPlan({
  settings,
  ...plan
}: Pick<RunPlan, 'id' | 'datasetId' | 'classes'> &
  Partial<Omit<RunPlan, 'settings'>> & { settings?: Partial<RunPlan['settings']> }): RunPlan {
  return {
    settings: {
      preset: 'compact-s',
      recipe: 'article',
      recipeHash: 'r',
      network: {},
      training: { ...TRAINING_DEFAULTS, epochs: 1 },
      seed: 73,
      folds: [1, 2, 3],
      engine: 'auto',
      processes: 1,
      threadsPerProcess: 1,
      split: PREDEFINED,
      excludeCrossing: false,
      ...settings,
    },
    settingsHash: 'h',
    dataFingerprint: 'f',
    crossing: { recordings: 0, clips: 0, first: [] },
    ...plan,
  }
}
