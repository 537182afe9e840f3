import { z } from 'zod'
import { type ClipRow, clipRowSchema, PROBLEM_CODES, salienceSchema } from '../../contract/model.ts'
import { marginOf } from '../evaluation/probability-scores.ts'
import type { Database } from './open.ts'
import { probabilitiesSchema } from './predictions.ts'
import { all, get, json } from './query.ts'

/** What the library's columns are built of, read in steps so that no step holds up the core. */

const clipFactsSchema = z.object({
  id: z.int(),
  fileName: z.string(),
  recording: z.string().nullable(),
  durationSeconds: z.number().nullable(),
  /** What few clips differ in, as `cellFactsSchema` reads it: most clips then cost one value here and not seven. */
  cell: z.string(),
})
export type ClipFacts = z.infer<typeof clipFactsSchema>

const FACTS = `SELECT id, file_name AS fileName, recording, duration_seconds AS durationSeconds,
    json_array(class_id, fold, salience, sample_rate_hz, channels, container || ' ' || codec) AS cell FROM clips`

export const cellFactsSchema = json(
  z.tuple([
    z.int(),
    z.int(),
    salienceSchema.nullable(),
    z.int().nullable(),
    z.int().nullable(),
    z.string().nullable(),
  ]),
).transform(([classId, fold, salience, sampleRateHz, channels, format]) => ({
  classId,
  fold,
  salience,
  sampleRateHz,
  channels,
  format,
}))

/** In the order of their ids. */
export function clipFactsAfter(db: Database, datasetId: number, id: number, limit: number): ClipFacts[] {
  // The plus keeps SQLite from sorting what an index on the dataset finds: ids come in order from the table itself.
  return all(
    db,
    clipFactsSchema,
    `${FACTS} WHERE +dataset_id = @datasetId AND id > @id ORDER BY id LIMIT @limit`,
    { datasetId, id, limit },
  )
}

export function clipFacts(db: Database, id: number): ClipFacts | undefined {
  return get(db, clipFactsSchema, `${FACTS} WHERE id = @id`, { id })
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

const tagsSchema = z.object({ clipId: z.int(), tags: json(z.array(z.string())) })
export type ClipTags = z.infer<typeof tagsSchema>
/** Tags of a range of clips, both ends inclusive; clips without one are left out. */
export function tagsOfClips(db: Database, first: number, last: number): ClipTags[] {
  return all(
    db,
    tagsSchema,
    `SELECT clip_id AS clipId, json_group_array(tag) AS tags FROM clip_tags
     WHERE clip_id BETWEEN @first AND @last GROUP BY clip_id`,
    { first, last },
  )
}
/** Tags of these clips, also of those without one. */
export function tagsOfEach(db: Database, clipIds: readonly number[]): ClipTags[] {
  return all(
    db,
    tagsSchema,
    `SELECT wanted.value AS clipId,
       (SELECT json_group_array(tag) FROM clip_tags WHERE clip_id = wanted.value) AS tags
     FROM json_each(@clipIds) AS wanted`,
    { clipIds: JSON.stringify(clipIds) },
  )
}

const nameSchema = z.object({ id: z.int(), name: z.string() })
/** Clips by file name, then id, from the one after the given. */
export function clipsByName(
  db: Database,
  datasetId: number,
  after: { name: string; id: number },
  limit: number,
) {
  return all(
    db,
    nameSchema,
    `SELECT id, file_name AS name FROM clips
     WHERE dataset_id = @datasetId AND (file_name, id) > (@name, @id) ORDER BY file_name, id LIMIT @limit`,
    { datasetId, ...after, limit },
  )
}

const recordingSchema = z.object({ recording: z.string() })
/** The different recordings in order, from the one after the given. */
export function recordingsAfter(db: Database, datasetId: number, after: string, limit: number): string[] {
  return all(
    db,
    recordingSchema,
    `SELECT DISTINCT recording FROM clips
     WHERE dataset_id = @datasetId AND recording > @after ORDER BY recording LIMIT @limit`,
    { datasetId, after, limit },
  ).map(({ recording }) => recording)
}

const predictionSchema = z.object({
  clipId: z.int(),
  fold: z.int(),
  trueClassId: z.int(),
  predictedClassId: z.int(),
  confidence: z.number(),
})
/** A run's predictions in the order of the clips' ids. */
export function predictionsAfter(db: Database, runId: string, clipId: number, limit: number) {
  return all(
    db,
    predictionSchema,
    `SELECT clip_id AS clipId, fold, true_class_id AS trueClassId, predicted_class_id AS predictedClassId, confidence
     FROM predictions WHERE run_id = @runId AND clip_id > @clipId ORDER BY clip_id LIMIT @limit`,
    { runId, clipId, limit },
  )
}

const marginSchema = z.object({ clipId: z.int(), margin: probabilitiesSchema.transform(marginOf) })
/** Margins of a run's predictions in the order of the clips' ids. */
export function marginsAfter(db: Database, runId: string, clipId: number, limit: number) {
  return all(
    db,
    marginSchema,
    `SELECT clip_id AS clipId, probabilities AS margin
     FROM predictions WHERE run_id = @runId AND clip_id > @clipId ORDER BY clip_id LIMIT @limit`,
    { runId, clipId, limit },
  )
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
  clips(datasetId: number): void
  /** Something of a clip changed that the library filters by. */
  clip(datasetId: number, clipId: number): void
  /** Tags of a clip came or went. */
  tags(clipId: number): void
  /** Something was said in a set of verdicts, or taken from it. */
  verdicts(setId: number): void
  run(runId: string): void
}

/**
 * Listens to this connection's writes by temporary triggers: nothing of them is in the file, and nobody who writes has to
 * think of the library. The callbacks must not use the database. What is filtered by is added here with its table.
 */
export function watchClips(db: Database, writes: ClipWrites): void {
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
