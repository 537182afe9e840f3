import { z } from 'zod'
import {
  type Annotation,
  type AnnotationCounts,
  type AnnotationState,
  annotationPageSchema,
  annotationSchema,
} from '../../contract/annotation.ts'
import type { Database } from './open.ts'
import { all, get, json, run } from './query.ts'

/** Names one annotation of a clip. */
export interface AnnotationRef {
  readonly clipId: number
  readonly id: string
}

/** Property → column; the one list that reading and writing share. */
const COLUMN_OF = {
  id: 'id',
  clipId: 'clip_id',
  startSeconds: 'start_seconds',
  endSeconds: 'end_seconds',
  lowHz: 'low_hz',
  highHz: 'high_hz',
  label: 'label',
  salience: 'salience',
  confidence: 'confidence',
  note: 'note',
  author: 'author',
  extra: 'extra',
  createdAt: 'created_at',
  changedAt: 'changed_at',
} as const satisfies Record<keyof Annotation, string>

const properties = Object.entries(COLUMN_OF)
const COLUMNS = properties.map(([name, column]) => `annotations.${column} AS ${name}`).join(', ')
const INSERT = `INSERT INTO annotations (${properties.map(([, column]) => column).join(', ')})
  VALUES (${properties.map(([name]) => `@${name}`).join(', ')})`
const rowSchema = annotationSchema.extend({ extra: json(annotationSchema.shape.extra) })

const stateOf = ({ id: _, clipId: __, ...state }: Annotation): AnnotationState => state

/** The annotations that are named, in order; null for one that is not there. */
export function annotationStates(db: Database, wanted: readonly AnnotationRef[]): (AnnotationState | null)[] {
  const found = all(
    db,
    rowSchema,
    `SELECT ${COLUMNS} FROM json_each(@ids) AS wanted JOIN annotations ON annotations.id = wanted.value`,
    { ids: JSON.stringify(wanted.map(({ id }) => id)) },
  )
  const byId = new Map(found.map((annotation) => [annotation.id, annotation]))
  return wanted.map(({ id, clipId }) => {
    const annotation = byId.get(id)
    return annotation?.clipId === clipId ? stateOf(annotation) : null
  })
}

/** Brings each annotation to its state; null takes it away. */
export function writeAnnotationStates(
  db: Database,
  items: readonly { subject: AnnotationRef; state: AnnotationState | null }[],
): void {
  run(
    db,
    `DELETE FROM annotations WHERE (id, clip_id) IN
       (SELECT value ->> '$.id', value ->> '$.clipId' FROM json_each(@refs))`,
    { refs: JSON.stringify(items.map(({ subject }) => subject)) },
  )
  // Bound one by one: numbers that SQLite reads from JSON may differ in their last digit.
  for (const { subject, state } of items)
    if (state) run(db, INSERT, { ...subject, ...state, extra: JSON.stringify(state.extra) })
}

/** In the order of their times. */
export function annotationsOfClip(db: Database, clipId: number): Annotation[] {
  const sql = `SELECT ${COLUMNS} FROM annotations WHERE clip_id = @clipId ORDER BY start_seconds, end_seconds, id`
  return all(db, rowSchema, sql, { clipId })
}

const OF_DATASET = 'FROM annotations JOIN clips ON clips.id = clip_id WHERE dataset_id = @datasetId'

/** By clip, then in the order of their times. */
export function annotationsOfDataset(db: Database, datasetId: number): Annotation[] {
  return all(
    db,
    rowSchema,
    `SELECT ${COLUMNS} ${OF_DATASET} ORDER BY clip_id, annotations.start_seconds, annotations.end_seconds, annotations.id`,
    {
      datasetId,
    },
  )
}

const pageRowSchema = annotationPageSchema.shape.rows.element.extend({ extra: rowSchema.shape.extra })
const totalSchema = z.object({ total: z.int() })

/** A stretch of a dataset's annotations, by file name and time. */
export function annotationPage(
  db: Database,
  query: {
    datasetId: number
    label?: string | undefined
    author?: string | undefined
    offset: number
    limit: number
  },
): z.infer<typeof annotationPageSchema> {
  const { datasetId, label = null, author = null, offset, limit } = query
  const where = `${OF_DATASET}${label === null ? '' : ' AND label = @label'}${author === null ? '' : ' AND author = @author'}`
  const parameters = { datasetId, label, author }
  return {
    total: get(db, totalSchema, `SELECT COUNT(*) AS total ${where}`, parameters)?.total ?? 0,
    rows: all(
      db,
      pageRowSchema,
      `SELECT ${COLUMNS}, file_name AS fileName ${where}
       ORDER BY file_name, clip_id, annotations.start_seconds, annotations.end_seconds, annotations.id LIMIT @limit OFFSET @offset`,
      { ...parameters, offset, limit },
    ),
  }
}

const countSchema = z.object({ value: z.string(), count: z.int() })
const sumSchema = z.object({ annotations: z.int(), clips: z.int() })

export function annotationCounts(db: Database, datasetId: number): AnnotationCounts {
  const by = (column: 'label' | 'author') =>
    all(
      db,
      countSchema,
      `SELECT ${column} AS value, COUNT(*) AS count ${OF_DATASET} GROUP BY ${column} ORDER BY count DESC, value`,
      { datasetId },
    )
  const sql = `SELECT COUNT(*) AS annotations, COUNT(DISTINCT clip_id) AS clips ${OF_DATASET}`
  return {
    ...(get(db, sumSchema, sql, { datasetId }) ?? { annotations: 0, clips: 0 }),
    labels: by('label'),
    authors: by('author'),
  }
}

const clipIdSchema = z.object({ clipId: z.int() })
/** Clips of a dataset that have annotations. */
export function annotatedClipIds(db: Database, datasetId: number): number[] {
  return all(db, clipIdSchema, `SELECT DISTINCT clip_id AS clipId ${OF_DATASET}`, { datasetId }).map(
    ({ clipId }) => clipId,
  )
}
