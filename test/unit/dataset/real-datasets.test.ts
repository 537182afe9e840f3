import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { ClipFilter } from '../../../src-main/contract/model.ts'
import { type ImportContext, importDataset, revalidate } from '../../../src-main/core/dataset/import.ts'
import { clipsOfDataset } from '../../../src-main/core/db/clips.ts'
import { getDataset } from '../../../src-main/core/db/datasets.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { validationReport } from '../../../src-main/core/db/problems.ts'
import { Library } from '../../../src-main/core/library/library.ts'

/** Real recordings and metadata; skipped by name where they are absent. */
const DATA = resolve(import.meta.dirname, '../../../../shared/data')
const METADATA = join(DATA, 'UrbanSound8K.csv')
const ESC10 = join(DATA, 'esc10')
const ORIGINALS = join(DATA, 'us8k-originals')

const context: ImportContext = { signal: new AbortController().signal, progress: () => {} }
const sum = (counts: readonly { count: number }[]) => counts.reduce((total, { count }) => total + count, 0)
const ofValue = <T>(facet: readonly { value: T; count: number }[]) =>
  Object.fromEntries(facet.map(({ value, count }) => [String(value), count]))

let folder: string
let db: Database
let library: Library
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-real-'))
  db = openWorkspace(join(folder, 'workspace'))
  library = new Library(db)
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

/*
 * Expected counts: soundata and the data set's paper; each was also computed from the file by
 *   python3 -c "import csv,collections as c; r=list(csv.DictReader(open('UrbanSound8K.csv')));
 *     print(c.Counter(x['fold'] for x in r), c.Counter(x['class'] for x in r), c.Counter(x['salience'] for x in r))"
 */
const CLIPS_PER_FOLD = [873, 888, 925, 990, 936, 823, 838, 806, 816, 837]
const CLIPS_PER_CLASS = [1000, 429, 1000, 1000, 1000, 1000, 374, 1000, 929, 1000]
const CAR_HORNS_PER_FOLD = [36, 42, 43, 59, 98, 28, 28, 30, 32, 33]
const RECORDINGS_ACROSS_FOLDS = ['106905', '132016', '176638', '180937', '77751']

describe.skipIf(!existsSync(METADATA))('UrbanSound8K.csv, whole, with no audio beside it', () => {
  async function importMetadata() {
    mkdirSync(join(folder, 'us8k', 'metadata'), { recursive: true })
    cpSync(METADATA, join(folder, 'us8k', 'metadata', 'UrbanSound8K.csv'))
    // Processor time: other work on a test machine must not fail it.
    const started = process.cpuUsage()
    const result = await importDataset(db, { folder: join(folder, 'us8k'), format: 'auto' }, context)
    return { result, seconds: process.cpuUsage(started).user / 1e6 }
  }

  it('loses no row and reports every file missing, in under 5 s', async () => {
    const { result, seconds } = await importMetadata()
    expect(result).toMatchObject({ clips: 8732, readableClips: 0, skippedRows: 0, changed: true })
    expect(seconds).toBeLessThan(5)
    const report = validationReport(db, result.datasetId, 100_000)
    expect(report.counts).toEqual([
      { code: 'missing-file', severity: 'error', count: 8732 },
      { code: 'recording-crosses-folds', severity: 'warning', count: 5 },
    ])
    expect(new Set(report.problems.map((problem) => problem.clipId)).size).toBe(8732)
    expect(validationReport(db, result.datasetId, 10)).toMatchObject({ truncated: true, clips: 8732 })
  })

  it('has the known clips per fold, class and salience', async () => {
    const { datasetId } = (await importMetadata()).result
    const facets = await library.facets(datasetId, {})
    expect(facets.folds.map(({ count }) => count)).toEqual(CLIPS_PER_FOLD)
    expect(facets.classes.map(({ count }) => count)).toEqual(CLIPS_PER_CLASS)
    expect(ofValue(facets.saliences)).toEqual({ 1: 5702, 2: 3030 })
    expect(facets).toMatchObject({ total: 8732, withProblems: 8732 })
    expect((await library.facets(datasetId, { classIds: [1] })).folds.map(({ count }) => count)).toEqual(
      CAR_HORNS_PER_FOLD,
    )
    expect(ofValue((await library.facets(datasetId, { classIds: [8] })).saliences)).toEqual({
      1: 269,
      2: 660,
    })
    const dataset = getDataset(db, datasetId)
    expect(dataset.folds).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
    expect(dataset.classes[7]).toEqual({ id: 7, name: 'jackhammer', clips: 1000 })
    expect(dataset.hasSalience).toBe(true)
  })

  it('keeps times, recordings and lines', async () => {
    const { datasetId } = (await importMetadata()).result
    const clips = clipsOfDataset(db, datasetId)
    const seconds = clips.map((clip) => (clip.endSeconds ?? 0) - (clip.startSeconds ?? 0))
    expect(seconds.reduce((a, b) => a + b, 0) / 3600).toBeCloseTo(8.75, 2)
    expect(Math.min(...seconds)).toBeCloseTo(0.054517, 6)
    expect(new Set(clips.map((clip) => clip.recording)).size).toBe(1297)
    expect(clips.map((clip) => clip.line)).toEqual(Array.from({ length: 8732 }, (_, index) => index + 2))
  })

  it('finds the five recordings that cross folds, by name', async () => {
    const { datasetId } = (await importMetadata()).result
    const messages = validationReport(db, datasetId, 100_000)
      .problems.filter((problem) => problem.code === 'recording-crosses-folds')
      .map((problem) => problem.message)
    expect(messages.map((message) => /Recording (\d+)/.exec(message)?.[1]).sort()).toEqual(
      RECORDINGS_ACROSS_FOLDS,
    )
    const jackhammer = messages.find((message) => message.includes('180937'))
    expect(jackhammer).toContain('fold 1 (79 × jackhammer)')
    expect(jackhammer).toContain('fold 9 (16 × drilling)')
  })

  it('changes nothing the second time', async () => {
    const { result } = await importMetadata()
    const before = clipsOfDataset(db, result.datasetId)
    const again = await importDataset(db, { folder: join(folder, 'us8k'), format: 'auto' }, context)
    expect(again).toEqual({ ...result, changed: false })
    expect(clipsOfDataset(db, result.datasetId)).toEqual(before)
  })

  it('answers pages and facets at once: below 10 ms on an idle machine, 50 on a busy one', async () => {
    const { datasetId } = (await importMetadata()).result
    const filters: ClipFilter[] = [{}, { classIds: [3] }, { text: '1000' }, { saliences: [2], folds: [1, 2] }]
    const query = { datasetId, sort: { key: 'fileName', direction: 'asc' }, limit: 100 } as const
    // The best of several: other programs on the machine only ever make it slower.
    const best = async (work: () => Promise<unknown>) => {
      let least = Number.POSITIVE_INFINITY
      for (let turn = 0; turn < 15; turn++) {
        const started = performance.now()
        await work()
        least = Math.min(least, performance.now() - started)
      }
      return least
    }
    for (const filter of filters) {
      expect(await best(() => library.page({ ...query, filter, offset: 0 }))).toBeLessThan(50)
      expect(await best(() => library.facets(datasetId, filter))).toBeLessThan(50)
    }
    expect(await best(() => library.page({ ...query, filter: {}, offset: 8600 }))).toBeLessThan(50)
  })

  it('facets add up under any filter', async () => {
    const { datasetId } = (await importMetadata()).result
    const filter: ClipFilter = { classIds: [1, 6], folds: [1, 5, 10], saliences: [1], text: '-0.wav' }
    const facets = await library.facets(datasetId, filter)
    const inFolds = facets.folds.filter(({ value }) => filter.folds?.includes(value))
    const inClasses = facets.classes.filter(({ value }) => filter.classIds?.includes(value))
    const { total, rows } = await library.page({
      datasetId,
      filter,
      sort: { key: 'fold', direction: 'desc' },
      offset: 0,
      limit: 500,
    })
    expect([sum(inFolds), sum(inClasses), facets.total, rows.length]).toEqual(Array(4).fill(total))
    expect(total).toBeGreaterThan(0)
  })
})

