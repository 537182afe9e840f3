import { z } from 'zod'
import {
  type ClipFacets,
  type ClipFilter,
  type ClipRow,
  type ClipSort,
  clipRowSchema,
  salienceSchema,
} from '../../contract/model.ts'
import type { Database } from './open.ts'
import { all, get, type SqlParameters } from './query.ts'

/** Each filter as a condition; its values are bound. */
const CONDITIONS: Record<Exclude<keyof ClipFilter, 'runId'>, string> = {
  classIds: 'clips.class_id IN (SELECT value FROM json_each(@classIds))',
  folds: 'clips.fold IN (SELECT value FROM json_each(@folds))',
  saliences: 'clips.salience IN (SELECT value FROM json_each(@saliences))',
  text: `(clips.file_name LIKE @text ESCAPE '\\' OR clips.recording LIKE @text ESCAPE '\\')`,
  withProblems: '@withProblems = EXISTS (SELECT 1 FROM problems WHERE problems.clip_id = clips.id)',
  predictedClassIds: 'predictions.predicted_class_id IN (SELECT value FROM json_each(@predictedClassIds))',
  correct: '@correct = (predictions.predicted_class_id = predictions.true_class_id)',
}

/** In a run, a class means the label that the run was scored against. */
const CLASS_IN_RUN = 'predictions.true_class_id IN (SELECT value FROM json_each(@classIds))'

const SORT_COLUMNS: Record<ClipSort['key'], string> = {
  fileName: 'clips.file_name',
  className: 'classes.name',
  fold: 'clips.fold',
  salience: 'clips.salience',
  group: 'clips.recording',
  durationSeconds: 'clips.duration_seconds',
  sampleRateHz: 'clips.sample_rate_hz',
  channels: 'clips.channels',
  confidence: 'predictions.confidence',
}

interface Scope {
  joins: string
  where: string
  parameters: SqlParameters
}

function scope(datasetId: number, filter: ClipFilter, without?: keyof ClipFilter): Scope {
  const parameters: SqlParameters = { datasetId }
  const conditions = ['clips.dataset_id = @datasetId']
  const inRun = filter.runId !== undefined
  if (filter.runId !== undefined) parameters.runId = filter.runId
  const bind = (key: keyof typeof CONDITIONS, value: SqlParameters[string]) => {
    if (key === without) return
    parameters[key] = value
    conditions.push(key === 'classIds' && inRun ? CLASS_IN_RUN : CONDITIONS[key])
  }
  if (filter.classIds) bind('classIds', JSON.stringify(filter.classIds))
  if (filter.folds) bind('folds', JSON.stringify(filter.folds))
  if (filter.saliences) bind('saliences', JSON.stringify(filter.saliences))
  if (filter.text) bind('text', `%${filter.text.replace(/[\\%_]/g, '\\$&')}%`)
  if (filter.withProblems !== undefined) bind('withProblems', filter.withProblems ? 1 : 0)
  if (inRun && filter.predictedClassIds) bind('predictedClassIds', JSON.stringify(filter.predictedClassIds))
  if (inRun && filter.correct !== undefined) bind('correct', filter.correct ? 1 : 0)
  return {
    joins: inRun ? 'JOIN predictions ON predictions.clip_id = clips.id AND predictions.run_id = @runId' : '',
    where: conditions.join(' AND '),
    parameters,
  }
}

const countSchema = z.object({ count: z.int() })

function count(db: Database, { joins, where, parameters }: Scope): number {
  return (
    get(db, countSchema, `SELECT COUNT(*) AS count FROM clips ${joins} WHERE ${where}`, parameters)?.count ??
    0
  )
}

/** A page of the filtered and sorted clips, and how many there are in all. */
export function pageOfClips(
  db: Database,
  query: { datasetId: number; filter: ClipFilter; sort: ClipSort; offset: number; limit: number },
): { total: number; rows: ClipRow[] } {
  const found = scope(query.datasetId, query.filter)
  const inRun = query.filter.runId !== undefined
  const sortKey = query.sort.key === 'confidence' && !inRun ? 'fileName' : query.sort.key
  const direction = query.sort.direction === 'desc' ? 'DESC' : 'ASC'
  const rows = all(
    db,
    clipRowSchema,
    `SELECT clips.id, file_name AS fileName, clips.class_id AS classId, classes.name AS className, clips.fold,
       clips.salience, clips.recording AS "group", duration_seconds AS durationSeconds,
       sample_rate_hz AS sampleRateHz, channels, bits_per_sample AS bitsPerSample, codec,
       (SELECT COUNT(*) FROM problems WHERE problems.clip_id = clips.id) AS problems,
       ${inRun ? 'predictions.predicted_class_id' : 'NULL'} AS predictedClassId,
       ${inRun ? 'predictions.confidence' : 'NULL'} AS confidence
     FROM clips
     JOIN classes ON classes.dataset_id = clips.dataset_id AND classes.class_id = clips.class_id
     ${found.joins}
     WHERE ${found.where}
     ORDER BY ${SORT_COLUMNS[sortKey]} ${direction} NULLS LAST, clips.id
     LIMIT @limit OFFSET @offset`,
    { ...found.parameters, limit: query.limit, offset: query.offset },
  )
  return { total: count(db, found), rows }
}

/** Counts of each value under all the other filters. */
export function facetsOfClips(db: Database, datasetId: number, filter: ClipFilter): ClipFacets {
  const facet = <S extends z.ZodType>(value: S, column: string, own: keyof ClipFilter) => {
    const { joins, where, parameters } = scope(datasetId, filter, own)
    return all(
      db,
      z.object({ value, count: z.int() }),
      `SELECT ${column} AS value, COUNT(*) AS count FROM clips ${joins} WHERE ${where} GROUP BY 1 ORDER BY 1`,
      parameters,
    )
  }
  return {
    total: count(db, scope(datasetId, filter)),
    classes: facet(
      z.int(),
      filter.runId === undefined ? 'clips.class_id' : 'predictions.true_class_id',
      'classIds',
    ),
    folds: facet(z.int(), 'clips.fold', 'folds'),
    saliences: facet(salienceSchema.nullable(), 'clips.salience', 'saliences'),
    withProblems: count(db, scope(datasetId, { ...filter, withProblems: true })),
  }
}
