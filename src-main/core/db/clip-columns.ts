import { z } from 'zod'
import { type ClipRow, clipRowSchema, PROBLEM_CODES, salienceSchema } from '../../contract/model.ts'
import { marginOf } from '../evaluation/probability-scores.ts'
import type { Database } from './open.ts'
import { probabilitiesSchema } from './predictions.ts'
import { all, get, json, numbers, numbersOrNulls, texts } from './query.ts'

/** What the library's columns are built of, read in steps so that no step holds up the core. */

/** Clips in the order of their ids, a column each. */
const clipFactsSchema = z.object({
  ids: numbers,
  fileNames: json(z.array(z.string())),
  recordings: texts,
  durationsSeconds: numbersOrNulls,
  /** What few clips differ in, as `cellFactsOf` reads it: most clips then cost one value here and not seven. */
  cells: json(z.array(z.string())),
})
export type ClipFacts = z.infer<typeof clipFactsSchema>

const FACTS = `SELECT json_group_array(id) AS ids, json_group_array(file_name) AS fileNames,
    json_group_array(recording) AS recordings, json_group_array(duration_seconds) AS durationsSeconds,
    json_group_array(class_id || '|' || fold || '|' || ifnull(salience, '') || '|' || ifnull(sample_rate_hz, '') || '|' ||
      ifnull(channels, '') || '|' || ifnull(container || ' ' || codec, '')) AS cells`
const FACT_COLUMNS =
  'id, file_name, recording, duration_seconds, class_id, fold, salience, sample_rate_hz, channels, container, codec'
const NO_FACTS: ClipFacts = { ids: [], fileNames: [], recordings: [], durationsSeconds: [], cells: [] }

const known = (text: string) => (text === '' ? null : text)
const numberOrNull = z
  .string()
  .transform((text) => (text === '' ? null : Number(text)))
  .pipe(z.int().nullable())
const cellFactsSchema = z
  .tuple([
    z.coerce.number().int(),
    z.coerce.number().int(),
    numberOrNull.pipe(salienceSchema.nullable()),
    numberOrNull,
    numberOrNull,
    z.string().transform(known),
  ])
  .transform(([classId, fold, salience, sampleRateHz, channels, format]) => ({
    classId,
    fold,
    salience,
    sampleRateHz,
    channels,
    format,
  }))
export const cellFactsOf = (cell: string) => cellFactsSchema.parse(cell.split('|'))

export function clipFactsAfter(db: Database, datasetId: number, id: number, limit: number): ClipFacts {
  // The plus keeps SQLite from sorting what an index on the dataset finds: ids come in order from the table itself.
  const sql = `${FACTS} FROM (SELECT ${FACT_COLUMNS} FROM clips
    WHERE +dataset_id = @datasetId AND id > @id ORDER BY id LIMIT @limit)`
  return get(db, clipFactsSchema, sql, { datasetId, id, limit }) ?? NO_FACTS
}

/** Of one clip, or of none. */
export function clipFacts(db: Database, id: number): ClipFacts {
  return get(db, clipFactsSchema, `${FACTS} FROM clips WHERE id = @id`, { id }) ?? NO_FACTS
}

const countSchema = z.object({ clips: z.int() })
export function countClips(db: Database, datasetId: number): number {
  const sql = 'SELECT COALESCE(SUM(clips), 0) AS clips FROM clip_counts WHERE dataset_id = @datasetId'
  return get(db, countSchema, sql, { datasetId })?.clips ?? 0
}

const classSchema = z.object({ classId: z.int(), name: z.string() })
/** By name. */
export function classNames(db: Database, datasetId: number): z.infer<typeof classSchema>[] {
  return all(
    db,
    classSchema,
    'SELECT class_id AS classId, name FROM classes WHERE dataset_id = @datasetId ORDER BY name, class_id',
    { datasetId },
  )
}

const problemSchema = z.object({ clipId: z.int(), code: z.enum(PROBLEM_CODES), count: z.int() })
export type ClipProblems = z.infer<typeof problemSchema>
/** Problems of a range of clips, both ends inclusive. */
export function problemsOfClips(db: Database, first: number, last: number): ClipProblems[] {
  return all(
    db,
    problemSchema,
    `SELECT clip_id AS clipId, code, COUNT(*) AS count FROM problems
     WHERE clip_id BETWEEN @first AND @last GROUP BY clip_id, code`,
    { first, last },
  )
}