describe.skipIf(!existsSync(ESC10))('ESC-10', () => {
  it('has 400 readable clips, 8 per class and fold', async () => {
    const result = await importDataset(db, { folder: ESC10, format: 'auto' }, context)
    expect(result).toMatchObject({ format: 'esc', clips: 400, readableClips: 400, skippedRows: 0 })
    const dataset = getDataset(db, result.datasetId)
    expect(dataset.folds).toEqual([1, 2, 3, 4, 5])
    expect(dataset.classes).toHaveLength(10)
    expect(dataset.hasSalience).toBe(false)
    // sum(soundfile.info(path).duration for path in glob('audio/*.ogg')), libsndfile 1.2
    expect(dataset.totalDurationSeconds).toBeCloseTo(2003.4757369614715, 6)
    for (const fold of dataset.folds)
      expect(
        (await library.facets(result.datasetId, { folds: [fold] })).classes.map(({ count }) => count),
      ).toEqual(Array(10).fill(8))
    const { rows } = await library.page({
      datasetId: result.datasetId,
      filter: { text: '1-100032' },
      sort: { key: 'fileName', direction: 'asc' },
      offset: 0,
      limit: 10,
    })
    expect(rows).toMatchObject([
      {
        fileName: '1-100032-A.ogg',
        className: 'dog_bark',
        group: '100032',
        sampleRateHz: 44100,
        channels: 1,
        codec: 'vorbis',
      },
    ])
    expect(await revalidate(db, result.datasetId, context)).toMatchObject({ clips: 400, readableClips: 400 })
  })
})

describe.skipIf(!existsSync(ORIGINALS))('UrbanSound8K clips in their original formats', () => {
  it('are all readable and as long as the metadata says', async () => {
    const result = await importDataset(db, { folder: ORIGINALS, format: 'auto' }, context)
    expect(result.readableClips).toBe(10)
    const report = validationReport(db, result.datasetId, 1000)
    const found = report.counts.map(({ code }) => code)
    expect(found).not.toContain('unreadable-file')
    expect(found).not.toContain('wrong-duration')
  })

  it('are found from the folder above or below', async () => {
    mkdirSync(join(folder, 'above'))
    symlinkSync(ORIGINALS, join(folder, 'above', 'originals'))
    await expect(
      importDataset(db, { folder: join(ORIGINALS, 'audio'), format: 'auto' }, context),
    ).rejects.toMatchObject({ code: 'not-a-dataset', hint: expect.stringContaining('us8k-originals') })
  })
})
