import { SoundfoldError } from '../../contract/errors.ts'
import type { RunSettings } from '../../contract/run.ts'
import type { AudioClips } from '../dataset/audio-clips.ts'
import type { ClassList } from '../evaluation/predictions.ts'
import type { FeatureStore } from '../features/feature-store.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import type { JobContext } from '../jobs/job-queue.ts'
import type { TaskClip } from './cross-validation.ts'

type Recipes = Pick<RecipeBook, 'named'>

/** That a run's pictures are made by. */
export const recipeOf = ({ recipe, recipeSettings }: RunSettings, recipes: Recipes) =>
  recipeSettings ?? recipes.named(recipe)

/**
 * Makes the features of every recipe that the settings name, where they are missing.
 * @throws SoundfoldError unreadable-audio when a clip has none: a run that silently leaves clips out would not be comparable with any other
 */
export async function extractForRun(
  settings: RunSettings,
  clips: AudioClips,
  { features, recipes }: { features: FeatureStore; recipes: Recipes },
  { signal, progress }: Pick<JobContext, 'signal' | 'progress'>,
): Promise<void> {
  const second = settings.secondRecipe ? [settings.secondRecipe.settings] : []
  const wanted = [recipeOf(settings, recipes), ...second, ...(settings.augmentationRecipes ?? [])]
  for (const [index, recipe] of wanted.entries()) {
    const { failed } = await features.extractAll(clips, recipe, signal, (done, total) =>
      progress('Extracting features', index * total + done, wanted.length * total),
    )
    const [first] = failed
    if (first)
      throw new SoundfoldError(
        'unreadable-audio',
        `${failed.length} clips have no features, the first: ${first.message}`,
        { hint: 'Validate the dataset again: clips that can’t be read are then left out of the run.' },
      )
  }
}

/** The clips as folds are given them: label by the place of the class, features by their files. */
export function taskClipsOf(
  settings: RunSettings,
  clips: AudioClips,
  classes: ClassList,
  { features, recipes }: { features: FeatureStore; recipes: Recipes },
): TaskClip[] {
  const recipe = recipeOf(settings, recipes)
  const placeOf = new Map(classes.map(({ id }, place) => [id, place]))
  return clips.map((clip) => ({
    clipId: clip.clipId,
    fold: clip.fold,
    recording: clip.recording,
    label: placeOf.get(clip.classId) ?? 0,
    featurePath: features.path(clip.contentHash, recipe),
    ...(settings.secondRecipe && {
      secondPath: features.path(clip.contentHash, settings.secondRecipe.settings),
    }),
    variantPaths: settings.augmentationRecipes?.map((other) => features.path(clip.contentHash, other)),
  }))
}