const tagsSchema = z.object({ clipIds: numbers, tags: json(z.array(z.string())) })
const TAGS = 'SELECT json_group_array(clip_id) AS clipIds, json_group_array(tag) AS tags'
/** Tags of a range of clips, both ends inclusive, in order; clips without one are left out. */
export function tagsOfClips(db: Database, first: number, last: number): Map<number, string[]> {
  return taggedBy(
    get(
      db,
      tagsSchema,
      `${TAGS} FROM (SELECT clip_id, tag FROM clip_tags WHERE clip_id BETWEEN @first AND @last ORDER BY clip_id, tag)`,
      { first, last },
    ),
  )
}
/** Tags of these clips, as well. */
export function tagsOfEach(db: Database, clipIds: readonly number[]): Map<number, string[]> {
  return taggedBy(
    get(
      db,
      tagsSchema,
      `${TAGS} FROM (SELECT clip_id, tag FROM json_each(@clipIds) AS wanted
         CROSS JOIN clip_tags ON clip_id = wanted.value ORDER BY wanted.key, tag)`,
      { clipIds: JSON.stringify(clipIds) },
    ),
  )
}
function taggedBy(columns: z.infer<typeof tagsSchema> | undefined): Map<number, string[]> {
  const tagged = new Map<number, string[]>()
  for (const [place, clipId] of (columns?.clipIds ?? []).entries()) {
    const tag = columns?.tags[place] ?? ''
    const tags = tagged.get(clipId)
    if (tags) tags.push(tag)
    else tagged.set(clipId, [tag])
  }
  return tagged
}

const namesSchema = z.object({ ids: numbers, last: z.string().nullable() })
/** Ids of clips by file name, then id, from the one after the given; and the last one's name. */
export function clipsByName(
  db: Database,
  datasetId: number,
  after: { name: string; id: number },
  limit: number,
) {
  const sql = `SELECT json_group_array(id) AS ids, max(file_name) AS last FROM (SELECT id, file_name FROM clips
    WHERE dataset_id = @datasetId AND (file_name, id) > (@name, @id) ORDER BY file_name, id LIMIT @limit)`
  return get(db, namesSchema, sql, { datasetId, ...after, limit }) ?? { ids: [], last: null }
}

const idsSchema = z.object({ ids: numbers })
/** Ids of clips by file name, from a position on: for a list whose order is not in memory yet, as an index is passed over. */
export function clipsByNameFrom(db: Database, datasetId: number, offset: number, limit: number): number[] {
  const sql = `SELECT json_group_array(id) AS ids FROM (SELECT id FROM clips
    WHERE dataset_id = @datasetId ORDER BY file_name, id LIMIT @limit OFFSET @offset)`
  return get(db, idsSchema, sql, { datasetId, offset, limit })?.ids ?? []
}

const recordingsSchema = z.object({ recordings: json(z.array(z.string())) })
/** The different recordings in order, from the one after the given. */
export function recordingsAfter(db: Database, datasetId: number, after: string, limit: number): string[] {
  const sql = `SELECT json_group_array(recording) AS recordings FROM (SELECT DISTINCT recording FROM clips
    WHERE dataset_id = @datasetId AND recording > @after ORDER BY recording LIMIT @limit)`
  return get(db, recordingsSchema, sql, { datasetId, after, limit })?.recordings ?? []
}

const predictionsSchema = z.object({
  clipIds: numbers,
  folds: numbers,
  trueClassIds: numbers,
  predictedClassIds: numbers,
  confidences: numbers,
})
const NO_PREDICTIONS: z.infer<typeof predictionsSchema> = {
  clipIds: [],
  folds: [],
  trueClassIds: [],
  predictedClassIds: [],
  confidences: [],
}
/** A run's predictions in the order of the clips' ids, a column each. */
export function predictionsAfter(db: Database, runId: string, clipId: number, limit: number) {
  const sql = `SELECT json_group_array(clip_id) AS clipIds, json_group_array(fold) AS folds,
      json_group_array(true_class_id) AS trueClassIds, json_group_array(predicted_class_id) AS predictedClassIds,
      json_group_array(confidence) AS confidences
    FROM (SELECT clip_id, fold, true_class_id, predicted_class_id, confidence FROM predictions
      WHERE run_id = @runId AND clip_id > @clipId ORDER BY clip_id LIMIT @limit)`
  return get(db, predictionsSchema, sql, { runId, clipId, limit }) ?? NO_PREDICTIONS
}

const marginsSchema = z.object({
  clipIds: numbers,
  probabilities: z
    .string()
    .transform((hex) => new Float32Array(Uint8Array.from(Buffer.from(hex, 'hex')).buffer)),
})
/** Margins of a run's predictions in the order of the clips' ids. */
export function marginsAfter(db: Database, runId: string, clipId: number, limit: number) {
  const sql = `SELECT json_group_array(clip_id) AS clipIds, coalesce(group_concat(hex(probabilities), ''), '') AS probabilities
    FROM (SELECT clip_id, probabilities FROM predictions
      WHERE run_id = @runId AND clip_id > @clipId ORDER BY clip_id LIMIT @limit)`
  const { clipIds, probabilities } = get(db, marginsSchema, sql, { runId, clipId, limit }) ?? {
    clipIds: [],
    probabilities: new Float32Array(),
  }
  // All of a run's have as many classes.
  const classes = probabilities.length / Math.max(1, clipIds.length)
  return {
    clipIds,
    margins: clipIds.map((_, place) =>
      marginOf(probabilities.subarray(place * classes, (place + 1) * classes)),
    ),
  }
}

