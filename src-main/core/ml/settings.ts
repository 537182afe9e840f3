import { createHash } from 'node:crypto'
import { isDeepStrictEqual } from 'node:util'
import type { z } from 'zod'
import { type Recipe, recipeShape } from '../../contract/embedding.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import { parseInput } from '../../contract/parse.ts'
import type { RunSettings, runSettingsSchema } from '../../contract/run.ts'
import { type Augmentation, SINGLE_PASS, TRAINING_DEFAULTS, trainingSchema } from '../../contract/training.ts'
import { recipeHash } from '../features/recipe.ts'
import type { Architecture } from './architectures/architecture.ts'
import { reducedShape } from './examples.ts'
import { innerFoldOf } from './fold-data.ts'
import { modelNamed } from './models.ts'
import { checkAugmentation } from './picture-level.ts'
import { checkSplit } from './split/split-clips.ts'

/**
 * Fills in every default.
 * @param recipeNamed - throws for a name that there is not
 * @param folds - of the split
 * @param cores - of the machine
 * @throws SoundfoldError invalid-input naming the choices
 */
export function resolveRunSettings(
  given: z.output<typeof runSettingsSchema>,
  recipeNamed: (name: string) => Recipe,
  folds: readonly number[],
  cores: number,
): RunSettings {
  const chosen = modelNamed(given.preset)
  const { preset } = chosen
  if (chosen.kind === 'classical') refuseUnused(given)
  const recipe = given.recipe ?? preset.recipe
  const recipeSettings = recipeNamed(recipe)
  const secondName = given.secondRecipe ?? preset.secondRecipe
  const secondSettings = secondName === undefined ? undefined : recipeNamed(secondName)
  if (chosen.kind === 'network') checkPictures(chosen, recipeSettings, secondSettings)
  checkSplit(given)
  if (folds.length < 2)
    throw new SoundfoldError('invalid-input', 'Cross-validation needs clips in at least two folds.', {
      hint: `This dataset has ${folds.length} of its own: split it by recording instead (--split grouped).`,
    })
  const wanted = given.folds === 'all' ? [...folds] : [...new Set(given.folds)].sort((a, b) => a - b)
  const unknown = wanted.filter((fold) => !folds.includes(fold))
  if (unknown.length > 0)
    throw new SoundfoldError('invalid-input', `There is no fold ${unknown.join(', ')}.`, {
      hint: `The folds are ${folds.join(', ')}.`,
    })
  const layers = [TRAINING_DEFAULTS, preset.defaults, given.training]
  const training = parseInput(
    trainingSchema,
    Object.assign({}, ...layers, {
      augmentation: Object.assign({}, ...layers.map(({ augmentation }) => augmentation)),
    }),
    'settings of training',
  )
  const augmentationRecipes = training.augmentation.recipes.map(recipeNamed)
  checkAugmentation(training.augmentation, recipeSettings, augmentationRecipes)
  if (secondSettings) refuseForTwo(preset.title, training.augmentation)
  if (training.innerFold === 'next') for (const fold of wanted) innerFoldOf(fold, folds)
  // A core a fold: threads of one small network mostly wait for each other.
  const processes = Math.min(given.processes ?? cores, wanted.length)
  return {
    preset: preset.name,
    recipe,
    recipeHash: recipeHash(recipeSettings),
    recipeSettings,
    ...(secondName !== undefined &&
      secondSettings && {
        secondRecipe: { name: secondName, hash: recipeHash(secondSettings), settings: secondSettings },
      }),
    ...(augmentationRecipes.length > 0 && { augmentationRecipes }),
    network: chosen.settings(given.network),
    training,
    split: given.split,
    excludeCrossing: given.excludeCrossing,
    seed: given.seed,
    folds: wanted,
    engine: given.engine,
    processes,
    threadsPerProcess:
      preset.kind === 'classical'
        ? 1
        : (given.threadsPerProcess ?? Math.max(1, Math.floor(cores / processes))),
  }
}

/** @throws SoundfoldError invalid-input */
function checkPictures(network: Architecture, first: Recipe, second: Recipe | undefined): void {
  const pictures = (second ? [first, second] : [first]).map(recipeShape)
  network.check(pictures.map((picture) => reducedShape(picture, network.reduction)))
  const [frames, others = frames] = pictures.map((picture) => picture.frames)
  if (frames !== others)
    throw new SoundfoldError(
      'invalid-input',
      `The two recipes give ${frames} and ${others} frames; ${network.preset.title} needs as many of both.`,
      { hint: 'Choose recipes of one sample rate, duration and hop.' },
    )
}

/** Augmentation that is made for one kind of picture and would leave the other as it is. */
function refuseForTwo(title: string, { gainDb, noise, recipes }: Augmentation): void {
  const unable = Object.entries({ gainDb: gainDb > 0, noise: noise !== null, recipes: recipes.length > 0 })
  const wanted = unable.filter(([, isOn]) => isOn).map(([name]) => name)
  if (wanted.length > 0)
    throw new SoundfoldError(
      'invalid-input',
      `${title} takes two pictures of each clip: augmentation by ${wanted.join(', ')} would change one alone.`,
      { hint: 'Leave it out; flip, time shift, SpecAugment and mixup change both.' },
    )
}

/** A setting that would change nothing is an error, not a belief. What says the same as nothing may be said. */
function refuseUnused({
  preset,
  secondRecipe,
  training,
  engine,
  threadsPerProcess,
}: z.output<typeof runSettingsSchema>): void {
  const single: Record<string, unknown> = SINGLE_PASS
  const unused = Object.entries(training)
    .filter(([key, value]) => value !== undefined && !isDeepStrictEqual(value, single[key]))
    .map(([key]) => key)
  if (secondRecipe !== undefined) unused.push('secondRecipe')
  if (engine !== 'auto') unused.push('engine')
  if (threadsPerProcess !== undefined && threadsPerProcess !== 1) unused.push('threadsPerProcess')
  if (unused.length > 0)
    throw new SoundfoldError('invalid-input', `${preset} has no use for ${unused.join(', ')}.`, {
      hint: 'It learns in one pass on one thread, without an engine: leave such settings out.',
    })
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
