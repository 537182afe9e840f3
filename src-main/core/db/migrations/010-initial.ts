import type { Migration } from './migration.ts'

/** Datasets with their clips and problems, features, jobs, runs with epochs and predictions. */
export const initial: Migration = {
  version: 10,
  purpose: 'initial schema',
  sql: `
    CREATE TABLE datasets (
      id INTEGER PRIMARY KEY,
      name TEXT NOT NULL,
      format TEXT NOT NULL CHECK (format IN ('urbansound8k', 'esc', 'csv')),
      folder TEXT NOT NULL UNIQUE,
      mapping TEXT,                       -- JSON, for format csv
      source_hash TEXT NOT NULL,          -- sha256 of the metadata file
      skipped_rows INTEGER NOT NULL,
      imported_at TEXT NOT NULL
    ) STRICT;

    CREATE TABLE classes (
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      class_id INTEGER NOT NULL,          -- as the metadata numbers it
      name TEXT NOT NULL,
      PRIMARY KEY (dataset_id, class_id)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE clips (
      id INTEGER PRIMARY KEY,
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      relative_path TEXT NOT NULL,        -- below the dataset's folder, with /
      file_name TEXT NOT NULL,
      class_id INTEGER NOT NULL,          -- label as imported, never overwritten
      fold INTEGER NOT NULL,
      salience INTEGER CHECK (salience IN (1, 2)),
      recording TEXT,                     -- fsID, src_file: what must not cross folds
      start_seconds REAL,
      end_seconds REAL,
      line INTEGER NOT NULL,              -- of the metadata file
      size_bytes INTEGER,                 -- null from here on: the file could not be read
      modified_ms INTEGER,
      content_hash TEXT,                  -- sha256, hex
      container TEXT,
      codec TEXT,
      sample_rate_hz INTEGER,
      channels INTEGER,
      bits_per_sample INTEGER,
      duration_seconds REAL,
      UNIQUE (dataset_id, relative_path),
      FOREIGN KEY (dataset_id, class_id) REFERENCES classes (dataset_id, class_id)
    ) STRICT;
    CREATE INDEX clips_by_name ON clips (dataset_id, file_name);
    CREATE INDEX clips_by_class ON clips (dataset_id, class_id, fold, salience);
    CREATE INDEX clips_by_hash ON clips (content_hash);

    CREATE TABLE problems (
      id INTEGER PRIMARY KEY,
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      clip_id INTEGER REFERENCES clips (id) ON DELETE CASCADE,
      code TEXT NOT NULL,
      severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
      message TEXT NOT NULL,
      file TEXT,
      line INTEGER
    ) STRICT;
    CREATE INDEX problems_by_dataset ON problems (dataset_id, code);
    CREATE INDEX problems_by_clip ON problems (clip_id);

    CREATE TABLE features (
      content_hash TEXT NOT NULL,
      recipe_hash TEXT NOT NULL,
      size_bytes INTEGER NOT NULL,
      created_at TEXT NOT NULL,
      PRIMARY KEY (content_hash, recipe_hash)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE jobs (
      id INTEGER PRIMARY KEY,
      kind TEXT NOT NULL,
      title TEXT NOT NULL,
      status TEXT NOT NULL
        CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
      step TEXT NOT NULL,
      done INTEGER NOT NULL,
      total INTEGER NOT NULL,
      created_at TEXT NOT NULL,
      started_at TEXT,
      finished_at TEXT,
      error TEXT,                         -- JSON ErrorShape
      result TEXT,                        -- JSON
      run_id TEXT
    ) STRICT;

    CREATE TABLE runs (
      id TEXT PRIMARY KEY,
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      job_id INTEGER REFERENCES jobs (id) ON DELETE SET NULL,
      status TEXT NOT NULL
        CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
      settings TEXT NOT NULL,             -- JSON RunSettings
      settings_hash TEXT NOT NULL,
      data_fingerprint TEXT NOT NULL,     -- sha256 over clips, labels and folds that took part
      classes TEXT NOT NULL,              -- JSON [{ id, name }]: the order of the probabilities
      engine TEXT,
      error TEXT,
      created_at TEXT NOT NULL,
      finished_at TEXT
    ) STRICT;
    CREATE INDEX runs_by_dataset ON runs (dataset_id, created_at);

    CREATE TABLE epochs (
      run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL,
      epoch INTEGER NOT NULL,
      train_loss REAL NOT NULL,
      train_accuracy REAL NOT NULL,
      test_loss REAL NOT NULL,
      test_accuracy REAL NOT NULL,
      learning_rate REAL NOT NULL,
      seconds REAL NOT NULL,
      PRIMARY KEY (run_id, fold, epoch)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE predictions (
      run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
      clip_id INTEGER NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
      fold INTEGER NOT NULL,              -- the fold that was held out
      true_class_id INTEGER NOT NULL,     -- the label this run was scored against
      predicted_class_id INTEGER NOT NULL,
      confidence REAL NOT NULL,
      probabilities BLOB NOT NULL,        -- float32 little-endian, in the order of runs.classes
      PRIMARY KEY (run_id, clip_id)
    ) STRICT, WITHOUT ROWID;
    CREATE INDEX predictions_by_cell ON predictions (run_id, true_class_id, predicted_class_id);
    CREATE INDEX predictions_by_clip ON predictions (clip_id);
  `,
}
