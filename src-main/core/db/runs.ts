import { z } from 'zod'
import { type ErrorShape, notThere } from '../../contract/errors.ts'
import { errorShapeSchema, isOver, type JobStatus } from '../../contract/job.ts'
import {
  type Epoch,
  epochSchema,
  type FoldState,
  foldStateSchema,
  type Run,
  type RunRecord,
  type RunSettings,
  resolvedRunSettingsSchema,
  runRecordSchema,
  runSchema,
} from '../../contract/run.ts'
import { type Crossing, crossingSchema } from '../../contract/split.ts'
import type { ClassList } from '../evaluation/predictions.ts'
import { mean, sampleStandardDeviation } from '../evaluation/summary.ts'
import type { Database } from './open.ts'
import { all, get, json, run } from './query.ts'

export const classListSchema = z.array(z.object({ id: z.int(), name: z.string() }))

const rowSchema = runSchema
  .omit({ foldsDone: true, meanAccuracy: true, sampleStandardDeviation: true })
  .extend({
    settings: json(resolvedRunSettingsSchema),
    error: json(errorShapeSchema).nullable(),
    folds: json(z.array(z.object({ fold: z.int(), accuracy: z.number() }))),
    record: json(runRecordSchema).nullable(),
    crossing: json(crossingSchema).nullable(),
  })
  .transform(({ folds, ...row }): Run => {
    const accuracies = folds.map(({ accuracy }) => accuracy)
    return {
      ...row,
      foldsDone: folds.map(({ fold }) => fold),
      meanAccuracy: accuracies.length > 0 ? mean(accuracies) : null,
      sampleStandardDeviation: sampleStandardDeviation(accuracies),
    }
  })

const SELECT = `SELECT runs.id, runs.dataset_id AS datasetId, datasets.name AS datasetName, runs.status, runs.settings,
    runs.settings_hash AS settingsHash, runs.data_fingerprint AS dataFingerprint, runs.created_at AS createdAt,
    runs.finished_at AS finishedAt, runs.engine, runs.error, runs.job_id AS jobId, runs.record, runs.crossing,
    (SELECT MAX(state ->> '$.peakMemoryBytes') FROM run_folds WHERE run_id = runs.id) AS peakMemoryBytes,
    (SELECT json_group_array(json_object('fold', fold, 'accuracy', accuracy)) FROM (
      SELECT fold, CAST(correct AS REAL) / clips AS accuracy FROM fold_counts
      WHERE run_id = runs.id ORDER BY fold)) AS folds
  FROM runs JOIN datasets ON datasets.id = runs.dataset_id`

/** Runs that an earlier process left open did not end by themselves. Called once, when a workspace is opened. */
export function markRunsInterrupted(db: Database): void {
  run(
    db,
    `UPDATE runs SET status = 'interrupted', finished_at = @now WHERE status IN ('queued', 'running')`,
    {
      now: new Date().toISOString(),
    },
  )
}

export function insertRun(
  db: Database,
  row: {
    id: string
    datasetId: number
    settings: RunSettings
    settingsHash: string
    dataFingerprint: string
    classes: ClassList
    crossing: Crossing
  },
): void {
  run(
    db,
    `INSERT INTO runs (id, dataset_id, status, settings, settings_hash, data_fingerprint, classes, crossing, created_at)
     VALUES (@id, @datasetId, 'queued', @settings, @settingsHash, @dataFingerprint, @classes, @crossing, @now)`,
    {
      ...row,
      settings: JSON.stringify(row.settings),
      classes: JSON.stringify(row.classes),
      crossing: JSON.stringify(row.crossing),
      now: new Date().toISOString(),
    },
  )
}

export function setRunJob(db: Database, id: string, jobId: number): void {
  run(db, 'UPDATE runs SET job_id = @jobId WHERE id = @id', { id, jobId })
}

export function setRunEngine(db: Database, id: string, engine: string): void {
  run(db, 'UPDATE runs SET engine = @engine WHERE id = @id', { id, engine })
}

