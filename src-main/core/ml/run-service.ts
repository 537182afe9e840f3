import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import type { z } from 'zod'
import { SoundfoldError, toErrorShape } from '../../contract/errors.ts'
import { isOver } from '../../contract/job.ts'
import type { FoldState, Run, runSettingsSchema } from '../../contract/run.ts'
import type { Split } from '../../contract/split.ts'
import { clipsOfRun, verdictsForRun } from '../audit/run-labels.ts'
import { type AudioClips, audioClips } from '../dataset/audio-clips.ts'
import { classesOf, getDataset } from '../db/datasets.ts'
import { hide, removeHidden } from '../db/hidden.ts'
import {
  classesOfRun,
  foldStatesOfRun,
  getRun,
  insertRun,
  setRunJob,
  setRunRecord,
  setRunStatus,
} from '../db/runs.ts'
import type { ClassList } from '../evaluation/predictions.ts'
import type { JobContext, JobQueue } from '../jobs/job-queue.ts'
import { clipsForFold } from './cross-validation.ts'
import { readFoldLog } from './fold-journal.ts'
import { recordHere } from './run-record.ts'
import { runFolder, type TrainingParts, type TrainingPlan, trainRun } from './run-training.ts'
import { dataFingerprint, resolveRunSettings, settingsHash } from './settings.ts'
import { crossingOf } from './split/crossing.ts'
import { checkTrainable, splitClips } from './split/split-clips.ts'

export interface RunServiceParts extends TrainingParts {
  workspaceFolder: string
  jobs: JobQueue
}

