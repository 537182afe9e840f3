import { SoundfoldError } from '../../contract/errors.ts'
import { parseInput } from '../../contract/parse.ts'
import { type VerdictFile, verdictFileSchema } from '../../contract/verdict.ts'
import type { ClipRecord } from '../db/clips.ts'
import type { StoredVerdict } from '../db/verdicts.ts'

/** What each author of a set says, as a file that other copies of the dataset take. */
export function verdictFile(
  set: { name: string },
  dataset: { name: string; clips: number },
  verdicts: readonly StoredVerdict[],
  clips: ReadonlyMap<number, ClipRecord>,
  classNames: ReadonlyMap<number, string>,
  written: { writtenBy: string; writtenAt: string },
): VerdictFile {
  const name = (id: number) => classNames.get(id) ?? String(id)
  return {
    format: 'soundfold-verdicts',
    version: 1,
    name: set.name,
    dataset: { name: dataset.name, clips: dataset.clips },
    ...written,
    verdicts: verdicts.flatMap(({ clipId, author, decision, classId, note, final, decidedAt }) => {
      const clip = clips.get(clipId)
      if (!clip) return []
      const to = classId === null ? null : name(classId)
      const { relativePath, contentHash } = clip
      return [
        {
          ...{ clip: relativePath, sha256: contentHash, label: name(clip.classId), author, decision, to },
          ...{ note, final, decidedAt },
        },
      ]
    }),
  }
}

/** @throws SoundfoldError invalid-input naming the field at fault */
export function parseVerdictFile(text: string, name: string): VerdictFile {
  let document: unknown
  try {
    document = JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SoundfoldError('invalid-input', `${name} is not JSON: ${why}`, { cause: error })
  }
  return parseInput(verdictFileSchema, document, `verdict file ${name}`)
}
