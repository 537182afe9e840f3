import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { csvText } from '../../../contract/csv.ts'
import { SoundfoldError } from '../../../contract/errors.ts'
import {
  type AnnotatedMedia,
  blank,
  checked,
  decimal,
  type FileAnnotation,
  inTime,
  malformed,
  type ReadAnnotation,
  type ReadFile,
} from './format.ts'

const COLUMNS = [
  'file',
  'start_seconds',
  'end_seconds',
  'low_hz',
  'high_hz',
  'label',
  'salience',
  'confidence',
  'note',
  'author',
  'created',
  'changed',
] as const
type Column = (typeof COLUMNS)[number]

/** Names that other programs give these columns. */
const OTHER_NAMES: Readonly<Partial<Record<Column, readonly string[]>>> = {
  file: ['filename', 'file_name', 'slice_file_name'],
  start_seconds: ['start', 'onset', 'start_time', 'onset_s'],
  end_seconds: ['end', 'offset', 'end_time', 'offset_s'],
  low_hz: ['low_freq', 'min_frequency', 'freq_low'],
  high_hz: ['high_freq', 'max_frequency', 'freq_high'],
  label: ['class', 'event_label', 'event_class'],
  author: ['annotator'],
}

const recordsSchema = z.array(z.object({ info: z.object({ lines: z.int() }), record: z.array(z.string()) }))

/** Ours, of any number of clips: `file` and the columns above; others are kept. */
export function readCsvAnnotations(text: string, name: string): ReadFile {
  let records: z.infer<typeof recordsSchema>
  try {
    records = recordsSchema.parse(parse(text, { bom: true, info: true, skip_empty_lines: true }))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SoundfoldError('malformed-annotations', `${name} is not a CSV file: ${why}`, { cause: error })
  }
  const [header, ...body] = records
  const names = header?.record.map((column) => column.trim()) ?? []
  const placeOf = new Map(
    COLUMNS.map((column) => [
      column,
      names.findIndex((own) => own === column || OTHER_NAMES[column]?.includes(own)),
    ]),
  )
  const missing = (['start_seconds', 'end_seconds'] as const).find(
    (column) => (placeOf.get(column) ?? -1) < 0,
  )
  if (missing) throw malformed(name, 1, `it names no column "${missing}"`)
  const known = new Set(placeOf.values())
  const annotations = body.map(({ record, info: { lines: line } }): ReadAnnotation => {
    const field = (column: Column) => unguarded(record[placeOf.get(column) ?? -1] ?? '')
    const number = (column: Column) => {
      const value = decimal(field(column))
      if (value === undefined)
        throw malformed(name, line, `its ${column} "${field(column).slice(0, 40)}" is not a number`)
      return value
    }
    const optional = (column: Column) => (field(column).trim() === '' ? null : number(column))
    const salience = optional('salience')
    const confidence = optional('confidence')
    if (salience !== null && salience !== 1 && salience !== 2)
      throw malformed(name, line, `its salience ${salience} is not 1 (foreground) or 2 (background)`)
    if (confidence !== null && (confidence < 0 || confidence > 1))
      throw malformed(name, line, `its confidence ${confidence} is not between 0 and 1`)
    const extra = names.flatMap((own, place) => {
      const value = unguarded(record[place] ?? '')
      return known.has(place) || own === '' || value === '' ? [] : [[own, value] as const]
    })
    return checked(
      {
        ...blank,
        startSeconds: number('start_seconds'),
        endSeconds: number('end_seconds'),
        lowHz: optional('low_hz'),
        highHz: optional('high_hz'),
        label: field('label'),
        salience,
        confidence,
        note: field('note'),
        author: field('author'),
        extra: Object.fromEntries(extra),
        createdAt: instant(field('created'), line, name),
        changedAt: instant(field('changed'), line, name),
        file: field('file') || null,
        line,
      },
      name,
    )
  })
  return { annotations, notes: [] }
}

/** @param clips - each with its annotations, in the order in which they are written */
export function writeCsvAnnotations(
  clips: readonly { media: AnnotatedMedia; annotations: readonly FileAnnotation[] }[],
): string {
  const extras = [
    ...new Set(clips.flatMap(({ annotations }) => annotations.flatMap(({ extra }) => Object.keys(extra)))),
  ]
    // A name of ours in another file's words.
    .filter((column) => !(COLUMNS as readonly string[]).includes(column))
  const rows = clips.flatMap(({ media, annotations }) =>
    inTime(annotations).map((annotation) => [
      guarded(media.fileName),
      annotation.startSeconds,
      annotation.endSeconds,
      annotation.lowHz ?? '',
      annotation.highHz ?? '',
      guarded(annotation.label),
      annotation.salience ?? '',
      annotation.confidence ?? '',
      guarded(annotation.note),
      guarded(annotation.author),
      annotation.createdAt ?? '',
      annotation.changedAt ?? '',
      ...extras.map((column) => guarded(annotation.extra[column] ?? '')),
    ]),
  )
  return csvText([[...COLUMNS, ...extras], ...rows])
}

/** `csvText` puts an apostrophe before what a spreadsheet would run; one more tells it from a text that began so. */
const guarded = (text: string) => (/^'+[=+\-@\t\r]/.test(text) ? `'${text}` : text)
const unguarded = (text: string) => (/^'+[=+\-@\t\r]/.test(text) ? text.slice(1) : text)

function instant(text: string, line: number, name: string): string | null {
  if (text.trim() === '') return null
  const parsed = z.iso.datetime({ offset: true }).safeParse(text.trim())
  if (!parsed.success) throw malformed(name, line, `"${text.slice(0, 40)}" is no date and time of ISO 8601`)
  return parsed.data
}
