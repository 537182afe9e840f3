import { z } from 'zod'
import type { Database } from './open.ts'
import { all, run } from './query.ts'

export interface ClipTag {
  readonly clipId: number
  readonly tag: string
}

const hasSchema = z.object({ has: z.int().transform(Boolean) })
/** Which of these clips have the tag beside them, in order. */
export function haveTags(db: Database, wanted: readonly ClipTag[]): boolean[] {
  return all(
    db,
    hasSchema,
    `SELECT EXISTS (SELECT 1 FROM clip_tags WHERE clip_id = wanted.value ->> '$.clipId'
       AND tag = wanted.value ->> '$.tag') AS has
     FROM json_each(@wanted) AS wanted ORDER BY wanted.key`,
    { wanted: JSON.stringify(wanted) },
  ).map(({ has }) => has)
}

export function addTags(db: Database, tags: readonly ClipTag[]): void {
  run(
    db,
    `INSERT INTO clip_tags (clip_id, tag) SELECT value ->> '$.clipId', value ->> '$.tag' FROM json_each(@tags)`,
    { tags: JSON.stringify(tags) },
  )
}

export function removeTags(db: Database, tags: readonly ClipTag[]): void {
  run(
    db,
    `DELETE FROM clip_tags WHERE (clip_id, tag) IN
       (SELECT value ->> '$.clipId', value ->> '$.tag' FROM json_each(@tags))`,
    { tags: JSON.stringify(tags) },
  )
}

const tagSchema = z.object({ tag: z.string() })
/** In order. */
export function tagsOfClip(db: Database, clipId: number): string[] {
  return all(db, tagSchema, 'SELECT tag FROM clip_tags WHERE clip_id = @clipId ORDER BY tag', {
    clipId,
  }).map(({ tag }) => tag)
}

const countSchema = z.object({ tag: z.string(), clips: z.int() })
/** Of some clips, by name. */
export function tagCountsOf(db: Database, clipIds: readonly number[]): z.infer<typeof countSchema>[] {
  return all(
    db,
    countSchema,
    `SELECT tag, COUNT(*) AS clips FROM json_each(@clipIds) AS wanted JOIN clip_tags ON clip_id = wanted.value
     GROUP BY tag ORDER BY tag`,
    { clipIds: JSON.stringify(clipIds) },
  )
}

/** By name. */
export function tagCounts(db: Database, datasetId: number): z.infer<typeof countSchema>[] {
  return all(
    db,
    countSchema,
    `SELECT tag, COUNT(*) AS clips FROM clip_tags JOIN clips ON clips.id = clip_id
     WHERE dataset_id = @datasetId GROUP BY tag ORDER BY tag`,
    { datasetId },
  )
}
