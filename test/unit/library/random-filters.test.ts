import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ClipFacets, ClipFilter, ClipRow } from '../../../src-main/contract/model.ts'
import { clipsOfDataset } from '../../../src-main/core/db/clips.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { addTags } from '../../../src-main/core/db/tags.ts'
import { addVerdict, insertVerdictSet } from '../../../src-main/core/db/verdicts.ts'
import { Library } from '../../../src-main/core/library/library.ts'
import { folded, TextColumn } from '../../../src-main/core/library/text-column.ts'
import { fillWorkspace, LARGE_RUN, randomNumbers } from '../../support/large-workspace.ts'

const CLIPS = 300
const FILTERS = 60
const TAGS = ['near', 'loud', 'Ünlaut']

let folder: string
let db: Database
let library: Library
let datasetId: number
let setId: number
let rows: ClipRow[]
const excluded = new Set<number>()

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-library-'))
  db = openWorkspace(folder)
  datasetId = fillWorkspace(db, CLIPS)
  const random = randomNumbers(7)
  const clips = clipsOfDataset(db, datasetId)
  addTags(
    db,
    clips.flatMap(({ id }) => TAGS.filter(() => random() < 0.3).map((tag) => ({ clipId: id, tag }))),
  )
  setId = insertVerdictSet(db, { datasetId, name: 'Audit', forkedFrom: null })
  const said = { decision: 'exclude', classId: null, note: '', final: false, decidedAt: '2026' } as const
  for (const { id } of clips) {
    if (random() < 0.8) continue
    excluded.add(id)
    addVerdict(db, setId, { clipId: id, author: 'Anna', ...said }, null)
  }
  library = new Library(db)
  rows = await rowsOf({ runId: LARGE_RUN })
})
afterAll(() => {
  library.close()
  db.close()
  rmSync(folder, { recursive: true })
})

const rowsOf = async (filter: ClipFilter) =>
  (
    await library.page({
      datasetId,
      filter,
      sort: { key: 'fileName', direction: 'asc' },
      offset: 0,
      limit: 500,
    })
  ).rows

const codeOf = ({ id, problems }: ClipRow) =>
  problems === 0 ? [] : [id % 100 === 0 ? 'truncated-file' : 'duplicate-content']
const formatOf = ({ container, codec }: ClipRow) => `${container} ${codec}`
const verdictOf = ({ id }: ClipRow) => (excluded.has(id) ? 'exclude' : 'none')
const isRight = (row: ClipRow) => row.predictedClassId === row.classId

/** What each key of a filter means for one row, said again. */
const MEANS: { [K in keyof ClipFilter]?: (row: ClipRow, filter: ClipFilter) => boolean } = {
  classIds: (row, { classIds = [] }) => classIds.includes(row.classId),
  folds: (row, { folds = [] }) => folds.includes(row.fold),
  saliences: (row, { saliences = [] }) => row.salience !== null && saliences.includes(row.salience),
  sampleRatesHz: (row, { sampleRatesHz = [] }) => sampleRatesHz.includes(row.sampleRateHz ?? 0),
  channels: (row, { channels = [] }) => channels.includes(row.channels ?? 0),
  formats: (row, { formats = [] }) => formats.includes(formatOf(row)),
  recordings: (row, { recordings = [] }) => recordings.includes(row.group ?? ''),
  problemCodes: (row, { problemCodes = [] }) =>
    codeOf(row).some((code) => problemCodes.some((one) => one === code)),
  withProblems: (row, { withProblems }) => row.problems > 0 === withProblems,
  tags: (row, { tags = [] }) => row.tags.some((tag) => tags.includes(tag)),
  withTags: (row, { withTags }) => row.tags.length > 0 === withTags,
  verdicts: (row, { verdicts = [] }) => verdicts.some((one) => one === verdictOf(row)),
  durationFromSeconds: (row, { durationFromSeconds = 0 }) =>
    (row.durationSeconds ?? -1) >= durationFromSeconds,
  durationBelowSeconds: (row, { durationBelowSeconds = 0 }) =>
    (row.durationSeconds ?? 99) < durationBelowSeconds,
  predictedClassIds: (row, { predictedClassIds = [] }) =>
    predictedClassIds.includes(row.predictedClassId ?? -1),
  correct: (row, { correct }) => isRight(row) === correct,
  confidenceFrom: (row, { confidenceFrom = 0 }) => (row.confidence ?? -1) >= confidenceFrom,
  confidenceBelow: (row, { confidenceBelow = 0 }) => (row.confidence ?? 9) < confidenceBelow,
  text: ({ fileName, group, className, tags }, { text = '' }) =>
    [fileName, group ?? '', className, className.replaceAll('_', ' '), ...tags].some((one) =>
      one.toLowerCase().includes(text.toLowerCase()),
    ),
}

