import { z } from 'zod'
import { notThere } from '../../contract/errors.ts'
import { type ClipDetail, clipDetailSchema, salienceSchema } from '../../contract/model.ts'
import { pause } from '../steps.ts'
import type { Database } from './open.ts'
import { predictionsOfClip } from './predictions.ts'
import { problemsOfClip } from './problems.ts'
import { all, get, run } from './query.ts'
import { tagsOfClip } from './tags.ts'

/** A clip as imported. The audio columns are null together when its file could not be read. */
export const clipRecordSchema = z.object({
  id: z.int(),
  relativePath: z.string(),
  fileName: z.string(),
  classId: z.int(),
  fold: z.int(),
  salience: salienceSchema.nullable(),
  recording: z.string().nullable(),
  startSeconds: z.number().nullable(),
  endSeconds: z.number().nullable(),
  line: z.int(),
  sizeBytes: z.int().nullable(),
  modifiedMs: z.int().nullable(),
  contentHash: z.string().nullable(),
  container: z.string().nullable(),
  codec: z.string().nullable(),
  sampleRateHz: z.int().nullable(),
  channels: z.int().nullable(),
  bitsPerSample: z.int().nullable(),
  durationSeconds: z.number().nullable(),
})
export type ClipRecord = z.infer<typeof clipRecordSchema>

/** Property → column; the one list that reading and writing share. */
const COLUMN_OF = {
  relativePath: 'relative_path',
  fileName: 'file_name',
  classId: 'class_id',
  fold: 'fold',
  salience: 'salience',
  recording: 'recording',
  startSeconds: 'start_seconds',
  endSeconds: 'end_seconds',
  line: 'line',
  sizeBytes: 'size_bytes',
  modifiedMs: 'modified_ms',
  contentHash: 'content_hash',
  container: 'container',
  codec: 'codec',
  sampleRateHz: 'sample_rate_hz',
  channels: 'channels',
  bitsPerSample: 'bits_per_sample',
  durationSeconds: 'duration_seconds',
} as const satisfies Record<Exclude<keyof ClipRecord, 'id'>, string>

const properties = Object.entries(COLUMN_OF)
const SELECT = `SELECT id, ${properties.map(([name, column]) => `${column} AS ${name}`).join(', ')} FROM clips`
const UPSERT = `INSERT INTO clips (id, dataset_id, ${properties.map(([, column]) => column).join(', ')})
  VALUES (@id, @datasetId, ${properties.map(([name]) => `@${name}`).join(', ')})
  ON CONFLICT (dataset_id, relative_path) DO UPDATE SET
    ${properties.map(([, column]) => `${column} = excluded.${column}`).join(', ')}`

/**
 * Adds the clip, or brings the one at the same path up to date; its id stays.
 * @param id - that a new clip is to have; left out, the next one
 */
export function saveClip(
  db: Database,
  datasetId: number,
  clip: Omit<ClipRecord, 'id'>,
  id: number | null = null,
): void {
  run(db, UPSERT, { datasetId, ...clip, id })
}

/** The clip's file lies elsewhere now; all that hangs on the clip stays. */
export function moveClip(db: Database, id: number, relativePath: string): void {
  run(db, 'UPDATE clips SET relative_path = @relativePath WHERE id = @id', { id, relativePath })
}

export function removeClip(db: Database, id: number): void {
  run(db, 'DELETE FROM clips WHERE id = @id', { id })
}

export function clipsOfDataset(db: Database, datasetId: number): ClipRecord[] {
  return all(db, clipRecordSchema, `${SELECT} WHERE dataset_id = @datasetId ORDER BY id`, { datasetId })
}

/** Rows of a step: some milliseconds. */
const ROWS_A_STEP = 1000

/** The same in steps, between which the core answers others. @throws the signal's reason */
export async function readClips(
  db: Database,
  datasetId: number,
  signal?: AbortSignal,
): Promise<ClipRecord[]> {
  const clips: ClipRecord[] = []
  for (;;) {
    // The plus keeps SQLite from sorting what an index on the dataset finds: ids come in order from the table itself.
    const page = all(
      db,
      clipRecordSchema,
      `${SELECT} WHERE +dataset_id = @datasetId AND id > @last ORDER BY id LIMIT ${ROWS_A_STEP}`,
      { datasetId, last: clips.at(-1)?.id ?? -1 },
    )
    for (const clip of page) clips.push(clip)
    if (page.length < ROWS_A_STEP) return clips
    await pause(signal)
  }
}

/** Some clips, by id. */
export function clipsById(db: Database, ids: Iterable<number>): Map<number, ClipRecord> {
  const columns = properties.map(([name, column]) => `clips.${column} AS ${name}`).join(', ')
  const sql = `SELECT clips.id, ${columns} FROM json_each(@ids) AS wanted JOIN clips ON clips.id = wanted.value`
  const found = all(db, clipRecordSchema, sql, { ids: JSON.stringify([...ids]) })
  return new Map(found.map((clip) => [clip.id, clip]))
}

/** The same of many, in steps. @throws the signal's reason */
export async function readClipsById(
  db: Database,
  ids: Int32Array,
  signal?: AbortSignal,
): Promise<Map<number, ClipRecord>> {
  const found = new Map<number, ClipRecord>()
  for (let first = 0; first < ids.length; first += ROWS_A_STEP) {
    for (const [id, clip] of clipsById(db, ids.subarray(first, first + ROWS_A_STEP))) found.set(id, clip)
    await pause(signal)
  }
  return found
}

const locatedSchema = clipRecordSchema.extend({
  folder: z.string(),
  datasetId: z.int(),
  className: z.string(),
})
export type LocatedClip = z.infer<typeof locatedSchema>

/** One clip with its dataset's folder; undefined for an unknown id. */
export function findClip(db: Database, id: number): LocatedClip | undefined {
  const columns = properties.map(([name, column]) => `clips.${column} AS ${name}`).join(', ')
  return get(
    db,
    locatedSchema,
    `SELECT clips.id, ${columns}, datasets.folder, datasets.id AS datasetId, classes.name AS className
     FROM clips JOIN datasets ON datasets.id = clips.dataset_id
     JOIN classes ON classes.dataset_id = clips.dataset_id AND classes.class_id = clips.class_id
     WHERE clips.id = @id`,
    { id },
  )
}

/** @throws SoundfoldError not-found */
export function clipDetail(db: Database, id: number): ClipDetail {
  const clip = findClip(db, id)
  if (!clip) throw notThere('clip', id)
  const problemList = problemsOfClip(db, id)
  return clipDetailSchema.parse({
    ...clip,
    group: clip.recording,
    problems: problemList.length,
    predictedClassId: null,
    predictedClassName: null,
    confidence: null,
    margin: null,
    verdict: null,
    verdictClassName: null,
    tags: tagsOfClip(db, id),
    playable: clip.contentHash !== null,
    problemList,
    predictions: predictionsOfClip(db, id),
  })
}

const clipNameSchema = z.object({ id: z.int(), fileName: z.string(), recording: z.string().nullable() })
/** What clips are called and which recordings they were cut from, by id. */
export function clipNames(
  db: Database,
  ids: Int32Array,
): ReadonlyMap<number, { fileName: string; recording: string | null }> {
  const sql = `SELECT clips.id, file_name AS fileName, recording
    FROM json_each(@ids) AS wanted JOIN clips ON clips.id = wanted.value`
  return new Map(
    all(db, clipNameSchema, sql, { ids: JSON.stringify([...ids]) }).map(({ id, ...name }) => [id, name]),
  )
}
