import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Job } from '../../../src-main/contract/job.ts'
import {
  CLIP_SORT_KEYS,
  type ClipFilter,
  type ClipRow,
  type ClipSort,
  type Problem,
} from '../../../src-main/contract/model.ts'
import type { RunSettings } from '../../../src-main/contract/run.ts'
import { TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'
import {
  type ClipRecord,
  clipDetail,
  clipsOfDataset,
  findClip,
  saveClip,
} from '../../../src-main/core/db/clips.ts'
import {
  getDataset,
  listDatasets,
  removeDataset,
  saveClass,
  saveDataset,
} from '../../../src-main/core/db/datasets.ts'
import { createFeatureIndex, featureCounts } from '../../../src-main/core/db/features.ts'
import { hide, removeHidden } from '../../../src-main/core/db/hidden.ts'
import { createJobStore } from '../../../src-main/core/db/jobs.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { addPredictions, type Prediction } from '../../../src-main/core/db/predictions.ts'
import { replaceProblems, validationReport } from '../../../src-main/core/db/problems.ts'
import * as runs from '../../../src-main/core/db/runs.ts'
import { Columns } from '../../../src-main/core/evaluation/columns.ts'
import { predictionsOf } from '../../../src-main/core/evaluation/run-table.ts'
import { Library } from '../../../src-main/core/library/library.ts'

let folder: string
let db: Database
let library: Library
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-rows-'))
  db = openWorkspace(folder)
  library = new Library(db)
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

const CLASSES = ['siren', 'dog_bark', 'drilling']
const settings: RunSettings = {
  preset: 'compact-s',
  recipe: 'article',
  recipeHash: 'r',
  network: {},
  training: { ...TRAINING_DEFAULTS, epochs: 2 },
  split: { kind: 'predefined' },
  excludeCrossing: false,
  seed: 73,
  folds: [1, 2, 3],
  engine: 'auto',
  processes: 1,
  threadsPerProcess: 1,
}

/** Sixty clips over three classes, three folds and both saliences; every tenth has no audio, every fifth no salience. */
function clipOf(index: number): Omit<ClipRecord, 'id'> {
  const readable = index % 10 !== 9
  return {
    relativePath: `audio/${index}.wav`,
    fileName: `clip_${String((index * 37) % 60).padStart(2, '0')}%.wav`,
    classId: index % 3,
    fold: (Math.floor(index / 3) % 3) + 1,
    salience: index % 5 === 4 ? null : index % 2 === 0 ? 1 : 2,
    recording: index % 4 === 0 ? null : `rec${index % 7}`,
    startSeconds: null,
    endSeconds: null,
    line: index + 2,
    sizeBytes: readable ? 1000 + index : null,
    modifiedMs: readable ? 1 : null,
    contentHash: readable ? `hash${index}` : null,
    container: readable ? 'wav' : null,
    codec: readable ? 'pcm16' : null,
    sampleRateHz: readable ? 8000 * (1 + (index % 3)) : null,
    channels: readable ? 1 + (index % 2) : null,
    bitsPerSample: readable ? 16 : null,
    durationSeconds: readable ? 0.5 + (index % 8) / 2 : null,
  }
}

const problem = (clipId: number | null, more: Partial<Problem> = {}): Problem => ({
  code: 'missing-file',
  severity: 'error',
  message: 'It is not there.',
  clipId,
  file: null,
  line: null,
  ...more,
})

function fill(): ClipRecord[] {
  const id = saveDataset(db, null, {
    name: 'Sixty',
    format: 'csv',
    folder: '/sixty',
    mapping: { csv: 'a.csv', file: 'f', label: 'l', fold: 'o' },
    sourceHash: 's',
    skippedRows: 0,
  })
  for (const [classId, name] of CLASSES.entries()) saveClass(db, id, classId, name)
  for (let index = 0; index < 60; index += 1) saveClip(db, id, clipOf(index))
  const clips = clipsOfDataset(db, id)
  const unread = clips.filter((clip) => clip.contentHash === null)
  replaceProblems(db, id, [
    ...unread.map((clip) => problem(clip.id)),
    problem(unread[0]?.id ?? null),
    problem(null),
  ])
  return clips
}

/** A run that has predicted folds 1 and 2: class (id + clip's own) mod 3 with 0.5 + id/1000. */
function fillRun(clips: readonly ClipRecord[], id = 'run-1'): Prediction[] {
  runs.insertRun(db, {
    id,
    datasetId: 1,
    settings,
    settingsHash: 'h',
    dataFingerprint: 'f',
    crossing: { recordings: 0, clips: 0, first: [] },
    classes: CLASSES.map((name, classId) => ({ id: classId, name })),
  })
  const predictions = clips
    .filter((clip) => clip.fold < 3)
    .map((clip) => {
      const predictedClassId = clip.id % 4 === 0 ? (clip.classId + 1) % 3 : clip.classId
      const probabilities = Float32Array.from(CLASSES, (_, classId) =>
        classId === predictedClassId ? 0.5 + clip.id / 1000 : (0.5 - clip.id / 1000) / 2,
      )
      return { clipId: clip.id, fold: clip.fold, trueClassId: clip.classId, predictedClassId, probabilities }
    })
  addPredictions(db, id, predictions)
  return predictions
}

const page = (
  filter: ClipFilter,
  sort: ClipSort = { key: 'fileName', direction: 'asc' },
  offset = 0,
  limit = 500,
) => library.page({ datasetId: 1, filter, sort, offset, limit })

/** What a row shows of a sort. */
function sortValue(row: ClipRow, key: ClipSort['key']) {
  if (key === 'format') return row.codec === null ? null : `${row.container} ${row.codec}`
  if (key === 'predictedClassName') return CLASSES[row.predictedClassId ?? -1] ?? null
  return row[key]
}

describe('clips', () => {
  /** The filter's meaning, said again in plain JavaScript. */
  function passes(clip: ClipRecord, filter: ClipFilter, problems: ReadonlySet<number>): boolean {
    const { classIds, folds, saliences, text, withProblems } = filter
    return (
      (!classIds || classIds.includes(clip.classId)) &&
      (!folds || folds.includes(clip.fold)) &&
      (!saliences || saliences.some((salience) => salience === clip.salience)) &&
      (!text || `${clip.fileName}\n${clip.recording ?? ''}`.toLowerCase().includes(text.toLowerCase())) &&
      (withProblems === undefined || withProblems === problems.has(clip.id))
    )
  }
  const filters: ClipFilter[] = [
    {},
    { classIds: [1] },
    { classIds: [] },
    { folds: [1, 3], saliences: [1] },
    { saliences: [1, 2], withProblems: false },
    { withProblems: true },
    { text: 'REC3' },
    { text: '_1' },
    { text: '5%' },
    { text: "'; DROP TABLE clips; --" },
    { text: '\\' },
    { classIds: [0, 2], folds: [2], saliences: [2], text: 'clip', withProblems: false },
  ]

  it.each(filters)(
    'are found by %j, and its facets count each value under the other filters',
    async (filter) => {
      const clips = fill()
      const problems = new Set(clips.filter((clip) => clip.contentHash === null).map((clip) => clip.id))
      const found = clips.filter((clip) => passes(clip, filter, problems))
      const { total, rows } = await page(filter)
      expect(total).toBe(found.length)
      expect(rows.map((row) => row.id).sort((a, b) => a - b)).toEqual(found.map((clip) => clip.id))

      const facets = await library.facets(1, filter)
      expect(facets.total).toBe(found.length)
      const counted = (own: keyof ClipFilter, key: 'classId' | 'fold' | 'salience') => {
        const { [own]: _, ...others } = filter
        const groups = Map.groupBy(
          clips.filter((clip) => passes(clip, others, problems)),
          (clip) => clip[key],
        )
        return [...groups]
          .map(([value, some]) => ({ value, count: some.length }))
          .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))
      }
      expect(facets.classes).toEqual(counted('classIds', 'classId'))
      expect(facets.folds).toEqual(counted('folds', 'fold'))
      expect(facets.saliences).toEqual(counted('saliences', 'salience'))
      expect(facets.withProblems).toBe(
        clips.filter((clip) => passes(clip, { ...filter, withProblems: true }, problems)).length,
      )
    },
  )

  it.each(CLIP_SORT_KEYS.flatMap((key) => [[key, 'asc'] as const, [key, 'desc'] as const]))(
    'are sorted by %s, %s, empty ones last, and pages fit together',
    async (key, direction) => {
      fillRun(fill())
      const sort = { key, direction }
      const { rows } = await page({ runId: 'run-1' }, sort)
      const values = rows.map((row) => sortValue(row, key))
      const filled = values.filter((value) => value !== null)
      expect(values).toEqual([...filled, ...values.slice(filled.length).map(() => null)])
      const sorted = filled.toSorted((a, b) => (a < b ? -1 : a > b ? 1 : 0))
      expect(filled).toEqual(direction === 'asc' ? sorted : sorted.reverse())
      const pages = [0, 7, 14, 21, 28, 35].map((offset) => page({ runId: 'run-1' }, sort, offset, 7))
      expect((await Promise.all(pages)).flatMap((one) => one.rows)).toEqual(rows)
      for (const [position, { id: clipId }] of rows.entries())
        expect(await library.position({ datasetId: 1, filter: { runId: 'run-1' }, sort, clipId })).toBe(
          position,
        )
    },
  )

  it('carry a run’s prediction where the filter names a run', async () => {
    const clips = fill()
    const predictions = fillRun(clips)
    const { rows } = await page({ runId: 'run-1' })
    expect(rows).toHaveLength(predictions.length)
    for (const { clipId, predictedClassId, probabilities } of predictions) {
      const row = rows.find(({ id }) => id === clipId)
      expect(row?.predictedClassId).toBe(predictedClassId)
      expect(row?.confidence).toBeCloseTo(Math.max(...probabilities), 6)
    }
    const wrong = predictions.filter((one) => one.predictedClassId !== one.trueClassId)
    expect((await page({ runId: 'run-1', correct: false })).total).toBe(wrong.length)
    expect((await page({ runId: 'run-1', correct: true })).total).toBe(predictions.length - wrong.length)
    const cell = predictions.filter((one) => one.trueClassId === 0 && one.predictedClassId === 1)
    expect(cell.length).toBeGreaterThan(0)
    expect((await page({ runId: 'run-1', classIds: [0], predictedClassIds: [1] })).total).toBe(cell.length)
    expect((await library.facets(1, { runId: 'run-1', correct: false })).total).toBe(wrong.length)
    expect(await page({ runId: 'no such run' })).toEqual({ total: 0, rows: [] })
    expect((await page({})).rows[0]).toMatchObject({ predictedClassId: null, confidence: null })
  })

  it('tell everything of one of them', () => {
    const clips = fill()
    const [first] = fillRun(clips)
    const detail = clipDetail(db, first?.clipId ?? 0)
    expect(detail).toMatchObject({ datasetId: 1, className: 'siren', playable: true, problemList: [] })
    expect(detail.predictions).toMatchObject([{ runId: 'run-1', presetName: 'compact-s', fold: 1 }])
    expect(detail.predictions[0]?.probabilities).toEqual(
      CLASSES.map((_, classId) => ({ classId, probability: first?.probabilities[classId] })),
    )
    const unread = clips.find((clip) => clip.contentHash === null)
    expect(clipDetail(db, unread?.id ?? 0)).toMatchObject({
      playable: false,
      problems: 2,
      sampleRateHz: null,
    })
    expect(() => clipDetail(db, 999)).toThrow('no clip 999')
    expect(findClip(db, 999)).toBeUndefined()
    expect(findClip(db, 1)).toMatchObject({ folder: '/sixty', relativePath: 'audio/0.wav' })
  })

  it('refuse a class that the dataset has not', () => {
    fill()
    expect(() => saveClip(db, 1, { ...clipOf(70), classId: 9 })).toThrow('FOREIGN KEY')
  })
})

