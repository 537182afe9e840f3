import { z } from 'zod'
import { type ErrorShape, SoundfoldError } from '../../contract/errors.ts'
import { errorShapeSchema, type JobStatus } from '../../contract/job.ts'
import { type ClipDetail, salienceSchema } from '../../contract/model.ts'
import {
  type Epoch,
  epochSchema,
  type Run,
  type RunSettings,
  resolvedRunSettingsSchema,
  runSchema,
} from '../../contract/run.ts'
import { type Crossing, crossingSchema } from '../../contract/split.ts'
import type { Database } from './open.ts'
import { all, get, json, run, transaction } from './query.ts'

const classListSchema = z.array(z.object({ id: z.int(), name: z.string() }))
/** Classes in the order of a network's outputs. */
export type ClassList = z.infer<typeof classListSchema>

const rowSchema = runSchema.omit({ foldsDone: true }).extend({
  settings: json(resolvedRunSettingsSchema),
  error: json(errorShapeSchema).nullable(),
  foldsDone: json(z.array(z.int())),
  crossing: json(crossingSchema).nullable(),
})

const SELECT = `SELECT runs.id, runs.dataset_id AS datasetId, datasets.name AS datasetName, runs.status, runs.settings,
    runs.settings_hash AS settingsHash, runs.data_fingerprint AS dataFingerprint, runs.created_at AS createdAt,
    runs.finished_at AS finishedAt, runs.engine, runs.error, runs.job_id AS jobId, runs.crossing,
    (SELECT AVG(accuracy) FROM (
      SELECT AVG(predicted_class_id = true_class_id) AS accuracy FROM predictions
      WHERE run_id = runs.id GROUP BY fold)) AS meanAccuracy,
    (SELECT json_group_array(fold) FROM (
      SELECT DISTINCT fold FROM predictions WHERE run_id = runs.id ORDER BY fold)) AS foldsDone
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
  const over = status !== 'queued' && status !== 'running'
  run(db, 'UPDATE runs SET status = @status, error = @error, finished_at = @finishedAt WHERE id = @id', {
    id,
    status,
    error: error && JSON.stringify(error),
    finishedAt: over ? new Date().toISOString() : null,
  })
}

/** Newest first. */
export function listRuns(db: Database, datasetId?: number): Run[] {
  return datasetId === undefined
    ? all(db, rowSchema, `${SELECT} ORDER BY runs.created_at DESC, runs.rowid DESC`)
    : all(
        db,
        rowSchema,
        `${SELECT} WHERE datasets.id = @datasetId ORDER BY runs.created_at DESC, runs.rowid DESC`,
        {
          datasetId,
        },
      )
}

/** @throws SoundfoldError not-found */
export function getRun(db: Database, id: string): Run {
  const found = get(db, rowSchema, `${SELECT} WHERE runs.id = @id`, { id })
  if (!found) throw new SoundfoldError('not-found', `There is no run ${id} in this workspace.`)
  return found
}

/** @throws SoundfoldError not-found */
export function classesOfRun(db: Database, id: string): ClassList {
  const found = get(
    db,
    z.object({ classes: json(classListSchema) }),
    'SELECT classes FROM runs WHERE id = @id',
    { id },
  )
  if (!found) throw new SoundfoldError('not-found', `There is no run ${id} in this workspace.`)
  return found.classes
}

export function removeRun(db: Database, id: string): boolean {
  return run(db, 'DELETE FROM runs WHERE id = @id', { id }).changes > 0
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

export interface Prediction {
  clipId: number
  fold: number
  trueClassId: number
  predictedClassId: number
  /** In the order of the run's classes. */
  probabilities: Float32Array
}

/** All predictions of a fold or none. */
export function addPredictions(db: Database, runId: string, predictions: readonly Prediction[]): void {
  transaction(db, () => {
    for (const { probabilities, ...prediction } of predictions) {
      run(
        db,
        `INSERT OR REPLACE INTO predictions (run_id, clip_id, fold, true_class_id, predicted_class_id, confidence,
           probabilities)
         VALUES (@runId, @clipId, @fold, @trueClassId, @predictedClassId, @confidence, @probabilities)`,
        {
          runId,
          ...prediction,
          confidence: Math.max(...probabilities),
          probabilities: Buffer.from(
            probabilities.buffer,
            probabilities.byteOffset,
            probabilities.byteLength,
          ),
        },
      )
    }
  })
}

const probabilitiesSchema = z
  .instanceof(Uint8Array)
  .transform((bytes) => new Float32Array(Uint8Array.from(bytes).buffer))

const predictionSchema = z.object({
  clipId: z.int(),
  fold: z.int(),
  salience: salienceSchema.nullable(),
  trueClassId: z.int(),
  predictedClassId: z.int(),
  probabilities: probabilitiesSchema,
})

/** Every out-of-fold prediction of the run, by clip. */
export function predictionsOfRun(db: Database, runId: string): z.infer<typeof predictionSchema>[] {
  return all(
    db,
    predictionSchema,
    `SELECT clip_id AS clipId, predictions.fold, salience, true_class_id AS trueClassId,
       predicted_class_id AS predictedClassId, probabilities
     FROM predictions JOIN clips ON clips.id = clip_id WHERE run_id = @runId ORDER BY clip_id`,
    { runId },
  )
}

const clipPredictionSchema = z.object({
  runId: z.string(),
  presetName: z.string(),
  startedAt: z.string(),
  fold: z.int(),
  predictedClassId: z.int(),
  probabilities: probabilitiesSchema,
  classes: json(classListSchema),
})

/** What each run said of a clip, newest run first. */
export function predictionsOfClip(db: Database, clipId: number): ClipDetail['predictions'] {
  return all(
    db,
    clipPredictionSchema,
    `SELECT run_id AS runId, runs.settings ->> '$.preset' AS presetName, runs.created_at AS startedAt,
       predictions.fold, predicted_class_id AS predictedClassId, probabilities, runs.classes
     FROM predictions JOIN runs ON runs.id = run_id WHERE clip_id = @clipId ORDER BY runs.created_at DESC`,
    { clipId },
  ).map(({ classes, probabilities, ...row }) => ({
    ...row,
    probabilities: classes.map(({ id }, index) => ({ classId: id, probability: probabilities[index] ?? 0 })),
  }))
}
