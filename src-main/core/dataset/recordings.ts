import { createHash } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { join, relative, sep } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import type { ImportPlan } from './import-plan.ts'

/** The class of clips that nobody has labelled. */
export const UNLABELLED = { id: 0, name: 'unlabelled' } as const

const AUDIO_FILE = /\.(wav|wave|aif|aiff|aifc|flac|ogg|oga|opus|mp3)$/i
const MOST_FILES = 200_000

/**
 * Any audio files in a folder and the folders below it, without labels: each is a clip and a recording of its own, to be annotated.
 * @throws SoundfoldError not-a-dataset where there are none
 */
export async function planRecordings(folder: string): Promise<ImportPlan> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries
    .filter((entry) => entry.isFile() && AUDIO_FILE.test(entry.name) && !entry.name.startsWith('.'))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .sort()
  if (paths.length === 0)
    throw new SoundfoldError('not-a-dataset', `${folder} holds no audio files.`, {
      hint: 'WAV, AIFF, FLAC, Ogg Vorbis and Opus, and MP3 can be read.',
    })
  if (paths.length > MOST_FILES)
    throw new SoundfoldError('not-a-dataset', `${folder} holds more than ${MOST_FILES} audio files.`, {
      hint: 'Import its folders one by one.',
    })
  return {
    format: 'recordings',
    mapping: null,
    sourceHash: createHash('sha256').update(paths.join('\n')).digest('hex'),
    classes: [UNLABELLED],
    clips: paths.map((relativePath, index) => ({
      relativePath,
      fileName: relativePath.split('/').at(-1) ?? relativePath,
      classId: UNLABELLED.id,
      fold: 1,
      salience: null,
      recording: relativePath.replace(/\.[^./]*$/, ''),
      startSeconds: null,
      endSeconds: null,
      line: index + 1,
    })),
    problems: [],
    skippedRows: 0,
    audioFolders: [],
  }
}
