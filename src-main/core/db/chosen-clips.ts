import { createHash } from 'node:crypto'
import { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import type { Database } from './open.ts'
import { get, json, run, transaction } from './query.ts'

const rowSchema = z.object({ datasetId: z.int(), title: z.string(), clipIds: json(z.array(z.int())) })
export type ChosenClips = z.infer<typeof rowSchema>

/** The latest that are kept; those of named views are kept besides. */
const MOST_KEPT = 200
const ID_DIGITS = 12

/** Keeps a choice, and lets go of old ones. @returns the id by which a filter names it */
export function keepChosen(db: Database, { datasetId, title, clipIds }: ChosenClips): string {
  const ids = JSON.stringify([...new Set(clipIds)].sort((a, b) => a - b))
  const hash = createHash('sha256').update(JSON.stringify([datasetId, title, ids]))
  const id = hash.digest('hex').slice(0, ID_DIGITS)
  transaction(db, () => {
    run(
      db,
      `INSERT INTO chosen_clips (id, dataset_id, title, clip_ids, turn)
       VALUES (@id, @datasetId, @title, @ids, (SELECT COALESCE(MAX(turn), 0) + 1 FROM chosen_clips))
       ON CONFLICT (id) DO UPDATE SET turn = excluded.turn`,
      { id, datasetId, title, ids },
    )
    run(
      db,
      `DELETE FROM chosen_clips WHERE id NOT IN (SELECT id FROM chosen_clips ORDER BY turn DESC LIMIT @most)
         AND id NOT IN (SELECT filter ->> '$.chosenId' FROM views WHERE filter ->> '$.chosenId' IS NOT NULL)`,
      { most: MOST_KEPT },
    )
  })
  return id
}

/** @throws SoundfoldError not-found */
export function chosenClips(db: Database, id: string): ChosenClips {
  const found = get(
    db,
    rowSchema,
    'SELECT dataset_id AS datasetId, title, clip_ids AS clipIds FROM chosen_clips WHERE id = @id',
    { id },
  )
  if (!found)
    throw new SoundfoldError('not-found', 'This choice of clips is not kept any more.', {
      hint: 'Remove it from the filters, or choose the clips again where they were chosen.',
    })
  return found
}
