import { availableParallelism, userInfo } from 'node:os'
import { join } from 'node:path'
import type { MethodName, MethodOutput, MethodParams } from '../contract/api.ts'
import { SoundfoldError } from '../contract/errors.ts'
import type { CoreEvent, EventPayload } from '../contract/events.ts'
import type { ClipSelection } from '../contract/library.ts'
import { MOST_PREDICTED } from '../contract/model-file.ts'
import { plural } from '../contract/words.ts'
import { annotationHandlers } from './annotation/annotation-handlers.ts'
import { APP_VERSION } from './app-version.ts'
import { auditHandlers } from './audit/audit-handlers.ts'
import { issueHandlers } from './audit/issue-handlers.ts'
import type { VerdictService } from './audit/verdict-service.ts'
import type { CoreOptions } from './create-core.ts'
import { audioClips, clipFile, exportClips } from './dataset/audio-clips.ts'
import { audioFilesIn } from './dataset/audio-files.ts'
import { type ImportContext, importDataset, relinkDataset, revalidate } from './dataset/import.ts'
import { getDataset, listDatasets, removeDataset } from './db/datasets.ts'
import { featureCounts, forgetFeatures } from './db/features.ts'
import { type Database, SCHEMA_VERSION } from './db/open.ts'
import { validationReport } from './db/problems.ts'
import { epochsOfRun, getRun, listRuns } from './db/runs.ts'
import { listSweeps } from './db/sweeps.ts'
import { generateDemoDataset } from './demo/demo-dataset.ts'
import type { ModelStore } from './embedding/model-store.ts'
import type { EvaluationService } from './evaluation/evaluation-service.ts'
import { exportFeatures } from './export/export-features.ts'
import { exportPlace } from './export/names.ts'
import { cacheParts, pruneCache } from './features/feature-cache.ts'
import type { FeatureStore } from './features/feature-store.ts'
import { describeRecipe, recipeHash } from './features/recipe.ts'
import type { RecipeBook } from './features/recipe-book.ts'
import { historyHandlers } from './history/history-handlers.ts'
import type { Journal } from './history/journal.ts'
import type { JobContext, JobQueue } from './jobs/job-queue.ts'
import type { Library } from './library/library.ts'
import { libraryHandlers } from './library/library-handlers.ts'
import type { AugmentationPreview } from './ml/augmentation-preview.ts'
import { probeEngines } from './ml/engines/probe.ts'
import { explanationHandlers } from './ml/explanation-handlers.ts'
import type { ExplanationService } from './ml/explanation-service.ts'
import type { ModelService } from './ml/model-service.ts'
import { MODELS } from './ml/models.ts'
import type { RunService } from './ml/run-service.ts'
import { previewSplit, splitClips } from './ml/split/split-clips.ts'
import type { SweepService } from './ml/sweep/sweep-service.ts'
import { recordingHandlers } from './recording/recording-handlers.ts'
import type { Recordings } from './recording/recordings.ts'
import { reportHandlers } from './report/report-handlers.ts'
import { spaceHandlers } from './space/space-handlers.ts'
import type { SpaceService } from './space/space-service.ts'
import { tagHandlers } from './tags/tag-handlers.ts'

export type Handlers = {
  [M in MethodName]: (
    params: MethodParams<M>,
    signal: AbortSignal,
  ) => MethodOutput<M> | Promise<MethodOutput<M>>
}

export interface HandlerParts {
  options: CoreOptions
  db: Database
  library: Library
  journal: Journal
  jobs: JobQueue
  features: FeatureStore
  recipes: RecipeBook
  models: ModelStore
  runs: RunService
  sweeps: SweepService
  evaluations: EvaluationService
  trained: ModelService
  verdicts: VerdictService
  explanations: ExplanationService
  spaces: SpaceService
  augmented: AugmentationPreview
  recordings: Recordings
  tell: (event: CoreEvent) => void
}

