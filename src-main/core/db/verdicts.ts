import { z } from 'zod'
import { notThere, SoundfoldError } from '../../contract/errors.ts'
import { type Verdict, type VerdictEntry, verdictEntrySchema, verdictSchema } from '../../contract/verdict.ts'
import type { Database } from './open.ts'
import { all, get, json, run } from './query.ts'

const setRowSchema = z.object({
  id: z.int(),
  datasetId: z.int(),
  name: z.string(),
  createdAt: z.string(),
  forkedFrom: json(z.object({ id: z.int(), name: z.string() })).nullable(),
})
export type VerdictSetRow = z.infer<typeof setRowSchema>

const SETS = `SELECT own.id, own.dataset_id AS datasetId, own.name, own.created_at AS createdAt,
    CASE WHEN source.id IS NULL THEN NULL ELSE json_object('id', source.id, 'name', source.name) END AS forkedFrom
  FROM verdict_sets AS own LEFT JOIN verdict_sets AS source ON source.id = own.forked_from`

/** By name. */
export function verdictSetsOf(db: Database, datasetId: number): VerdictSetRow[] {
  return all(db, setRowSchema, `${SETS} WHERE own.dataset_id = @datasetId ORDER BY own.name`, { datasetId })
}

/** @throws SoundfoldError not-found */
export function verdictSetRow(db: Database, id: number): VerdictSetRow {
  const found = get(db, setRowSchema, `${SETS} WHERE own.id = @id`, { id })
  if (!found) throw notThere('verdict set', id)
  return found
}

export function hasVerdictSet(db: Database, id: number): boolean {
  return get(db, setRowSchema, `${SETS} WHERE own.id = @id`, { id }) !== undefined
}

/** @throws SoundfoldError conflict where the dataset has one of that name. @returns its id */
export function insertVerdictSet(
  db: Database,
  set: { datasetId: number; name: string; forkedFrom: number | null },
): number {
  refuseTaken(db, set.datasetId, set.name)
  return run(
    db,
    `INSERT INTO verdict_sets (dataset_id, name, forked_from, created_at)
     VALUES (@datasetId, @name, @forkedFrom, @now)`,
    { ...set, now: new Date().toISOString() },
  ).id
}

/** @throws SoundfoldError conflict | not-found */
export function renameVerdictSet(db: Database, id: number, name: string): void {
  const set = verdictSetRow(db, id)
  if (set.name === name) return
  refuseTaken(db, set.datasetId, name)
  run(db, 'UPDATE verdict_sets SET name = @name WHERE id = @id', { id, name })
}

function refuseTaken(db: Database, datasetId: number, name: string): void {
  if (verdictSetsOf(db, datasetId).some((set) => set.name === name))
    throw new SoundfoldError('conflict', `There is a verdict set “${name}” already.`, {
      hint: 'Choose another name.',
    })
}

/** With its whole history. */
export function removeVerdictSet(db: Database, id: number): void {
  run(db, 'DELETE FROM verdict_sets WHERE id = @id', { id })
}

const storedSchema = verdictSchema.extend({
  id: z.int(),
  final: z.int().transform((value) => value === 1),
})
export type StoredVerdict = z.infer<typeof storedSchema>

const COLUMNS = `id, clip_id AS clipId, author, decision, class_id AS classId, note, final, decided_at AS decidedAt`
/** The rows that count: the last of each clip and author. */
const IN_FORCE = `SELECT MAX(id) FROM verdicts WHERE set_id = @setId AND id <= @upTo GROUP BY clip_id, author`

/**
 * What each author says of each clip, clip by clip, the earlier said first.
 * @param upTo - id of the last row that is known: a set as it was then
 */
export function verdictsInForce(
  db: Database,
  setId: number,
  upTo: number = Number.MAX_SAFE_INTEGER,
): StoredVerdict[] {
  return all(
    db,
    storedSchema,
    `SELECT ${COLUMNS} FROM verdicts WHERE id IN (${IN_FORCE}) ORDER BY clip_id, id`,
    { setId, upTo },
  )
}

/** The same of some clips. CROSS: the ids lead, and each finds its rows by the index. */
export function verdictsOfClips(db: Database, setId: number, clipIds: readonly number[]): StoredVerdict[] {
  return all(
    db,
    storedSchema,
    `SELECT ${COLUMNS} FROM verdicts WHERE id IN (
       SELECT MAX(verdicts.id) FROM json_each(@ids) AS wanted
         CROSS JOIN verdicts ON verdicts.set_id = @setId AND verdicts.clip_id = wanted.value
       GROUP BY verdicts.clip_id, verdicts.author)
     ORDER BY clip_id, id`,
    { setId, ids: JSON.stringify(clipIds) },
  )
}

/** Id of the last row of a set, 0 where it has none: what tells this state of it from later ones. */
export function lastVerdictId(db: Database, setId: number): number {
  const sql = 'SELECT COALESCE(MAX(id), 0) AS id FROM verdicts WHERE set_id = @setId'
  return get(db, z.object({ id: z.int() }), sql, { setId })?.id ?? 0
}

/** Adds one row: nothing is ever changed. @param beforeId - the row of this clip and author that counted until now */
export function addVerdict(db: Database, setId: number, verdict: Verdict, beforeId: number | null): number {
  return run(
    db,
    `INSERT INTO verdicts (set_id, clip_id, author, decision, class_id, note, final, label_class_id, before_id, decided_at,
       recorded_at)
     SELECT @setId, id, @author, @decision, @classId, @note, @final, class_id, @beforeId, @decidedAt, @now
     FROM clips WHERE id = @clipId`,
    { ...verdict, setId, beforeId, final: verdict.final ? 1 : 0, now: new Date().toISOString() },
  ).id
}

const flag = z.int().transform((value) => value === 1)
const entryRowSchema = verdictEntrySchema.omit({ before: true, final: true }).extend({
  final: flag,
  hadBefore: flag,
  beforeDecision: verdictSchema.shape.decision,
  beforeClassId: verdictSchema.shape.classId,
  beforeNote: z.string().nullable(),
  beforeFinal: flag.nullable(),
})

/** Everything that was ever said in a set, the latest first. @param clipId - of one clip alone */
export function verdictHistory(
  db: Database,
  setId: number,
  { clipId, before = Number.MAX_SAFE_INTEGER, limit }: { clipId?: number; before?: number; limit: number },
): VerdictEntry[] {
  return all(
    db,
    entryRowSchema,
    `SELECT own.id, own.clip_id AS clipId, own.author, own.decision, own.class_id AS classId, own.note, own.final,
       own.decided_at AS decidedAt, own.recorded_at AS recordedAt, clips.file_name AS fileName, earlier.id IS NOT NULL AS hadBefore,
       earlier.decision AS beforeDecision, earlier.class_id AS beforeClassId, earlier.note AS beforeNote,
       earlier.final AS beforeFinal
     FROM verdicts AS own JOIN clips ON clips.id = own.clip_id
       LEFT JOIN verdicts AS earlier ON earlier.id = own.before_id
     WHERE own.set_id = @setId AND own.id < @before AND (@clipId IS NULL OR own.clip_id = @clipId)
     ORDER BY own.id DESC LIMIT @limit`,
    { setId, clipId: clipId ?? null, before, limit },
  ).map(({ hadBefore, beforeDecision, beforeClassId, beforeNote, beforeFinal, ...row }) => ({
    ...row,
    before: hadBefore
      ? {
          decision: beforeDecision,
          classId: beforeClassId,
          note: beforeNote ?? '',
          final: beforeFinal ?? false,
        }
      : null,
  }))
}
