import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import type { ClipFilter, ClipRow, ClipSort } from '../../../src-main/contract/model.ts'
import { chosenClips, keepChosen } from '../../../src-main/core/db/chosen-clips.ts'
import { clipsOfDataset, removeClip, saveClip } from '../../../src-main/core/db/clips.ts'
import { getDataset } from '../../../src-main/core/db/datasets.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { replaceProblems } from '../../../src-main/core/db/problems.ts'
import { addTags, removeTags } from '../../../src-main/core/db/tags.ts'
import { addVerdict, insertVerdictSet } from '../../../src-main/core/db/verdicts.ts'
import { saveView } from '../../../src-main/core/db/views.ts'
import { Columns } from '../../../src-main/core/evaluation/columns.ts'
import { Library } from '../../../src-main/core/library/library.ts'
import { fillWorkspace, LARGE_RUN } from '../../support/large-workspace.ts'

const CLIPS = 400
const BY_NAME: ClipSort = { key: 'fileName', direction: 'asc' }
const never = new AbortController().signal

let folder: string
let db: Database
let library: Library
let datasetId: number
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-library-'))
  db = openWorkspace(folder)
  datasetId = fillWorkspace(db, CLIPS)
  addTags(db, tagsFor(clipsOfDataset(db, datasetId)))
  library = new Library(db)
})
afterEach(() => {
  library.close()
  db.close()
  rmSync(folder, { recursive: true })
})

/** One clip in four is near, one in six loud, some are both. */
const tagsFor = (clips: readonly { id: number }[]) =>
  clips.flatMap(({ id }, place) => [
    ...(place % 4 === 0 ? [{ clipId: id, tag: 'near' }] : []),
    ...(place % 6 === 0 ? [{ clipId: id, tag: 'loud' }] : []),
  ])

const listed = async (filter: ClipFilter) => {
  const { total, rows } = await library.page({ datasetId, filter, sort: BY_NAME, offset: 0, limit: CLIPS })
  expect(rows).toHaveLength(total)
  return rows
}

/** What a filter means, said again for one row; of problems, the rows tell the number alone. */
const MEANS: [name: string, filter: ClipFilter, fits: (row: ClipRow) => boolean][] = [
  ['class', { classIds: [1, 2] }, (row) => row.classId === 1 || row.classId === 2],
  ['fold', { folds: [3] }, (row) => row.fold === 3],
  ['salience', { saliences: [2] }, (row) => row.salience === 2],
  ['format', { formats: ['ogg vorbis'] }, (row) => row.codec === 'vorbis'],
  ['sample rate', { sampleRatesHz: [8000, 96000] }, (row) => [8000, 96000].includes(row.sampleRateHz ?? 0)],
  ['channels', { channels: [1] }, (row) => row.channels === 1],
  ['problem', { problemCodes: ['truncated-file'] }, (row) => row.problems > 0 && row.id % 100 === 0],
  ['tag', { tags: ['near', 'loud'] }, (row) => row.tags.some((tag) => tag === 'near' || tag === 'loud')],
  ['no tag', { withTags: false }, (row) => row.tags.length === 0],
  ['text in a tag', { text: 'EAR' }, (row) => row.tags.includes('near')],
  ['any problem', { withProblems: true }, (row) => row.problems > 0],
  [
    'duration',
    { durationFromSeconds: 1, durationBelowSeconds: 2 },
    (row) => row.durationSeconds !== null && row.durationSeconds >= 1 && row.durationSeconds < 2,
  ],
  ['text in a class', { text: 'Gun Sh' }, (row) => row.className === 'gun_shot'],
  ['text in a name', { text: '-3-1' }, (row) => row.fileName.includes('-3-1')],
  [
    'confidence',
    { runId: LARGE_RUN, confidenceFrom: 0.5, confidenceBelow: 0.75 },
    (row) => row.confidence !== null && row.confidence >= 0.5 && row.confidence < 0.75,
  ],
  [
    'all of it',
    { runId: LARGE_RUN, correct: false, saliences: [1], channels: [2], text: '.WAV', durationFromSeconds: 4 },
    (row) =>
      row.predictedClassId !== row.classId &&
      row.salience === 1 &&
      row.channels === 2 &&
      row.durationSeconds === 4,
  ],
]

