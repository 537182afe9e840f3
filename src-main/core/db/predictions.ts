import { z } from 'zod'
import type { ClipDetail } from '../../contract/model.ts'
import type { Database } from './open.ts'
import { all, get, json, run, transaction } from './query.ts'
import { classListSchema } from './runs.ts'

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
        `INSERT INTO predictions (run_id, clip_id, fold, true_class_id, predicted_class_id, confidence,
           probabilities)
         VALUES (@runId, @clipId, @fold, @trueClassId, @predictedClassId, @confidence, @probabilities)
         ON CONFLICT DO UPDATE SET fold = excluded.fold, true_class_id = excluded.true_class_id,
           predicted_class_id = excluded.predicted_class_id, confidence = excluded.confidence,
           probabilities = excluded.probabilities`,
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

/** How many of these clips some run has predicted. */
export function countPredicted(db: Database, clipIds: readonly number[]): number {
  const sql = `SELECT COUNT(*) AS clips FROM json_each(@ids) AS one
    WHERE EXISTS (SELECT 1 FROM predictions WHERE clip_id = one.value)`
  return get(db, z.object({ clips: z.int() }), sql, { ids: JSON.stringify(clipIds) })?.clips ?? 0
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
     FROM predictions JOIN runs ON runs.id = run_id WHERE clip_id = @clipId AND NOT hidden ORDER BY runs.created_at DESC`,
    { clipId },
  ).map(({ classes, probabilities, ...row }) => ({
    ...row,
    probabilities: classes.map(({ id }, index) => ({ classId: id, probability: probabilities[index] ?? 0 })),
  }))
}
