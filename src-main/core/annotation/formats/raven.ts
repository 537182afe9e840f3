import { linesOf } from './decode-text.ts'
import {
  type AnnotatedMedia,
  type AnnotationFileFormat,
  blank,
  brokenLines,
  checked,
  decimal,
  type FileAnnotation,
  inTime,
  losses,
  malformed,
  oneLine,
  type ReadAnnotation,
} from './format.ts'

const BEGIN = 'Begin Time (s)'
const END = 'End Time (s)'
const LOW = 'Low Freq (Hz)'
const HIGH = 'High Freq (Hz)'
const DELTA_TIME = 'Delta Time (s)'
const DELTA_FREQ = 'Delta Freq (Hz)'
const FILE = 'Begin File'
const OFFSET = 'File Offset (s)'

/** Where the label is looked for, the first of them that a table has. */
const LABEL_COLUMNS = [
  'Annotation',
  'Label',
  'Class',
  'Species',
  'Common Name',
  'Species Code',
  'Type',
  'Tags',
]
const ANNOTATION_COLUMNS = {
  salience: 'Salience',
  confidence: 'Confidence',
  note: 'Note',
  author: 'Author',
} as const
/** That Raven makes anew for each table. */
const MADE_ANEW = ['Selection', 'View']

/** @returns whether a file's first line is that of a selection table */
export const isSelectionTable = (text: string): boolean =>
  (linesOf(text.slice(0, 20_000))[0] ?? '').split('\t').includes(BEGIN)

/**
 * Selection tables of Raven Pro: a line a selection and view, fields parted by tabs and named by the first line. A selection
 * has a line in each view that shows it: those of one number and time are one annotation, with frequencies where a
 * spectrogram is among the views. Columns that are not known are kept under their names.
 */
export const raven: AnnotationFileFormat = {
  ending: '.selections.txt',

  read(text, name) {
    const [header = '', ...body] = linesOf(text)
    const columns = header.split('\t').map((column) => column.trim())
    const missing = [BEGIN, END].find((column) => !columns.includes(column))
    if (missing !== undefined) throw malformed(name, 1, `it names no column "${missing}"`)
    const labelColumn = LABEL_COLUMNS.find((column) => columns.includes(column))
    const annotations = new Map<string, ReadAnnotation>()
    for (const [index, content] of body.entries()) {
      if (content.trim() === '') continue
      const line = index + 2
      const fields = content.split('\t')
      if (fields.length > columns.length && fields.slice(columns.length).some((field) => field !== ''))
        throw malformed(
          name,
          line,
          `it has ${fields.length} fields where the first line names ${columns.length}`,
        )
      const row = new Map(columns.map((column, place) => [column, fields[place] ?? '']))
      const key = row.get('Selection')
        ? `${row.get('Selection')} ${row.get(BEGIN)} ${row.get(END)}`
        : `line ${line}`
      const read = readRow(row, labelColumn, line, name)
      const before = annotations.get(key)
      if (!before) annotations.set(key, read)
      else if (read.lowHz !== null || read.highHz !== null)
        annotations.set(key, { ...read, line: before.line })
    }
    const notes =
      labelColumn === undefined || labelColumn === 'Annotation'
        ? []
        : [
            `Labels of ${name} are read from its column ${labelColumn}; a table written again names it Annotation.`,
          ]
    return { annotations: [...annotations.values()], notes }
  },

  write(annotations, media) {
    const sorted = inTime(annotations)
    const own = ([...Object.keys(ANNOTATION_COLUMNS)] as (keyof typeof ANNOTATION_COLUMNS)[]).filter(
      (field) => sorted.some((annotation) => (annotation[field] ?? '') !== ''),
    )
    const columns = ['Selection', 'View', 'Channel', BEGIN, END, LOW, HIGH, FILE, 'Annotation']
    const taken = new Set<string>([...columns, ...Object.values(ANNOTATION_COLUMNS)])
    const extras = [...new Set(sorted.flatMap(({ extra }) => Object.keys(extra)))].filter(
      (column) => !taken.has(column) && oneLine(column) === column,
    )
    const header = [...columns, ...own.map((field) => ANNOTATION_COLUMNS[field]), ...extras]
    const rows = sorted.map((annotation, index) => [
      String(index + 1),
      ...place(annotation, media),
      media.fileName,
      annotation.label,
      ...own.map((field) => String(annotation[field] ?? '')),
      ...extras.map((column) => derived(column, annotation) ?? annotation.extra[column] ?? ''),
    ])
    return {
      text: [header, ...rows].map((row) => `${row.map(oneLine).join('\t')}\n`).join(''),
      notes: [
        ...losses(oneSided(sorted), ['frequencies'], 'A selection table'),
        ...brokenLines(rows.flat(), 'Raven'),
      ],
    }
  },
}

