import type { Migration } from './migration.ts'

const HERE = (row: 'NEW' | 'OLD') =>
  `dataset_id = ${row}.dataset_id AND class_id = ${row}.class_id AND fold = ${row}.fold`
const COUNT_IN = `
      INSERT INTO clip_counts (dataset_id, class_id, fold, clips, readable_clips, salience_clips, duration_seconds)
      VALUES (NEW.dataset_id, NEW.class_id, NEW.fold, 1, NEW.content_hash IS NOT NULL, NEW.salience IS NOT NULL,
        COALESCE(NEW.duration_seconds, 0))
      ON CONFLICT DO UPDATE SET clips = clips + 1, readable_clips = readable_clips + excluded.readable_clips,
        salience_clips = salience_clips + excluded.salience_clips,
        duration_seconds = duration_seconds + excluded.duration_seconds;`
const COUNT_OUT = `
      UPDATE clip_counts SET clips = clips - 1, readable_clips = readable_clips - (OLD.content_hash IS NOT NULL),
        salience_clips = salience_clips - (OLD.salience IS NOT NULL),
        duration_seconds = duration_seconds - COALESCE(OLD.duration_seconds, 0)
      WHERE ${HERE('OLD')};
      DELETE FROM clip_counts WHERE ${HERE('OLD')} AND clips = 0;`

export const library: Migration = {
  version: 80,
  purpose: 'named views of the library; recordings in order; counts of clips, kept by triggers',
  sql: `
    CREATE TABLE views (
      id INTEGER PRIMARY KEY,
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      name TEXT NOT NULL,
      filter TEXT NOT NULL,               -- JSON ClipFilter
      sort TEXT NOT NULL,                 -- JSON ClipSort
      created_at TEXT NOT NULL,
      UNIQUE (dataset_id, name)
    ) STRICT;
    CREATE INDEX clips_by_recording ON clips (dataset_id, recording);

    -- What is told of a dataset at each start: summed up over all clips, it takes seconds at a million.
    CREATE TABLE clip_counts (
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      class_id INTEGER NOT NULL,
      fold INTEGER NOT NULL,
      clips INTEGER NOT NULL,
      readable_clips INTEGER NOT NULL,    -- whose file was read
      salience_clips INTEGER NOT NULL,    -- that have one
      duration_seconds REAL NOT NULL,     -- sum
      PRIMARY KEY (dataset_id, class_id, fold)
    ) STRICT, WITHOUT ROWID;
    INSERT INTO clip_counts
      SELECT dataset_id, class_id, fold, COUNT(*), COUNT(content_hash), COUNT(salience), TOTAL(duration_seconds)
      FROM clips GROUP BY dataset_id, class_id, fold;
    CREATE TRIGGER clips_counted_in AFTER INSERT ON clips BEGIN ${COUNT_IN}
    END;
    CREATE TRIGGER clips_counted_out AFTER DELETE ON clips BEGIN ${COUNT_OUT}
    END;
    CREATE TRIGGER clips_counted_again
      AFTER UPDATE OF dataset_id, class_id, fold, content_hash, salience, duration_seconds ON clips
    BEGIN ${COUNT_OUT} ${COUNT_IN}
    END;
  `,
}
