import type { ClipFilter, ClipRow, ClipSort } from '../../../src-main/contract/model.ts'
import type { Column } from '../../lib/components/table/columns.ts'
import { className, hertz, MISSING, percent, salience, seconds } from '../../lib/format.ts'
import { VERDICT_TITLES } from './filter.ts'

export type ClipColumn = Column<ClipRow, ClipSort['key']>

const FILE: ClipColumn = {
  key: 'file',
  title: 'File',
  track: 'minmax(124px, 1.5fr)',
  sortKey: 'fileName',
  text: (row) => row.fileName,
}
const CONFIDENCE: ClipColumn = {
  key: 'confidence',
  title: 'Conf',
  longTitle: 'Confidence',
  track: '72px',
  align: 'end',
  sortKey: 'confidence',
  text: (row) => percent(row.confidence, 0),
}
const MARGIN: ClipColumn = {
  key: 'margin',
  title: 'Margin',
  longTitle: 'Margin to the next class',
  track: '80px',
  align: 'end',
  sortKey: 'margin',
  fromWidth: 560,
  text: (row) => percent(row.margin, 0),
}

/** Columns of the library, most wanted first; a narrow table leaves out the last ones. */
export const LIBRARY_COLUMNS: readonly ClipColumn[] = [
  FILE,
  {
    key: 'class',
    title: 'Class',
    track: 'minmax(116px, 1.4fr)',
    sortKey: 'className',
    text: (row) => className(row.className),
  },
  {
    key: 'fold',
    title: 'Fold',
    track: '62px',
    align: 'end',
    sortKey: 'fold',
    text: (row) => String(row.fold),
  },
  {
    key: 'salience',
    title: 'Salience',
    track: '104px',
    sortKey: 'salience',
    fromWidth: 480,
    text: (row) => salience(row.salience),
  },
  {
    key: 'duration',
    title: 'Length',
    track: '86px',
    align: 'end',
    sortKey: 'durationSeconds',
    fromWidth: 380,
    text: (row) => seconds(row.durationSeconds),
  },
  {
    key: 'rate',
    title: 'Rate',
    longTitle: 'Sample rate',
    track: '94px',
    align: 'end',
    sortKey: 'sampleRateHz',
    fromWidth: 600,
    text: (row) => hertz(row.sampleRateHz),
  },
  {
    key: 'channels',
    title: 'Ch',
    longTitle: 'Channels',
    track: '44px',
    align: 'end',
    sortKey: 'channels',
    fromWidth: 660,
    text: (row) => (row.channels === null ? MISSING : String(row.channels)),
  },
  {
    key: 'group',
    title: 'Recording',
    track: 'minmax(84px, 1fr)',
    sortKey: 'group',
    fromWidth: 740,
    text: (row) => row.group ?? MISSING,
  },
  {
    key: 'tags',
    title: 'Tags',
    track: 'minmax(84px, 1fr)',
    fromWidth: 820,
    text: (row) => row.tags.join(', '),
  },
]
const PREDICTED: ClipColumn = {
  key: 'predicted',
  title: 'Predicted',
  track: 'minmax(116px, 1.4fr)',
  sortKey: 'predictedClassName',
  text: (row) => className(row.predictedClassName ?? MISSING),
}
/** These need a run. */
const OF_RUN: readonly ClipColumn[] = [PREDICTED, CONFIDENCE, MARGIN]
/** This needs a set of verdicts. */
const VERDICT: ClipColumn = {
  key: 'verdict',
  title: 'Verdict',
  track: 'minmax(104px, 1.2fr)',
  sortKey: 'verdict',
  text: verdictText,
}
/** Shown where somebody chooses them. */
const MORE_COLUMNS: readonly ClipColumn[] = [
  {
    key: 'format',
    title: 'Format',
    track: '110px',
    sortKey: 'format',
    text: (row) => (row.codec === null ? MISSING : `${row.container} ${row.codec}`),
  },
  {
    key: 'bits',
    title: 'Bits',
    longTitle: 'Bits per sample',
    track: '56px',
    align: 'end',
    text: (row) => (row.bitsPerSample === null ? MISSING : String(row.bitsPerSample)),
  },
  {
    key: 'problems',
    title: 'Problems',
    track: '84px',
    align: 'end',
    sortKey: 'problems',
    text: (row) => String(row.problems),
  },
  {
    key: 'id',
    title: 'Id',
    longTitle: 'Number in the workspace',
    track: '84px',
    align: 'end',
    text: (row) => String(row.id),
  },
]
/** Every column that the library can show, the file's name first. */
const ALL_COLUMNS: readonly ClipColumn[] = [...LIBRARY_COLUMNS, ...MORE_COLUMNS, VERDICT, ...OF_RUN]
/** Those that a person shows and hides: the others come with what is filtered by. */
export const COLUMNS_OF_CHOICE = ALL_COLUMNS.filter(
  (column) => column !== FILE && column !== VERDICT && !OF_RUN.includes(column),
)

