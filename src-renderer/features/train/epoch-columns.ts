import type { Epoch } from '../../../src-main/contract/run.ts'
import type { Column, Sort } from '../../lib/components/table/columns.ts'
import { percent } from '../../lib/format.ts'
import { rate } from './learning-rate.ts'

export type EpochRow = Epoch & { id: number }
export type EpochKey = keyof Epoch

const figure = (
  key: EpochKey,
  title: string,
  track: string,
  text: (epoch: Epoch) => string,
  fromWidth?: number,
): Column<EpochRow, EpochKey> => ({
  key,
  title,
  track,
  align: 'end',
  sortKey: key,
  text,
  ...(fromWidth !== undefined && { fromWidth }),
})
const loss = (value: number | null) => (value === null ? '' : value.toFixed(4))
const share = (value: number | null) => (value === null ? '' : percent(value))

const INNER: readonly EpochKey[] = ['innerLoss', 'innerAccuracy']
const ALL: readonly Column<EpochRow, EpochKey>[] = [
  figure('fold', 'Fold', '58px', ({ fold }) => String(fold)),
  figure('epoch', 'Epoch', '78px', ({ epoch }) => String(epoch)),
  figure('trainLoss', 'Training loss', 'minmax(76px, 1fr)', (epoch) => loss(epoch.trainLoss), 400),
  figure('trainAccuracy', 'accuracy', 'minmax(76px, 1fr)', (epoch) => share(epoch.trainAccuracy)),
  figure('innerLoss', 'Inner loss', 'minmax(76px, 1fr)', (epoch) => loss(epoch.innerLoss)),
  figure('innerAccuracy', 'accuracy', 'minmax(76px, 1fr)', (epoch) => share(epoch.innerAccuracy)),
  figure('testLoss', 'Held-out loss', 'minmax(76px, 1fr)', (epoch) => loss(epoch.testLoss), 400),
  figure('testAccuracy', 'accuracy', 'minmax(76px, 1fr)', (epoch) => share(epoch.testAccuracy)),
  figure('learningRate', 'Rate', '88px', (epoch) => rate(epoch.learningRate), 560),
  figure('seconds', 'Time', '76px', (epoch) => `${epoch.seconds.toFixed(epoch.seconds < 10 ? 2 : 1)} s`, 480),
]

/** Without the inner fold's where a run has none. */
export function epochColumns(epochs: readonly Epoch[]): readonly Column<EpochRow, EpochKey>[] {
  const inner = epochs.some(({ innerLoss }) => innerLoss !== null)
  return inner ? ALL : ALL.filter(({ sortKey }) => sortKey === undefined || !INNER.includes(sortKey))
}

/** In a stable order: equal values by fold and epoch. */
export function sortedEpochs(epochs: readonly Epoch[], { key, direction }: Sort<EpochKey>): EpochRow[] {
  const sign = direction === 'asc' ? 1 : -1
  return epochs
    .map((epoch, id) => ({ ...epoch, id }))
    .sort((a, b) => sign * ((a[key] ?? 0) - (b[key] ?? 0)) || a.fold - b.fold || a.epoch - b.epoch)
}

/** As a spreadsheet reads it. */
export function epochsCsv(epochs: readonly Epoch[]): string {
  const keys = ALL.flatMap(({ sortKey }) => (sortKey === undefined ? [] : [sortKey]))
  const rows = sortedEpochs(epochs, { key: 'fold', direction: 'asc' })
  return [keys, ...rows.map((row) => keys.map((key) => row[key] ?? ''))]
    .map((cells) => `${cells.join(',')}\r\n`)
    .join('')
}
