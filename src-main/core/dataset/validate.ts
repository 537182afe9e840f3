import { readdir } from 'node:fs/promises'
import { join, posix } from 'node:path'
import type { Problem } from '../../contract/model.ts'
import type { ClipRecord } from '../db/clips.ts'

/** Slices were cut to these times; encoders round to blocks. */
const DURATION_TOLERANCE_SECONDS = 0.05
const MAX_UNLISTED = 100
const AUDIO_FILE = /\.(wav|ogg|flac|mp3)$/i

type Clip = Pick<
  ClipRecord,
  | 'id'
  | 'relativePath'
  | 'fileName'
  | 'classId'
  | 'fold'
  | 'recording'
  | 'startSeconds'
  | 'endSeconds'
  | 'line'
  | 'contentHash'
  | 'durationSeconds'
>

const about = (clip: Clip) => ({ clipId: clip.id, file: clip.relativePath, line: clip.line })

/** Every problem that shows between clips and in their metadata; the files themselves were read before. */
export function findProblems(clips: readonly Clip[], classNames: ReadonlyMap<number, string>): Problem[] {
  return [...wrongDurations(clips), ...duplicates(clips), ...recordingsAcrossFolds(clips, classNames)]
}

function wrongDurations(clips: readonly Clip[]): Problem[] {
  return clips.flatMap((clip) => {
    if (clip.durationSeconds === null || clip.startSeconds === null || clip.endSeconds === null) return []
    const stated = clip.endSeconds - clip.startSeconds
    if (Math.abs(stated - clip.durationSeconds) <= DURATION_TOLERANCE_SECONDS) return []
    return {
      code: 'wrong-duration' as const,
      severity: 'warning' as const,
      message: `${clip.fileName} lasts ${clip.durationSeconds.toFixed(3)} s; the metadata says ${stated.toFixed(3)} s.`,
      ...about(clip),
    }
  })
}

function duplicates(clips: readonly Clip[]): Problem[] {
  const groups = Map.groupBy(
    clips.filter((clip) => clip.contentHash !== null),
    (clip) => clip.contentHash,
  )
  return [...groups.values()]
    .filter((group) => group.length > 1)
    .flatMap((group) =>
      group.map((clip) => {
        const others = group.filter((other) => other !== clip)
        const crosses = others.some((other) => other.fold !== clip.fold || other.classId !== clip.classId)
        return {
          code: 'duplicate-content' as const,
          severity: crosses ? ('error' as const) : ('warning' as const),
          message: `${clip.fileName} has the same content as ${listed(others.map((other) => other.relativePath))}${
            crosses ? ', in another fold or class' : ''
          }.`,
          ...about(clip),
        }
      }),
    )
}

/** One problem a recording, on its first clip: slices of one recording in training and test leak. */
function recordingsAcrossFolds(clips: readonly Clip[], classNames: ReadonlyMap<number, string>): Problem[] {
  const groups = Map.groupBy(
    clips.filter((clip) => clip.recording !== null),
    (clip) => clip.recording,
  )
  return [...groups].flatMap(([recording, group]) => {
    const [first] = group
    const folds = Map.groupBy(group, (clip) => clip.fold)
    if (!first || folds.size < 2) return []
    const parts = [...folds]
      .sort(([a], [b]) => a - b)
      .map(([fold, slices]) => {
        const names = [...new Set(slices.map((clip) => classNames.get(clip.classId) ?? clip.classId))].join(
          ', ',
        )
        return `fold ${fold} (${slices.length} × ${names})`
      })
    return {
      code: 'recording-crosses-folds' as const,
      severity: 'warning' as const,
      message: `Recording ${recording} is in more than one fold: ${parts.join(' and ')}.`,
      ...about(first),
    }
  })
}

const listed = (names: readonly string[]) =>
  names.length > 3 ? `${names.slice(0, 3).join(', ')} and ${names.length - 3} more` : names.join(', ')

/** Audio files in the dataset's folders that no row names. */
export async function findUnlistedFiles(
  folder: string,
  audioFolders: readonly string[],
  clips: readonly Pick<Clip, 'relativePath'>[],
): Promise<Problem[]> {
  const named = new Set(clips.map((clip) => clip.relativePath))
  const problems: Problem[] = []
  for (const audioFolder of audioFolders) {
    const entries = await readdir(join(folder, audioFolder)).catch(() => [])
    for (const entry of entries) {
      const file = posix.join(audioFolder, entry)
      if (!AUDIO_FILE.test(entry) || named.has(file)) continue
      if (problems.length === MAX_UNLISTED) return problems
      problems.push({
        code: 'unlisted-file',
        severity: 'warning',
        message: `${file} is not in the metadata.`,
        clipId: null,
        file,
        line: null,
      })
    }
  }
  return problems
}