/** @returns how many rows have each value, in the values' order, under the filter without the facet's own keys */
function counted<T extends string | number | boolean>(
  filter: ClipFilter,
  own: (keyof ClipFilter)[],
  values: (row: ClipRow) => T[],
) {
  const counts = new Map<T, number>()
  for (const row of rows) {
    if (!fits(row, filter, own)) continue
    for (const value of values(row)) counts.set(value, (counts.get(value) ?? 0) + 1)
  }
  return [...counts].map(([value, count]) => ({ value, count })).sort((a, b) => (a.value < b.value ? -1 : 1))
}

const fits = (row: ClipRow, filter: ClipFilter, own: (keyof ClipFilter)[] = []) =>
  Object.entries(MEANS).every(
    ([key, means]) => !(key in filter) || own.some((one) => one === key) || means(row, filter),
  )

function randomFilter(random: () => number): ClipFilter {
  const below = (count: number) => Math.floor(random() * count)
  const some = <T>(values: readonly T[]) => values.filter(() => random() < 0.6)
  const range = <F extends string, B extends string>(from: F, under: B, most: number) => ({
    ...(random() < 0.6 && { [from]: (below(10) * most) / 20 }),
    ...(random() < 0.6 && { [under]: ((10 + below(10)) * most) / 20 }),
  })
  const group = rows[below(rows.length)]?.group ?? ''
  const parts: (() => ClipFilter)[] = [
    () => ({ classIds: some([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) }),
    () => ({ folds: some([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]) }),
    () => ({ saliences: [1] }),
    () => ({ sampleRatesHz: some([8000, 22050, 44100, 48000, 1]) }),
    () => ({ channels: [2] }),
    () => ({ formats: some(['wav pcm16', 'flac flac', 'ogg vorbis', 'none']) }),
    () => ({ recordings: [...new Set([group, ...some(rows).map((row) => row.group ?? '')])] }),
    () => ({ problemCodes: ['truncated-file'] }),
    () => ({ withProblems: random() < 0.5 }),
    () => ({ tags: some(TAGS) }),
    () => ({ withTags: random() < 0.7 }),
    () => ({ verdicts: some(['exclude', 'none'] as const) }),
    () => range('durationFromSeconds', 'durationBelowSeconds', 4.5),
    () => ({ predictedClassIds: some([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]) }),
    () => ({ correct: random() < 0.8 }),
    () => range('confidenceFrom', 'confidenceBelow', 1),
    () => ({ text: ['1', '.WAV', '-3-', 'ünl', 'r', 'gun shot', group, 'o'][below(8)] }),
  ]
  return Object.assign(
    { runId: LARGE_RUN, verdictSetId: setId },
    ...parts.filter(() => random() < 0.15).map((part) => part()),
  )
}

describe('the library, asked at random', () => {
  it('lists and counts what a look at each row finds', async () => {
    const random = randomNumbers(11)
    let found = 0
    for (let turn = 0; turn < FILTERS; turn++) {
      const filter = randomFilter(random)
      const facets = await library.facets(datasetId, filter)
      const count = <T extends string | number | boolean>(
        values: (row: ClipRow) => T[],
        ...own: (keyof ClipFilter)[]
      ) => counted(filter, own, values)
      const times = <T>(some: { value: T; count: number }[], wanted: T) =>
        some.find(({ value }) => value === wanted)?.count ?? 0
      const tagged = count((row) => [row.tags.length > 0], 'withTags')
      const right = count((row) => [isRight(row)], 'correct')
      const expected: Omit<ClipFacets, 'durationSeconds' | 'recordings' | 'prediction'> = {
        total: rows.filter((row) => fits(row, filter)).length,
        classes: count((row) => [row.classId], 'classIds'),
        folds: count((row) => [row.fold], 'folds'),
        saliences: count((row) => [row.salience ?? 1], 'saliences'),
        sampleRatesHz: count((row) => [row.sampleRateHz ?? 0], 'sampleRatesHz'),
        channels: count((row) => [row.channels ?? 0], 'channels'),
        formats: count((row) => [formatOf(row)], 'formats'),
        problemCodes: expect.arrayContaining(count(codeOf, 'problemCodes')),
        withProblems: times(
          count((row) => [row.problems > 0], 'withProblems'),
          true,
        ),
        tags: count((row) => row.tags, 'tags'),
        withTags: times(tagged, true),
        withoutTags: times(tagged, false),
        verdicts: expect.arrayContaining(count((row) => [verdictOf(row)], 'verdicts')),
      }
      expect(facets, JSON.stringify(filter)).toMatchObject(expected)
      expect(facets.prediction).toMatchObject({
        predictedClasses: count((row) => [row.predictedClassId ?? -1], 'predictedClassIds'),
        correct: times(right, true),
        wrong: times(right, false),
      })
      const { width, counts } = facets.durationSeconds
      const bars = count(
        (row) => [barOf(row.durationSeconds ?? 0, width)],
        'durationFromSeconds',
        'durationBelowSeconds',
      )
      expect(counts.flatMap((some, value) => (some > 0 ? [{ value, count: some }] : []))).toEqual(bars)
      const recordings = count((row) => [row.group ?? ''], 'recordings').map(({ count: some }) => some)
      expect(facets.recordings.map(({ count: some }) => some)).toEqual(
        recordings.sort((a, b) => b - a).slice(0, 20),
      )
      const fitting = rows.filter((row) => fits(row, filter))
      expect(await rowsOf(filter), JSON.stringify(filter)).toEqual(
        fitting.map((row) => ({ ...row, verdict: verdictOf(row) })),
      )
      found += expected.total
    }
    expect(found).toBeGreaterThan(FILTERS)
  })
})

/** Their edges are multiples of the width. */
const barOf = (value: number, width: number) => {
  let bar = 0
  while (value >= (bar + 1) * width) bar++
  return bar
}

describe('a column of texts', () => {
  it('finds the rows that have a part, wherever it stands', async () => {
    const random = randomNumbers(3)
    const letters = ['a', 'b', 'é', '-', '7', '日']
    const word = (most: number) =>
      Array.from(
        { length: Math.floor(random() * most) },
        () => letters[Math.floor(random() * letters.length)],
      ).join('')
    const texts = Array.from({ length: 500 }, () => word(60))
    const column = await TextColumn.of([Buffer.from(texts.map((text) => `${text}\n`).join(''))], texts.length)
    for (let turn = 0; turn < 300; turn++) {
      const text = texts[Math.floor(random() * texts.length)] ?? ''
      const start = Math.floor(random() * text.length)
      const part = turn % 3 === 0 ? word(4) : text.slice(start, start + 1 + Math.floor(random() * 40))
      const found = await column.having(folded(part))
      expect([...found], part).toEqual(texts.map((one) => Number(one.includes(part))))
    }
    await expect(column.having('a'.repeat(5000))).rejects.toThrow(RangeError)
  })
})
