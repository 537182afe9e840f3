import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { realpath, stat } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { SoundfoldError } from '../../contract/errors.ts'
import type { Problem } from '../../contract/model.ts'
import { readAudioHeader } from '../audio/header.ts'
import type { ClipRecord } from '../db/clips.ts'
import { forEachLimited } from '../features/worker-pool.ts'
import type { PlannedClip } from './import-plan.ts'

/** What reading a file gave; all null when it could not be read. */
export type AudioFacts = Pick<
  ClipRecord,
  | 'sizeBytes'
  | 'modifiedMs'
  | 'contentHash'
  | 'container'
  | 'codec'
  | 'sampleRateHz'
  | 'channels'
  | 'bitsPerSample'
  | 'durationSeconds'
>

export const NO_AUDIO: AudioFacts = {
  sizeBytes: null,
  modifiedMs: null,
  contentHash: null,
  container: null,
  codec: null,
  sampleRateHz: null,
  channels: null,
  bitsPerSample: null,
  durationSeconds: null,
}

/** The audio's part of a whole record: label and fold come from the metadata as it is now. */
function audioOf(known: AudioFacts): AudioFacts {
  const { sizeBytes, modifiedMs, contentHash, container, codec } = known
  const { sampleRateHz, channels, bitsPerSample, durationSeconds } = known
  return {
    sizeBytes,
    modifiedMs,
    contentHash,
    container,
    codec,
    sampleRateHz,
    channels,
    bitsPerSample,
    durationSeconds,
  }
}

export interface Scanned extends PlannedClip, AudioFacts {
  /** Why the file could not be read, or not whole. */
  problem: { code: Problem['code']; message: string } | null
}

/** Files read at once: enough to keep a disk busy, few enough for any limit on open files. */
const CONCURRENT_FILES = 8

/**
 * Reads the header and hashes the content of every clip's file. A file with the size and time of `known` is taken as
 * read before.
 */
export async function scanClips(
  folder: string,
  clips: readonly PlannedClip[],
  known: ReadonlyMap<string, AudioFacts>,
  signal: AbortSignal,
  onProgress: (done: number, total: number) => void,
): Promise<Scanned[]> {
  const root = await realpath(folder)
  const results = new Map<PlannedClip, Scanned>()
  await forEachLimited(clips, CONCURRENT_FILES, signal, async (clip) => {
    results.set(clip, await scanClip(root, clip, known.get(clip.relativePath), signal))
    onProgress(results.size, clips.length)
  })
  return clips.flatMap((clip) => results.get(clip) ?? [])
}

async function scanClip(
  root: string,
  clip: PlannedClip,
  known: AudioFacts | undefined,
  signal: AbortSignal,
): Promise<Scanned> {
  const path = join(root, clip.relativePath)
  const without = (code: Problem['code'], message: string): Scanned => ({
    ...clip,
    ...NO_AUDIO,
    problem: { code, message },
  })
  const facts = await stat(path).catch(() => undefined)
  if (!facts?.isFile()) return without('missing-file', `${clip.relativePath} is not there.`)
  // A link may lead anywhere; what is read must lie within the folder.
  if (!(await realpath(path)).startsWith(root + sep))
    return without(
      'path-outside-folder',
      `${clip.relativePath} is a link that leads out of the folder; it was not read.`,
    )
  const sizeBytes = facts.size
  const modifiedMs = Math.round(facts.mtimeMs)
  if (known?.contentHash && known.sizeBytes === sizeBytes && known.modifiedMs === modifiedMs)
    return { ...clip, ...audioOf(known), problem: null }
  try {
    const header = await readAudioHeader(path)
    const hash = createHash('sha256')
    await pipeline(createReadStream(path), hash, { signal })
    return {
      ...clip,
      sizeBytes,
      modifiedMs,
      contentHash: hash.digest('hex'),
      container: header.container,
      codec: header.codec,
      sampleRateHz: header.sampleRateHz,
      channels: header.channels,
      bitsPerSample: header.bitsPerSample,
      durationSeconds: header.durationSeconds,
      problem: header.truncated
        ? {
            code: 'truncated-file',
            message: `${clip.relativePath} ends before its header says so; the ${header.durationSeconds.toFixed(3)} s that are there are used.`,
          }
        : null,
    }
  } catch (error) {
    signal.throwIfAborted()
    const message =
      error instanceof SoundfoldError ? error.message : `${clip.relativePath} can't be read: ${error}.`
    return without('unreadable-file', message)
  }
}
