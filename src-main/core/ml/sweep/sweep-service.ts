import { randomBytes } from 'node:crypto'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import type { z } from 'zod'
import { SoundfoldError, toErrorShape } from '../../../contract/errors.ts'
import type { Sweep, SweepDetail, sweepInputSchema } from '../../../contract/sweep.ts'
import { clipsOfRun, verdictsForRun } from '../../audit/run-labels.ts'
import { type AudioClips, audioClips } from '../../dataset/audio-clips.ts'
import { classesOf, getDataset } from '../../db/datasets.ts'
import {
  getSweep,
  insertSweep,
  removeSweep,
  scoresOfSweep,
  setSweepJob,
  setSweepStatus,
  setTrialError,
  trialsOfSweep,
} from '../../db/sweeps.ts'
import type { JobContext } from '../../jobs/job-queue.ts'
import { clipsForFold } from '../cross-validation.ts'
import type { RunServiceParts } from '../run-service.ts'
import { dataFingerprint } from '../settings.ts'
import { checkTrainable, splitClips } from '../split/split-clips.ts'
import { planSweep, trialInput, visibleClips } from './plan-sweep.ts'
import { rankTrials } from './rank-trials.ts'
import { runTrials } from './run-trials.ts'

type Started = { sweepId: string; jobId: number }

/** Sweeps from a space of settings to ranked trials in the database. */
export class SweepService {
  readonly #parts: RunServiceParts

  constructor(parts: RunServiceParts) {
    this.#parts = parts
  }

  /**
   * Checks every trial's settings, writes the rows and queues the job.
   * @throws SoundfoldError not-found | invalid-input
   */
  start(datasetId: number, request: z.output<typeof sweepInputSchema>): Started {
    const { db, recipes } = this.#parts
    const { name } = getDataset(db, datasetId)
    const asImported = splitClips(audioClips(db, datasetId), request.base.split)
    checkTrainable(name, asImported)
    const setId = request.base.verdicts
    const verdicts = setId === undefined ? undefined : verdictsForRun(db, datasetId, setId, asImported)
    const clips = clipsOfRun(db, asImported, verdicts)
    const folds = [...new Set(clips.map(({ fold }) => fold))].sort((a, b) => a - b)
    const { settings: planned, trials } = planSweep(
      request,
      (recipe) => recipes.named(recipe),
      folds,
      availableParallelism(),
    )
    const settings = { ...planned, ...(verdicts && { verdicts }) }
    const visible = visibleClips(clips, settings)
    for (const trial of trials)
      for (const fold of settings.scoredOn) clipsForFold(visible, fold, trial.settings)
    const id = `${new Date().toISOString().slice(0, 10)}-${randomBytes(4).toString('hex')}`
    insertSweep(db, { id, datasetId, settings, dataFingerprint: dataFingerprint(visible) }, trials)
    return this.#queue(getSweep(db, id), name, visible)
  }

  /**
   * Queues what is left of a sweep; trials that failed are tried again.
   * @throws SoundfoldError not-found | conflict while it runs, when it is done, or when its data has changed
   */
  resume(id: string): Started {
    const { db } = this.#parts
    const sweep = getSweep(db, id)
    if (sweep.status === 'queued' || sweep.status === 'running')
      throw new SoundfoldError('conflict', `Sweep ${id} is still going.`)
    if (sweep.status === 'succeeded') throw new SoundfoldError('conflict', `Sweep ${id} is done.`)
    const { settings, datasetId } = sweep
    const asImported = splitClips(audioClips(db, datasetId), settings.base.split)
    const visible = visibleClips(clipsOfRun(db, asImported, settings.verdicts), settings)
    if (dataFingerprint(visible) !== sweep.dataFingerprint)
      throw new SoundfoldError(
        'conflict',
        `${sweep.datasetName} has other clips, labels or folds than when sweep ${id} began.`,
        {
          hint: 'Its scores could not be compared with new ones: start another sweep.',
        },
      )
    for (const { trial, error } of trialsOfSweep(db, id)) if (error) setTrialError(db, id, trial, null)
    setSweepStatus(db, id, 'queued')
    return this.#queue(sweep, sweep.datasetName, visible)
  }

  /** @throws SoundfoldError not-found */
  detail(id: string): SweepDetail {
    const { db } = this.#parts
    const sweep = getSweep(db, id)
    const trials = rankTrials(sweep, trialsOfSweep(db, id), scoresOfSweep(db, id))
    const [first] = trials
    const best = first?.state === 'scored' ? trialInput(sweep.settings.base, first.changes) : null
    return { sweep, trials, best }
  }

  /** @throws SoundfoldError not-found | conflict while it runs */
  async remove(id: string): Promise<boolean> {
    const { db } = this.#parts
    const { status } = getSweep(db, id)
    if (status === 'queued' || status === 'running')
      throw new SoundfoldError('conflict', `Sweep ${id} is still going.`, { hint: 'Cancel it first.' })
    const removed = removeSweep(db, id)
    await rm(this.#folder(id), { recursive: true, force: true })
    this.#changed()
    return removed
  }

  #queue(sweep: Sweep, datasetName: string, visible: AudioClips): Started {
    const { db, jobs } = this.#parts
    const job = jobs.start({
      kind: 'sweep',
      title: `Sweep ${sweep.settings.base.preset} on ${datasetName}`,
      work: (context) => this.#search(sweep, visible, context),
      dropped: (status) => {
        setSweepStatus(db, sweep.id, status)
        this.#changed()
      },
    })
    setSweepJob(db, sweep.id, job.id)
    this.#changed()
    return { sweepId: sweep.id, jobId: job.id }
  }

  async #search(sweep: Sweep, visible: AudioClips, context: JobContext): Promise<{ sweepId: string }> {
    const { db } = this.#parts
    const { id, datasetId } = sweep
    setSweepStatus(db, id, 'running')
    this.#changed()
    try {
      const classes = classesOf(db, datasetId).map(({ id: classId, name }) => ({ id: classId, name }))
      await runTrials({ sweep, classes, visible, folder: this.#folder(id) }, this.#parts, context)
      setSweepStatus(db, id, 'succeeded')
      await rm(this.#folder(id), { recursive: true, force: true })
      return { sweepId: id }
    } catch (error) {
      if (context.signal.aborted) setSweepStatus(db, id, context.stopped())
      else setSweepStatus(db, id, 'failed', toErrorShape(error))
      throw error
    } finally {
      this.#changed()
    }
  }

  #folder(id: string): string {
    return join(this.#parts.workspaceFolder, 'sweeps', id)
  }

  #changed(): void {
    this.#parts.tell({ name: 'changed', payload: { topic: 'runs' } })
  }
}
