import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import type { Recipe } from '../../contract/embedding.ts'
import { SoundfoldError, toErrorShape } from '../../contract/errors.ts'
import type { CoreEvent } from '../../contract/events.ts'
import type { Job } from '../../contract/job.ts'
import type { RunSettings, runSettingsSchema } from '../../contract/run.ts'
import { type AudioClips, audioClips } from '../dataset/audio-clips.ts'
import { classesOf, getDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { addPredictions } from '../db/predictions.ts'
import { addEpoch, getRun, insertRun, removeRun, setRunEngine, setRunJob, setRunStatus } from '../db/runs.ts'
import type { ClassList } from '../evaluation/predictions.ts'
import type { FeatureStore } from '../features/feature-store.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import type { JobContext, JobQueue } from '../jobs/job-queue.ts'
import { removeCheckpoint } from './checkpoint.ts'
import { crossValidate } from './cross-validation.ts'
import type { FoldOutcome, FoldRunner } from './fold-runner.ts'
import type { FoldMessage } from './fold-task.ts'
import { argMax } from './scoring.ts'
import { dataFingerprint, resolveRunSettings, settingsHash } from './settings.ts'

export interface RunServiceParts {
  db: Database
  workspaceFolder: string
  features: FeatureStore
  recipes: RecipeBook
  jobs: JobQueue
  runner: FoldRunner
  tell: (event: CoreEvent) => void
}

/** Runs from settings to predictions in the database. */
export class RunService {
  readonly #parts: RunServiceParts

  constructor(parts: RunServiceParts) {
    this.#parts = parts
  }

  /**
   * Checks the settings, writes the run's row and queues its job.
   * @throws SoundfoldError not-found | invalid-input
   */
  start(datasetId: number, given: z.output<typeof runSettingsSchema>): { runId: string; jobId: number } {
    const { db, jobs, recipes, tell } = this.#parts
    const dataset = getDataset(db, datasetId)
    const clips = audioClips(db, datasetId)
    if (clips.length === 0)
      throw new SoundfoldError('invalid-input', `${dataset.name} has no clip whose audio can be read.`, {
        hint: 'See its validation report; if the folder was moved, relink it.',
      })
    const foldsWithAudio = [...new Set(clips.map((clip) => clip.fold))].sort((a, b) => a - b)
    const settings = resolveRunSettings(
      given,
      (name) => recipes.named(name),
      foldsWithAudio,
      availableParallelism(),
    )
    const classes = classesOf(db, datasetId).map(({ id, name }) => ({ id, name }))
    const runId = `${new Date().toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`
    insertRun(db, {
      id: runId,
      datasetId,
      settings,
      settingsHash: settingsHash(settings),
      dataFingerprint: dataFingerprint(clips),
      classes,
    })
    const job: Job = jobs.start({
      kind: 'train',
      title: `Train ${settings.preset} on ${dataset.name}`,
      runId,
      work: (context) => this.#train(runId, settings, classes, clips, context),
      dropped: (status) => {
        setRunStatus(db, runId, status)
        tell({ name: 'changed', payload: { topic: 'runs' } })
      },
    })
    setRunJob(db, runId, job.id)
    tell({ name: 'changed', payload: { topic: 'runs' } })
    return { runId, jobId: job.id }
  }

  /** @throws SoundfoldError conflict while it runs */
  async remove(runId: string): Promise<boolean> {
    const { db, workspaceFolder, tell } = this.#parts
    const { status } = getRun(db, runId)
    if (status === 'queued' || status === 'running')
      throw new SoundfoldError('conflict', `Run ${runId} is still going.`, { hint: 'Cancel it first.' })
    const removed = removeRun(db, runId)
    await rm(join(workspaceFolder, 'runs', runId), { recursive: true, force: true })
    tell({ name: 'changed', payload: { topic: 'runs' } })
    return removed
  }

  async #train(
    runId: string,
    settings: RunSettings,
    classes: ClassList,
    clips: AudioClips,
    context: JobContext,
  ): Promise<{ runId: string }> {
    const { db, tell } = this.#parts
    setRunStatus(db, runId, 'running')
    tell({ name: 'changed', payload: { topic: 'runs' } })
    try {
      const usable = await this.#extract(settings, clips, context)
      await this.#crossValidate(runId, settings, classes, usable, context)
      setRunStatus(db, runId, 'succeeded')
      return { runId }
    } catch (error) {
      const stopped = context.signal.aborted
      if (stopped) setRunStatus(db, runId, context.closing() ? 'interrupted' : 'cancelled')
      else setRunStatus(db, runId, 'failed', toErrorShape(error))
      throw error
    } finally {
      tell({ name: 'changed', payload: { topic: 'runs' } })
    }
  }

  async #extract(
    settings: RunSettings,
    clips: AudioClips,
    { signal, progress }: JobContext,
  ): Promise<AudioClips> {
    const second = settings.secondRecipe ? [settings.secondRecipe.settings] : []
    const recipes = [this.#recipeOf(settings), ...second, ...(settings.augmentationRecipes ?? [])]
    for (const [index, recipe] of recipes.entries()) {
      const { failed } = await this.#parts.features.extractAll(clips, recipe, signal, (done, total) =>
        progress('Extracting features', index * total + done, recipes.length * total),
      )
      // A run that silently leaves clips out would not be comparable with any other.
      const [first] = failed
      if (first)
        throw new SoundfoldError(
          'unreadable-audio',
          `${failed.length} clips have no features, the first: ${first.message}`,
          { hint: 'Validate the dataset again: clips that can’t be read are then left out of the run.' },
        )
    }
    return clips
  }

  #recipeOf({ recipe, recipeSettings }: RunSettings): Recipe {
    return recipeSettings ?? this.#parts.recipes.named(recipe)
  }

  async #crossValidate(
    runId: string,
    settings: RunSettings,
    classes: ClassList,
    clips: AudioClips,
    { signal, progress }: JobContext,
  ): Promise<void> {
    const { db, features, runner, tell, workspaceFolder } = this.#parts
    const recipe = this.#recipeOf(settings)
    const checkpointFolder = join(workspaceFolder, 'runs', runId)
    const placeOf = new Map(classes.map(({ id }, place) => [id, place]))
    const clipOf = new Map(clips.map((clip) => [clip.clipId, clip]))
    const total = settings.folds.length * settings.training.epochs
    let done = 0
    progress('Training', 0, total)
    const onMessage = (message: FoldMessage) => {
      if (message.type === 'started') {
        setRunEngine(db, runId, message.engine)
        tell({ name: 'changed', payload: { topic: 'runs' } })
      }
      if (message.type !== 'epoch') return
      addEpoch(db, runId, message.epoch)
      tell({ name: 'epoch', payload: { ...message.epoch, runId } })
      done += 1
      progress('Training', done, total)
    }
    const onFold = (fold: number, { predictions }: FoldOutcome) => {
      addPredictions(
        db,
        runId,
        predictions.map(({ clipId, probabilities }) => ({
          clipId,
          fold,
          trueClassId: clipOf.get(clipId)?.classId ?? 0,
          predictedClassId: classes[argMax(probabilities)]?.id ?? 0,
          probabilities,
        })),
      )
      // The predictions are what it was kept for; one that can't be removed goes with the run.
      removeCheckpoint(checkpointFolder, fold).catch(() => {})
      tell({ name: 'changed', payload: { topic: 'runs' } })
    }
    await crossValidate(
      {
        settings,
        recipe,
        classes: classes.length,
        clips: clips.map((clip) => ({
          clipId: clip.clipId,
          fold: clip.fold,
          label: placeOf.get(clip.classId) ?? 0,
          featurePath: features.path(clip.contentHash, recipe),
          ...(settings.secondRecipe && {
            secondPath: features.path(clip.contentHash, settings.secondRecipe.settings),
          }),
          variantPaths: settings.augmentationRecipes?.map((other) => features.path(clip.contentHash, other)),
        })),
        checkpointFolder,
      },
      runner,
      signal,
      { message: (_fold, message) => onMessage(message), fold: onFold },
    )
  }
}
