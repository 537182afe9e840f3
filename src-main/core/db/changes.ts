import { z } from 'zod'
import { type Change, changeSchema, type MadeBy } from '../../contract/history.ts'
import type { Database } from './open.ts'
import { all, get, json, run } from './query.ts'

/** What a change did to one thing; null where it did not exist. */
export interface ChangeItem {
  readonly subject: unknown
  readonly before: unknown
  readonly after: unknown
}

export interface NewChange {
  readonly by: MadeBy
  readonly datasetId: number
  readonly kind: string
  readonly title: string
  readonly act: Change['act']
  readonly undoes: number | null
  readonly items: readonly ChangeItem[]
}

const SELECT = `SELECT id, at, author, session, dataset_id AS datasetId, kind, title, item_count AS items, act, undoes,
    EXISTS (SELECT 1 FROM changes AS later WHERE later.undoes = changes.id) AS undone FROM changes`
const rowSchema = changeSchema.extend({ undone: z.int().transform(Boolean) })

/** Adds the change, and under which clips it is found: subjects tell theirs by `clipId`. @returns its id */
export function addChange(db: Database, { by, items, ...change }: NewChange): number {
  const text = JSON.stringify(items)
  const { id } = run(
    db,
    `INSERT INTO changes (dataset_id, at, author, session, kind, title, act, undoes, item_count, items)
     VALUES (@datasetId, @at, @author, @session, @kind, @title, @act, @undoes, @count, @text)`,
    { ...change, ...by, at: new Date().toISOString(), count: items.length, text },
  )
  run(
    db,
    `INSERT OR IGNORE INTO change_clips (clip_id, change_id)
     SELECT clips.id, @id FROM json_each(@text) AS item
     JOIN clips ON clips.id = item.value ->> '$.subject.clipId'`,
    { id, text },
  )
  return id
}

export function findChange(db: Database, id: number): Change | undefined {
  return get(db, rowSchema, `${SELECT} WHERE id = @id`, { id })
}

const itemsSchema = z.object({
  items: json(z.array(z.object({ subject: z.unknown(), before: z.unknown(), after: z.unknown() }))),
})
export function itemsOfChange(db: Database, id: number): readonly ChangeItem[] {
  return get(db, itemsSchema, 'SELECT items FROM changes WHERE id = @id', { id })?.items ?? []
}

const countSchema = z.object({ clips: z.int() })
/** How many of the clips that a change is about are still there. */
export function countClipsOfChange(db: Database, id: number): number {
  const sql = 'SELECT COUNT(*) AS clips FROM change_clips WHERE change_id = @id'
  return get(db, countSchema, sql, { id })?.clips ?? 0
}

/** The newest first. */
export function changesBefore(
  db: Database,
  query: {
    datasetId?: number | undefined
    clipId?: number | undefined
    before?: number | undefined
    limit: number
  },
): Change[] {
  const { datasetId = null, clipId = null, before = null, limit } = query
  const conditions = [
    ...(before === null ? [] : ['id < @before']),
    ...(datasetId === null ? [] : ['dataset_id = @datasetId']),
    ...(clipId === null ? [] : ['id IN (SELECT change_id FROM change_clips WHERE clip_id = @clipId)']),
  ]
  const where = conditions.length > 0 ? `WHERE ${conditions.join(' AND ')}` : ''
  return all(db, rowSchema, `${SELECT} ${where} ORDER BY id DESC LIMIT @limit`, {
    datasetId,
    clipId,
    before,
    limit,
  })
}

const NOT_PASSED = 'id NOT IN (SELECT value FROM json_each(@passed))'
const NOT_UNDONE = 'NOT EXISTS (SELECT 1 FROM changes AS later WHERE later.undoes = changes.id)'

/** What undo takes back next in a session. @param passed - ids of changes that are passed over */
export function lastDone(db: Database, session: string, passed: Iterable<number> = []): Change | null {
  const sql = `${SELECT} WHERE session = @session AND act IN ('do', 'redo') AND ${NOT_UNDONE} AND ${NOT_PASSED}
    ORDER BY id DESC LIMIT 1`
  return get(db, rowSchema, sql, { session, passed: JSON.stringify([...passed]) }) ?? null
}

/** What redo does again next in a session: the last undo that no new change came after. @param passed - as above */
export function lastUndone(db: Database, session: string, passed: Iterable<number> = []): Change | null {
  const sql = `${SELECT} WHERE session = @session AND act = 'undo' AND ${NOT_UNDONE} AND ${NOT_PASSED}
    AND id > (SELECT COALESCE(MAX(id), 0) FROM changes WHERE session = @session AND act = 'do')
    ORDER BY id DESC LIMIT 1`
  return get(db, rowSchema, sql, { session, passed: JSON.stringify([...passed]) }) ?? null
}
