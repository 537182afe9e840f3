import { z } from 'zod'
import { type ErrorShape, notThere } from '../../contract/errors.ts'
import { errorShapeSchema, type JobStatus } from '../../contract/job.ts'
import { type RunSettings, resolvedRunSettingsSchema } from '../../contract/run.ts'
import { type Sweep, type SweepSettings, sweepSchema, sweepSettingsSchema } from '../../contract/sweep.ts'
import type { Database } from './open.ts'
import { all, get, json, run, transaction } from './query.ts'

const rowSchema = sweepSchema.extend({
  settings: json(sweepSettingsSchema),
  error: json(errorShapeSchema).nullable(),
})

const SELECT = `SELECT sweeps.id, sweeps.dataset_id AS datasetId, datasets.name AS datasetName, sweeps.status,
    sweeps.settings, sweeps.data_fingerprint AS dataFingerprint, sweeps.created_at AS createdAt,
    sweeps.finished_at AS finishedAt, sweeps.engine, sweeps.error, sweeps.job_id AS jobId,
    (SELECT COUNT(*) FROM trials WHERE sweep_id = sweeps.id) AS trials,
    (SELECT COUNT(*) FROM trials WHERE sweep_id = sweeps.id AND (error IS NOT NULL OR trial IN (
      SELECT trial FROM trial_scores WHERE sweep_id = sweeps.id))) AS trialsDone
  FROM sweeps JOIN datasets ON datasets.id = sweeps.dataset_id`

/** Sweeps that an earlier process left open did not end by themselves. Called once, when a workspace is opened. */
export function markSweepsInterrupted(db: Database): void {
  run(
    db,
    `UPDATE sweeps SET status = 'interrupted', finished_at = @now WHERE status IN ('queued', 'running')`,
    { now: new Date().toISOString() },
  )
}

/** The sweep with all of its trials. */
export function insertSweep(
  db: Database,
  row: { id: string; datasetId: number; settings: SweepSettings; dataFingerprint: string },
  trials: readonly { changes: Record<string, unknown>; settings: RunSettings }[],
): void {
  transaction(db, () => {
    run(
      db,
      `INSERT INTO sweeps (id, dataset_id, status, settings, data_fingerprint, created_at)
       VALUES (@id, @datasetId, 'queued', @settings, @dataFingerprint, @now)`,
      { ...row, settings: JSON.stringify(row.settings), now: new Date().toISOString() },
    )
    trials.forEach(({ changes, settings }, index) => {
      run(
        db,
        'INSERT INTO trials (sweep_id, trial, changes, settings) VALUES (@id, @trial, @changes, @settings)',
        {
          id: row.id,
          trial: index + 1,
          changes: JSON.stringify(changes),
          settings: JSON.stringify(settings),
        },
      )
    })
  })
}

export function setSweepJob(db: Database, id: string, jobId: number): void {
  run(db, 'UPDATE sweeps SET job_id = @jobId WHERE id = @id', { id, jobId })
}

export function setSweepEngine(db: Database, id: string, engine: string): void {
  run(db, 'UPDATE sweeps SET engine = @engine WHERE id = @id', { id, engine })
}

export function setSweepStatus(
  db: Database,
  id: string,
  status: JobStatus,
  error: ErrorShape | null = null,
): void {
  const over = status !== 'queued' && status !== 'running'
  run(db, 'UPDATE sweeps SET status = @status, error = @error, finished_at = @finishedAt WHERE id = @id', {
    id,
    status,
    error: error && JSON.stringify(error),
    finishedAt: over ? new Date().toISOString() : null,
  })
}

/** Newest first. */
export function listSweeps(db: Database): Sweep[] {
  return all(db, rowSchema, `${SELECT} ORDER BY sweeps.created_at DESC, sweeps.rowid DESC`)
}

/** @throws SoundfoldError not-found */
export function getSweep(db: Database, id: string): Sweep {
  const found = get(db, rowSchema, `${SELECT} WHERE sweeps.id = @id`, { id })
  if (!found) throw notThere('sweep', id)
  return found
}

export function removeSweep(db: Database, id: string): boolean {
  return run(db, 'DELETE FROM sweeps WHERE id = @id', { id }).changes > 0
}

const trialRowSchema = z.object({
  trial: z.int(),
  changes: json(z.record(z.string(), z.unknown())),
  settings: json(resolvedRunSettingsSchema),
  error: json(errorShapeSchema).nullable(),
})
export type TrialRow = z.infer<typeof trialRowSchema>

/** In the order in which they were drawn. */
export function trialsOfSweep(db: Database, id: string): TrialRow[] {
  return all(
    db,
    trialRowSchema,
    'SELECT trial, changes, settings, error FROM trials WHERE sweep_id = @id ORDER BY trial',
    { id },
  )
}

/** @param error - null to try it again */
export function setTrialError(db: Database, id: string, trial: number, error: ErrorShape | null): void {
  run(db, 'UPDATE trials SET error = @error WHERE sweep_id = @id AND trial = @trial', {
    id,
    trial,
    error: error && JSON.stringify(error),
  })
}

const scoreSchema = z.object({
  trial: z.int(),
  rung: z.int(),
  fold: z.int(),
  accuracy: z.number(),
  loss: z.number(),
  seconds: z.number(),
})
export type TrialScore = z.infer<typeof scoreSchema>

export function addTrialScore(db: Database, id: string, score: TrialScore): void {
  run(
    db,
    `INSERT OR REPLACE INTO trial_scores (sweep_id, trial, rung, fold, accuracy, loss, seconds)
     VALUES (@id, @trial, @rung, @fold, @accuracy, @loss, @seconds)`,
    { id, ...score },
  )
}

/** By trial, rung and fold. */
export function scoresOfSweep(db: Database, id: string): TrialScore[] {
  return all(
    db,
    scoreSchema,
    `SELECT trial, rung, fold, accuracy, loss, seconds FROM trial_scores WHERE sweep_id = @id
     ORDER BY trial, rung, fold`,
    { id },
  )
}