function readRow(
  row: ReadonlyMap<string, string>,
  labelColumn: string | undefined,
  line: number,
  name: string,
): ReadAnnotation {
  const number = (column: string) => {
    const text = row.get(column) ?? ''
    const value = decimal(text)
    if (value === undefined)
      throw malformed(name, line, `its ${column} "${text.slice(0, 40)}" is not a number`)
    return value
  }
  const optional = (column: string) => (row.get(column)?.trim() ? number(column) : null)
  const begin = number(BEGIN)
  const end = number(END)
  // Of a table of several files, begin and end count from the first of them.
  const file = row.get(FILE)?.trim() || null
  const startSeconds = (file === null ? null : optional(OFFSET)) ?? begin
  const inSpectrogram = !row.get('View')?.trim().toLowerCase().startsWith('waveform')
  const salience = optional(ANNOTATION_COLUMNS.salience)
  const confidence = optional(ANNOTATION_COLUMNS.confidence)
  if (salience !== null && salience !== 1 && salience !== 2)
    throw malformed(name, line, `its salience ${salience} is not 1 (foreground) or 2 (background)`)
  if (confidence !== null && (confidence < 0 || confidence > 1))
    throw malformed(name, line, `its confidence ${confidence} is not between 0 and 1`)
  const known = new Set([
    ...MADE_ANEW,
    ...[BEGIN, END, LOW, HIGH, FILE, OFFSET, labelColumn],
    ...Object.values(ANNOTATION_COLUMNS),
  ])
  const extra = [...row].filter(
    ([column, value]) =>
      column !== '' && value !== '' && !known.has(column) && !(column === 'Channel' && value === '1'),
  )
  return checked(
    {
      ...blank,
      startSeconds,
      endSeconds: startSeconds === begin ? end : startSeconds + (end - begin),
      lowHz: inSpectrogram ? optional(LOW) : null,
      highHz: inSpectrogram ? optional(HIGH) : null,
      label: labelColumn === undefined ? '' : (row.get(labelColumn) ?? ''),
      salience,
      confidence,
      note: row.get(ANNOTATION_COLUMNS.note) ?? '',
      author: row.get(ANNOTATION_COLUMNS.author) ?? '',
      extra: Object.fromEntries(extra),
      file,
      line,
    },
    name,
  )
}

/** View, channel, times and frequencies. A selection of time alone is one of the waveform, which Raven shows over all frequencies. */
function place(annotation: FileAnnotation, { sampleRateHz }: AnnotatedMedia): string[] {
  const { startSeconds, endSeconds, lowHz, highHz, extra } = annotation
  const isBox = lowHz !== null || highHz !== null
  const highest = highHz ?? (sampleRateHz === null ? null : sampleRateHz / 2)
  return [
    isBox ? 'Spectrogram 1' : 'Waveform 1',
    extra.Channel ?? '1',
    real(startSeconds),
    real(endSeconds),
    real(lowHz ?? 0),
    highest === null ? '' : real(highest),
  ]
}

/** With a point, as Raven writes: programs that read its tables tell real from whole numbers by it. */
const real = (value: number) => (Number.isInteger(value) ? `${value}.0` : String(value))

/** Measurements that follow from the selection, which may have been changed since. */
function derived(
  column: string,
  { startSeconds, endSeconds, lowHz, highHz }: FileAnnotation,
): string | undefined {
  if (column === DELTA_TIME) return String(Number((endSeconds - startSeconds).toFixed(9)))
  if (column === DELTA_FREQ && lowHz !== null && highHz !== null)
    return String(Number((highHz - lowHz).toFixed(9)))
  return undefined
}

/** Boxes with one limit only: the other becomes the lowest or highest frequency of the sound. */
const oneSided = (annotations: readonly FileAnnotation[]) =>
  annotations.filter(({ lowHz, highHz }) => (lowHz === null) !== (highHz === null))
