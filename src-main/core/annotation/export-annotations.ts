import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Annotation, AnnotationExport, AnnotationFormat } from '../../contract/annotation.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { ClipRecord } from '../db/clips.ts'
import { clipPlaces } from '../export/names.ts'
import { contentOf, makeFolder, type NewPlace } from '../export/new-folder.ts'
import type { JobContext } from '../jobs/job-queue.ts'
import { writeAnnotations } from './formats/index.ts'

/**
 * Writes annotations to a new folder: one file for each clip that has some, in a folder a fold, or one of all for `csv`.
 * @throws SoundfoldError not-found where there are none | conflict | disk-full | cancelled
 */
export async function exportAnnotations(
  {
    clips,
    annotations,
    format,
    target,
  }: {
    clips: readonly ClipRecord[]
    annotations: readonly Annotation[]
    format: AnnotationFormat
    target: NewPlace
  },
  { signal, progress }: Pick<JobContext, 'signal' | 'progress'>,
): Promise<AnnotationExport> {
  const ofClip = Map.groupBy(annotations, ({ clipId }) => clipId)
  const annotated = clips.filter(({ id }) => ofClip.has(id))
  if (annotated.length === 0)
    throw new SoundfoldError('not-found', 'There are no annotations to export.', {
      hint: 'Draw some on the page of a clip, or import some first.',
    })
  const places = clipPlaces(
    annotated.map((clip) => ({ ...clip, className: '' })),
    '',
  )
  const written = writeAnnotations(
    annotated.map((clip, index) => ({
      media: { ...clip, fileName: format === 'csv' ? clip.relativePath : clip.fileName },
      stem: places[index] ?? '',
      annotations: ofClip.get(clip.id) ?? [],
    })),
    format,
  )
  const { folder, result } = await makeFolder(target, async (work) => {
    for (const [done, { name, text }] of written.files.entries()) {
      signal.throwIfAborted()
      progress('Writing annotations', done, written.files.length)
      const path = join(work, name)
      await mkdir(dirname(path), { recursive: true })
      await writeFile(path, text, { flush: true })
    }
    return contentOf(work)
  })
  const count = annotated.reduce((sum, { id }) => sum + (ofClip.get(id)?.length ?? 0), 0)
  return { folder, ...result, annotations: count, clips: annotated.length, notes: written.notes }
}
