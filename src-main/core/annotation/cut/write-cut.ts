import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { CutResult } from '../../../contract/annotation.ts'
import { csvText } from '../../../contract/csv.ts'
import { SoundfoldError } from '../../../contract/errors.ts'
import { CLASSES_FILE, COLUMNS } from '../../dataset/urbansound8k.ts'
import { contentOf, makeFolder, type NewPlace } from '../../export/new-folder.ts'
import type { JobContext } from '../../jobs/job-queue.ts'
import { cutRecording } from './cut-audio.ts'
import type { Cut } from './plan-cut.ts'

/**
 * Writes what was planned as a dataset of its own: `audio/foldN/NAME.wav`, `metadata/UrbanSound8K.csv` in the official columns,
 * `metadata/classes.csv` and `metadata/recordings.csv`. It is there whole or not at all.
 * @param folder - of the recordings
 * @throws SoundfoldError conflict | disk-full | cancelled; of reading a recording
 */
export async function writeCut(
  { plan, pieces, recordings }: Cut,
  folder: string,
  target: NewPlace,
  { signal, progress }: Pick<JobContext, 'signal' | 'progress'>,
): Promise<CutResult> {
  const ofRecording = Map.groupBy(pieces, ({ clipId }) => clipId)
  const { folder: written, result } = await makeFolder(target, async (work) => {
    const done = new Set<string>()
    for (const { fold } of plan.folds) await mkdir(join(work, 'audio', `fold${fold}`), { recursive: true })
    for (const { source } of recordings) {
      const own = ofRecording.get(source.clipId) ?? []
      await cutRecording(
        join(folder, source.relativePath),
        own,
        async ({ fold, fileName }, wav) => {
          await writeFile(join(work, 'audio', `fold${fold}`, fileName), wav, { flush: true })
          done.add(fileName)
          progress('Cutting clips', done.size, pieces.length)
        },
        signal,
      )
      const missing = own.find(({ fileName }) => !done.has(fileName))
      if (missing)
        throw new SoundfoldError(
          'unreadable-audio',
          `${source.relativePath} ends before ${missing.startSeconds} s, where ${missing.fileName} would begin.`,
          { hint: 'Validate the dataset again: the file has changed.' },
        )
    }
    const tables = {
      'UrbanSound8K.csv': [
        [...COLUMNS],
        ...pieces.map((piece) => [
          ...[
            piece.fileName,
            piece.fsId,
            piece.startSeconds,
            piece.endSeconds,
            piece.salience ?? '',
            piece.fold,
          ],
          ...[piece.classId, piece.className],
        ]),
      ],
      [CLASSES_FILE]: [['classID', 'class'], ...plan.classes.map(({ id, name }) => [id, name])],
      'recordings.csv': [
        ['fsID', 'file', 'sha256'],
        ...recordings.map(({ fsId, source }) => [fsId, source.relativePath, source.contentHash ?? '']),
      ],
    }
    for (const [name, rows] of Object.entries(tables)) {
      const path = join(work, 'metadata', name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, csvText(rows), { flush: true })
    }
    signal.throwIfAborted()
    return contentOf(work)
  })
  return { folder: written, ...result, ...plan }
}