describe('datasets', () => {
  it('sum up their clips', () => {
    const clips = fill()
    expect(listDatasets(db)).toEqual([getDataset(db, 1)])
    expect(getDataset(db, 1)).toMatchObject({
      clips: 60,
      readableClips: 54,
      folds: [1, 2, 3],
      hasSalience: true,
      problems: 8,
      classes: CLASSES.map((name, id) => ({ id, name, clips: 20 })),
      totalDurationSeconds: clips.reduce((total, clip) => total + (clip.durationSeconds ?? 0), 0),
    })
    expect(() => getDataset(db, 2)).toThrow('no dataset 2')
  })

  it('report their problems, all of them in the counts', () => {
    fill()
    const report = validationReport(db, 1, 3)
    expect(report).toMatchObject({ clips: 60, readableClips: 54, truncated: true })
    expect(report.problems).toHaveLength(3)
    expect(report.counts).toEqual([{ code: 'missing-file', severity: 'error', count: 8 }])
    expect(validationReport(db, 1, 8).truncated).toBe(false)
  })

  it('go with everything of theirs and nothing else', () => {
    const clips = fill()
    fillRun(clips)
    runs.addEpoch(db, 'run-1', epoch(1, 1))
    createFeatureIndex(db).add('hash0', 'r', 10)
    expect(removeDataset(db, 1)).toBe(60)
    for (const table of ['datasets', 'classes', 'clips', 'problems', 'runs', 'epochs', 'predictions'])
      expect(db.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get()).toBe(0)
    expect(db.prepare('SELECT COUNT(*) FROM features').pluck().get()).toBe(1)
    expect(db.pragma('foreign_key_check')).toEqual([])
    expect(() => removeDataset(db, 1)).toThrow('no dataset 1')
  })
})

