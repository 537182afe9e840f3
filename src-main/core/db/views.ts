import { notThere } from '../../contract/errors.ts'
import { type SavedView, savedViewSchema } from '../../contract/library.ts'
import type { Database } from './open.ts'
import { all, get, json, run } from './query.ts'

const rowSchema = savedViewSchema.extend({
  filter: json(savedViewSchema.shape.filter),
  sort: json(savedViewSchema.shape.sort),
})
const SELECT = 'SELECT id, dataset_id AS datasetId, name, filter, sort FROM views'

export function viewsOfDataset(db: Database, datasetId: number): SavedView[] {
  return all(db, rowSchema, `${SELECT} WHERE dataset_id = @datasetId ORDER BY name`, { datasetId })
}

/** Adds the view, or takes the place of the one of that name. */
export function saveView(db: Database, view: Omit<SavedView, 'id'>): SavedView {
  const { datasetId, name } = view
  run(
    db,
    `INSERT INTO views (dataset_id, name, filter, sort, created_at) VALUES (@datasetId, @name, @filter, @sort, @now)
     ON CONFLICT (dataset_id, name) DO UPDATE SET filter = excluded.filter, sort = excluded.sort`,
    {
      datasetId,
      name,
      filter: JSON.stringify(view.filter),
      sort: JSON.stringify(view.sort),
      now: new Date().toISOString(),
    },
  )
  const saved = get(db, rowSchema, `${SELECT} WHERE dataset_id = @datasetId AND name = @name`, {
    datasetId,
    name,
  })
  if (!saved) throw new Error(`The view ${name} was not saved.`)
  return saved
}

/** @throws SoundfoldError not-found */
export function removeView(db: Database, id: number): void {
  if (run(db, 'DELETE FROM views WHERE id = @id', { id }).changes === 0) throw notThere('view', id)
}
