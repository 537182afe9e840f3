import { z } from 'zod'
import { notThere } from '../../contract/errors.ts'
import {
  type ClassInfo,
  type CsvMapping,
  classInfoSchema,
  csvMappingSchema,
  type Dataset,
  type DatasetFormat,
  datasetSchema,
} from '../../contract/model.ts'
import type { Database } from './open.ts'
import { all, get, run } from './query.ts'

const rowSchema = datasetSchema
  .omit({ folds: true, classes: true, hasSalience: true })
  .extend({ salienceClips: z.int() })

const sumOf = (column: string) =>
  `(SELECT COALESCE(SUM(${column}), 0) FROM clip_counts WHERE dataset_id = datasets.id)`
const SELECT = `SELECT id, name, format, folder, imported_at AS importedAt,
    ${sumOf('clips')} AS clips, ${sumOf('readable_clips')} AS readableClips, ${sumOf('salience_clips')} AS salienceClips,
    MAX(0, ${sumOf('duration_seconds')}) AS totalDurationSeconds,
    (SELECT COUNT(*) FROM problems WHERE dataset_id = datasets.id) AS problems
  FROM datasets`

function complete(db: Database, { salienceClips, ...row }: z.infer<typeof rowSchema>): Dataset {
  return {
    ...row,
    hasSalience: salienceClips > 0,
    classes: classesOf(db, row.id),
    folds: foldsOf(db, row.id),
  }
}

export function listDatasets(db: Database): Dataset[] {
  return all(db, rowSchema, `${SELECT} ORDER BY id`).map((row) => complete(db, row))
}

/** @throws SoundfoldError not-found */
export function getDataset(db: Database, id: number): Dataset {
  const row = get(db, rowSchema, `${SELECT} WHERE id = @id`, { id })
  if (!row) throw notThere('dataset', id)
  return complete(db, row)
}

/** In the order of their ids: the order of a network's outputs. */
export function classesOf(db: Database, datasetId: number): ClassInfo[] {
  return all(
    db,
    classInfoSchema,
    `SELECT class_id AS id, name, (SELECT COALESCE(SUM(clips), 0) FROM clip_counts AS counts
       WHERE counts.dataset_id = classes.dataset_id AND counts.class_id = classes.class_id) AS clips
     FROM classes WHERE dataset_id = @datasetId ORDER BY class_id`,
    { datasetId },
  )
}

function foldsOf(db: Database, datasetId: number): number[] {
  return all(
    db,
    z.object({ fold: z.int() }),
    'SELECT DISTINCT fold FROM clip_counts WHERE dataset_id = @datasetId ORDER BY fold',
    { datasetId },
  ).map((row) => row.fold)
}

/** What the importer needs to know of an earlier import. */
const sourceSchema = z.object({
  id: z.int(),
  folder: z.string(),
  format: datasetSchema.shape.format,
  sourceHash: z.string(),
  skippedRows: z.int(),
  mapping: z
    .string()
    .nullable()
    .transform((text) => (text === null ? null : csvMappingSchema.parse(JSON.parse(text)))),
})
export type DatasetSource = z.infer<typeof sourceSchema>

const SOURCE = `SELECT id, folder, format, mapping, source_hash AS sourceHash, skipped_rows AS skippedRows FROM datasets`

export function datasetSource(db: Database, id: number): DatasetSource {
  const source = get(db, sourceSchema, `${SOURCE} WHERE id = @id`, { id })
  if (!source) throw notThere('dataset', id)
  return source
}

export function datasetAt(db: Database, folder: string): DatasetSource | undefined {
  return get(db, sourceSchema, `${SOURCE} WHERE folder = @folder`, { folder })
}

export interface DatasetRow {
  name: string
  format: DatasetFormat
  folder: string
  mapping: CsvMapping | null
  sourceHash: string
  skippedRows: number
}

/** @param id - of an earlier import to be brought up to date, or null for a new one. @returns the id */
export function saveDataset(db: Database, id: number | null, row: DatasetRow): number {
  const parameters = {
    ...row,
    mapping: row.mapping && JSON.stringify(row.mapping),
    now: new Date().toISOString(),
  }
  if (id === null)
    return run(
      db,
      `INSERT INTO datasets (name, format, folder, mapping, source_hash, skipped_rows, imported_at)
       VALUES (@name, @format, @folder, @mapping, @sourceHash, @skippedRows, @now)`,
      parameters,
    ).id
  run(
    db,
    `UPDATE datasets SET name = @name, format = @format, folder = @folder, mapping = @mapping,
       source_hash = @sourceHash, skipped_rows = @skippedRows, imported_at = @now WHERE id = @id`,
    { ...parameters, id },
  )
  return id
}

export function saveClass(db: Database, datasetId: number, classId: number, name: string): void {
  run(
    db,
    `INSERT INTO classes (dataset_id, class_id, name) VALUES (@datasetId, @classId, @name)
     ON CONFLICT DO UPDATE SET name = excluded.name`,
    { datasetId, classId, name },
  )
}

/** Classes that a later import no longer uses. */
export function removeUnusedClasses(db: Database, datasetId: number): void {
  run(
    db,
    `DELETE FROM classes WHERE dataset_id = @datasetId AND class_id NOT IN
       (SELECT class_id FROM clips WHERE dataset_id = @datasetId)`,
    { datasetId },
  )
}

export function setDatasetFolder(db: Database, id: number, folder: string): void {
  run(db, 'UPDATE datasets SET folder = @folder WHERE id = @id', { id, folder })
}

/** Removes the dataset with its clips, problems and runs; audio and feature files stay. @returns clips removed */
export function removeDataset(db: Database, id: number): number {
  const { clips } = getDataset(db, id)
  run(db, 'DELETE FROM datasets WHERE id = @id', { id })
  return clips
}
