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
const CONDITIONS: Record<Exclude<keyof ClipFilter, 'runId' | 'against'>, string> = {
  classIds: 'clips.class_id IN (SELECT value FROM json_each(@classIds))',
  folds: 'clips.fold IN (SELECT value FROM json_each(@folds))',
  saliences: 'clips.salience IN (SELECT value FROM json_each(@saliences))',
  text: `(clips.file_name LIKE @text ESCAPE '\\' OR clips.recording LIKE @text ESCAPE '\\')`,
  recordings: 'clips.recording IN (SELECT value FROM json_each(@recordings))',
  sampleRatesHz: 'clips.sample_rate_hz IN (SELECT value FROM json_each(@sampleRatesHz))',
  channels: 'clips.channels IN (SELECT value FROM json_each(@channels))',
  durationFromSeconds: 'clips.duration_seconds >= @durationFromSeconds',
  durationBelowSeconds: 'clips.duration_seconds < @durationBelowSeconds',
  withProblems: '@withProblems = EXISTS (SELECT 1 FROM problems WHERE problems.clip_id = clips.id)',
  predictedClassIds: 'predictions.predicted_class_id IN (SELECT value FROM json_each(@predictedClassIds))',
  correct: '@correct = (predictions.predicted_class_id = predictions.true_class_id)',
}
/** In a run, a class means the label that the run was scored against, a fold the one that it held out. */
const CONDITIONS_IN_RUN: Partial<typeof CONDITIONS> = {
  classIds: 'predictions.true_class_id IN (SELECT value FROM json_each(@classIds))',
  folds: 'predictions.fold IN (SELECT value FROM json_each(@folds))',
}
const AGAINST = `EXISTS (SELECT 1 FROM predictions AS other WHERE other.run_id = @againstRunId
  AND other.clip_id = clips.id AND @againstCorrect = (other.predicted_class_id = other.true_class_id))`
const OF_RUN: readonly string[] = ['predictedClassIds', 'correct'] satisfies (keyof typeof CONDITIONS)[]

/** Conditions on `clips`, and on `predictions` where the filter names a run; their values. */
export function conditionsOf(filter: ClipFilter): { conditions: string[]; parameters: SqlParameters } {
  const { runId, against, text, ...others } = filter
  const inRun = runId !== undefined
  const parameters: SqlParameters = {}
  const conditions: string[] = []
  const bind = (key: keyof typeof CONDITIONS, value: SqlParameters[string]) => {
    parameters[key] = value
    conditions.push((inRun && CONDITIONS_IN_RUN[key]) || CONDITIONS[key])
  }
  if (inRun) parameters.runId = runId
  if (text) bind('text', `%${text.replace(/[\\%_]/g, '\\$&')}%`)
  for (const key of OTHERS) {
    const value = others[key]
    if (value === undefined || (!inRun && OF_RUN.includes(key))) continue
    bind(key, Array.isArray(value) ? JSON.stringify(value) : Number(value))
  }
  if (inRun && against) {
    Object.assign(parameters, { againstRunId: against.runId, againstCorrect: Number(against.correct) })
    conditions.push(AGAINST)
  }
  return { conditions, parameters }
}
const OTHERS = [
  'classIds',
  'folds',
  'saliences',
  'recordings',
  'sampleRatesHz',
  'channels',
  'durationFromSeconds',
  'durationBelowSeconds',
  'withProblems',
  'predictedClassIds',
  'correct',
] as const satisfies (keyof typeof CONDITIONS)[]

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

function scope(datasetId: number, filter: ClipFilter): Scope {
  const { conditions, parameters } = conditionsOf(filter)
  return {
    joins:
      filter.runId === undefined
        ? ''
        : 'JOIN predictions ON predictions.clip_id = clips.id AND predictions.run_id = @runId',
    where: ['clips.dataset_id = @datasetId', ...conditions].join(' AND '),
    parameters: { datasetId, ...parameters },
  }
}

const countSchema = z.object({ count: z.int() })

