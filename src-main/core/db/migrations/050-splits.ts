import type { Migration } from './migration.ts'

export const splits: Migration = {
  version: 50,
  purpose: 'the split of a run and the recordings that cross it; sweeps with their trials and scores',
  sql: `
    UPDATE runs SET settings = json_set(settings,
      '$.split', json('{"kind":"predefined"}'),
      '$.excludeCrossing', json('false'));
    ALTER TABLE runs ADD COLUMN crossing TEXT;      -- JSON Crossing; null where nobody looked

    CREATE TABLE sweeps (
      id TEXT PRIMARY KEY,
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      job_id INTEGER REFERENCES jobs (id) ON DELETE SET NULL,
      status TEXT NOT NULL
        CHECK (status IN ('queued', 'running', 'succeeded', 'failed', 'cancelled', 'interrupted')),
      settings TEXT NOT NULL,             -- JSON SweepSettings
      data_fingerprint TEXT NOT NULL,     -- of the clips that the trials may see
      engine TEXT,
      error TEXT,                         -- JSON ErrorShape
      created_at TEXT NOT NULL,
      finished_at TEXT
    ) STRICT;
    CREATE INDEX sweeps_by_dataset ON sweeps (dataset_id, created_at);

    CREATE TABLE trials (
      sweep_id TEXT NOT NULL REFERENCES sweeps (id) ON DELETE CASCADE,
      trial INTEGER NOT NULL,             -- from 1
      changes TEXT NOT NULL,              -- JSON: dotted name → value
      settings TEXT NOT NULL,             -- JSON RunSettings, with the epochs of the last rung
      error TEXT,                         -- JSON ErrorShape: why it could not be scored
      PRIMARY KEY (sweep_id, trial)
    ) STRICT, WITHOUT ROWID;

    CREATE TABLE trial_scores (
      sweep_id TEXT NOT NULL,
      trial INTEGER NOT NULL,
      rung INTEGER NOT NULL,              -- from 0
      fold INTEGER NOT NULL,              -- the inner fold that scored it
      accuracy REAL NOT NULL,
      loss REAL NOT NULL,
      seconds REAL NOT NULL,
      PRIMARY KEY (sweep_id, trial, rung, fold),
      FOREIGN KEY (sweep_id, trial) REFERENCES trials (sweep_id, trial) ON DELETE CASCADE
    ) STRICT, WITHOUT ROWID;
  `,
}
