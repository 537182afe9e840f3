import { z } from 'zod'
import { type Job, jobSchema } from '../../contract/job.ts'
import type { JobStore } from '../jobs/job-queue.ts'
import type { Database } from './open.ts'
import { all, get, run } from './query.ts'

const json = z
  .string()
  .nullable()
  .transform((text): unknown => (text === null ? null : JSON.parse(text)))

const rowSchema = z
  .object({ ...jobSchema.omit({ queuePlace: true }).shape, error: json, result: json })
  .transform((row) => jobSchema.parse({ ...row, queuePlace: null }))

const COLUMNS = `id, kind, title, status, step, done, total, created_at AS createdAt, started_at AS startedAt,
  finished_at AS finishedAt, error, result, run_id AS runId`

const toRow = (job: Omit<Job, 'id' | 'queuePlace'>) => ({
  kind: job.kind,
  title: job.title,
  status: job.status,
  step: job.step,
  done: job.done,
  total: job.total,
  createdAt: job.createdAt,
  startedAt: job.startedAt,
  finishedAt: job.finishedAt,
  error: job.error && JSON.stringify(job.error),
  result: job.result === null || job.result === undefined ? null : JSON.stringify(job.result),
  runId: job.runId,
})

/** Jobs as rows. What an earlier process left queued or running is marked interrupted when the store is made. */
export function createJobStore(db: Database): JobStore {
  run(
    db,
    `UPDATE jobs SET status = 'interrupted', finished_at = @now WHERE status IN ('queued', 'running')`,
    { now: new Date().toISOString() },
  )
  return {
    insert(job) {
      const { id } = run(
        db,
        `INSERT INTO jobs (kind, title, status, step, done, total, created_at, started_at, finished_at, error, result,
           run_id)
         VALUES (@kind, @title, @status, @step, @done, @total, @createdAt, @startedAt, @finishedAt, @error, @result,
           @runId)`,
        toRow(job),
      )
      return { ...job, id }
    },
    update(job) {
      run(
        db,
        `UPDATE jobs SET title = @title, status = @status, step = @step, done = @done, total = @total,
           started_at = @startedAt, finished_at = @finishedAt, error = @error, result = @result, run_id = @runId
         WHERE id = @id`,
        {
          id: job.id,
          title: job.title,
          status: job.status,
          step: job.step,
          done: job.done,
          total: job.total,
          startedAt: job.startedAt,
          finishedAt: job.finishedAt,
          error: toRow(job).error,
          result: toRow(job).result,
          runId: job.runId,
        },
      )
    },
    get: (id) => get(db, rowSchema, `SELECT ${COLUMNS} FROM jobs WHERE id = @id`, { id }),
    list: (limit) =>
      all(db, rowSchema, `SELECT ${COLUMNS} FROM jobs ORDER BY id DESC LIMIT @limit`, { limit }),
  }
}
