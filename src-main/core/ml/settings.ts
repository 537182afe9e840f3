import { createHash } from 'node:crypto'
import type { z } from 'zod'
import type { Recipe } from '../../contract/embedding.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { RunSettings, runSettingsSchema } from '../../contract/model.ts'
import { parseInput } from '../../contract/parse.ts'
import { TRAINING_DEFAULTS, trainingSchema } from '../../contract/training.ts'
import { recipeHash } from '../features/recipe.ts'
import { architecture } from './architectures/index.ts'

/**
 * Fills in every default.
 * @param recipeNamed - throws for a name that there is not
 * @param folds - of the dataset
 * @param cores - of the machine
 * @throws SoundfoldError invalid-input naming the choices
 */
export function resolveRunSettings(
  given: z.output<typeof runSettingsSchema>,
  recipeNamed: (name: string) => Recipe,
  folds: readonly number[],
  cores: number,
): RunSettings {
  const { preset, settings } = architecture(given.preset)
  const recipe = given.recipe ?? preset.recipe
  const recipeSettings = recipeNamed(recipe)
  if (folds.length < 2)
    throw new SoundfoldError('invalid-input', 'Cross-validation needs clips in at least two folds.', {
      hint: `This dataset has ${folds.length}.`,
    })
  const wanted = given.folds === 'all' ? [...folds] : [...new Set(given.folds)].sort((a, b) => a - b)
  const unknown = wanted.filter((fold) => !folds.includes(fold))
  if (unknown.length > 0)
    throw new SoundfoldError('invalid-input', `The dataset has no fold ${unknown.join(', ')}.`, {
      hint: `Its folds are ${folds.join(', ')}.`,
    })
  // A core a fold: threads of one small network mostly wait for each other.
  const processes = Math.min(given.processes ?? cores, wanted.length)
  return {
    preset: preset.name,
    recipe,
    recipeHash: recipeHash(recipeSettings),
    recipeSettings,
    network: settings(given.network),
    training: parseInput(
      trainingSchema,
      { ...TRAINING_DEFAULTS, ...preset.defaults, ...given.training },
      'settings of training',
    ),
    seed: given.seed,
    folds: wanted,
    engine: given.engine,
    processes,
    threadsPerProcess: given.threadsPerProcess ?? Math.max(1, Math.floor(cores / processes)),
  }
}

const hash = (value: unknown) => createHash('sha256').update(JSON.stringify(value)).digest('hex').slice(0, 16)

/** Equal for runs with the same settings, whatever the order of their keys. */
export function settingsHash(settings: RunSettings): string {
  return hash(Object.entries(settings).sort(([a], [b]) => (a < b ? -1 : 1)))
}

/** Equal for runs on the same audio with the same labels and folds. */
export function dataFingerprint(
  clips: readonly { contentHash: string; classId: number; fold: number }[],
): string {
  return hash(clips.map(({ contentHash, classId, fold }) => `${contentHash} ${classId} ${fold}`).sort())
}
