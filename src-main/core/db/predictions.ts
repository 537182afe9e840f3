import { z } from 'zod'
import type { SliceFilter } from '../../contract/evaluation.ts'
import { type ClipDetail, salienceSchema } from '../../contract/model.ts'
import type { Predictions } from '../evaluation/predictions.ts'
import type { Database } from './open.ts'
import { all, get, json, numbers, numbersOrNulls, run, texts, transaction } from './query.ts'
import { classesOfRun, classListSchema } from './runs.ts'
import { conditionsOf } from './slice-conditions.ts'

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

/** Predictions that are read at once. */
const PAGE = 32_768

/**
 * The predictions of a run that a filter lets through, clip ids ascending. SQLite puts columns together, a page of clips to a row:
 * an object for each prediction takes three times as long.
 * @param aggregates - what is made of each column, as SQL
 * @param columns - of `predictions` and `clips`, as SQL
 */
function* pagesOf<S extends z.ZodType>(
  db: Database,
  runId: string,
  filter: SliceFilter,
  { schema, aggregates, columns }: { schema: S; aggregates: string; columns: string },
): Generator<z.output<S>> {
  const { conditions, parameters } = conditionsOf(filter)
  const where = ['run_id = @runId', ...conditions, 'clip_id > @last'].join(' AND ')
  const endSchema = z.object({ last: z.int().nullable() })
  // CROSS: predictions lead, in the order of their key.
  const sql = `SELECT MAX(clip_id) AS last, ${aggregates}
    FROM (SELECT clip_id, ${columns} FROM predictions CROSS JOIN clips ON clips.id = clip_id
      WHERE ${where} ORDER BY clip_id LIMIT ${PAGE})`
  for (let last: number | null = -1; last !== null; ) {
    const page: { end: z.output<typeof endSchema>; columns: z.output<S> } | undefined = get(
      db,
      z.unknown().transform((row) => ({ end: endSchema.parse(row), columns: schema.parse(row) })),
      sql,
      { ...parameters, runId, last },
    )
    last = page?.end.last ?? null
    if (page && last !== null) yield page.columns
  }
}

const countOf = (db: Database, runId: string) =>
  get(db, z.object({ count: z.int() }), 'SELECT COUNT(*) AS count FROM predictions WHERE run_id = @runId', {
    runId,
  })?.count ?? 0

/** Every out-of-fold prediction of the run that the filter lets through. */
export function predictionsOfRun(db: Database, runId: string, filter: SliceFilter = {}): Predictions {
  const classes = classesOfRun(db, runId)
  const width = classes.length
  const placeOf = new Map(classes.map(({ id }, place) => [id, place]))
  const most = countOf(db, runId)
  const clipIds = new Int32Array(most)
  const folds = new Int32Array(most)
  const truth = new Uint16Array(most)
  const predicted = new Uint16Array(most)
  const recordings = new Int32Array(most)
  const probabilities = new Float32Array(most * width)
  const bytes = new Uint8Array(probabilities.buffer)
  const numberOf = new Map<string, number>()
  let [count, recordingCount] = [0, 0]
  const pages = pagesOf(db, runId, filter, {
    schema: z.object({
      clipIds: numbers,
      folds: numbers,
      trueClassIds: numbers,
      predictedClassIds: numbers,
      recordings: texts,
      probabilities: z.string().transform((hex) => Buffer.from(hex, 'hex')),
    }),
    aggregates: `json_group_array(clip_id) AS clipIds, json_group_array(fold) AS folds,
      json_group_array(true_class_id) AS trueClassIds, json_group_array(predicted_class_id) AS predictedClassIds,
      json_group_array(recording) AS recordings, coalesce(group_concat(hex(probabilities), ''), '') AS probabilities`,
    columns: 'predictions.fold, true_class_id, predicted_class_id, probabilities, recording',
  })
  for (const page of pages) {
    clipIds.set(page.clipIds, count)
    folds.set(page.folds, count)
    page.trueClassIds.forEach((id, row) => {
      truth[count + row] = placeOf.get(id) ?? 0
    })
    page.predictedClassIds.forEach((id, row) => {
      predicted[count + row] = placeOf.get(id) ?? 0
    })
    bytes.set(page.probabilities, count * width * Float32Array.BYTES_PER_ELEMENT)
    page.recordings.forEach((recording, row) => {
      let number = recording === null ? undefined : numberOf.get(recording)
      if (number === undefined) {
        number = recordingCount++
        if (recording !== null) numberOf.set(recording, number)
      }
      recordings[count + row] = number
    })
    count += page.clipIds.length
  }
  return {
    classes,
    clipIds: clipIds.subarray(0, count),
    folds: folds.subarray(0, count),
    truth: truth.subarray(0, count),
    predicted: predicted.subarray(0, count),
    probabilities: probabilities.subarray(0, count * width),
    recordings: recordings.subarray(0, count),
    recordingCount,
  }
}

/** What clips are sliced by, page by page; all of one length. */
export function sliceColumnsOfRun(db: Database, runId: string, filter: SliceFilter) {
  return pagesOf(db, runId, filter, {
    schema: z.object({
      correct: numbers,
      folds: numbers,
      saliences: json(z.array(salienceSchema.nullable())),
      sampleRatesHz: numbersOrNulls,
      channels: numbersOrNulls,
      durationsSeconds: numbersOrNulls,
      recordings: texts,
    }),
    aggregates: `json_group_array(correct) AS correct, json_group_array(fold) AS folds,
      json_group_array(salience) AS saliences, json_group_array(sample_rate_hz) AS sampleRatesHz,
      json_group_array(channels) AS channels, json_group_array(duration_seconds) AS durationsSeconds,
      json_group_array(recording) AS recordings`,
    columns: `predicted_class_id = true_class_id AS correct, predictions.fold, salience, sample_rate_hz, channels,
      duration_seconds, recording`,
  })
}

/** Predictions of the clips with each tag, and the right ones among them; by name. */
export function tagCountsOfRun(db: Database, runId: string, filter: SliceFilter) {
  const { conditions, parameters } = conditionsOf(filter)
  return all(
    db,
    z.object({ value: z.string(), clips: z.int(), correct: z.int() }),
    `SELECT tagged.tag AS value, COUNT(*) AS clips, SUM(predicted_class_id = true_class_id) AS correct
     FROM clip_tags AS tagged JOIN predictions ON predictions.clip_id = tagged.clip_id
       JOIN clips ON clips.id = tagged.clip_id
     WHERE ${['run_id = @runId', ...conditions].join(' AND ')} GROUP BY tagged.tag ORDER BY tagged.tag`,
    { ...parameters, runId },
  )
}

/** A row's probabilities, as they are stored. */
export const probabilitiesSchema = z
  .instanceof(Uint8Array)
  .transform((bytes) => new Float32Array(Uint8Array.from(bytes).buffer))

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
