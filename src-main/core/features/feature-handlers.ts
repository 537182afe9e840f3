import { SoundfoldError } from '../../contract/errors.ts'
import { audioClips, exportClips } from '../dataset/audio-clips.ts'
import { getDataset } from '../db/datasets.ts'
import { featureCounts, forgetFeatures } from '../db/features.ts'
import { exportFeatures } from '../export/export-features.ts'
import { exportPlace } from '../export/names.ts'
import type { HandlerParts, Handlers } from '../handlers.ts'
import { wantedClips } from '../library/wanted-clips.ts'
import { cacheParts, pruneCache } from './feature-cache.ts'
import { describeRecipe, recipeHash } from './recipe.ts'

type Parts = Pick<
  HandlerParts,
  'options' | 'db' | 'library' | 'jobs' | 'features' | 'recipes' | 'models' | 'tell'
>
type FeatureMethod = Extract<keyof Handlers, `features.${string}` | `models.${string}`>

/** Recipes, the embedding models that are some of them, and features by them. */
export function featureHandlers(parts: Parts): Pick<Handlers, FeatureMethod> {
  const { options, db, library, jobs, features, recipes, models, tell } = parts
  const changed = () => tell({ name: 'changed', payload: { topic: 'features' } })
  return {
    'features.recipes': () => recipes.list(),
    'features.describe': ({ settings }) => describeRecipe('', settings),
    'features.saveRecipe': ({ name, settings }) => {
      const saved = recipes.save(name, settings)
      changed()
      return saved
    },
    'features.removeRecipe': ({ name }) => {
      recipes.remove(name)
      changed()
      return {}
    },
    'features.status': ({ datasetId, recipe }) => {
      getDataset(db, datasetId)
      const hash = recipeHash(recipes.named(recipe))
      return { datasetId, recipe, recipeHash: hash, ...featureCounts(db, datasetId, hash) }
    },
    'features.cache': () =>
      cacheParts(options.workspaceFolder, new Map(recipes.list().map(({ hash, name }) => [hash, name]))),
    'features.prune': async ({ ids }) => {
      if (jobs.busy)
        throw new SoundfoldError('conflict', 'Features can’t be removed while a job is going.', {
          hint: 'Wait for it or cancel it.',
        })
      await pruneCache(options.workspaceFolder, ids)
      for (const id of ids) forgetFeatures(db, id)
      changed()
      return {}
    },
    'features.extract': async ({ datasetId, recipe, selection }, signal) => {
      const { name } = getDataset(db, datasetId)
      const settings = recipes.named(recipe)
      const wanted = await wantedClips(library, datasetId, selection, signal)
      const job = jobs.start({
        kind: 'features',
        title: `Extract features of ${name}`,
        work: async ({ signal, progress }) => {
          const result = await features.extractAll(
            audioClips(db, datasetId).filter(({ clipId }) => wanted(clipId)),
            settings,
            signal,
            (done, total) => progress('Extracting features', done, total),
          )
          changed()
          return { datasetId, recipe, ...result }
        },
      })
      return { jobId: job.id }
    },

    'features.export': async ({ datasetId, recipe, format, selection }, signal) => {
      const { name } = getDataset(db, datasetId)
      const wanted = await wantedClips(library, datasetId, selection, signal)
      const request = {
        clips: exportClips(db, datasetId).filter(({ clipId }) => wanted(clipId)),
        recipeName: recipe,
        recipe: recipes.named(recipe),
        format,
        target: exportPlace(options, [name, format === 'csv' ? 'summary' : recipe, format]),
      }
      const job = jobs.start({
        kind: 'export',
        title: `Export features of ${name}`,
        work: (context) => exportFeatures(request, features, context),
      })
      return { jobId: job.id }
    },

    'models.list': () => models.list(),
    'models.add': async (request, signal) => {
      const added = await models.add(request, signal)
      changed()
      return added
    },
    'models.remove': async ({ name }) => {
      if (jobs.busy)
        throw new SoundfoldError('conflict', 'A model can’t be removed while a job is going.', {
          hint: 'Wait for it or cancel it.',
        })
      await models.remove(name)
      changed()
      return {}
    },
  }
}
