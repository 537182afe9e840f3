import { z } from 'zod'
import type { SliceFilter } from '../../contract/evaluation.ts'
import type { ClipDetail } from '../../contract/model.ts'
import type { Predictions } from '../evaluation/predictions.ts'
import { conditionsOf } from './clip-queries.ts'
import type { Database } from './open.ts'
import { all, get, json, run, transaction } from './query.ts'
import { classesOfRun, classListSchema } from './runs.ts'

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
const pageSchema = z.object({
  clipIds: json(z.array(z.int())),
  folds: json(z.array(z.int())),
  trueClassIds: json(z.array(z.int())),
  predictedClassIds: json(z.array(z.int())),
  recordings: json(z.array(z.string().nullable())),
  probabilities: z
    .string()
    .nullable()
    .transform((hex) => Buffer.from(hex ?? '', 'hex')),
})

/**
 * Every out-of-fold prediction of the run that the filter lets through. SQLite puts columns together, a page of clips to a row:
 * an object for each prediction takes three times as long.
 */
export function predictionsOfRun(db: Database, runId: string, filter: SliceFilter = {}): Predictions {
  const classes = classesOfRun(db, runId)
  const { conditions, parameters } = conditionsOf({ ...filter, runId })
  // CROSS: predictions lead, in the order of their key.
  const from = `FROM predictions CROSS JOIN clips ON clips.id = predictions.clip_id
    WHERE ${['run_id = @runId', ...conditions].join(' AND ')}`
  const counted = get(db, z.object({ count: z.int() }), `SELECT COUNT(*) AS count ${from}`, parameters)
  const count = counted?.count ?? 0
  const placeOf = new Map(classes.map(({ id }, place) => [id, place]))
  const numberOf = new Map<string, number>()
  let recordingCount = 0
  const columns = {
    clipIds: new Int32Array(count),
    folds: new Int32Array(count),
    truth: new Uint16Array(count),
    predicted: new Uint16Array(count),
    recordings: new Int32Array(count),
    probabilities: new Float32Array(count * classes.length),
  }
  const bytes = new Uint8Array(columns.probabilities.buffer)
  for (let done = 0, last = -1; done < count; ) {
    const page = get(
      db,
      pageSchema,
      `SELECT json_group_array(clip_id) AS clipIds, json_group_array(fold) AS folds,
         json_group_array(true_class_id) AS trueClassIds, json_group_array(predicted_class_id) AS predictedClassIds,
         json_group_array(recording) AS recordings, group_concat(hex(probabilities), '') AS probabilities
       FROM (SELECT clip_id, predictions.fold, true_class_id, predicted_class_id, probabilities, recording ${from}
         AND clip_id > @last ORDER BY clip_id LIMIT @limit)`,
      { ...parameters, last, limit: PAGE },
    )
    if (!page) break
    columns.clipIds.set(page.clipIds, done)
    columns.folds.set(page.folds, done)
    columns.truth.set(
      page.trueClassIds.map((id) => placeOf.get(id) ?? 0),
      done,
    )
    columns.predicted.set(
      page.predictedClassIds.map((id) => placeOf.get(id) ?? 0),
      done,
    )
    bytes.set(page.probabilities, done * classes.length * Float32Array.BYTES_PER_ELEMENT)
    page.recordings.forEach((recording, index) => {
      let number = recording === null ? undefined : numberOf.get(recording)
      if (number === undefined) {
        number = recordingCount++
        if (recording !== null) numberOf.set(recording, number)
      }
      columns.recordings[done + index] = number
    })
    done += page.clipIds.length
    last = page.clipIds.at(-1) ?? Number.MAX_SAFE_INTEGER
  }
  return { classes, ...columns, recordingCount }
}

/** Seconds at which slices by duration begin, and the last ends nowhere. */
const DURATION_EDGES = [0, 0.5, 1, 2, 3, 4, 8, 16]
const cellSchema = z.object({
  fold: z.int(),
  salience: z.union([z.literal(1), z.literal(2)]).nullable(),
  sampleRateHz: z.int().nullable(),
  channels: z.int().nullable(),
  durationFromSeconds: z.number().nullable(),
  clips: z.int(),
  correct: z.int(),
})
const recordingSchema = z.object({ recording: z.string(), clips: z.int(), correct: z.int() })

/** Clips and right predictions by every combination of what slices are cut by, and by recording. */
export function countsBySlice(db: Database, runId: string, filter: SliceFilter, recordingLimit: number) {
  const { conditions, parameters } = conditionsOf({ ...filter, runId })
  const from = `FROM predictions CROSS JOIN clips ON clips.id = predictions.clip_id
    WHERE ${['run_id = @runId', ...conditions].join(' AND ')}`
  const counts = 'COUNT(*) AS clips, SUM(predicted_class_id = true_class_id) AS correct'
  const cells = all(
    db,
    cellSchema,
    `SELECT predictions.fold, salience, sample_rate_hz AS sampleRateHz, channels,
       (SELECT MAX(value) FROM json_each(@edges) WHERE value <= duration_seconds) AS durationFromSeconds, ${counts}
     ${from} GROUP BY 1, 2, 3, 4, 5`,
    { ...parameters, edges: JSON.stringify(DURATION_EDGES) },
  )
  const byRecording = all(
    db,
    recordingSchema,
    `SELECT recording, ${counts} ${from} AND recording IS NOT NULL
     GROUP BY recording ORDER BY COUNT(*) - correct DESC, recording LIMIT @recordingLimit`,
    { ...parameters, recordingLimit },
  )
  const recordings = get(
    db,
    z.object({ count: z.int() }),
    `SELECT COUNT(DISTINCT recording) AS count ${from}`,
    parameters,
  )
  return { cells, durationEdges: DURATION_EDGES, byRecording, recordings: recordings?.count ?? 0 }
}

const clipPredictionSchema = z.object({
  runId: z.string(),
  presetName: z.string(),
  startedAt: z.string(),
  fold: z.int(),
  predictedClassId: z.int(),
  probabilities: z
    .instanceof(Uint8Array)
    .transform((bytes) => new Float32Array(Uint8Array.from(bytes).buffer)),
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
