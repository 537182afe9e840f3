import type { Migration } from './migration.ts'

/** A column that is added to one of these tables is to be added to its copy as well. */
const KEPT_TABLES = ['clip_tags', 'annotations', 'verdicts', 'change_clips'] as const

export const keptClips: Migration = {
  version: 120,
  purpose: 'what people made of clips that have left their dataset, until the clips are back',
  sql: `
    CREATE TABLE kept_clips (
      clip_id INTEGER PRIMARY KEY,        -- that it had, and gets again
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      relative_path TEXT NOT NULL,
      file_name TEXT NOT NULL,
      content_hash TEXT
    ) STRICT;
    CREATE INDEX kept_clips_by_dataset ON kept_clips (dataset_id);
    ${KEPT_TABLES.map(
      (table) => `
    CREATE TABLE kept_${table} AS SELECT * FROM ${table} WHERE false;
    CREATE INDEX kept_${table}_by_clip ON kept_${table} (clip_id);`,
    ).join('')}
    CREATE TRIGGER kept_clips_go AFTER DELETE ON kept_clips BEGIN
      ${KEPT_TABLES.map((table) => `DELETE FROM kept_${table} WHERE clip_id = OLD.clip_id;`).join('\n      ')}
    END;
  `,
}