describe('the library', () => {
  it.each(MEANS)('lists by %s the clips that fit, all of them', async (_, filter, fits) => {
    const all = await listed(filter.runId === undefined ? {} : { runId: filter.runId })
    expect(all).toHaveLength(CLIPS)
    const found = await listed(filter)
    expect(found).toEqual(all.filter(fits))
    expect(found.length).toBeGreaterThan(0)
    const { total } = await library.facets(datasetId, filter)
    expect(total).toBe(found.length)
  })

  it('counts each value as the filter by it alone finds clips, under the other filters', async () => {
    const others: ClipFilter = { runId: LARGE_RUN, folds: [1, 2, 3, 4, 5], text: '1' }
    const facets = await library.facets(datasetId, {
      ...others,
      formats: ['flac flac'],
      durationFromSeconds: 2,
      confidenceBelow: 0.9,
    })
    const under = { ...others, durationFromSeconds: 2, confidenceBelow: 0.9 }
    for (const { value, count } of facets.formats)
      expect([value, count]).toEqual([
        value,
        (await listed({ ...under, formats: value === null ? [] : [value] })).length,
      ])
    const { start, width, counts } = facets.durationSeconds
    for (const [bar, count] of counts.entries()) {
      const last = bar === counts.length - 1
      const found = await listed({
        ...others,
        formats: ['flac flac'],
        confidenceBelow: 0.9,
        durationFromSeconds: start + bar * width,
        ...(last ? {} : { durationBelowSeconds: start + (bar + 1) * width }),
      })
      expect([bar, count]).toEqual([bar, found.length])
    }
    const confidence = facets.prediction?.confidence
    const inBars = confidence?.counts.reduce((sum, count) => sum + count, 0)
    expect(inBars).toBe((await listed({ ...under, confidenceBelow: 1, formats: ['flac flac'] })).length)
    const [most] = facets.recordings
    if (!most) throw new Error('No recording.')
    expect(await listed({ ...under, formats: ['flac flac'], recordings: [most.value] })).toHaveLength(
      most.count,
    )
  })

  it('shows clips by name, from any place on, while the columns are still being read, and the same ones after', async () => {
    const query = { datasetId, filter: {}, sort: BY_NAME, offset: 0, limit: 50 }
    let read = false
    const facets = library.facets(datasetId, {}).then(() => {
      read = true
    })
    const deep = { ...query, offset: 333 }
    const shown = [await library.page(query), await library.page(deep)]
    expect(read).toBe(false)
    expect(shown.map(({ rows }) => rows.length)).toEqual([50, 50])
    await facets
    // As long as their order is not in memory, and then from there.
    for (let turn = 0; turn < 2; turn++) {
      expect([await library.page(query), await library.page(deep)]).toEqual(shown)
      await library.ids(query)
    }
    await expect(library.page({ ...query, datasetId: 99 })).rejects.toThrow('99')
  })

  it('follows what is written: labels, problems, removed clips', async () => {
    const before = await library.facets(datasetId, {})
    const [first, second] = clipsOfDataset(db, datasetId)
    if (!first || !second) throw new Error('No clips.')
    const { id, ...clip } = first
    saveClip(db, datasetId, { ...clip, classId: (clip.classId + 1) % 10, durationSeconds: 0.01 })
    expect((await listed({ classIds: [(clip.classId + 1) % 10] })).some((row) => row.id === id)).toBe(true)
    expect((await listed({ durationBelowSeconds: 0.02 })).some((row) => row.id === id)).toBe(true)
    replaceProblems(db, datasetId, [])
    expect((await library.facets(datasetId, {})).withProblems).toBe(0)
    expect(before.withProblems).toBe(CLIPS / 50)
    removeClip(db, second.id)
    expect((await library.facets(datasetId, {})).total).toBe(CLIPS - 1)
    const counted = getDataset(db, datasetId)
    const { classes } = await library.facets(datasetId, {})
    expect(counted.clips).toBe(CLIPS - 1)
    expect(counted.classes.map(({ id: value, clips }) => ({ value, count: clips }))).toEqual(classes)
    expect(await library.position({ datasetId, filter: {}, sort: BY_NAME, clipId: second.id })).toBeNull()
  })

  it('counts each tag under the other filters, and follows tags that come and go, however many', async () => {
    const others: ClipFilter = { folds: [1, 2, 3, 4, 5], saliences: [1] }
    const { tags, withTags, withoutTags } = await library.facets(datasetId, { ...others, tags: ['loud'] })
    expect(tags.map(({ value }) => value)).toEqual(['loud', 'near'])
    for (const { value, count } of tags)
      expect(await listed({ ...others, tags: [value] })).toHaveLength(count)
    expect(withTags).toBe((await listed({ ...others, tags: ['loud'] })).length)
    expect(withoutTags).toBe(0)
    const ids = clipsOfDataset(db, datasetId).map(({ id }) => id)
    addTags(
      db,
      ids.map((clipId) => ({ clipId, tag: 'all' })),
    )
    removeTags(db, tagsFor(ids.map((id) => ({ id }))))
    expect((await library.facets(datasetId, {})).tags).toEqual([{ value: 'all', count: CLIPS }])
    removeClip(db, ids[0] ?? 0)
    expect((await library.facets(datasetId, {})).tags).toEqual([{ value: 'all', count: CLIPS - 1 }])
    expect((await listed({ text: 'ALL' })).every((row) => row.tags.join() === 'all')).toBe(true)
  })

  it('filters and counts by what a set of verdicts says, and follows it', async () => {
    const [first, second, third] = clipsOfDataset(db, datasetId)
    if (!first || !second || !third) throw new Error('No clips.')
    const setId = insertVerdictSet(db, { datasetId, name: 'Audit', forkedFrom: null })
    const other = insertVerdictSet(db, { datasetId, name: 'Another', forkedFrom: null })
    const say = (clipId: number, author: string, decision: 'exclude' | 'keep' | null) =>
      addVerdict(
        db,
        setId,
        { clipId, author, decision, classId: null, note: 'n', final: false, decidedAt: '2026' },
        null,
      )
    say(first.id, 'Anna', 'exclude')
    say(second.id, 'Anna', 'exclude')
    say(second.id, 'Ben', 'keep')
    const excluded = { verdictSetId: setId, verdicts: ['exclude' as const] }
    expect((await listed(excluded)).map(({ id }) => id)).toEqual([first.id])
    const under = { ...excluded, folds: [first.fold] }
    const { verdicts, total } = await library.facets(datasetId, under)
    expect(total).toBe(1)
    for (const { value, count } of verdicts ?? [])
      expect(await listed({ ...under, verdicts: [value] })).toHaveLength(count)
    expect((await library.facets(datasetId, { verdictSetId: setId })).verdicts).toEqual([
      { value: 'none', count: CLIPS - 2 },
      { value: 'exclude', count: 1 },
      { value: 'disputed', count: 1 },
    ])
    say(third.id, 'Ben', 'exclude')
    say(second.id, 'Ben', null)
    expect(await listed(excluded)).toHaveLength(3)
    expect(await listed({ ...excluded, verdictSetId: other })).toEqual([])
    expect((await library.facets(datasetId, {})).verdicts).toBeNull()
  })

  it('tells and sorts by what a set of verdicts says, clips without a verdict last, and follows it', async () => {
    const [first, second, third] = clipsOfDataset(db, datasetId).reverse()
    if (!first || !second || !third) throw new Error('No clips.')
    const setId = insertVerdictSet(db, { datasetId, name: 'Audit', forkedFrom: null })
    const say = (clipId: number, decision: 'exclude' | 'relabel' | 'keep', classId: number | null = null) =>
      addVerdict(
        db,
        setId,
        { clipId, author: 'Anna', decision, classId, note: '', final: false, decidedAt: '2026' },
        null,
      )
    const sorted = async (direction: 'asc' | 'desc') => {
      const query = {
        datasetId,
        filter: { verdictSetId: setId },
        sort: { key: 'verdict' as const, direction },
      }
      const { rows } = await library.page({ ...query, offset: 0, limit: 4 })
      return rows.map(({ id, verdict, verdictClassName }) => [id, verdict, verdictClassName])
    }
    const [classId, name] = [
      first.classId === 2 ? 3 : 2,
      first.classId === 2 ? 'dog_bark' : 'children_playing',
    ]
    say(first.id, 'exclude')
    say(second.id, 'relabel', classId)
    const others = clipsOfDataset(db, datasetId).map(({ id }) => [id, 'none', null])
    const [excluded, relabelled] = [
      [first.id, 'exclude', null],
      [second.id, 'relabel', name],
    ]
    expect(await sorted('asc')).toEqual([relabelled, excluded, ...others.slice(0, 2)])
    expect(await sorted('desc')).toEqual([excluded, relabelled, ...others.slice(0, 2)])
    say(third.id, 'keep')
    expect(await sorted('asc')).toEqual([[third.id, 'keep', null], relabelled, excluded, others[0]])
    expect((await listed({}))[0]?.verdict).toBeNull()
  })

  it('sorts by how far ahead the predicted class is, unpredicted clips last', async () => {
    const { classes, clipIds, probabilities } = await new Columns(db).run(LARGE_RUN)
    const margins = new Map(
      Array.from(clipIds, (id, row) => {
        const [first = 0, second = 0] = probabilities
          .slice(row * classes.length, (row + 1) * classes.length)
          .sort()
          .reverse()
        return [id, first - second]
      }),
    )
    const sort = { key: 'margin', direction: 'desc' } as const
    const filter = { runId: LARGE_RUN }
    const { rows } = await library.page({ datasetId, filter, sort, offset: 0, limit: CLIPS })
    expect(rows.map(({ id, margin }) => [id, margin])).toEqual(
      [...margins].sort(([a, x], [b, y]) => y - x || a - b),
    )
  })

  it('gives the clips of a selection: those named, or all that fit but some', async () => {
    const fitting = (await listed({ folds: [2] })).map(({ id }) => id).sort((a, b) => a - b)
    const [out, ...rest] = fitting
    if (out === undefined) throw new Error('Nothing in fold 2.')
    expect(await library.selected(datasetId, { filter: { folds: [2] }, except: [out] }, never)).toEqual(rest)
    const listing = { datasetId, filter: { folds: [2] }, sort: BY_NAME, offset: 1, limit: 3 }
    expect(await library.ids(listing)).toEqual((await library.page(listing)).rows.map(({ id }) => id))
    expect(await library.selected(datasetId, { clipIds: [9, 3, 99_999] }, never)).toEqual([3, 9])
  })

  it('shows clips that were chosen elsewhere, under its other filters, and says where a choice is not kept', async () => {
    const all = await listed({})
    const clipIds = all.filter((_, place) => place % 7 === 0).map(({ id }) => id)
    const kept = { datasetId, title: 'chosen on the map', clipIds: [...clipIds, 99_999] }
    const chosenId = keepChosen(db, kept)
    expect(keepChosen(db, { ...kept, clipIds: kept.clipIds.toReversed() })).toBe(chosenId)
    const found = await listed({ chosenId, folds: [1, 2] })
    expect(found).toEqual(all.filter(({ id, fold }) => clipIds.includes(id) && fold <= 2))
    expect(found.length).toBeGreaterThan(0)
    const { folds, total } = await library.facets(datasetId, { chosenId, folds: [1, 2] })
    expect(total).toBe(found.length)
    expect(folds.reduce((sum, { count }) => sum + count, 0)).toBe(clipIds.length)
    // The oldest are let go of, but for those of a view.
    saveView(db, { datasetId, name: 'kept', filter: { chosenId }, sort: BY_NAME })
    const lost = keepChosen(db, { ...kept, title: 'lost' })
    for (let more = 0; more < 200; more++) keepChosen(db, { ...kept, title: `more ${more}` })
    expect(chosenClips(db, chosenId)).toMatchObject({ title: 'chosen on the map' })
    await expect(listed({ chosenId: lost })).rejects.toMatchObject({ code: 'not-found' })
  })

  it('sums up the dataset by class, fold and salience, and counts the recordings of each class', async () => {
    const filter = { folds: [1, 2, 3], text: '1' }
    const all = await listed(filter)
    const { cells, recordings } = await library.overview(datasetId, filter)
    for (const { classId, fold, salience, count } of cells)
      expect(count).toBe(
        all.filter((row) => row.classId === classId && row.fold === fold && row.salience === salience).length,
      )
    expect(cells.reduce((sum, { count }) => sum + count, 0)).toBe(all.length)
    for (const { classId, count } of recordings)
      expect(count).toBe(new Set(all.filter((row) => row.classId === classId).map((row) => row.group)).size)
  })

  it('stops when nobody waits any more', async () => {
    const stop = new AbortController()
    stop.abort()
    await expect(library.facets(datasetId, {}, stop.signal)).rejects.toThrow(/abort/i)
  })

  it('asks the database for nothing that it would have to look through or sort a whole table for', async () => {
    const prepare = vi.spyOn(db, 'prepare')
    await library.page({ datasetId, filter: { runId: LARGE_RUN }, sort: BY_NAME, offset: 0, limit: 10 })
    await library.facets(datasetId, { text: 'a' })
    const plans = prepare.mock.calls
      .map(([sql]) => sql)
      .filter((sql) => /^\s*SELECT/.test(sql) && sql.includes('FROM'))
      .map((sql) => ({
        sql,
        plan: db
          .prepare(`EXPLAIN QUERY PLAN ${sql}`)
          .all(Object.fromEntries([...sql.matchAll(/@(\w+)/g)].map(([, name]) => [name ?? '', 1])))
          .map((row) => JSON.stringify(row))
          .join('\n'),
      }))
    expect(plans.length).toBeGreaterThan(5)
    for (const { sql, plan } of plans) {
      expect(plan, sql).not.toMatch(/SCAN (clips|predictions|problems|clip_tags)\b/)
      if (/FROM (clips|predictions)\b/.test(sql))
        expect(plan, sql).not.toMatch(/TEMP B-TREE FOR (ORDER BY|DISTINCT)/)
    }
  })
})
