import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { searchSettingsSchema } from '../../../src-main/contract/audit-issues.ts'
import { TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'
import { listSearches, saveSearch } from '../../../src-main/core/db/audit-issues.ts'
import { type Database, MIGRATIONS, openWorkspace } from '../../../src-main/core/db/open.ts'
import { addPredictions } from '../../../src-main/core/db/predictions.ts'
import { run } from '../../../src-main/core/db/query.ts'
import { epochsOfRun, getRun } from '../../../src-main/core/db/runs.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-migration-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** A workspace of an earlier version with a run of these settings. */
function earlier(version: number, settings: object): Database {
  const db = openWorkspace(
    folder,
    MIGRATIONS.filter((migration) => migration.version <= version),
  )
  run(
    db,
    `INSERT INTO datasets (name, format, folder, source_hash, skipped_rows, imported_at)
     VALUES ('old', 'csv', '/old', 'h', 0, '2020')`,
  )
  run(
    db,
    `INSERT INTO runs (id, dataset_id, status, settings, settings_hash, data_fingerprint, classes, created_at)
     VALUES ('r', 1, 'succeeded', @settings, 'h', 'f', '[]', '2020')`,
    { settings: JSON.stringify(settings) },
  )
  return db
}

const SETTINGS = {
  ...{ preset: 'compact-s', recipe: 'article', recipeHash: 'r', seed: 73, folds: [1, 2] },
  ...{ engine: 'auto', processes: 1, threadsPerProcess: 1 },
}

it('a run of before training had settings was trained as all were then', () => {
  const db = earlier(20, { ...SETTINGS, epochs: 12, batchSize: 16, learningRate: 0.003 })
  run(
    db,
    `INSERT INTO epochs (run_id, fold, epoch, train_loss, train_accuracy, test_loss, test_accuracy, learning_rate, seconds)
     VALUES ('r', 1, 1, 2.5, 0.25, 2.25, 0.5, 0.003, 1.5)`,
  )
  db.close()
  const after = openWorkspace(folder)
  const { settings } = getRun(after, 'r')
  expect(settings).toMatchObject({ ...SETTINGS, network: {} })
  expect(settings).not.toHaveProperty('epochs')
  expect(settings.training).toMatchObject({
    ...{ epochs: 12, batchSize: 16, learningRate: 0.003, warmUp: 0.1, resultEpoch: 'last' },
    optimizer: { name: 'adam', epsilon: 1e-7 },
    augmentation: { timeShift: 0.25, flip: 0 },
  })
  expect(epochsOfRun(after, 'r')).toMatchObject([
    { fold: 1, trainLoss: 2.5, testAccuracy: 0.5, innerLoss: null, innerAccuracy: null },
  ])
  after.close()
})

it('a run of a workspace without splits was on the dataset’s folds, and nobody looked what crosses them', () => {
  const settings = { ...SETTINGS, network: {}, training: TRAINING_DEFAULTS }
  earlier(40, settings).close()
  const after = openWorkspace(folder)
  expect(getRun(after, 'r')).toMatchObject({
    settings: { ...settings, split: { kind: 'predefined' }, excludeCrossing: false },
    crossing: null,
  })
  after.close()
})

it('a workspace of before searches keeps every row, and can keep what they find', async () => {
  const db = earlier(90, {
    ...SETTINGS,
    network: {},
    training: TRAINING_DEFAULTS,
    split: { kind: 'predefined' },
    excludeCrossing: false,
  })
  run(db, "INSERT INTO classes (dataset_id, class_id, name) VALUES (1, 4, 'drilling')")
  run(
    db,
    `INSERT INTO clips (dataset_id, relative_path, file_name, class_id, fold, line) VALUES (1, 'a.wav', 'a.wav', 4, 2, 2)`,
  )
  const tables = ['datasets', 'classes', 'clips', 'clip_counts', 'runs']
  const rowsOf = (of: Database) => tables.map((table) => of.prepare(`SELECT * FROM ${table}`).all())
  const before = rowsOf(db)
  db.close()
  const after = openWorkspace(folder)
  expect(rowsOf(after)).toMatchObject(before)
  expect(before.flat().length).toBe(rowsOf(after).flat().length)
  const search = {
    datasetId: 1,
    runIds: ['r'],
    settings: searchSettingsSchema.parse({}),
    labels: null,
    notes: [],
  }
  const finding = {
    clipId: 1,
    classId: 4,
    suggestedClassId: null,
    score: 0,
    message: 'm',
    label: null,
    related: [],
  }
  await saveSearch(after, search, [[{ ...finding, kind: 'silence', severity: 'error' }]])
  expect(listSearches(after)).toMatchObject([
    { ...search, counts: [{ kind: 'silence', severity: 'error', count: 1 }] },
  ])
  run(after, 'DELETE FROM clips')
  expect(listSearches(after)).toMatchObject([{ counts: [] }])
  after.close()
})

it('a workspace of before counts by fold gets them, and they follow every change of predictions', () => {
  const db = earlier(130, {
    ...SETTINGS,
    network: {},
    training: TRAINING_DEFAULTS,
    split: { kind: 'predefined' },
    excludeCrossing: false,
  })
  run(db, "INSERT INTO classes (dataset_id, class_id, name) VALUES (1, 4, 'drilling')")
  for (const id of [1, 2, 3, 4])
    run(
      db,
      `INSERT INTO clips (id, dataset_id, relative_path, file_name, class_id, fold, line)
       VALUES (@id, 1, @path, @path, 4, 1, 2)`,
      { id, path: `${id}.wav` },
    )
  for (const [clipId, fold, guess] of [
    [1, 1, 4],
    [2, 1, 5],
    [3, 2, 4],
  ])
    run(
      db,
      `INSERT INTO predictions (run_id, clip_id, fold, true_class_id, predicted_class_id, confidence, probabilities)
       VALUES ('r', @clipId, @fold, 4, @guess, 1, x'00')`,
      { clipId: clipId ?? 0, fold: fold ?? 0, guess: guess ?? 0 },
    )
  const tables = ['datasets', 'classes', 'clips', 'clip_counts', 'runs', 'predictions']
  const rowsOf = (of: Database) => tables.map((table) => of.prepare(`SELECT * FROM ${table}`).all())
  const before = rowsOf(db)
  db.close()
  const after = openWorkspace(folder)
  expect(rowsOf(after)).toMatchObject(before)
  const counted = `SELECT run_id, fold, COUNT(*) AS clips, SUM(predicted_class_id = true_class_id) AS correct
    FROM predictions GROUP BY run_id, fold`
  const areRight = () =>
    expect(after.prepare('SELECT * FROM fold_counts').all()).toEqual(after.prepare(counted).all())
  areRight()
  expect(getRun(after, 'r')).toMatchObject({ foldsDone: [1, 2], meanAccuracy: 0.75 })
  const probabilities = Float32Array.of(1)
  const prediction = { fold: 2, trueClassId: 4, predictedClassId: 4, probabilities }
  // One anew, one again in another fold and right now.
  addPredictions(after, 'r', [
    { ...prediction, clipId: 4 },
    { ...prediction, clipId: 2 },
  ])
  areRight()
  run(after, 'DELETE FROM clips WHERE id = 1')
  areRight()
  expect(getRun(after, 'r')).toMatchObject({ foldsDone: [2], meanAccuracy: 1 })
  run(after, 'DELETE FROM runs')
  areRight()
  after.close()
})
