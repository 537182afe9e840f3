import { z } from 'zod'
import type { Database } from './open.ts'
import { get, numbers, numbersOrNulls, texts } from './query.ts'

/**
 * What a run is evaluated by, in columns that SQLite puts together, a page of clips to a row: an object for each row takes three
 * times as long. A page is a range of clip ids, which rise: it is read in their order, in a few milliseconds, after which the core can
 * answer others.
 */
const PAGE = 8192

const predictionPageSchema = z.object({
  clipIds: numbers,
  folds: numbers,
  trueClassIds: numbers,
  predictedClassIds: numbers,
  /** float32 little-endian, clips × classes. */
  probabilities: z.instanceof(Uint8Array),
})
const PREDICTIONS = {
  first: 'SELECT MIN(clip_id) AS id FROM predictions WHERE run_id = @runId AND clip_id >= @from',
  page: `SELECT json_group_array(clip_id) AS clipIds, json_group_array(fold) AS folds,
      json_group_array(true_class_id) AS trueClassIds, json_group_array(predicted_class_id) AS predictedClassIds,
      CAST(group_concat(probabilities, '') AS BLOB) AS probabilities
    FROM predictions WHERE run_id = @runId AND clip_id BETWEEN @first AND @last`,
}

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

// The plus keeps SQLite from taking an index on the dataset, which has other orders.
const ofClips = (columns: string) => ({
  first: 'SELECT id FROM clips WHERE +dataset_id = @datasetId AND id >= @from ORDER BY id LIMIT 1',
  page: `SELECT ${columns} FROM clips WHERE +dataset_id = @datasetId AND id BETWEEN @first AND @last`,
})

const recordingPageSchema = z.object({ clipIds: numbers, recordings: texts })
const RECORDINGS = ofClips('json_group_array(id) AS clipIds, json_group_array(recording) AS recordings')

export const recordingPages = (db: Database, datasetId: number) =>
  pagesOf(db, recordingPageSchema, RECORDINGS, { datasetId })

const factPageSchema = z.object({
  clipIds: numbers,
  classIds: numbers,
  /** See `sampleRateHz`, `channels` and `salience`. */
  facts: numbers,
  durationsSeconds: numbersOrNulls,
})
const CLIP_FACTS = ofClips(
  `json_group_array(id) AS clipIds, json_group_array(class_id) AS classIds, json_group_array(${FACTS.sql}) AS facts,
   json_group_array(duration_seconds) AS durationsSeconds`,
)

export const factPages = (db: Database, datasetId: number) =>
  pagesOf(db, factPageSchema, CLIP_FACTS, { datasetId })

const tagPageSchema = z.object({ clipIds: numbers, tags: texts })
const TAGS = {
  first: 'SELECT MIN(clip_id) AS id FROM clip_tags WHERE clip_id >= @from',
  page: `SELECT json_group_array(clip_id) AS clipIds, json_group_array(tag) AS tags
    FROM clip_tags WHERE clip_id BETWEEN @first AND @last`,
}

/** Of all datasets; an entry for each tag of a clip. */
export const tagPages = (db: Database) => pagesOf(db, tagPageSchema, TAGS, {})

const firstSchema = z.object({ id: z.int().nullable() })

/** @param sql - the first id from one on, and the columns of a range of ids */
function* pagesOf<S extends z.ZodType>(
  db: Database,
  schema: S,
  sql: { first: string; page: string },
  parameters: Record<string, string | number>,
): Generator<z.output<S>> {
  for (let from = 0; ; ) {
    const first = get(db, firstSchema, sql.first, { ...parameters, from })?.id ?? null
    if (first === null) return
    const last = first + PAGE - 1
    const page = get(db, schema, sql.page, { ...parameters, first, last })
    if (page !== undefined) yield page
    from = last + 1
  }
}

const countSchema = z.object({ count: z.int() })
export const countPredictions = (db: Database, runId: string): number =>
  get(db, countSchema, 'SELECT COALESCE(SUM(clips), 0) AS count FROM fold_counts WHERE run_id = @runId', {
    runId,
  })?.count ?? 0
