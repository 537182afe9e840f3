import { basename, extname } from 'node:path'
import type { AnnotationFormat } from '../../../contract/annotation.ts'
import { audacity } from './audacity.ts'
import { readCsvAnnotations, writeCsvAnnotations } from './csv.ts'
import { decodeText } from './decode-text.ts'
import type { AnnotatedMedia, AnnotationFileFormat, FileAnnotation, ReadFile } from './format.ts'
import { jams } from './jams.ts'
import { isSelectionTable, raven } from './raven.ts'
import { textGrid } from './textgrid.ts'

const ONE_CLIP: Readonly<Record<Exclude<AnnotationFormat, 'csv'>, AnnotationFileFormat>> = {
  audacity,
  raven,
  jams,
  textgrid: textGrid,
}

/** Endings of files that may hold annotations, in small letters. */
export const ENDINGS_OF: Readonly<Record<AnnotationFormat, readonly string[]>> = {
  audacity: ['.txt'],
  raven: ['.txt', '.tsv'],
  jams: ['.jams'],
  csv: ['.csv'],
  textgrid: ['.textgrid'],
}
export const ANNOTATION_ENDINGS: readonly string[] = [...new Set(Object.values(ENDINGS_OF).flat())]

/**
 * Reads one file of annotations.
 * @param format - `auto`: by its ending; of text files, by whether they begin as a selection table
 * @throws SoundfoldError malformed-annotations, naming file and line
 */
export function readAnnotations(
  bytes: Uint8Array,
  path: string,
  format: AnnotationFormat | 'auto',
): ReadFile {
  const name = basename(path)
  const text = decodeText(bytes, name)
  const known = format === 'auto' ? formatOf(name, text) : format
  return known === 'csv' ? readCsvAnnotations(text, name) : ONE_CLIP[known].read(text, name)
}

function formatOf(name: string, text: string): AnnotationFormat {
  const ending = extname(name).toLowerCase()
  if (ending === '.jams' || ending === '.csv' || ending === '.textgrid')
    return ending.slice(1) as AnnotationFormat
  return isSelectionTable(text) ? 'raven' : 'audacity'
}

export interface AnnotatedClip {
  media: AnnotatedMedia
  /** File name of the annotations, without an ending. */
  stem: string
  annotations: readonly FileAnnotation[]
}

export interface AnnotationFiles {
  files: { name: string; text: string }[]
  /** What the format can't say, each sentence once. */
  notes: string[]
}

/** Annotations as files: one of all clips for `csv`, else one a clip. */
export function writeAnnotations(clips: readonly AnnotatedClip[], format: AnnotationFormat): AnnotationFiles {
  if (format === 'csv')
    return { files: [{ name: 'annotations.csv', text: writeCsvAnnotations(clips) }], notes: [] }
  const { ending, write } = ONE_CLIP[format]
  const written = clips.map(({ media, stem, annotations }) => ({ stem, ...write(annotations, media) }))
  return {
    files: written.map(({ stem, text }) => ({ name: `${stem}${ending}`, text })),
    notes: [...new Set(written.flatMap(({ notes }) => notes))],
  }
}
