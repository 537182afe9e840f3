import type { Migration } from './migration.ts'

const STATUSES = `('queued', 'running', 'succeeded', 'failed', 'cancelled', 'paused', 'interrupted')`

/** A column's check can't be changed: a new column takes its place. */
const withPaused = (table: string) => `
    ALTER TABLE ${table} ADD COLUMN new_status TEXT NOT NULL DEFAULT 'queued' CHECK (new_status IN ${STATUSES});
    UPDATE ${table} SET new_status = status;
    ALTER TABLE ${table} DROP COLUMN status;
    ALTER TABLE ${table} RENAME COLUMN new_status TO status;`

export const runLife: Migration = {
  version: 40,
  purpose: 'paused runs; on what a run was trained; what each fold says of itself',
  sql: `
    ${withPaused('jobs')}
    ${withPaused('runs')}
    ALTER TABLE runs ADD COLUMN record TEXT;  -- JSON RunRecord

    CREATE TABLE run_folds (
      run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL,
      state TEXT NOT NULL,                    -- JSON FoldState
      PRIMARY KEY (run_id, fold)
    ) STRICT, WITHOUT ROWID;
  `,
}
