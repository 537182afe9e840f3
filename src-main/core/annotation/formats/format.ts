import { type AnnotationFields, LONGEST_LABEL, LONGEST_NOTE } from '../../../contract/annotation.ts'
import { SoundfoldError } from '../../../contract/errors.ts'
import { plural } from '../../../contract/words.ts'

/** An annotation as a file holds it. */
export interface FileAnnotation extends AnnotationFields {
  /** ISO 8601; null where the file does not say. */
  createdAt: string | null
  changedAt: string | null
}

export interface ReadAnnotation extends FileAnnotation {
  /** The audio file that it is about; null where the annotation file as a whole is about one. */
  file: string | null
  /** Line of the annotation file, 1 for the first; of JAMS the number of the observation. */
  line: number
}

export interface ReadFile {
  annotations: ReadAnnotation[]
  /** What was left out or changed, in whole sentences. */
  notes: string[]
}

/** The clip that annotations are written for. */
export interface AnnotatedMedia {
  fileName: string
  durationSeconds: number | null
  sampleRateHz: number | null
}

export interface WrittenAnnotations {
  text: string
  /** What the format can't say, in whole sentences. */
  notes: string[]
}

/** What each file format does; files of `csv` tell of many clips, the others of one each. */
export interface AnnotationFileFormat {
  /** With its dot. */
  readonly ending: string
  /** @throws SoundfoldError malformed-annotations, naming file and line */
  read(text: string, name: string): ReadFile
  write(annotations: readonly FileAnnotation[], media: AnnotatedMedia): WrittenAnnotations
}

/** An annotation of which nothing but its times is known. */
export const blank = {
  lowHz: null,
  highHz: null,
  label: '',
  salience: null,
  confidence: null,
  note: '',
  author: '',
  extra: {},
  createdAt: null,
  changedAt: null,
  file: null,
} as const satisfies Partial<ReadAnnotation>

export function malformed(name: string, line: number, why: string): SoundfoldError {
  return new SoundfoldError('malformed-annotations', `${name}, line ${line}: ${why}.`, {
    hint: 'Nothing of this file was imported. Put the line right and import it again.',
  })
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/** A finite decimal number; undefined for any other text, `nan` and `inf` among them. */
export function decimal(text: string): number | undefined {
  const trimmed = text.trim()
  const value = NUMBER.test(trimmed) ? Number(trimmed) : Number.NaN
  return Number.isFinite(value) ? value : undefined
}

/** Checks the limits that all formats share. @throws SoundfoldError malformed-annotations */
export function checked<A extends ReadAnnotation>(annotation: A, name: string): A {
  const { startSeconds, endSeconds, lowHz, highHz, label, note, author, line } = annotation
  if (startSeconds < 0) throw malformed(name, line, `it starts at ${startSeconds} s, before the sound`)
  if (endSeconds < startSeconds)
    throw malformed(name, line, `it ends at ${endSeconds} s, before its start at ${startSeconds} s`)
  if ((lowHz ?? 0) < 0 || (highHz ?? 0) < 0) throw malformed(name, line, 'a frequency is below 0 Hz')
  if (lowHz !== null && highHz !== null && highHz < lowHz)
    throw malformed(name, line, `its highest frequency, ${highHz} Hz, is below its lowest, ${lowHz} Hz`)
  if (label.length > LONGEST_LABEL || author.length > LONGEST_LABEL)
    throw malformed(name, line, `its label or author is longer than ${LONGEST_LABEL} characters`)
  if (note.length > LONGEST_NOTE)
    throw malformed(name, line, `its note is longer than ${LONGEST_NOTE} characters`)
  return annotation
}

const FIELD_WORDS = {
  frequencies: ({ lowHz, highHz }: FileAnnotation) => lowHz !== null || highHz !== null,
  salience: ({ salience }: FileAnnotation) => salience !== null,
  confidence: ({ confidence }: FileAnnotation) => confidence !== null,
  note: ({ note }: FileAnnotation) => note !== '',
  author: ({ author }: FileAnnotation) => author !== '',
  'further fields': ({ extra }: FileAnnotation) => Object.keys(extra).length > 0,
}
export type LosableField = keyof typeof FIELD_WORDS

/** A sentence for each field that some annotation has and the format has no place for. */
export function losses(
  annotations: readonly FileAnnotation[],
  fields: readonly LosableField[],
  format: string,
): string[] {
  return fields.flatMap((field) => {
    const count = annotations.filter(FIELD_WORDS[field]).length
    return count === 0
      ? []
      : [`${format} has no place for the ${field} of ${plural(count, ['annotation', 'annotations'])}.`]
  })
}

/** A text on one line without tabs, for formats that part fields by these. */
export const oneLine = (text: string): string => text.replace(/[\t\r\n]+/g, ' ')

/** Tells of texts that `oneLine` changed. */
export function brokenLines(texts: readonly string[], format: string): string[] {
  const count = texts.filter((text) => oneLine(text) !== text).length
  return count === 0
    ? []
    : [
        `Tabs and line breaks in ${plural(count, ['text', 'texts'])} became spaces, as ${format} parts fields by them.`,
      ]
}

/** In the order of their times, as people read a list. */
export function inTime<A extends Pick<FileAnnotation, 'startSeconds' | 'endSeconds'>>(
  annotations: readonly A[],
): A[] {
  return [...annotations].sort((a, b) => a.startSeconds - b.startSeconds || a.endSeconds - b.endSeconds)
}
