import { z } from 'zod'
import type { Database } from './open.ts'
import { all, get, run } from './query.ts'

/** Move together with what `120-kept-clips` made copies of. A verdict set may have been removed in the meantime. */
const TABLES = [
  { table: 'clip_tags', where: 'true' },
  { table: 'annotations', where: 'true' },
  { table: 'verdicts', where: 'set_id IN (SELECT id FROM verdict_sets)' },
  { table: 'change_clips', where: 'true' },
] as const

const MADE_BY_PEOPLE = ['clip_tags', 'annotations', 'verdicts']
  .map((table) => `EXISTS (SELECT 1 FROM ${table} WHERE clip_id = clips.id)`)
  .join(' OR ')

/** Keeps what people made of clips that are about to be removed: tags, annotations and verdicts, with their history. */
export function setAside(db: Database, clipIds: readonly number[]): void {
  const ids = JSON.stringify(clipIds)
  run(
    db,
    `INSERT INTO kept_clips (clip_id, dataset_id, relative_path, file_name, content_hash)
     SELECT clips.id, dataset_id, relative_path, file_name, content_hash
     FROM json_each(@ids) AS gone JOIN clips ON clips.id = gone.value WHERE ${MADE_BY_PEOPLE}`,
    { ids },
  )
  for (const { table } of TABLES)
    run(
      db,
      `INSERT INTO kept_${table} SELECT * FROM ${table} WHERE clip_id IN
         (SELECT clip_id FROM json_each(@ids) AS gone JOIN kept_clips ON clip_id = gone.value)`,
      { ids },
    )
}

const keptSchema = z.object({
  clipId: z.int(),
  relativePath: z.string(),
  fileName: z.string(),
  contentHash: z.string().nullable(),
})
type KeptClip = z.infer<typeof keptSchema>

/**
 * Which of a dataset's new clips are back: at the same path, or under the same name with the same audio elsewhere (another
 * fold's folder), where only one was kept so.
 * @returns the id that each had, by path
 */
export function returning(
  db: Database,
  datasetId: number,
  clips: readonly Omit<KeptClip, 'clipId'>[],
): Map<string, number> {
  const sql = `SELECT clip_id AS clipId, relative_path AS relativePath, file_name AS fileName, content_hash AS contentHash
    FROM kept_clips WHERE dataset_id = @datasetId`
  const kept = all(db, keptSchema, sql, { datasetId })
  if (kept.length === 0) return new Map()
  const wanted = new Set(clips.map(({ relativePath }) => relativePath))
  const found = new Map(
    kept.filter((one) => wanted.has(one.relativePath)).map((one) => [one.relativePath, one.clipId]),
  )
  const elsewhere = (one: { relativePath: string }) => !found.has(one.relativePath)
  for (const [own, clip] of pairsAlike(kept.filter(elsewhere), clips.filter(elsewhere)))
    found.set(clip.relativePath, own.clipId)
  return found
}

type Sound = Pick<KeptClip, 'fileName' | 'contentHash'>

/** Clips that were and clips that are, of one file name and the same audio, in pairs: where no other of either is so. */
export function pairsAlike<Before extends Sound, Now extends Sound>(
  before: readonly Before[],
  now: readonly Now[],
): [Before, Now][] {
  const likeness = (clip: Sound) => clip.contentHash && `${clip.fileName}/${clip.contentHash}`
  const alikeBefore = Map.groupBy(before, likeness)
  return [...Map.groupBy(now, likeness)].flatMap(([like, alike]): [Before, Now][] => {
    const [clip, another] = alike
    const [own, second] = alikeBefore.get(like) ?? []
    return like && clip && own && !another && !second ? [[own, clip]] : []
  })
}

/** Gives clips that are there again what was kept of them. */
export function giveBack(db: Database, clipIds: Iterable<number>): void {
  const ids = JSON.stringify([...clipIds])
  for (const { table, where } of TABLES)
    run(
      db,
      `INSERT INTO ${table} SELECT * FROM kept_${table}
       WHERE clip_id IN (SELECT value FROM json_each(@ids)) AND ${where}`,
      { ids },
    )
  run(db, 'DELETE FROM kept_clips WHERE clip_id IN (SELECT value FROM json_each(@ids))', { ids })
}

/** An id for a new clip: never one that is kept for another. */
export function freeClipId(db: Database): number {
  const sql = `SELECT 1 + MAX(COALESCE((SELECT MAX(id) FROM clips), 0), COALESCE((SELECT MAX(clip_id) FROM kept_clips), 0)) AS id`
  return get(db, z.object({ id: z.int() }), sql)?.id ?? 1
}

/** Clips that have left the dataset and have something kept. */
export function countKept(db: Database, datasetId: number): number {
  const sql = 'SELECT COUNT(*) AS kept FROM kept_clips WHERE dataset_id = @datasetId'
  return get(db, z.object({ kept: z.int() }), sql, { datasetId })?.kept ?? 0
}