describe('features', () => {
  it('are counted by recipe, for clips that can be read', () => {
    fill()
    const index = createFeatureIndex(db)
    index.add('hash0', 'r', 10)
    index.add('hash0', 'r', 30)
    index.add('hash1', 'r', 12)
    index.add('hash2', 'another', 99)
    index.add('of no clip', 'r', 99)
    expect(featureCounts(db, 1, 'r')).toEqual({ readableClips: 54, extractedClips: 2, sizeBytes: 42 })
    index.remove('hash0', 'r')
    expect(featureCounts(db, 1, 'r')).toEqual({ readableClips: 54, extractedClips: 1, sizeBytes: 12 })
  })
})

const epoch = (fold: number, number: number) => ({
  fold,
  epoch: number,
  trainLoss: 1 / number,
  trainAccuracy: 0.5,
  innerLoss: fold === 1 ? 1.1 : null,
  innerAccuracy: fold === 1 ? 0.45 : null,
  testLoss: 2,
  testAccuracy: 0.25,
  learningRate: 0.001,
  seconds: 1.5,
})

describe('runs', () => {
  it('state their finished folds and the mean of those folds’ accuracies', async () => {
    const clips = fill()
    const predictions = fillRun(clips)
    const run = runs.getRun(db, 'run-1')
    const accuracy = (fold: number) => {
      const some = predictions.filter((one) => one.fold === fold)
      return some.filter((one) => one.predictedClassId === one.trueClassId).length / some.length
    }
    expect(run).toMatchObject({
      datasetName: 'Sixty',
      status: 'queued',
      settings,
      foldsDone: [1, 2],
      error: null,
    })
    expect(run.meanAccuracy).toBeCloseTo((accuracy(1) + accuracy(2)) / 2, 12)
    expect(run.sampleStandardDeviation).toBeCloseTo(Math.abs(accuracy(1) - accuracy(2)) / Math.SQRT2, 12)
    expect(runs.classesOfRun(db, 'run-1').map(({ name }) => name)).toEqual(CLASSES)
    const read = predictionsOf((await new Columns(db).table('run-1', {})).table)
    expect([...read.clipIds]).toEqual(predictions.map(({ clipId }) => clipId))
    expect([...read.folds]).toEqual(predictions.map(({ fold }) => fold))
    expect([...read.truth]).toEqual(predictions.map(({ trueClassId }) => trueClassId))
    expect([...read.predicted]).toEqual(predictions.map(({ predictedClassId }) => predictedClassId))
    expect([...read.probabilities]).toEqual(predictions.flatMap(({ probabilities }) => [...probabilities]))
    const recordingOf = (at: number) => clips.find(({ id }) => id === read.clipIds[at])?.recording ?? null
    for (let a = 0; a < read.clipIds.length; a += 1)
      for (let b = 0; b < a; b += 1)
        expect(read.recordings[a] === read.recordings[b]).toBe(
          recordingOf(a) !== null && recordingOf(a) === recordingOf(b),
        )
    expect(read.recordingCount).toBe(new Set(read.recordings).size)
  })

  it('have none of it before the first fold', () => {
    fill()
    runs.insertRun(db, {
      id: 'new',
      datasetId: 1,
      settings,
      settingsHash: 'h',
      dataFingerprint: 'f',
      crossing: { recordings: 0, clips: 0, first: [] },
      classes: [],
    })
    expect(runs.getRun(db, 'new')).toMatchObject({
      foldsDone: [],
      meanAccuracy: null,
      engine: null,
      jobId: null,
    })
    expect(() => runs.getRun(db, 'none')).toThrow('no run none')
  })

  it('save a fold’s predictions all or not at all', async () => {
    const clips = fill()
    const predictions = fillRun(clips)
    const [first] = predictions
    if (!first) throw new Error('No predictions.')
    const better = { ...first, predictedClassId: (first.predictedClassId + 1) % 3 }
    expect(() => addPredictions(db, 'run-1', [better, { ...first, clipId: 999 }])).toThrow('FOREIGN KEY')
    expect((await new Columns(db).run('run-1')).predicted[0]).toBe(first.predictedClassId)
  })

  it('keep status, engine, error, job and epochs', () => {
    fillRun(fill())
    const job = createJobStore(db).insert(newJob())
    runs.setRunJob(db, 'run-1', job.id)
    runs.setRunEngine(db, 'run-1', 'wasm 4.22.0')
    runs.setRunStatus(db, 'run-1', 'running')
    expect(runs.getRun(db, 'run-1')).toMatchObject({ status: 'running', finishedAt: null, jobId: job.id })
    const error = {
      code: 'training-failed',
      message: 'The loss is not a number.',
      hint: 'Lower it.',
    } as const
    runs.setRunStatus(db, 'run-1', 'failed', error)
    expect(runs.getRun(db, 'run-1')).toMatchObject({ status: 'failed', error, engine: 'wasm 4.22.0' })
    expect(runs.getRun(db, 'run-1').finishedAt).not.toBeNull()
    for (const [fold, number] of [
      [2, 1],
      [1, 2],
      [1, 1],
      [1, 2],
    ] as const)
      runs.addEpoch(db, 'run-1', epoch(fold, number))
    expect(runs.epochsOfRun(db, 'run-1')).toEqual([epoch(1, 1), epoch(1, 2), epoch(2, 1)])
  })

  it('are listed newest first, and go with what is theirs', async () => {
    const clips = fill()
    for (const id of ['a', 'b', 'c']) fillRun(clips, id)
    expect(runs.listRuns(db).map(({ id }) => id)).toEqual(['c', 'b', 'a'])
    expect(runs.listRuns(db, 2)).toEqual([])
    expect(hide(db, 'run', 'b')).toBe(true)
    expect(hide(db, 'run', 'b')).toBe(false)
    await removeHidden(db, 'run', 'b')
    expect(runs.listRuns(db, 1).map(({ id }) => id)).toEqual(['c', 'a'])
    await expect(new Columns(db).run('b')).rejects.toThrow('no run b')
  })
})

