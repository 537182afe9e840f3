import type { Migration } from './migration.ts'

export const recipes: Migration = {
  version: 20,
  purpose: 'feature recipes of the person’s own',
  sql: `
    CREATE TABLE recipes (
      name TEXT NOT NULL PRIMARY KEY,
      settings TEXT NOT NULL,             -- JSON, as contract/recipe.ts
      created_at TEXT NOT NULL
    ) STRICT;
  `,
}