/** What a set of verdicts says of a clip. */
export function verdictText({ verdict, verdictClassName }: ClipRow): string {
  if (verdict === null || verdict === 'none') return MISSING
  return verdictClassName === null ? VERDICT_TITLES[verdict] : `→ ${className(verdictClassName)}`
}

/** Columns of what a filter brings in: a run, a set of verdicts. */
const broughtBy = ({ runId, verdictSetId }: ClipFilter): readonly ClipColumn[] => [
  ...(verdictSetId === undefined ? [] : [VERDICT]),
  ...(runId === undefined ? [] : OF_RUN),
]
/** Columns that clips of a filter can be sorted by, shown or not. */
export const sortable = (filter: ClipFilter): readonly ClipColumn[] => [
  FILE,
  ...COLUMNS_OF_CHOICE,
  ...broughtBy(filter),
]

/**
 * @param chosen - keys, or null for the usual ones, of which a narrow table leaves out the last
 * @param filter - of a run or a set of verdicts shows what these say too
 */
export function columnsShown(chosen: readonly string[] | null, filter: ClipFilter): readonly ClipColumn[] {
  const brought = broughtBy(filter)
  const [file = FILE, kind = FILE, ...others] = LIBRARY_COLUMNS
  if (chosen === null) return [file, kind, ...brought, ...others]
  return ALL_COLUMNS.filter(
    (column) => column === FILE || brought.includes(column) || chosen.includes(column.key),
  ).map(({ fromWidth, ...column }) => column)
}

const LETTERS = ['A to Z', 'Z to A'] as const
/** How the orders of a key are called, ascending and descending; of other keys, by number. */
const ORDER_WORDS: Partial<Record<ClipSort['key'], readonly [string, string]>> = {
  fileName: LETTERS,
  className: LETTERS,
  group: LETTERS,
  format: LETTERS,
  predictedClassName: LETTERS,
  verdict: ['kept first', 'disputed first'],
  durationSeconds: ['shortest first', 'longest first'],
  salience: ['foreground first', 'background first'],
}

/** Both orders by each column that has one, in words. */
export function ordersBy(columns: readonly ClipColumn[]): { title: string; sort: ClipSort }[] {
  return columns.flatMap(({ sortKey, title, longTitle = title }) => {
    if (!sortKey) return []
    const [rising, falling] = ORDER_WORDS[sortKey] ?? ['lowest first', 'highest first']
    const by = `Sort by ${longTitle.toLowerCase()}`
    return [
      { title: `${by}, ${rising}`, sort: { key: sortKey, direction: 'asc' } },
      { title: `${by}, ${falling}`, sort: { key: sortKey, direction: 'desc' } },
    ]
  })
}

/** Columns where a run is in view. */
export const PREDICTION_COLUMNS: readonly ClipColumn[] = [
  FILE,
  {
    key: 'fold',
    title: 'Fold',
    track: '62px',
    align: 'end',
    sortKey: 'fold',
    text: (row) => String(row.fold),
  },
  {
    key: 'salience',
    title: 'Salience',
    track: '104px',
    sortKey: 'salience',
    fromWidth: 540,
    text: (row) => salience(row.salience),
  },
  CONFIDENCE,
  { ...MARGIN, fromWidth: 400 },
]
