import { type PredictionResult, ranked } from '../../../src-main/contract/model-file.ts'
import type { Column, Sort } from '../../lib/components/table/columns.ts'
import { className, percent } from '../../lib/format.ts'

/** A file as the table lists it; `id` is its place in the result. */
export interface PredictionRow {
  readonly id: number
  readonly file: string
  readonly clipId: number | null
  /** The three most probable classes, fewer where there are fewer. */
  readonly ranks: readonly { name: string; probability: number }[]
  readonly fold: number | null
}
export type PredictionKey = 'file' | 'class' | 'probability'

export function predictionRows({ classes, predicted }: PredictionResult): PredictionRow[] {
  return predicted.map(({ file, clipId, probabilities, fold }, id) => ({
    id,
    file,
    clipId,
    fold,
    ranks: ranked(classes, probabilities).slice(0, 3),
  }))
}

export function sortRows(
  rows: readonly PredictionRow[],
  { key, direction }: Sort<PredictionKey>,
): PredictionRow[] {
  const turn = direction === 'asc' ? 1 : -1
  const text = ({ file, ranks: [first] }: PredictionRow) =>
    key === 'file' ? fileName(file) : (first?.name ?? '')
  return rows.toSorted((a, b) => {
    const order =
      key === 'probability'
        ? (a.ranks[0]?.probability ?? 0) - (b.ranks[0]?.probability ?? 0)
        : text(a).localeCompare(text(b), 'en')
    return turn * order || a.id - b.id
  })
}

export const fileName = (path: string) => path.split(/[\\/]/).at(-1) ?? path

const rank = (place: number) => (row: PredictionRow) => {
  const one = row.ranks[place]
  return one ? `${className(one.name)}  ${percent(one.probability)}` : ''
}
export const PREDICTION_COLUMNS: readonly Column<PredictionRow, PredictionKey>[] = [
  {
    key: 'file',
    title: 'File',
    track: 'minmax(160px, 2fr)',
    sortKey: 'file',
    text: ({ file }) => fileName(file),
  },
  {
    key: 'class',
    title: 'Most probable',
    track: 'minmax(120px, 1fr)',
    sortKey: 'class',
    text: ({ ranks: [first] }) => className(first?.name ?? ''),
  },
  {
    key: 'probability',
    title: 'Probability',
    track: '104px',
    align: 'end',
    sortKey: 'probability',
    text: ({ ranks: [first] }) => percent(first?.probability ?? null),
  },
  { key: 'second', title: 'Second', track: 'minmax(150px, 1fr)', fromWidth: 560, text: rank(1) },
  { key: 'third', title: 'Third', track: 'minmax(150px, 1fr)', fromWidth: 760, text: rank(2) },
  {
    key: 'fold',
    title: 'In dataset',
    longTitle: 'Fold of the clip with the same audio in the run’s dataset',
    track: '92px',
    fromWidth: 640,
    text: ({ fold }) => (fold === null ? '' : `fold ${fold}`),
  },
]
