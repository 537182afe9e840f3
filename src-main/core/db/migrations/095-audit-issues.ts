import type { Migration } from './migration.ts'

export const auditIssues: Migration = {
  version: 95,
  purpose: 'searches for wrong labels and other issues, and what they found',
  sql: `
    CREATE TABLE audit_searches (
      id INTEGER PRIMARY KEY,
      dataset_id INTEGER NOT NULL REFERENCES datasets (id) ON DELETE CASCADE,
      run_ids TEXT NOT NULL,              -- JSON; the runs may be gone
      settings TEXT NOT NULL,             -- JSON SearchSettings
      labels TEXT,                        -- JSON LabelNoise; null without runs
      notes TEXT NOT NULL,                -- JSON: what was left out
      created_at TEXT NOT NULL
    ) STRICT;
    CREATE INDEX audit_searches_by_dataset ON audit_searches (dataset_id);

    CREATE TABLE audit_issues (
      id INTEGER PRIMARY KEY,             -- rises from the worst within a search
      search_id INTEGER NOT NULL REFERENCES audit_searches (id) ON DELETE CASCADE,
      kind TEXT NOT NULL,
      severity TEXT NOT NULL CHECK (severity IN ('error', 'warning')),
      clip_id INTEGER NOT NULL REFERENCES clips (id) ON DELETE CASCADE,
      class_id INTEGER NOT NULL,          -- the label that was looked at
      suggested_class_id INTEGER,
      score REAL NOT NULL,                -- 0 … 1, the worst 0
      message TEXT NOT NULL,
      related TEXT NOT NULL,              -- JSON: ids of other clips, at most 100
      related_total INTEGER NOT NULL,
      label TEXT                          -- JSON LabelEvidence
    ) STRICT;
    CREATE INDEX audit_issues_by_search ON audit_issues (search_id, kind, severity);
    CREATE INDEX audit_issues_by_clip ON audit_issues (clip_id);
  `,
}
