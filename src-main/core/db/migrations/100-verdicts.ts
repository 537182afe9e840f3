import type { Migration } from './migration.ts'

export const verdicts: Migration = {
  version: 100,
  purpose: 'sets of verdicts on labels, append-only',
  sql: `
    CREATE TABLE verdict_sets (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      forked_from INTEGER REFERENCES verdict_sets (id) ON DELETE SET NULL,
      created_at TEXT NOT NULL,
      UNIQUE (dataset_id, name)
    ) STRICT;

    -- What was said when; the last row of a clip and author counts.
    CREATE TABLE verdicts (
      id INTEGER PRIMARY KEY AUTOINCREMENT,
      set_id INTEGER NOT NULL REFERENCES verdict_sets (id) ON DELETE CASCADE,
      clip_id INTEGER NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
      author TEXT NOT NULL,
      decision TEXT CHECK (decision IN ('keep', 'relabel', 'exclude', 'unsure')),
      class_id INTEGER,                   -- to which; of relabel alone
      note TEXT NOT NULL,
      final INTEGER NOT NULL CHECK (final IN (0, 1)),
      label_class_id INTEGER NOT NULL,    -- that the clip had as imported
      before_id INTEGER,                  -- the row that counted until then
      decided_at TEXT NOT NULL,
      recorded_at TEXT NOT NULL,          -- later where it was merged, applied or brought back
      CHECK ((decision IS 'relabel') = (class_id IS NOT NULL))
    ) STRICT;
    CREATE INDEX verdicts_in_force ON verdicts (set_id, clip_id, author, id);
    CREATE INDEX verdicts_by_clip ON verdicts (clip_id);
    CREATE TRIGGER verdicts_stay BEFORE UPDATE ON verdicts BEGIN
      SELECT RAISE(ABORT, 'verdicts are never changed');
    END;
  `,
}
