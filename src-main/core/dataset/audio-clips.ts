import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { notThere, SoundfoldError } from '../../contract/errors.ts'
import { type ClipRecord, clipsOfDataset, findClip, readClips } from '../db/clips.ts'
import { classesOf, datasetSource } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import type { ExportClip } from '../export/export-features.ts'
import type { AudioClip } from '../features/feature-store.ts'
import type { SplitClip } from '../ml/split/crossing.ts'

export type AudioClips = readonly (AudioClip & SplitClip)[]

/** The clips of a dataset whose audio was read, with the absolute path of each file. */
export function audioClips(db: Database, datasetId: number): AudioClips {
  return withAudio(clipsOfDataset(db, datasetId), datasetSource(db, datasetId).folder)
}

/** The same, read in steps. @throws the signal's reason */
export async function readAudioClips(
  db: Database,
  datasetId: number,
  signal?: AbortSignal,
): Promise<AudioClips> {
  const { folder } = datasetSource(db, datasetId)
  return withAudio(await readClips(db, datasetId, signal), folder)
}

const withAudio = (clips: readonly ClipRecord[], folder: string): AudioClips =>
  clips.flatMap(({ id, relativePath, contentHash, classId, fold, recording }) =>
    contentHash === null
      ? []
      : [{ clipId: id, path: join(folder, relativePath), contentHash, classId, fold, recording }],
  )

/** The same with what an export says of each. */
export function exportClips(db: Database, datasetId: number): ExportClip[] {
  const names = new Map(classesOf(db, datasetId).map(({ id, name }) => [id, name]))
  const records = new Map(clipsOfDataset(db, datasetId).map((clip) => [clip.id, clip]))
  return audioClips(db, datasetId).map((clip) => ({
    ...clip,
    className: names.get(clip.classId) ?? '',
    fileName: records.get(clip.clipId)?.fileName ?? '',
    group: records.get(clip.clipId)?.recording ?? '',
  }))
}

/**
 * Where a clip's file is, absolute.
 * @throws SoundfoldError not-found; missing-file where it is no longer there
 */
export function clipFile(db: Database, clipId: number): string {
  const clip = findClip(db, clipId)
  if (!clip) throw notThere('clip', clipId)
  const path = join(clip.folder, clip.relativePath)
  if (existsSync(path)) return path
  throw new SoundfoldError('missing-file', `${path} is no longer there.`, {
    hint: 'If the folder was moved, relink the dataset: its screen has a button for that.',
  })
}