/** A page of the filtered and sorted clips, and how many there are in all. */
export function pageOfClips(
  db: Database,
  query: { datasetId: number; filter: ClipFilter; sort: ClipSort; offset: number; limit: number },
): { total: number; rows: ClipRow[] } {
  const { joins, where, parameters } = scope(query.datasetId, query.filter)
  const inRun = query.filter.runId !== undefined
  const sortKey = query.sort.key === 'confidence' && !inRun ? 'fileName' : query.sort.key
  const direction = query.sort.direction === 'desc' ? 'DESC' : 'ASC'
  const order = `ORDER BY ${SORT_COLUMNS[sortKey]} ${direction} NULLS LAST, clips.id`
  const classes =
    'JOIN classes ON classes.dataset_id = clips.dataset_id AND classes.class_id = clips.class_id'
  const rows = all(
    db,
    clipRowSchema,
    // The page's ids come first, so that the rows before it cost no more than their sort keys.
    `WITH page AS MATERIALIZED (
       SELECT clips.id AS page_id FROM clips ${sortKey === 'className' ? classes : ''} ${joins} WHERE ${where}
       ${order} LIMIT @limit OFFSET @offset)
     SELECT clips.id, file_name AS fileName, clips.class_id AS classId, classes.name AS className, clips.fold,
       clips.salience, clips.recording AS "group", duration_seconds AS durationSeconds,
       sample_rate_hz AS sampleRateHz, channels, bits_per_sample AS bitsPerSample, codec,
       (SELECT COUNT(*) FROM problems WHERE problems.clip_id = clips.id) AS problems,
       ${inRun ? 'predictions.predicted_class_id' : 'NULL'} AS predictedClassId,
       ${inRun ? 'predictions.confidence' : 'NULL'} AS confidence
     FROM page JOIN clips ON clips.id = page_id ${classes} ${joins} ${order}`,
    { ...parameters, limit: query.limit, offset: query.offset },
  )
  const sql = `SELECT COUNT(*) AS count FROM clips ${joins} WHERE ${where}`
  return { total: get(db, countSchema, sql, parameters)?.count ?? 0, rows }
}

const cellSchema = z.object({
  classId: z.int(),
  fold: z.int(),
  salience: salienceSchema.nullable(),
  withProblems: z.int().transform(Boolean),
  count: z.int(),
})
type Cell = z.infer<typeof cellSchema>

/** Counts of each value under all the other filters. */
export function facetsOfClips(db: Database, datasetId: number, filter: ClipFilter): ClipFacets {
  const { classIds, folds, saliences, withProblems, ...others } = filter
  const { joins, where, parameters } = scope(datasetId, others)
  // One pass counts every combination; there are few of them, and each facet is a sum over some.
  const cells = all(
    db,
    cellSchema,
    `SELECT ${filter.runId === undefined ? 'clips.class_id AS classId, clips.fold' : 'predictions.true_class_id AS classId, predictions.fold'},
       clips.salience, EXISTS (SELECT 1 FROM problems WHERE problems.clip_id = clips.id) AS withProblems,
       COUNT(*) AS count
     FROM clips ${joins} WHERE ${where} GROUP BY 1, 2, 3, 4`,
    parameters,
  )
  const passes = {
    classId: (cell: Cell) => classIds?.includes(cell.classId) ?? true,
    fold: (cell: Cell) => folds?.includes(cell.fold) ?? true,
    salience: (cell: Cell) => !saliences || (cell.salience !== null && saliences.includes(cell.salience)),
    withProblems: (cell: Cell) => withProblems === undefined || withProblems === cell.withProblems,
  }
  const without = (own?: keyof typeof passes) =>
    cells.filter((cell) => Object.entries(passes).every(([key, test]) => key === own || test(cell)))
  const sum = (some: readonly Cell[]) => some.reduce((total, { count }) => total + count, 0)
  const facet = <K extends 'classId' | 'fold' | 'salience'>(key: K) =>
    [...Map.groupBy(without(key), (cell): Cell[K] => cell[key])]
      .map(([value, some]) => ({ value, count: sum(some) }))
      .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))
  return {
    total: sum(without()),
    classes: facet('classId'),
    folds: facet('fold'),
    saliences: facet('salience'),
    withProblems: sum(without('withProblems').filter((cell) => cell.withProblems)),
  }
}
