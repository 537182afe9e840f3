import type { Migration } from './migration.ts'

export const history: Migration = {
  version: 90,
  purpose: 'the history of what people changed, and tags on clips',
  sql: `
    CREATE TABLE changes (
      id INTEGER PRIMARY KEY,
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      at TEXT NOT NULL,
      author TEXT NOT NULL,
      session TEXT NOT NULL,
      kind TEXT NOT NULL,
      title TEXT NOT NULL,
      act TEXT NOT NULL CHECK (act IN ('do', 'undo', 'redo')),
      undoes INTEGER UNIQUE REFERENCES changes (id),
      item_count INTEGER NOT NULL,
      items TEXT NOT NULL,                -- JSON [{ subject, before, after }]
      CHECK ((act = 'do') = (undoes IS NULL))
    ) STRICT;
    CREATE INDEX changes_by_dataset ON changes (dataset_id, id);
    CREATE INDEX changes_by_session ON changes (session, act, id);

    -- Which clips a change is about, as its items tell.
    CREATE TABLE change_clips (
      clip_id INTEGER NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
      change_id INTEGER NOT NULL REFERENCES changes (id) ON DELETE CASCADE,
      PRIMARY KEY (clip_id, change_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX change_clips_by_change ON change_clips (change_id);

    -- Changes are added only; they go with their dataset.
    CREATE TRIGGER changes_stay_as_they_are BEFORE UPDATE ON changes
    BEGIN SELECT RAISE(ABORT, 'a change of the history can not be altered');
    END;
    CREATE TRIGGER changes_stay BEFORE DELETE ON changes
      WHEN EXISTS (SELECT 1 FROM datasets WHERE id = OLD.dataset_id)
    BEGIN SELECT RAISE(ABORT, 'a change of the history can not be removed');
    END;

    CREATE TABLE clip_tags (
      clip_id INTEGER NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
      tag TEXT NOT NULL,
      PRIMARY KEY (clip_id, tag)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX clip_tags_by_tag ON clip_tags (tag, clip_id);
  `,
}
