import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import { SoundfoldError, toErrorShape } from '../../contract/errors.ts'
import type { CoreEvent } from '../../contract/events.ts'
import type { Job } from '../../contract/job.ts'
import type { Evaluation, RunSettings, runSettingsSchema } from '../../contract/run.ts'
import { type AudioClips, audioClips } from '../dataset/audio-clips.ts'
import { classesOf, getDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import {
  addEpoch,
  addPredictions,
  type ClassList,
  classesOfRun,
  getRun,
  insertRun,
  predictionsOfRun,
  removeRun,
  setRunEngine,
  setRunJob,
  setRunStatus,
} from '../db/runs.ts'
import type { FeatureStore } from '../features/feature-store.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import type { JobContext, JobQueue } from '../jobs/job-queue.ts'
import { removeCheckpoint } from './checkpoint.ts'
import { clipsForFold, crossValidate } from './cross-validation.ts'
import type { FoldOutcome, FoldRunner } from './fold-runner.ts'
import type { FoldMessage } from './fold-task.ts'
import { evaluate } from './metrics.ts'
import { argMax } from './scoring.ts'
import { dataFingerprint, resolveRunSettings, settingsHash } from './settings.ts'
import { crossingOf } from './split/crossing.ts'
import { splitClips } from './split/split-clips.ts'
import { extractForRun, recipeOf, taskClipsOf } from './task-clips.ts'

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
    const clips = splitClips(audioClips(db, datasetId), given.split)
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
    for (const fold of settings.folds) clipsForFold(clips, fold, settings)
    const classes = classesOf(db, datasetId).map(({ id, name }) => ({ id, name }))
    const runId = `${new Date().toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`
    insertRun(db, {
      id: runId,
      datasetId,
      settings,
      settingsHash: settingsHash(settings),
      dataFingerprint: dataFingerprint(clips),
      classes,
      crossing: crossingOf(clips),
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

  evaluation(runId: string): Evaluation {
    const { db } = this.#parts
    const { settings } = getRun(db, runId)
    const predictions = predictionsOfRun(db, runId)
    if (predictions.length === 0)
      throw new SoundfoldError('not-found', `Run ${runId} has no predictions yet.`, {
        hint: 'They come when its first fold has ended.',
      })
    return {
      ...evaluate(runId, classesOfRun(db, runId), predictions, settings.folds),
      split: settings.split,
    }
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
      await extractForRun(settings, clips, this.#parts, context)
      await this.#crossValidate(runId, settings, classes, clips, context)
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

  async #crossValidate(
    runId: string,
    settings: RunSettings,
    classes: ClassList,
    clips: AudioClips,
    { signal, progress }: JobContext,
  ): Promise<void> {
    const { db, recipes, runner, tell, workspaceFolder } = this.#parts
    const checkpointFolder = join(workspaceFolder, 'runs', runId)
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
        recipe: recipeOf(settings, recipes),
        classes: classes.length,
        clips: taskClipsOf(settings, clips, classes, this.#parts),
        checkpointFolder,
      },
      runner,
      signal,
      { message: (_fold, message) => onMessage(message), fold: onFold },
    )
  }
}
