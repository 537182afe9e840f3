import type { Migration } from './migration.ts'

export const chosenClips: Migration = {
  version: 130,
  purpose: 'clips that were chosen elsewhere, which the library is filtered by',
  sql: `
    CREATE TABLE chosen_clips (
      id TEXT NOT NULL PRIMARY KEY,       -- hash of the rest, so that the same choice is kept once
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      title TEXT NOT NULL,                -- where they come from: chosen on the map
      clip_ids TEXT NOT NULL,             -- JSON, ascending
      turn INTEGER NOT NULL               -- rises with every use: times may be equal
    ) STRICT, WITHOUT ROWID;
  `,
}