const rowSchema = clipRowSchema.extend({
  margin: probabilitiesSchema.transform(marginOf).nullable(),
  tags: json(clipRowSchema.shape.tags),
})
/** Rows of the table in the order of the ids; without verdicts. */
export function clipRows(db: Database, ids: readonly number[], runId: string | null): ClipRow[] {
  return all(
    db,
    rowSchema,
    `SELECT clips.id, file_name AS fileName, clips.class_id AS classId, classes.name AS className, clips.fold,
       clips.salience, clips.recording AS "group", duration_seconds AS durationSeconds,
       sample_rate_hz AS sampleRateHz, channels, bits_per_sample AS bitsPerSample, container, codec,
       (SELECT COUNT(*) FROM problems WHERE problems.clip_id = clips.id) AS problems,
       (SELECT json_group_array(tag) FROM clip_tags WHERE clip_tags.clip_id = clips.id) AS tags,
       predictions.predicted_class_id AS predictedClassId, predicted.name AS predictedClassName,
       predictions.confidence, predictions.probabilities AS margin, NULL AS verdict, NULL AS verdictClassName
     FROM json_each(@ids) AS wanted JOIN clips ON clips.id = wanted.value
     JOIN classes ON classes.dataset_id = clips.dataset_id AND classes.class_id = clips.class_id
     LEFT JOIN predictions ON predictions.run_id = @runId AND predictions.clip_id = clips.id
     LEFT JOIN classes AS predicted ON predicted.dataset_id = clips.dataset_id
       AND predicted.class_id = predictions.predicted_class_id
     ORDER BY wanted.key`,
    { ids: JSON.stringify(ids), runId },
  )
}

/** What was written, told while it is written: also by cascades, and also when it is rolled back later. */
export interface ClipWrites {
  /** Clips came or went. */
  clips: (datasetId: number) => void
  /** Something of a clip changed that the library filters by. */
  clip: (datasetId: number, clipId: number) => void
  /** Tags of a clip came or went. */
  tags: (clipId: number) => void
  /** Something was said in a set of verdicts, or taken from it. */
  verdicts: (setId: number) => void
  run: (runId: string) => void
}

const watched = new WeakMap<Database, ClipWrites[]>()

/**
 * Listens to this connection's writes by temporary triggers: nothing of them is in the file, and nobody who writes has to
 * think of the library. The callbacks must not use the database. What is filtered by is added here with its table.
 */
export function watchClips(db: Database, listener: ClipWrites): void {
  const listeners = watched.get(db)
  if (listeners) {
    listeners.push(listener)
    return
  }
  const all = [listener]
  watched.set(db, all)
  const tellAll =
    <A extends unknown[]>(of: (listener: ClipWrites) => (...about: A) => void) =>
    (...about: A) => {
      for (const one of all) of(one)(...about)
    }
  const writes: ClipWrites = {
    clips: tellAll((one) => one.clips),
    clip: tellAll((one) => one.clip),
    tags: tellAll((one) => one.tags),
    verdicts: tellAll((one) => one.verdicts),
    run: tellAll((one) => one.run),
  }
  const integer = z.int()
  const heard = { directOnly: false, varargs: false }
  db.function('library_clips', heard, (datasetId: unknown) => {
    writes.clips(integer.parse(datasetId))
    return null
  })
  db.function('library_clip', heard, (datasetId: unknown, clipId: unknown) => {
    if (clipId !== null) writes.clip(integer.parse(datasetId), integer.parse(clipId))
    return null
  })
  db.function('library_tags', heard, (clipId: unknown) => {
    writes.tags(integer.parse(clipId))
    return null
  })
  db.function('library_verdicts', heard, (setId: unknown) => {
    writes.verdicts(integer.parse(setId))
    return null
  })
  db.function('library_run', heard, (runId: unknown) => {
    writes.run(z.string().parse(runId))
    return null
  })
  const trigger = (table: string, event: string, call: string) =>
    db.exec(`CREATE TEMP TRIGGER library_${table}_${event} AFTER ${event} ON main.${table}
      BEGIN SELECT ${call}; END`)
  trigger('clips', 'INSERT', 'library_clips(NEW.dataset_id)')
  trigger('clips', 'DELETE', 'library_clips(OLD.dataset_id)')
  trigger('clips', 'UPDATE', 'library_clip(NEW.dataset_id, NEW.id)')
  trigger('classes', 'UPDATE', 'library_clips(NEW.dataset_id)')
  trigger('problems', 'INSERT', 'library_clip(NEW.dataset_id, NEW.clip_id)')
  trigger('problems', 'DELETE', 'library_clip(OLD.dataset_id, OLD.clip_id)')
  trigger('clip_tags', 'INSERT', 'library_tags(NEW.clip_id)')
  trigger('clip_tags', 'DELETE', 'library_tags(OLD.clip_id)')
  trigger('verdicts', 'INSERT', 'library_verdicts(NEW.set_id)')
  trigger('verdicts', 'DELETE', 'library_verdicts(OLD.set_id)')
  trigger('predictions', 'INSERT', 'library_run(NEW.run_id)')
  trigger('predictions', 'UPDATE', 'library_run(NEW.run_id)')
  trigger('predictions', 'DELETE', 'library_run(OLD.run_id)')
}
