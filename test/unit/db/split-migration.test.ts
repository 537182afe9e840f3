import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'
import { MIGRATIONS, openWorkspace } from '../../../src-main/core/db/open.ts'
import { run } from '../../../src-main/core/db/query.ts'
import { getRun } from '../../../src-main/core/db/runs.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-migration-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

it('a run of a workspace without splits was on the dataset’s folds, and nobody looked what crosses them', () => {
  const before = openWorkspace(
    folder,
    MIGRATIONS.filter(({ version }) => version < 50),
  )
  run(
    before,
    `INSERT INTO datasets (name, format, folder, source_hash, skipped_rows, imported_at)
     VALUES ('old', 'csv', '/old', 'h', 0, '2020')`,
  )
  const settings = {
    ...{ preset: 'compact-s', recipe: 'article', recipeHash: 'r', network: {}, training: TRAINING_DEFAULTS },
    ...{ seed: 73, folds: [1, 2], engine: 'auto', processes: 1, threadsPerProcess: 1 },
  }
  run(
    before,
    `INSERT INTO runs (id, dataset_id, status, settings, settings_hash, data_fingerprint, classes, created_at)
     VALUES ('r', 1, 'succeeded', @settings, 'h', 'f', '[]', '2020')`,
    { settings: JSON.stringify(settings) },
  )
  before.close()
  const after = openWorkspace(folder)
  expect(getRun(after, 'r')).toMatchObject({
    settings: { ...settings, split: { kind: 'predefined' }, excludeCrossing: false },
    crossing: null,
  })
  after.close()
})
