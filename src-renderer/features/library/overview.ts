import type { ClipOverview } from '../../../src-main/contract/library.ts'
import type { ClipFacets, ClipFilter, ClipSort, Dataset } from '../../../src-main/contract/model.ts'
import type { Bar } from '../../lib/components/chart/bar-chart.ts'
import { className, MISSING, salience, seconds } from '../../lib/format.ts'
import { formatRoute, libraryRoute } from '../../lib/route.ts'
import { changed } from './filter.ts'

export interface Figure {
  readonly title: string
  readonly what: string
  readonly parts?: readonly string[]
  readonly bars: readonly Bar[]
}

/** The figures of a dataset, each part of which leads to its clips under the filter in force. */
export function overviewFigures(
  dataset: Dataset,
  { filter, sort }: { filter: ClipFilter; sort: ClipSort },
  overview: ClipOverview,
  facets: ClipFacets,
): Figure[] {
  const to = (changes: ClipFilter) =>
    formatRoute(libraryRoute({ datasetId: dataset.id, filter: changed(filter, changes), sort }))
  const sum = (fits: (cell: ClipOverview['cells'][number]) => boolean) =>
    overview.cells.reduce((total, cell) => total + (fits(cell) ? cell.count : 0), 0)
  const classes = dataset.classes.filter(({ id }) => sum((cell) => cell.classId === id) > 0)
  const folds = [...new Set(overview.cells.map(({ fold }) => fold))].sort((a, b) => a - b)
  const single = (label: string, count: number, changes: ClipFilter): Bar => ({
    label,
    parts: [{ count, href: to(changes) }],
  })
  const unknown = sum((cell) => cell.salience === null) > 0
  const byClass = dataset.hasSalience
    ? {
        title: 'Clips by class and salience',
        parts: [salience(1), salience(2), ...(unknown ? [/* @wc-include */ 'unknown'] : [])],
        bars: classes.map(({ id, name }) => ({
          label: className(name),
          parts: [
            ...([1, 2] as const).map((value) => ({
              count: sum((cell) => cell.classId === id && cell.salience === value),
              href: to({ classIds: [id], saliences: [value] }),
            })),
            ...(unknown
              ? [
                  {
                    count: sum((cell) => cell.classId === id && cell.salience === null),
                    href: to({ classIds: [id] }),
                  },
                ]
              : []),
          ],
        })),
      }
    : {
        title: 'Clips by class',
        bars: classes.map(({ id, name }) =>
          single(
            className(name),
            sum((cell) => cell.classId === id),
            { classIds: [id] },
          ),
        ),
      }
  const { start, width, counts } = facets.durationSeconds
  const edge = (bar: number) => Number((start + bar * width).toFixed(9))
  return [
    { what: 'class', ...byClass },
    {
      title: 'Clips by fold',
      what: 'fold',
      bars: folds.map((fold) =>
        single(
          `fold ${fold}`,
          sum((cell) => cell.fold === fold),
          { folds: [fold] },
        ),
      ),
    },
    {
      title: 'Recordings by class',
      what: 'class',
      bars: classes.map(({ id, name }) =>
        single(className(name), overview.recordings.find(({ classId }) => classId === id)?.count ?? 0, {
          classIds: [id],
        }),
      ),
    },
    {
      title: 'Clips by length',
      what: 'seconds from',
      bars: counts.map((count, bar) =>
        single(
          bar === counts.length - 1 ? `${seconds(edge(bar))} and more` : seconds(edge(bar)),
          count,
          bar === counts.length - 1
            ? { durationFromSeconds: edge(bar), durationBelowSeconds: undefined }
            : { durationFromSeconds: edge(bar), durationBelowSeconds: edge(bar + 1) },
        ),
      ),
    },
    {
      title: 'Clips by format',
      what: 'format',
      bars: facets.formats.map(({ value, count }) =>
        single(value ?? MISSING, count, value === null ? { withProblems: true } : { formats: [value] }),
      ),
    },
  ]
}
