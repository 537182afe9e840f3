import { z } from 'zod'
import type { Database } from './open.ts'
import { get, numbers, numbersOrNulls, texts } from './query.ts'

/**
 * What a run is evaluated by, in columns that SQLite puts together, a page of clips to a row: an object for each row takes three
 * times as long. Clip ids rise. A page is a few milliseconds, after which the core can answer others.
 */
const PAGE = 8192

const predictionPageSchema = z.object({
  last: z.int(),
  clipIds: numbers,
  folds: numbers,
  trueClassIds: numbers,
  predictedClassIds: numbers,
  /** float32 little-endian, clips × classes. */
  probabilities: z.instanceof(Uint8Array),
})
const PREDICTIONS = `SELECT MAX(clip_id) AS last, json_group_array(clip_id) AS clipIds, json_group_array(fold) AS folds,
    json_group_array(true_class_id) AS trueClassIds, json_group_array(predicted_class_id) AS predictedClassIds,
    CAST(group_concat(probabilities, '') AS BLOB) AS probabilities
  FROM (SELECT clip_id, fold, true_class_id, predicted_class_id, probabilities FROM predictions
    WHERE run_id = @runId AND clip_id > @last ORDER BY clip_id LIMIT ${PAGE})`

export const predictionPages = (db: Database, runId: string) =>
  pagesOf(db, predictionPageSchema, PREDICTIONS, { runId })

/** Of salience, sample rate and channels as one whole number below 2⁵³; 0 in each stands for what is not known. */
const FACTS = {
  sql: `(coalesce(sample_rate_hz, 0) * 65536 + coalesce(channels, 0)) * 4 + coalesce(salience, 0)`,
  sampleRateHz: (facts: number) => Math.floor(facts / 262_144),
  channels: (facts: number) => Math.floor(facts / 4) % 65_536,
  salience: (facts: number) => facts % 4,
}
export const { sampleRateHz, channels, salience } = FACTS

// The plus keeps SQLite from sorting what an index on the dataset finds: ids come in order from the table itself.
const clipsAfter = (columns: string) =>
  `FROM (SELECT ${columns} FROM clips WHERE +dataset_id = @datasetId AND id > @last ORDER BY id LIMIT ${PAGE})`

const recordingPageSchema = z.object({ last: z.int(), clipIds: numbers, recordings: texts })
const RECORDINGS = `SELECT MAX(id) AS last, json_group_array(id) AS clipIds, json_group_array(recording) AS recordings
  ${clipsAfter('id, recording')}`

export const recordingPages = (db: Database, datasetId: number) =>
  pagesOf(db, recordingPageSchema, RECORDINGS, { datasetId })

const factPageSchema = z.object({
  last: z.int(),
  clipIds: numbers,
  classIds: numbers,
  /** See `sampleRateHz`, `channels` and `salience`. */
  facts: numbers,
  durationsSeconds: numbersOrNulls,
})
const CLIP_FACTS = `SELECT MAX(id) AS last, json_group_array(id) AS clipIds, json_group_array(class_id) AS classIds,
    json_group_array(${FACTS.sql}) AS facts, json_group_array(duration_seconds) AS durationsSeconds
  ${clipsAfter('id, class_id, salience, sample_rate_hz, channels, duration_seconds')}`

export const factPages = (db: Database, datasetId: number) =>
  pagesOf(db, factPageSchema, CLIP_FACTS, { datasetId })

const tagPageSchema = z.object({ last: z.int(), clipIds: numbers, tags: texts })
const TAGS = `SELECT MAX(clip_id) AS last, json_group_array(clip_id) AS clipIds, json_group_array(tag) AS tags
  FROM clip_tags WHERE clip_id > @last AND clip_id <= (SELECT MAX(clip_id) FROM
    (SELECT clip_id FROM clip_tags WHERE clip_id > @last ORDER BY clip_id LIMIT ${PAGE}))`

/** Of all datasets; an entry for each tag of a clip. */
export const tagPages = (db: Database) => pagesOf(db, tagPageSchema, TAGS, {})

function* pagesOf<S extends z.ZodType<{ last: number }>>(
  db: Database,
  schema: S,
  sql: string,
  parameters: Record<string, string | number>,
): Generator<z.output<S>> {
  for (let last = -1; ; ) {
    const page = get(db, lastSchema, sql, { ...parameters, last })
    if (page === undefined || page.last === null) return
    yield schema.parse(page)
    last = page.last
  }
}
const lastSchema = z.looseObject({ last: z.int().nullable() })

const countSchema = z.object({ count: z.int() })
export const countPredictions = (db: Database, runId: string): number =>
  get(db, countSchema, 'SELECT COUNT(*) AS count FROM predictions WHERE run_id = @runId', { runId })?.count ??
  0