export function setRunStatus(
  db: Database,
  id: string,
  status: JobStatus,
  error: ErrorShape | null = null,
): void {
  run(db, 'UPDATE runs SET status = @status, error = @error, finished_at = @finishedAt WHERE id = @id', {
    id,
    status,
    error: error && JSON.stringify(error),
    finishedAt: isOver({ status }) ? new Date().toISOString() : null,
  })
}

export function setRunRecord(db: Database, id: string, record: RunRecord): void {
  run(db, 'UPDATE runs SET record = @record WHERE id = @id', { id, record: JSON.stringify(record) })
}

export function putFoldState(db: Database, runId: string, state: FoldState): void {
  run(db, 'INSERT OR REPLACE INTO run_folds (run_id, fold, state) VALUES (@runId, @fold, @state)', {
    runId,
    fold: state.fold,
    state: JSON.stringify(state),
  })
}

const foldStateRowSchema = z.object({ state: json(foldStateSchema) })

export function foldStatesOfRun(db: Database, runId: string): FoldState[] {
  return all(db, foldStateRowSchema, 'SELECT state FROM run_folds WHERE run_id = @runId ORDER BY fold', {
    runId,
  }).map(({ state }) => state)
}

/** Newest first. */
export function listRuns(db: Database, datasetId?: number): Run[] {
  return datasetId === undefined
    ? all(db, rowSchema, `${SELECT} WHERE NOT hidden ORDER BY runs.created_at DESC, runs.rowid DESC`)
    : all(
        db,
        rowSchema,
        `${SELECT} WHERE NOT hidden AND datasets.id = @datasetId ORDER BY runs.created_at DESC, runs.rowid DESC`,
        {
          datasetId,
        },
      )
}

/** @throws SoundfoldError not-found */
export function getRun(db: Database, id: string): Run {
  const found = get(db, rowSchema, `${SELECT} WHERE NOT hidden AND runs.id = @id`, { id })
  if (!found) throw notThere('run', id)
  return found
}

/**
 * What a run was asked for, without its results, which take a look at every prediction.
 * @throws SoundfoldError not-found
 */
export function planOfRun(db: Database, id: string): Pick<Run, 'datasetId' | 'settings'> {
  const found = get(
    db,
    z.object({ datasetId: z.int(), settings: json(resolvedRunSettingsSchema) }),
    'SELECT dataset_id AS datasetId, settings FROM runs WHERE NOT hidden AND id = @id',
    { id },
  )
  if (!found) throw notThere('run', id)
  return found
}

/** @throws SoundfoldError not-found */
export function classesOfRun(db: Database, id: string): ClassList {
  const found = get(
    db,
    z.object({ classes: json(classListSchema) }),
    'SELECT classes FROM runs WHERE NOT hidden AND id = @id',
    { id },
  )
  if (!found) throw notThere('run', id)
  return found.classes
}

export function addEpoch(db: Database, runId: string, epoch: Epoch): void {
  run(
    db,
    `INSERT OR REPLACE INTO epochs (run_id, fold, epoch, train_loss, train_accuracy, inner_loss, inner_accuracy,
       test_loss, test_accuracy, learning_rate, seconds)
     VALUES (@runId, @fold, @epoch, @trainLoss, @trainAccuracy, @innerLoss, @innerAccuracy,
       @testLoss, @testAccuracy, @learningRate, @seconds)`,
    { runId, ...epoch },
  )
}

export function epochsOfRun(db: Database, runId: string): Epoch[] {
  return all(
    db,
    epochSchema,
    `SELECT fold, epoch, train_loss AS trainLoss, train_accuracy AS trainAccuracy, inner_loss AS innerLoss,
       inner_accuracy AS innerAccuracy, test_loss AS testLoss, test_accuracy AS testAccuracy,
       learning_rate AS learningRate, seconds
     FROM epochs WHERE run_id = @runId ORDER BY fold, epoch`,
    { runId },
  )
}
