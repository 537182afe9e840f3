import type { Migration } from './migration.ts'

export const annotations: Migration = {
  version: 110,
  purpose: 'annotations of clips; datasets of recordings without labels',
  sql: `
    CREATE TABLE annotations (
      id TEXT NOT NULL PRIMARY KEY,       -- UUID, made by who adds it, so that an undo brings back the same
      clip_id INTEGER NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
      start_seconds REAL NOT NULL CHECK (start_seconds >= 0),
      end_seconds REAL NOT NULL CHECK (end_seconds >= start_seconds),
      low_hz REAL,                        -- both null: a region in time
      high_hz REAL,
      label TEXT NOT NULL,                -- a class's name, or any other text
      salience INTEGER CHECK (salience IN (1, 2)),
      confidence REAL CHECK (confidence BETWEEN 0 AND 1),
      note TEXT NOT NULL,
      author TEXT NOT NULL,
      extra TEXT NOT NULL,                -- JSON { name: text }: fields of the file that it came from
      created_at TEXT NOT NULL,
      changed_at TEXT NOT NULL
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX annotations_by_clip ON annotations (clip_id, start_seconds);

    -- A column's check can't be changed: a new column takes its place.
    ALTER TABLE datasets ADD COLUMN new_format TEXT NOT NULL DEFAULT 'csv'
      CHECK (new_format IN ('urbansound8k', 'esc', 'csv', 'recordings'));
    UPDATE datasets SET new_format = format;
    ALTER TABLE datasets DROP COLUMN format;
    ALTER TABLE datasets RENAME COLUMN new_format TO format;
  `,
}