/** What answers each method of the contract. */
export function createHandlers(parts: HandlerParts): Handlers {
  const {
    options,
    db,
    library,
    jobs,
    features,
    recipes,
    models,
    runs,
    sweeps,
    evaluations,
    trained,
    augmented,
    spaces,
    tell,
  } = parts
  const changed = (...topics: EventPayload<'changed'>['topic'][]) => {
    for (const topic of topics) tell({ name: 'changed', payload: { topic } })
  }
  /** A job that changes datasets. */
  const datasetJob = (
    kind: 'import' | 'validate' | 'demo',
    title: string,
    work: (context: JobContext) => Promise<unknown>,
  ) => {
    const job = jobs.start({
      kind,
      title,
      work: async (context) => {
        const result = await work(context)
        changed('datasets', 'clips', 'annotations', 'verdicts', 'history')
        return result
      },
    })
    return { jobId: job.id }
  }

  /** Which clips of a dataset a request is about: all without a selection. */
  const chosen = async (datasetId: number, selection: ClipSelection | undefined, signal: AbortSignal) => {
    if (!selection) return () => true
    const ids = new Set(await library.selected(datasetId, selection, signal))
    if (ids.size === 0)
      throw new SoundfoldError('invalid-input', 'No clip is selected.', {
        hint: 'Select some in the library first.',
      })
    return (clipId: number) => ids.has(clipId)
  }

  /** What models are asked about: audio files as named, or the clips of a selection whose audio was read. */
  const predictedSources = async (
    asked: { files: string[] } | { datasetId: number; selection: ClipSelection },
    signal: AbortSignal,
  ) => {
    if ('files' in asked) {
      const files = await audioFilesIn(asked.files, MOST_PREDICTED, signal)
      return files.map((path) => ({ path, clipId: null }))
    }
    const wanted = await chosen(asked.datasetId, asked.selection, signal)
    const clips = audioClips(db, asked.datasetId).filter(({ clipId }) => wanted(clipId))
    if (clips.length > MOST_PREDICTED)
      throw new SoundfoldError(
        'invalid-input',
        `${clips.length} clips are more than ${MOST_PREDICTED} at once.`,
        {
          hint: 'Choose fewer. What a run said of its own clips is in its figures already.',
        },
      )
    if (clips.length === 0)
      throw new SoundfoldError('invalid-input', 'None of the chosen clips has audio that could be read.')
    return clips
  }

  return {
    'workspace.info': () => ({
      folder: options.workspaceFolder,
      schemaVersion: SCHEMA_VERSION,
      appVersion: APP_VERSION,
      canChooseFolder: options.chooseFolder !== undefined,
      canDragOut: options.startDrag !== undefined,
      canPrint: options.printPdf !== undefined,
      mediaBase: options.mediaBase,
      cores: availableParallelism(),
      userName: userName(),
    }),
    'shell.chooseFolder': async ({ title }) => ({ folder: (await options.chooseFolder?.(title)) ?? null }),
    'shell.dragClip': ({ clipId }) => {
      options.startDrag?.(clipFile(db, clipId))
      return {}
    },
    'shell.revealClip': ({ clipId }) => {
      const path = clipFile(db, clipId)
      options.revealFile?.(path)
      return { path, shown: options.revealFile !== undefined }
    },
    'shell.chooseModel': async () => ({ file: (await options.chooseModel?.()) ?? null }),

    'datasets.list': () => listDatasets(db),
    'datasets.import': (request) =>
      datasetJob('import', `Import ${request.folder}`, (context) => importDataset(db, request, context)),
    'datasets.relink': ({ datasetId, folder }) => {
      const { name } = getDataset(db, datasetId)
      return datasetJob('import', `Relink ${name}`, (context) =>
        relinkDataset(db, datasetId, folder, context),
      )
    },
    'datasets.validate': ({ datasetId }) => {
      const { name } = getDataset(db, datasetId)
      return datasetJob('validate', `Validate ${name}`, (context) => revalidate(db, datasetId, context))
    },
    'datasets.report': ({ datasetId, limit }) => {
      getDataset(db, datasetId)
      return validationReport(db, datasetId, limit)
    },
    'datasets.remove': async ({ datasetId }) => {
      if (jobs.busy)
        throw new SoundfoldError('conflict', 'A dataset can’t be removed while a job is going.', {
          hint: 'Wait for it or cancel it.',
        })
      const removedClips = removeDataset(db, datasetId)
      await spaces.removeOfDataset(datasetId)
      changed('datasets', 'clips', 'runs')
      return { removedClips }
    },

    ...libraryHandlers(parts),
    ...tagHandlers(parts),
    ...annotationHandlers(parts),
    ...historyHandlers(parts),

    'features.recipes': () => recipes.list(),
    'features.describe': ({ settings }) => describeRecipe('', settings),
    'features.saveRecipe': ({ name, settings }) => {
      const saved = recipes.save(name, settings)
      changed('features')
      return saved
    },
    'features.removeRecipe': ({ name }) => {
      recipes.remove(name)
      changed('features')
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
      changed('features')
      return {}
    },
    'features.extract': async ({ datasetId, recipe, selection }, signal) => {
      const { name } = getDataset(db, datasetId)
      const settings = recipes.named(recipe)
      const wanted = await chosen(datasetId, selection, signal)
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
          changed('features')
          return { datasetId, recipe, ...result }
        },
      })
      return { jobId: job.id }
    },

    'features.export': async ({ datasetId, recipe, format, selection }, signal) => {
      const { name } = getDataset(db, datasetId)
      const wanted = await chosen(datasetId, selection, signal)
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
      changed('features')
      return added
    },
    'models.remove': async ({ name }) => {
      if (jobs.busy)
        throw new SoundfoldError('conflict', 'A model can’t be removed while a job is going.', {
          hint: 'Wait for it or cancel it.',
        })
      await models.remove(name)
      changed('features')
      return {}
    },

    'engines.probe': ({ benchmark }, signal) =>
      probeEngines(options.entries.engineProbe, { benchmark }, signal),
    'training.split': ({ datasetId, split }) => previewSplit(splitClips(audioClips(db, datasetId), split)),
    'training.presets': () => MODELS.map(({ preset }) => preset),

    'training.augmented': (request) => augmented.describe(request),
    'runs.start': ({ datasetId, settings }) => runs.start(datasetId, settings),
    'runs.resume': ({ runId }) => runs.resume(runId),
    'runs.pause': ({ runId }) => runs.pause(runId),
    'runs.list': ({ datasetId }) => {
      const listed = listRuns(db, datasetId)
      // One of them is likely to be looked at next.
      evaluations.prepare(listed)
      return listed
    },
    'runs.get': ({ runId }) => getRun(db, runId),
    'runs.epochs': ({ runId }) => {
      getRun(db, runId)
      return epochsOfRun(db, runId)
    },
    'runs.folds': ({ runId }) => runs.folds(runId),
    'runs.log': async ({ runId, fold }) => ({ text: await runs.log(runId, fold) }),
    'runs.evaluation': ({ runId, filter }, signal) => evaluations.evaluation(runId, filter, signal),
    'runs.curves': ({ runId, filter }, signal) => evaluations.curves(runId, filter, signal),
    'runs.slices': ({ runId, filter }, signal) => evaluations.slices(runId, filter, signal),
    'runs.compare': ({ runIds, labels }, signal) => evaluations.compare(runIds, labels, signal),
    'runs.exportModel': ({ runId, format, model }) => {
      const { settings, datasetName } = getRun(db, runId)
      const target = exportPlace(options, [datasetName, settings.preset, format])
      const work = trained.export(runId, format, model, target)
      const job = jobs.start({ kind: 'export', title: `Export ${settings.preset} as ${format}`, work })
      return { jobId: job.id }
    },
    'runs.predict': async ({ runId, fold, ...asked }, signal) => {
      const { settings } = getRun(db, runId)
      const sources = await predictedSources(asked, signal)
      const job = jobs.start({
        kind: 'predict',
        title: `Predict ${'files' in asked ? plural(sources.length, ['file', 'files']) : plural(sources.length, ['clip', 'clips'])} by ${settings.preset}`,
        work: async (context) => {
          const result = await trained.predict(runId, sources, fold, context)
          changed('features')
          return result
        },
      })
      return { jobId: job.id }
    },
    ...recordingHandlers(parts),
    ...reportHandlers(parts),
    ...issueHandlers(parts),
    ...auditHandlers(parts),
    ...explanationHandlers(parts),
    ...spaceHandlers(parts),
    'runs.remove': async ({ runId }) => ({ removed: await runs.remove(runId) }),

    'sweeps.start': ({ datasetId, sweep }) => sweeps.start(datasetId, sweep),
    'sweeps.list': () => listSweeps(db),
    'sweeps.get': ({ sweepId }) => sweeps.detail(sweepId),
    'sweeps.resume': ({ sweepId }) => sweeps.resume(sweepId),
    'sweeps.remove': async ({ sweepId }) => ({ removed: await sweeps.remove(sweepId) }),

    'jobs.list': ({ limit }) => jobs.list(limit),
    'jobs.get': ({ jobId }) => jobs.get(jobId),
    'jobs.cancel': ({ jobId }) => jobs.stop(jobId, 'cancelled'),
    'jobs.move': ({ jobId, place }) => jobs.move(jobId, place),

    'demo.create': ({ seed }) =>
      datasetJob('demo', 'Make the demo dataset', (context) =>
        createDemo(db, options.workspaceFolder, seed, context),
      ),
  }
}

/** As the system knows the person; some have no entry in its list. */
function userName(): string {
  try {
    return userInfo().username || 'unknown'
  } catch {
    return 'unknown'
  }
}

async function createDemo(db: Database, workspaceFolder: string, seed: number, context: ImportContext) {
  const folder = join(workspaceFolder, 'datasets', `demo-${seed}`)
  await generateDemoDataset({
    folder,
    seed,
    signal: context.signal,
    onProgress: (done, total) => context.progress('Making the demo dataset', done, total),
  })
  return importDataset(db, { folder, format: 'urbansound8k', name: `Demo ${seed}` }, context)
}
