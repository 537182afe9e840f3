import { randomUUID } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, extname, join } from 'node:path'
import type {
  AnnotationFields,
  AnnotationFormat,
  AnnotationImport,
  AnnotationState,
} from '../../contract/annotation.ts'
import { SoundfoldError, toErrorShape } from '../../contract/errors.ts'
import type { MadeBy } from '../../contract/history.ts'
import { plural } from '../../contract/words.ts'
import { annotationsOfDataset } from '../db/annotations.ts'
import { clipsOfDataset } from '../db/clips.ts'
import type { Database } from '../db/open.ts'
import type { Journal } from '../history/journal.ts'
import { clipAnnotations } from './clip-annotations.ts'
import { ClipFinder } from './clip-finder.ts'
import { MAX_BYTES } from './formats/decode-text.ts'
import { ANNOTATION_ENDINGS, ENDINGS_OF, readAnnotations } from './formats/index.ts'

/** Of one import: what the history can take back at once. */
const MOST_ANNOTATIONS = 250_000
const MOST_TOLD = 1000
const MOST_NOTES = 100

interface Request {
  by: MadeBy
  datasetId: number
  paths: readonly string[]
  format: AnnotationFormat | 'auto'
  annotator?: string | undefined
}

interface Context {
  signal: AbortSignal
  progress(step: string, done: number, total: number): void
}

/**
 * Reads files of annotations and adds what they say to the clips that they name, as one change of the history. A file that
 * can't be read is left out whole and named with its line; an annotation that is there already is not added again.
 * @throws SoundfoldError malformed-annotations for one file alone | missing-file | not-found | cancelled
 */
export async function importAnnotations(
  db: Database,
  journal: Journal,
  { by, datasetId, paths, format, annotator = '' }: Request,
  { signal, progress }: Context,
): Promise<AnnotationImport> {
  progress('Looking for files', 0, 0)
  const files = await annotationFiles(paths, format)
  const clips = clipsOfDataset(db, datasetId)
  const finder = new ClipFinder(clips)
  const durations = new Map(clips.map(({ id, durationSeconds }) => [id, durationSeconds]))
  const known = new Set(
    annotationsOfDataset(db, datasetId).map((annotation) => fingerprint(annotation.clipId, annotation)),
  )
  const items: { subject: { clipId: number; id: string }; after: AnnotationState }[] = []
  const leftOut: AnnotationImport['leftOut'] = []
  const notes = new Set<string>()
  let alreadyThere = 0
  let late = 0
  const now = new Date().toISOString()
  for (const [done, path] of files.entries()) {
    signal.throwIfAborted()
    progress('Reading annotations', done, files.length)
    const name = basename(path)
    try {
      const read = readAnnotations(await readLimited(path), path, format)
      for (const note of read.notes) notes.add(note)
      // Told once for a file or sound, not for each of its lines.
      const unmatched = new Map<string, number>()
      for (const { file, line: _, createdAt, changedAt, ...said } of read.annotations) {
        const fields = { ...said, author: said.author || annotator }
        const clipId = file === null ? finder.ofAnnotationFile(path) : finder.ofName(file)
        if (typeof clipId === 'string') {
          unmatched.set(clipId, (unmatched.get(clipId) ?? 0) + 1)
          continue
        }
        const key = fingerprint(clipId, fields)
        if (known.has(key)) {
          alreadyThere++
          continue
        }
        known.add(key)
        if (fields.endSeconds > (durations.get(clipId) ?? Number.POSITIVE_INFINITY) + 0.01) late++
        const created = createdAt ?? now
        const after = { ...fields, createdAt: created, changedAt: changedAt ?? created }
        items.push({ subject: { clipId, id: randomUUID() }, after })
      }
      for (const [why, count] of unmatched)
        leftOut.push({
          file: name,
          message: `${plural(count, ['annotation', 'annotations'])} left out: ${why}.`,
        })
    } catch (error) {
      signal.throwIfAborted()
      if (files.length === 1) throw error
      leftOut.push({ file: name, message: toErrorShape(error).message })
    }
    if (items.length > MOST_ANNOTATIONS)
      throw new SoundfoldError(
        'invalid-input',
        `These files hold more than ${plural(MOST_ANNOTATIONS, ['annotation', 'annotations'])}.`,
        {
          hint: 'Import them in several parts.',
        },
      )
  }
  signal.throwIfAborted()
  if (late > 0) notes.add(`${plural(late, ['annotation', 'annotations'])} end after the sound does.`)
  const from = paths.length === 1 ? basename(paths[0] ?? '') : plural(files.length, ['file', 'files'])
  const clipCount = new Set(items.map(({ subject }) => subject.clipId)).size
  if (items.length > 0)
    journal.record(clipAnnotations, {
      by,
      datasetId,
      items,
      title: () =>
        `Imported ${plural(items.length, ['annotation', 'annotations'])} of ${plural(clipCount, ['clip', 'clips'])} from ${from}`,
    })
  return {
    files: files.length,
    annotations: items.length,
    clips: clipCount,
    alreadyThere,
    leftOut: leftOut.slice(0, MOST_TOLD),
    leftOutTotal: leftOut.length,
    notes: [...notes].slice(0, MOST_NOTES),
  }
}

/** Equal for annotations that say the same of the same place. */
function fingerprint(clipId: number, fields: AnnotationFields): string {
  const { startSeconds, endSeconds, lowHz, highHz, label, salience, confidence, note, author } = fields
  return JSON.stringify([
    clipId,
    startSeconds,
    endSeconds,
    lowHz,
    highHz,
    label,
    salience,
    confidence,
    note,
    author,
  ])
}

/** Before it is read: a file of any size may have been named. */
async function readLimited(path: string): Promise<Uint8Array> {
  const { size } = await stat(path)
  // Decoding says it in the same words for what is just too large.
  return size > 2 * MAX_BYTES ? new Uint8Array(MAX_BYTES + 1) : readFile(path)
}

/** The files themselves, and those in folders whose ending may be that of annotations. */
async function annotationFiles(
  paths: readonly string[],
  format: AnnotationFormat | 'auto',
): Promise<string[]> {
  const endings = format === 'auto' ? ANNOTATION_ENDINGS : ENDINGS_OF[format]
  const found: string[] = []
  for (const path of paths) {
    const there = await stat(path).catch(() => undefined)
    if (!there) throw new SoundfoldError('missing-file', `${path} is not there.`)
    if (!there.isDirectory()) {
      found.push(path)
      continue
    }
    const entries = await readdir(path, { recursive: true, withFileTypes: true })
    found.push(
      ...entries
        .filter((entry) => entry.isFile() && endings.includes(extname(entry.name).toLowerCase()))
        .map((entry) => join(entry.parentPath, entry.name))
        .sort(),
    )
  }
  if (found.length === 0)
    throw new SoundfoldError('not-found', `There are no files of annotations in ${paths.join(', ')}.`, {
      hint: `Their names end with ${endings.join(', ')}.`,
    })
  return found
}
