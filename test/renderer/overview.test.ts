import { describe, expect, it } from 'vitest'
import type { ClipFacets, Dataset } from '../../src-main/contract/model.ts'
import { overviewFigures } from '../../src-renderer/features/library/overview.ts'
import { DEFAULT_SORT } from '../../src-renderer/lib/address/clips.ts'
import { barsCsv } from '../../src-renderer/lib/components/chart/bar-chart.ts'
import { parseRoute } from '../../src-renderer/lib/route.ts'

const dataset: Dataset = {
  id: 4,
  name: 'Small',
  format: 'urbansound8k',
  folder: 'small',
  importedAt: '2026-01-01T00:00:00.000Z',
  clips: 6,
  readableClips: 6,
  folds: [1, 2],
  classes: [
    { id: 0, name: 'dog_bark', clips: 4 },
    { id: 1, name: 'siren', clips: 2 },
  ],
  hasSalience: true,
  problems: 0,
  totalDurationSeconds: 9,
}
const overview = {
  cells: [
    { classId: 0, fold: 1, salience: 1 as const, count: 3 },
    { classId: 0, fold: 2, salience: 2 as const, count: 1 },
    { classId: 1, fold: 2, salience: 1 as const, count: 2 },
  ],
  recordings: [
    { classId: 0, count: 2 },
    { classId: 1, count: 1 },
  ],
}
const facets: ClipFacets = {
  total: 6,
  classes: [],
  folds: [],
  saliences: [],
  sampleRatesHz: [],
  channels: [],
  formats: [{ value: 'wav pcm16', count: 6 }],
  recordings: [],
  problemCodes: [],
  withProblems: 0,
  tags: [],
  withTags: 0,
  withoutTags: 0,
  verdicts: null,
  durationSeconds: { start: 0, width: 0.1, counts: [1, 0, 2, 3] },
  prediction: null,
}
const figures = overviewFigures(dataset, { filter: { text: 'a' }, sort: DEFAULT_SORT }, overview, facets)
const figure = (title: string) => figures.find((one) => one.title === title)

describe('the overview', () => {
  it('counts each class by salience, and leads to those clips under the filter in force', () => {
    const bar = figure('Clips by class and salience')?.bars[0]
    expect(bar?.label).toBe('dog bark')
    expect(bar?.parts.map(({ count }) => count)).toEqual([3, 1])
    expect(parseRoute(bar?.parts[1]?.href ?? '')).toMatchObject({
      datasetId: 4,
      filter: { text: 'a', classIds: [0], saliences: [2] },
    })
  })

  it('leads from a length to the range of its bar; the last has no end', () => {
    const bars = figure('Clips by length')?.bars ?? []
    const filters = bars.map(({ parts }) => parseRoute(parts[0]?.href ?? ''))
    expect(filters[2]).toMatchObject({ filter: { durationFromSeconds: 0.2, durationBelowSeconds: 0.3 } })
    expect(filters[3]).toMatchObject({ filter: { text: 'a', durationFromSeconds: 0.3 } })
    expect(filters[3]).not.toHaveProperty('filter.durationBelowSeconds')
  })

  it('sums over folds and tells the recordings of each class', () => {
    const counts = (title: string) => figure(title)?.bars.map(({ parts }) => parts[0]?.count)
    expect(counts('Clips by fold')).toEqual([3, 3])
    expect(counts('Recordings by class')).toEqual([2, 1])
  })

  it('becomes a table that spreadsheets read and do not compute', () => {
    const bars = [{ label: '=1+1, "x"', parts: [{ count: 2, href: '' }] }]
    expect(barsCsv('class', [], bars)).toBe('class,clips\r\n"\'=1+1, ""x""",2\r\n')
  })
})
