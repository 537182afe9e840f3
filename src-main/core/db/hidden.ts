import { z } from 'zod'
import { pause } from '../steps.ts'
import type { Database } from './open.ts'
import { all, run, transaction } from './query.ts'

/**
 * Runs and searches have up to millions of rows, and each row is written with its indexes and triggers: they are written and removed
 * in steps, between which the core answers others. Meanwhile they are hidden. What a process left hidden is removed by the next one.
 */
const KINDS = {
  run: { table: 'runs', rows: 'predictions', owner: 'run_id', key: 'clip_id' },
  search: { table: 'audit_searches', rows: 'audit_issues', owner: 'search_id', key: 'id' },
} as const
type Kind = keyof typeof KINDS

/** Rows of a step: some milliseconds. */
export const ROWS_A_STEP = 500

/** @returns false where it is not there, or hidden already */
export function hide(db: Database, kind: Kind, id: string | number): boolean {
  return transaction(db, () => {
    const { table } = KINDS[kind]
    const { changes } = run(db, `UPDATE ${table} SET hidden = 1 WHERE id = @id AND hidden = 0`, { id })
    // Else each of its predictions would be counted out.
    if (kind === 'run' && changes > 0) run(db, 'DELETE FROM fold_counts WHERE run_id = @id', { id })
    return changes > 0
  })
}

export function show(db: Database, kind: Kind, id: string | number): void {
  run(db, `UPDATE ${KINDS[kind].table} SET hidden = 0 WHERE id = @id`, { id })
}

/** Removes what is hidden, its rows first. @throws the signal's reason, with some of it still there */
export async function removeHidden(
  db: Database,
  kind: Kind,
  id: string | number,
  signal?: AbortSignal,
): Promise<void> {
  const { table, rows, owner, key } = KINDS[kind]
  const some = `SELECT ${key} FROM ${rows} WHERE ${owner} = @id LIMIT ${ROWS_A_STEP}`
  const removeSome = () =>
    run(db, `DELETE FROM ${rows} WHERE ${owner} = @id AND ${key} IN (${some})`, { id }).changes
  while (removeSome() > 0) await pause(signal)
  run(db, `DELETE FROM ${table} WHERE id = @id AND hidden = 1`, { id })
}

const idSchema = z.object({ id: z.union([z.string(), z.int()]) })

/** Removes everything that an earlier process left hidden. @throws the signal's reason */
export async function removeAllHidden(db: Database, signal: AbortSignal): Promise<void> {
  for (const kind of ['run', 'search'] as const)
    for (const { id } of all(db, idSchema, `SELECT id FROM ${KINDS[kind].table} WHERE hidden = 1`))
      await removeHidden(db, kind, id, signal)
}
