import { join } from 'node:path'
import { clipsOfDataset } from '../db/clips.ts'
import { datasetSource } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import type { AudioClip } from '../features/feature-store.ts'

export type AudioClips = (AudioClip & { classId: number; fold: number })[]

/** The clips of a dataset whose audio was read, with the absolute path of each file. */
export function audioClips(db: Database, datasetId: number): AudioClips {
  const { folder } = datasetSource(db, datasetId)
  return clipsOfDataset(db, datasetId).flatMap(({ id, relativePath, contentHash, classId, fold }) =>
    contentHash === null
      ? []
      : [{ clipId: id, path: join(folder, relativePath), contentHash, classId, fold }],
  )
}
