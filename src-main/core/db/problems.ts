import { z } from 'zod'
import { type Problem, problemSchema, type ValidationReport } from '../../contract/model.ts'
import { countKept } from './kept-clips.ts'
import type { Database } from './open.ts'
import { all, get, run, transaction } from './query.ts'

const COLUMNS = 'code, severity, message, clip_id AS clipId, file, line'

/** Takes the place of all problems of the dataset. */
export function replaceProblems(db: Database, datasetId: number, problems: readonly Problem[]): void {
  transaction(db, () => {
    run(db, 'DELETE FROM problems WHERE dataset_id = @datasetId', { datasetId })
    for (const problem of problems) {
      run(
        db,
        `INSERT INTO problems (dataset_id, clip_id, code, severity, message, file, line)
         VALUES (@datasetId, @clipId, @code, @severity, @message, @file, @line)`,
        { datasetId, ...problem },
      )
    }
  })
}

/** Problems of one clip, worst first. */
export function problemsOfClip(db: Database, clipId: number): Problem[] {
  return all(
    db,
    problemSchema,
    `SELECT ${COLUMNS} FROM problems WHERE clip_id = @clipId ORDER BY severity, id`,
    {
      clipId,
    },
  )
}

/** All problems of a dataset, in the order they were found. */
export function problemsOfDataset(db: Database, datasetId: number, limit = -1): Problem[] {
  return all(
    db,
    problemSchema,
    `SELECT ${COLUMNS} FROM problems WHERE dataset_id = @datasetId ORDER BY severity, code, line, id LIMIT @limit`,
    { datasetId, limit },
  )
}

const countSchema = z.object({
  code: problemSchema.shape.code,
  severity: problemSchema.shape.severity,
  count: z.int(),
})
const clipCountSchema = z.object({ clips: z.int(), readableClips: z.int() })

export function validationReport(db: Database, datasetId: number, limit: number): ValidationReport {
  const counts = all(
    db,
    countSchema,
    `SELECT code, severity, COUNT(*) AS count FROM problems WHERE dataset_id = @datasetId
     GROUP BY code, severity ORDER BY severity, count DESC`,
    { datasetId },
  )
  const clips = clipCountSchema.parse(
    get(
      db,
      clipCountSchema,
      `SELECT COALESCE(SUM(clips), 0) AS clips, COALESCE(SUM(readable_clips), 0) AS readableClips
       FROM clip_counts WHERE dataset_id = @datasetId`,
      { datasetId },
    ),
  )
  const total = counts.reduce((sum, row) => sum + row.count, 0)
  return {
    datasetId,
    ...clips,
    counts,
    problems: problemsOfDataset(db, datasetId, limit),
    truncated: total > limit,
    keptAside: countKept(db, datasetId),
  }
}
