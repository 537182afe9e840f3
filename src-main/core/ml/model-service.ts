import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { recipeShape } from '../../contract/embedding.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { ModelChoice, ModelExport, ModelFormat, PredictionResult } from '../../contract/model-file.ts'
import type { Run } from '../../contract/run.ts'
import { APP_VERSION } from '../app-version.ts'
import { audioClips } from '../dataset/audio-clips.ts'
import { datasetSource } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { classesOfRun, getRun } from '../db/runs.ts'
import type { EvaluationService } from '../evaluation/evaluation-service.ts'
import { contentOf, makeFolder, type NewPlace } from '../export/new-folder.ts'
import type { AudioClip, FeatureStore } from '../features/feature-store.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import type { JobContext } from '../jobs/job-queue.ts'
import { runChildTask } from './child-task.ts'
import { cardOf, cardText } from './model-export/model-card.ts'
import { type ModelTask, modelMessageSchema } from './model-task.ts'
import { modelNamed } from './models.ts'
import { runFolder } from './run-training.ts'
import { splitClips } from './split/split-clips.ts'
import { recipeOf } from './task-clips.ts'

export interface ModelServiceParts {
  db: Database
  workspaceFolder: string
  features: FeatureStore
  recipes: RecipeBook
  evaluations: EvaluationService
  /** `workers/model-process`. */
  entry: URL
}

/** A file that models are asked about; the clip's number where it was named as a clip. */
export interface PredictedSource {
  readonly path: string
  readonly clipId: number | null
}

export type Progress = Pick<JobContext, 'signal' | 'progress'>

/** What can be done with the trained models of a run. */
export class ModelService {
  readonly #parts: ModelServiceParts

  constructor(parts: ModelServiceParts) {
    this.#parts = parts
  }