const newJob = (more: Partial<Job> = {}): Omit<Job, 'id'> => ({
  kind: 'train',
  title: 'Train',
  status: 'queued',
  step: '',
  done: 0,
  total: 0,
  createdAt: '2026-01-01T00:00:00.000Z',
  startedAt: null,
  finishedAt: null,
  error: null,
  result: null,
  runId: null,
  queuePlace: null,
  ...more,
})

describe('jobs', () => {
  it('come back as they were saved', () => {
    const store = createJobStore(db)
    const job = store.insert(newJob())
    expect(store.get(job.id)).toEqual(job)
    const done: Job = {
      ...job,
      status: 'failed',
      step: 'Fold 2',
      done: 3,
      total: 10,
      startedAt: '2026-01-01T00:00:01.000Z',
      finishedAt: '2026-01-01T00:00:02.000Z',
      error: { code: 'disk-full', message: 'Full.', hint: 'Free some space.' },
      result: { runId: 'x', values: [1, null] },
      runId: 'x',
    }
    store.update(done)
    expect(store.get(job.id)).toEqual(done)
    const second = store.insert(newJob({ title: 'Second' }))
    expect(store.list(10)).toEqual([second, done])
    expect(store.list(1)).toEqual([second])
    expect(store.get(99)).toBeUndefined()
  })

  it('and runs left open by a program that died are marked interrupted when the workspace is opened', () => {
    fillRun(fill())
    const before = createJobStore(db)
    const ids = (['queued', 'running', 'succeeded'] as const).map(
      (status) => before.insert(newJob({ status })).id,
    )
    db.close()
    db = openWorkspace(folder)
    const after = createJobStore(db)
    runs.markRunsInterrupted(db)
    expect(ids.map((id) => after.get(id)?.status)).toEqual(['interrupted', 'interrupted', 'succeeded'])
    expect(after.get(ids[0] ?? 0)?.finishedAt).not.toBeNull()
    expect(runs.getRun(db, 'run-1')).toMatchObject({ status: 'interrupted', foldsDone: [1, 2] })
  })
})
