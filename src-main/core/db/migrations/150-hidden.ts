import type { Migration } from './migration.ts'

export const hidden: Migration = {
  version: 150,
  purpose: 'runs and searches that are being written or removed, in steps',
  sql: `
    ALTER TABLE runs ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1));
    ALTER TABLE audit_searches ADD COLUMN hidden INTEGER NOT NULL DEFAULT 0 CHECK (hidden IN (0, 1));
  `,
}