  /**
   * Checks that there is something to export.
   * @returns what does it: models as files, with a card
   * @throws SoundfoldError not-found | invalid-input for a classical baseline, or a fold without a model
   */
  export(
    runId: string,
    format: ModelFormat,
    choice: ModelChoice,
    target: NewPlace,
  ): (context: Progress) => Promise<ModelExport> {
    const { db, workspaceFolder, evaluations } = this.#parts
    const run = getRun(db, runId)
    const { preset } = run.settings
    if (modelNamed(preset).kind === 'classical')
      throw new SoundfoldError('invalid-input', `${preset} is no network: only networks can be exported.`, {
        hint: 'Its predictions on other audio: soundfold predict.',
      })
    const folds = foldsOf(run, typeof choice === 'number' ? choice : undefined)
    const sets = choice === 'each' ? folds.map((fold) => [fold]) : [folds]
    const names = sets.map((set) => ({
      folds: set,
      name: set.length > 1 ? 'ensemble' : `fold-${set[0]}`,
    }))
    const files = names.map(({ folds: own, name }) => ({
      folds: own,
      path: format === 'onnx' ? `${name}.onnx` : name,
    }))
    const inputs = this.#inputs(run)
    return async (context) => {
      const card = cardOf({
        run,
        evaluation: await evaluations.evaluation(runId, {}, context.signal),
        datasetFormat: datasetSource(db, run.datasetId).format,
        format,
        files,
        inputs,
        appVersion: APP_VERSION,
      })
      const { folder, result } = await makeFolder(target, async (work) => {
        const task: ModelTask = {
          kind: 'export',
          preset,
          runFolder: runFolder(workspaceFolder, runId),
          format,
          files: files.map((file) => ({ ...file, path: join(work, file.path) })),
          inputs: inputs.map(({ name, rows, frames }) => ({ name, rows, frames })),
          producerVersion: APP_VERSION,
          about: {
            description: `${preset}, trained on ${run.datasetName}: see card.md`,
            labels: JSON.stringify(card.labels),
            recipes: JSON.stringify(inputs.map(({ settings }) => settings)),
            run: runId,
          },
        }
        await runModels(this.#parts.entry, task, 'Exporting', context)
        await writeFile(join(work, 'card.json'), `${JSON.stringify(card, null, 2)}\n`)
        await writeFile(join(work, 'card.md'), cardText(card))
        context.signal.throwIfAborted()
        return contentOf(work)
      })
      return { folder, ...result, folds }
    }
  }

  /**
   * Asks models about audio files, of the dataset or any others. Files that can't be read are listed and left out.
   * @param fold - whose model; the mean of all when left out
   * @throws SoundfoldError not-found | missing-file | engine-unavailable; the signal's reason
   */
  async predict(
    runId: string,
    sources: readonly PredictedSource[],
    fold: number | undefined,
    context: Progress,
  ): Promise<PredictionResult> {
    const { db, features, recipes, workspaceFolder } = this.#parts
    const run = getRun(db, runId)
    const folds = foldsOf(run, fold)
    const { settings } = run
    const failed: PredictionResult['failed'] = []
    const clips = await hashed(sources, failed, context)
    const second = settings.secondRecipe ? [settings.secondRecipe.settings] : []
    const wanted = [recipeOf(settings, recipes), ...second]
    let usable = clips
    for (const recipe of wanted) {
      const extracted = await features.extractAll(usable, recipe, context.signal, (done, total) =>
        context.progress('Extracting features', done, total),
      )
      failed.push(...extracted.failed.map(({ file, message }) => ({ file, message })))
      const out = new Set(extracted.failed.map(({ clipId }) => clipId))
      usable = usable.filter(({ clipId }) => !out.has(clipId))
    }
    const { probabilities } = await runModels(
      this.#parts.entry,
      {
        kind: 'predict',
        preset: settings.preset,
        runFolder: runFolder(workspaceFolder, runId),
        folds,
        engine: settings.engine,
        threads: settings.threadsPerProcess,
        clips: usable.map(({ contentHash }) => wanted.map((recipe) => features.path(contentHash, recipe))),
      },
      'Predicting',
      context,
    )
    const learnt = new Map(
      splitClips(audioClips(db, run.datasetId), settings.split).map((clip) => [clip.contentHash, clip.fold]),
    )
    return {
      runId,
      classes: classesOfRun(db, runId).map(({ name }) => name),
      folds,
      predicted: usable.map(({ clipId: place, path, contentHash }, index) => ({
        file: path,
        clipId: sources[place]?.clipId ?? null,
        probabilities: Array.from(probabilities[index] ?? []),
        fold: learnt.get(contentHash) ?? null,
      })),
      failed,
    }
  }

  #inputs({ settings }: Run) {
    const first = { recipe: settings.recipe, settings: recipeOf(settings, this.#parts.recipes) }
    const { secondRecipe: second } = settings
    const all = second ? [first, { recipe: second.name, settings: second.settings }] : [first]
    return all.map((own, index) => ({
      name: index === 0 ? 'features' : `features${index + 1}`,
      ...recipeShape(own.settings),
      ...own,
    }))
  }
}

/** Has the process of the models do a task. @param entry - `workers/model-process` */
export function runModels(entry: URL, task: ModelTask, step: string, { signal, progress }: Progress) {
  return runChildTask({
    entry,
    task,
    message: modelMessageSchema,
    onMessage: (message) => {
      if (message.type === 'progress') progress(step, message.done, message.total)
    },
    signal,
    died: (how, reason) =>
      new SoundfoldError('internal', `The process of the models died (${how})${reason && `: ${reason}`}.`, {
        hint: 'It may have run out of memory: take one fold instead of the ensemble.',
      }),
  })
}

/** @throws SoundfoldError not-found where a fold has no model, or none has */
function foldsOf({ id, foldsDone }: Run, fold: number | undefined): number[] {
  if (foldsDone.length === 0)
    throw new SoundfoldError('not-found', `Run ${id} has no trained model yet.`, {
      hint: 'The first comes when its first fold has ended.',
    })
  if (fold === undefined) return foldsDone
  if (foldsDone.includes(fold)) return [fold]
  throw new SoundfoldError('not-found', `Run ${id} has no model that held out fold ${fold}.`, {
    hint: `It has those of: ${foldsDone.join(', ')}.`,
  })
}

/** Features are kept by what a file holds. @returns with the place of each source as its `clipId` */
async function hashed(
  files: readonly PredictedSource[],
  failed: PredictionResult['failed'],
  { signal, progress }: Progress,
): Promise<AudioClip[]> {
  const clips: AudioClip[] = []
  for (const [index, { path }] of files.entries()) {
    signal.throwIfAborted()
    progress('Reading files', index, files.length)
    try {
      if (!(await stat(path)).isFile()) throw new Error('it is no file')
      const hash = createHash('sha256')
      await pipeline(createReadStream(path), hash, { signal })
      clips.push({ clipId: index, path, contentHash: hash.digest('hex') })
    } catch (error) {
      signal.throwIfAborted()
      failed.push({
        file: path,
        message: `It can’t be read: ${error instanceof Error ? error.message : error}`,
      })
    }
  }
  return clips
}