/** Runs from settings to predictions in the database: started, stopped, resumed, removed. */
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
    const { db, recipes } = this.#parts
    const { name, clips: asImported } = this.#trainable(datasetId, given.split)
    const verdicts =
      given.verdicts === undefined ? undefined : verdictsForRun(db, datasetId, given.verdicts, asImported)
    const clips = clipsOfRun(db, asImported, verdicts)
    const foldsWithAudio = [...new Set(clips.map((clip) => clip.fold))].sort((a, b) => a - b)
    const settings = {
      ...resolveRunSettings(given, (recipe) => recipes.named(recipe), foldsWithAudio, availableParallelism()),
      ...(verdicts && { verdicts }),
    }
    for (const fold of settings.folds) clipsForFold(clips, fold, settings)
    const classes = classesOf(db, datasetId).map(({ id, name: className }) => ({ id, name: className }))
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
    return this.#queue(`Train ${settings.preset} on ${name}`, this.#plan(runId, clips, classes))
  }

  /**
   * Queues a run again that was stopped or failed. Finished folds stay; the others go on from their checkpoints.
   * @throws SoundfoldError not-found | conflict where it is not over, has succeeded, or its data are others now
   */
  resume(runId: string): { runId: string; jobId: number } {
    const { db } = this.#parts
    const run = getRun(db, runId)
    if (!isOver(run)) throw new SoundfoldError('conflict', `Run ${runId} is going already.`)
    if (run.status === 'succeeded')
      throw new SoundfoldError('conflict', `Run ${runId} has ended: there is nothing left of it to train.`, {
        hint: 'Start another with the same settings: clone it.',
      })
    const { name, clips: asImported } = this.#trainable(run.datasetId, run.settings.split)
    const clips = clipsOfRun(db, asImported, run.settings.verdicts)
    if (dataFingerprint(clips) !== run.dataFingerprint)
      throw new SoundfoldError(
        'conflict',
        `${name} has other clips, labels or folds than when run ${runId} was started: its folds would not belong together.`,
        { hint: 'Start another run with the same settings: clone it.' },
      )
    setRunStatus(db, runId, 'queued')
    return this.#queue(
      `Resume ${run.settings.preset} on ${name}`,
      this.#plan(runId, clips, classesOfRun(db, runId)),
    )
  }

  /**
   * Stops a run so that it can be resumed: what its folds have of an unfinished epoch is lost. Resolves when it has stopped.
   * @throws SoundfoldError not-found | conflict when it does not go
   */
  async pause(runId: string): Promise<Run> {
    const { db, jobs } = this.#parts
    const run = getRun(db, runId)
    if (isOver(run) || run.jobId === null)
      throw new SoundfoldError('conflict', `Run ${runId} does not go: there is nothing to pause.`)
    await jobs.stop(run.jobId, 'paused')
    return getRun(db, runId)
  }

  folds(runId: string): FoldState[] {
    getRun(this.#parts.db, runId)
    return foldStatesOfRun(this.#parts.db, runId)
  }

  /** @throws SoundfoldError not-found for another run or fold */
  async log(runId: string, fold: number): Promise<string> {
    const { settings } = getRun(this.#parts.db, runId)
    if (!settings.folds.includes(fold))
      throw new SoundfoldError('not-found', `Run ${runId} has no fold ${fold}.`, {
        hint: `It has: ${settings.folds.join(', ')}.`,
      })
    return readFoldLog(this.#folder(runId), fold)
  }

  /** @throws SoundfoldError conflict while it runs */
  async remove(runId: string): Promise<boolean> {
    const { db } = this.#parts
    if (!isOver(getRun(db, runId)))
      throw new SoundfoldError('conflict', `Run ${runId} is still going.`, { hint: 'Cancel it first.' })
    if (!hide(db, 'run', runId)) return false
    this.#changed()
    await removeHidden(db, 'run', runId)
    await rm(this.#folder(runId), { recursive: true, force: true })
    return true
  }

  #trainable(datasetId: number, split: Split): { name: string; clips: AudioClips } {
    const { name } = getDataset(this.#parts.db, datasetId)
    const clips = splitClips(audioClips(this.#parts.db, datasetId), split)
    checkTrainable(name, clips)
    return { name, clips }
  }

  #plan(runId: string, clips: AudioClips, classes: ClassList): Omit<TrainingPlan, 'foldsDone'> {
    const { settings } = getRun(this.#parts.db, runId)
    return { runId, settings, classes, clips, folder: this.#folder(runId) }
  }

  #queue(title: string, plan: Omit<TrainingPlan, 'foldsDone'>): { runId: string; jobId: number } {
    const { db, jobs } = this.#parts
    const { runId } = plan
    const job = jobs.start({
      kind: 'train',
      title,
      runId,
      work: (context) => this.#work(plan, context),
      dropped: (status) => {
        setRunStatus(db, runId, status)
        this.#changed()
      },
    })
    setRunJob(db, runId, job.id)
    this.#changed()
    return { runId, jobId: job.id }
  }

  async #work(plan: Omit<TrainingPlan, 'foldsDone'>, context: JobContext): Promise<{ runId: string }> {
    const { db } = this.#parts
    const { runId } = plan
    const { record: before, foldsDone } = getRun(db, runId)
    const startMs = performance.now()
    const record = { ...recordHere(), starts: (before?.starts ?? 0) + 1 }
    const keepRecord = () =>
      setRunRecord(db, runId, {
        ...record,
        workSeconds: (before?.workSeconds ?? 0) + (performance.now() - startMs) / 1000,
      })
    setRunStatus(db, runId, 'running')
    keepRecord()
    this.#changed()
    try {
      await trainRun(this.#parts, { ...plan, foldsDone }, context)
      setRunStatus(db, runId, 'succeeded')
      return { runId }
    } catch (error) {
      if (context.signal.aborted) setRunStatus(db, runId, context.stopped())
      else setRunStatus(db, runId, 'failed', toErrorShape(error))
      throw error
    } finally {
      keepRecord()
      this.#changed()
    }
  }

  #folder(runId: string): string {
    return runFolder(this.#parts.workspaceFolder, runId)
  }

  #changed(): void {
    this.#parts.tell({ name: 'changed', payload: { topic: 'runs' } })
  }
}
