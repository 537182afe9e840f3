import { cpSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync, utimesSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { CsvMapping } from '../../../src-main/contract/model.ts'
import { clipAnnotations } from '../../../src-main/core/annotation/clip-annotations.ts'
import { verdictKind } from '../../../src-main/core/audit/verdict-kind.ts'
import {
  type ImportRequest,
  importDataset,
  relinkDataset,
  revalidate,
} from '../../../src-main/core/dataset/import.ts'
import { type ClipRecord, clipsOfDataset } from '../../../src-main/core/db/clips.ts'
import { getDataset, listDatasets, removeDataset } from '../../../src-main/core/db/datasets.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { addPredictions } from '../../../src-main/core/db/predictions.ts'
import { insertRun } from '../../../src-main/core/db/runs.ts'
import { insertVerdictSet, removeVerdictSet } from '../../../src-main/core/db/verdicts.ts'
import type { ChangeKind } from '../../../src-main/core/history/change-kind.ts'
import { Journal } from '../../../src-main/core/history/journal.ts'
import { clipTags } from '../../../src-main/core/tags/clip-tags.ts'
import { runPlan } from '../../support/run-plan.ts'
import { context, US8K_HEADER, us8kRow, wav, write, writeUs8k } from './made-up.ts'

let folder: string
let data: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-again-'))
  data = join(folder, 'data')
  writeUs8k(data)
  db = openWorkspace(join(folder, 'workspace'))
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

const importIt = (more: Partial<ImportRequest> = {}) =>
  importDataset(db, { folder: data, format: 'auto', ...more }, context)
/** Every row of every table, to see whether anything was written. */
const everything = () =>
  ['datasets', 'classes', 'clips', 'problems'].map((table) => db.prepare(`SELECT * FROM ${table}`).all())
const metadata = () => join(data, 'metadata', 'UrbanSound8K.csv')

describe('importing a folder again', () => {
  it('writes nothing when nothing differs', async () => {
    const first = await importIt()
    const before = everything()
    expect(await importIt({ folder: `${data}/` })).toEqual({ ...first, changed: false })
    expect(everything()).toEqual(before)
  })

  it('reads a file of the same size and time no second time, and another one again', async () => {
    await importIt()
    const [first, second] = clipsOfDataset(db, 1)
    const paths = [first, second].map((clip) => join(data, clip?.relativePath ?? ''))
    const times = new Date(first?.modifiedMs ?? 0)
    write(data, { [first?.relativePath ?? '']: wav(0.5, 100), [second?.relativePath ?? '']: wav(0.5, 101) })
    utimesSync(paths[0] ?? '', times, times)
    utimesSync(paths[1] ?? '', times, new Date(times.getTime() + 5000))
    expect(await importIt()).toMatchObject({ changed: true })
    const [firstAgain, secondAgain] = clipsOfDataset(db, 1)
    expect(firstAgain).toEqual(first)
    expect(secondAgain?.contentHash).not.toBe(second?.contentHash)
    expect(secondAgain?.id).toBe(second?.id)
  })

  it('takes over changed, new and dropped rows, and keeps the ids of the others', async () => {
    await importIt()
    const before = clipsOfDataset(db, 1)
    const changed = readFileSync(metadata(), 'utf8')
      .replace(us8kRow('10-0-0-0.wav', 1, 0), us8kRow('10-0-0-0.wav', 1, 2))
      .replace(`${us8kRow('12-0-0-0.wav', 2, 0)}\n`, '')
    write(data, {
      'metadata/UrbanSound8K.csv': `${changed}${us8kRow('14-3-0-0.wav', 2, 3)}\n`,
      'audio/fold2/14-3-0-0.wav': wav(0.5, 14),
    })
    expect(await importIt()).toMatchObject({ changed: true, clips: 4, datasetId: 1 })
    const after = new Map(clipsOfDataset(db, 1).map((clip) => [clip.fileName, clip]))
    expect(after.get('10-0-0-0.wav')).toMatchObject({ id: before[0]?.id, classId: 2 })
    expect(after.get('13-3-0-0.wav')?.id).toBe(before[3]?.id)
    expect(after.has('12-0-0-0.wav')).toBe(false)
    expect(getDataset(db, 1).classes).toEqual([
      { id: 2, name: 'children_playing', clips: 1 },
      { id: 3, name: 'dog_bark', clips: 3 },
    ])
  })

  it('finds a file that was missing before', async () => {
    rmSync(join(data, 'audio/fold1/10-0-0-0.wav'))
    expect(await importIt()).toMatchObject({ readableClips: 3, problems: 1 })
    write(data, { 'audio/fold1/10-0-0-0.wav': wav(0.5, 10) })
    expect(await importIt()).toMatchObject({ readableClips: 4, problems: 0, changed: true })
  })

  it('saves a new mapping that gives the same numbers', async () => {
    write(data, {
      'labels.csv':
        'path,place,number,label\n./audio/fold1/10-0-0-0.wav,1,0,horn\naudio/fold1/11-3-0-0.wav,2,1,siren\n',
    })
    const mapping: CsvMapping = { csv: 'labels.csv', file: 'path', label: 'number', fold: 'place' }
    await importIt({ format: 'csv', mapping })
    expect(await importIt({ format: 'csv', mapping })).toMatchObject({ changed: false })
    expect(getDataset(db, 1).classes.map(({ name }) => name)).toEqual(['0', '1'])
    await importIt({ format: 'csv', mapping: { ...mapping, label: 'label' } })
    expect(getDataset(db, 1).classes.map(({ name }) => name)).toEqual(['horn', 'siren'])
  })

  describe('of clips that a run has predicted', () => {
    const NAME = '13-3-0-0.wav'
    const PLACE = `audio/fold2/${NAME}`
    const predictions = () => db.prepare('SELECT * FROM predictions ORDER BY clip_id').all()
    const listed = (fold: number) =>
      write(data, {
        'metadata/UrbanSound8K.csv': readFileSync(metadata(), 'utf8').replace(
          us8kRow(NAME, 2, 3),
          us8kRow(NAME, fold, 3),
        ),
      })

    beforeEach(async () => {
      await importIt()
      const { classes } = getDataset(db, 1)
      insertRun(db, runPlan({ id: 'run', datasetId: 1, classes }))
      addPredictions(
        db,
        'run',
        clipsOfDataset(db, 1).map(({ id, fold, classId }) => ({
          ...{ clipId: id, fold, trueClassId: classId, predictedClassId: classId },
          probabilities: Float32Array.from(classes, (info) => Number(info.id === classId)),
        })),
      )
    })

    it('one whose file was moved to another fold stays the same clip, predictions and all', async () => {
      const [before, clips] = [predictions(), clipsOfDataset(db, 1)]
      renameSync(join(data, PLACE), join(data, `audio/fold1/${NAME}`))
      listed(1)
      expect(await importIt()).toMatchObject({ changed: true, clips: 4, keptAside: 0, unpredicted: 0 })
      expect(predictions()).toEqual(before)
      const moved = (clip: ClipRecord) =>
        clip.fileName === NAME ? { ...clip, fold: 1, relativePath: `audio/fold1/${NAME}` } : clip
      expect(clipsOfDataset(db, 1)).toEqual(clips.map(moved))
    })

    it('one with another sound of its name in another fold is a new clip, and it is said what is lost', async () => {
      const before = predictions()
      renameSync(join(data, PLACE), join(data, `audio/fold1/${NAME}`))
      write(data, { [`audio/fold1/${NAME}`]: wav(0.5, 99) })
      listed(1)
      expect(await importIt()).toMatchObject({ clips: 4, unpredicted: 1 })
      expect(predictions()).toHaveLength(before.length - 1)
      expect(await importIt()).toMatchObject({ changed: false, unpredicted: 0 })
    })
  })

  describe('keeps what people made of a clip that is gone', () => {
    const NAME = '13-3-0-0.wav'
    const idOf = (name = NAME) => clipsOfDataset(db, 1).find(({ fileName }) => fileName === name)?.id ?? 0
    const by = { author: 'Anna', session: 'a' }
    const tables = ['clip_tags', 'annotations', 'verdicts', 'change_clips']
    const made = () => tables.map((table) => db.prepare(`SELECT * FROM ${table} ORDER BY 1, 2`).all())
    const listed = (rows: readonly string[]) =>
      write(data, { 'metadata/UrbanSound8K.csv': `${[US8K_HEADER, ...rows].join('\n')}\n` })
    const [own, ...others] = [
      us8kRow(NAME, 2, 3),
      us8kRow('10-0-0-0.wav', 1, 0),
      us8kRow('11-3-0-0.wav', 1, 3),
      us8kRow('12-0-0-0.wav', 2, 0),
    ]
    let journal: Journal
    let setId: number

    beforeEach(async () => {
      await importIt()
      journal = new Journal(db, () => {})
      setId = insertVerdictSet(db, { datasetId: 1, name: 'mine', forkedFrom: null })
      const change = <S, T>(kind: ChangeKind<S, T>, subject: S, after: T) =>
        journal.record(kind, { by, datasetId: 1, items: [{ subject, after }], title: () => kind.name })
      change(clipTags, { clipId: idOf(), tag: 'near' }, true)
      const times = { createdAt: '2026-01-01T00:00:00.000Z', changedAt: '2026-01-01T00:00:00.000Z' }
      const place = { startSeconds: 0.1 + 0.2, endSeconds: 1 / 3, lowHz: 100 / 3, highHz: 4000.7 }
      const said = {
        label: 'bark',
        salience: null,
        confidence: 0.7,
        note: 'n',
        author: 'Anna',
        extra: { a: 'b' },
      }
      change(clipAnnotations, { clipId: idOf(), id: crypto.randomUUID() }, { ...place, ...said, ...times })
      change(
        verdictKind,
        { setId, clipId: idOf(), author: 'Anna' },
        { decision: 'exclude', classId: null, note: 'hum', final: true, decidedAt: times.createdAt },
      )
    })

    it('and gives it back, exactly, with the clip', async () => {
      const [before, id] = [made(), idOf()]
      listed(others)
      expect(await importIt()).toMatchObject({ clips: 3, keptAside: 1 })
      expect(made()).toEqual([[], [], [], []])
      expect(() => journal.undo(by)).toThrow(/no longer in the dataset/)
      // Another clip takes neither its number nor what was said of it.
      write(data, { 'audio/fold2/14-3-0-0.wav': wav(0.5, 14) })
      listed([...others, us8kRow('14-3-0-0.wav', 2, 3)])
      expect(await importIt()).toMatchObject({ clips: 4, keptAside: 1 })
      expect(idOf('14-3-0-0.wav')).toBeGreaterThan(id)
      expect(made()).toEqual([[], [], [], []])
      listed([...others, own ?? ''])
      expect(await importIt()).toMatchObject({ clips: 4, keptAside: 0 })
      expect(idOf()).toBe(id)
      expect(made()).toEqual(before)
      expect(new Journal(db, () => {}).undo(by)).toMatchObject({ kind: 'verdicts' })
    })

    it('also where its file was moved to another fold, and not for another sound of its name', async () => {
      const before = made()
      listed([...others, us8kRow(NAME, 1, 3)])
      write(data, { [`audio/fold1/${NAME}`]: wav(0.5, 99) })
      expect(await importIt()).toMatchObject({ clips: 4, keptAside: 1 })
      write(data, { [`audio/fold1/${NAME}`]: readFileSync(join(data, `audio/fold2/${NAME}`)) })
      listed(others)
      await importIt()
      listed([...others, us8kRow(NAME, 1, 3)])
      expect(await importIt()).toMatchObject({ clips: 4, keptAside: 0 })
      expect(made()).toEqual(before)
    })

    it('but no verdicts of a set that was removed, and nothing of a dataset that was', async () => {
      listed(others)
      await importIt()
      removeVerdictSet(db, setId)
      listed([...others, own ?? ''])
      await importIt()
      expect(made().map((rows) => rows.length)).toEqual([1, 1, 0, 3])
      listed(others)
      await importIt()
      removeDataset(db, 1)
      const kept = ['kept_clips', ...tables.map((table) => `kept_${table}`)]
      expect(kept.flatMap((table) => db.prepare(`SELECT * FROM ${table}`).all())).toEqual([])
    })
  })

  it.each([0, 1, 2, 4])('writes nothing when it is cancelled after %i files', async (files) => {
    const abort = new AbortController()
    const progress = (_: string, done: number, total: number) => {
      if (total > 0 && done >= files) abort.abort()
      if (total === 0 && files === 0) abort.abort()
    }
    await expect(
      importDataset(db, { folder: data, format: 'auto' }, { signal: abort.signal, progress }),
    ).rejects.toThrow(/cancel|abort/i)
    expect(everything().flat()).toEqual([])
  })
})

describe('a CSV with a mapping', () => {
  const mapping: CsvMapping = {
    csv: 'labels.csv',
    file: 'path',
    label: 'label',
    fold: 'fold',
    group: 'take',
    salience: 'salience',
    start: 'from',
    end: 'to',
  }
  it('numbers its labels alphabetically and reads every column', async () => {
    write(data, {
      'labels.csv':
        'label,path,fold,take,salience,from,to\n' +
        'siren,audio/fold1/10-0-0-0.wav,3,A,1,1.5,2.0\n' +
        '"horn, loud",audio\\fold1\\11-3-0-0.wav,4,B,2,,\n' +
        ',audio/fold2/12-0-0-0.wav,4,C,2,,\n',
    })
    expect(await importIt({ format: 'csv', mapping, name: 'Mine' })).toMatchObject({
      clips: 2,
      skippedRows: 1,
    })
    const dataset = getDataset(db, 1)
    expect(dataset).toMatchObject({ name: 'Mine', format: 'csv', folds: [3, 4], hasSalience: true })
    expect(dataset.classes).toEqual([
      { id: 0, name: 'horn, loud', clips: 1 },
      { id: 1, name: 'siren', clips: 1 },
    ])
    expect(clipsOfDataset(db, 1)).toMatchObject([
      { classId: 1, fold: 3, recording: 'A', salience: 1, startSeconds: 1.5, endSeconds: 2, line: 2 },
      { classId: 0, fold: 4, relativePath: 'audio/fold1/11-3-0-0.wav', startSeconds: null, endSeconds: null },
    ])
  })

  it.each(['../labels.csv', '/labels.csv', 'a/../../labels.csv'])(
    'must lie in the folder, unlike %s',
    async (csv) => {
      write(folder, { 'labels.csv': 'label,path,fold\n' })
      await expect(importIt({ format: 'csv', mapping: { ...mapping, csv } })).rejects.toMatchObject({
        code: 'invalid-input',
      })
    },
  )

  it('names a column and a file that are not there', async () => {
    write(data, { 'labels.csv': 'label,path\nx,y\n' })
    await expect(importIt({ format: 'csv', mapping })).rejects.toMatchObject({
      code: 'malformed-csv',
      message: expect.stringContaining('"fold"'),
    })
    await expect(importIt({ format: 'csv', mapping: { ...mapping, csv: 'no.csv' } })).rejects.toMatchObject({
      code: 'missing-file',
      message: expect.stringContaining('no.csv'),
    })
  })
})

describe('validating', () => {
  it('reports what has become of the files', async () => {
    await importIt()
    rmSync(join(data, 'audio/fold1/10-0-0-0.wav'))
    write(data, { 'audio/fold1/11-3-0-0.wav': 'text' })
    const report = await revalidate(db, 1, context)
    expect(report).toMatchObject({ clips: 4, readableClips: 2 })
    expect(report.problems.map(({ code }) => code)).toEqual(['missing-file', 'unreadable-file'])
  })

  it('never takes over other labels', async () => {
    await importIt()
    const before = everything()
    write(data, { 'metadata/UrbanSound8K.csv': [US8K_HEADER, us8kRow('10-0-0-0.wav', 1, 3), ''].join('\n') })
    await expect(revalidate(db, 1, context)).rejects.toMatchObject({
      code: 'conflict',
      hint: expect.stringContaining(data),
    })
    expect(everything()).toEqual(before)
  })

  it('says where to go when the folder is gone, and keeps the dataset', async () => {
    await importIt()
    const before = everything()
    renameSync(data, `${data}-moved`)
    await expect(revalidate(db, 1, context)).rejects.toMatchObject({
      code: 'missing-file',
      message: expect.stringContaining(data),
      hint: expect.stringContaining('relink'),
    })
    expect(everything()).toEqual(before)
  })

  it('makes no second dataset when the folder has become a link', async () => {
    await importIt()
    renameSync(data, `${data}-moved`)
    symlinkSync(`${data}-moved`, data)
    await revalidate(db, 1, context)
    expect(listDatasets(db)).toHaveLength(1)
  })
})

describe('relinking', () => {
  it('follows a moved folder and keeps every id', async () => {
    await importIt()
    const before = clipsOfDataset(db, 1)
    renameSync(data, `${data}-moved`)
    expect(await relinkDataset(db, 1, `${data}-moved`, context)).toMatchObject({
      datasetId: 1,
      readableClips: 4,
    })
    expect(getDataset(db, 1).folder).toBe(`${data}-moved`)
    expect(clipsOfDataset(db, 1)).toEqual(before)
  })

  it('takes metadata that says the same in other bytes', async () => {
    await importIt()
    cpSync(data, `${data}-copy`, { recursive: true })
    const [header = '', ...rows] = readFileSync(metadata(), 'utf8').trim().split('\n')
    write(`${data}-copy`, { 'metadata/UrbanSound8K.csv': [header, ...rows.reverse()].join('\r\n') })
    await relinkDataset(db, 1, `${data}-copy`, context)
    expect(await revalidate(db, 1, context)).toMatchObject({ clips: 4, readableClips: 4, problems: [] })
  })

  it.each([
    ['other labels', (to: string) => writeUs8k(to, [us8kRow('14-3-0-0.wav', 2, 3)])],
    ['no audio', (to: string) => write(to, { 'metadata/UrbanSound8K.csv': readFileSync(metadata()) })],
  ])('refuses a folder with %s and changes nothing', async (_, make) => {
    await importIt()
    const before = everything()
    make(join(folder, 'other'))
    await expect(relinkDataset(db, 1, join(folder, 'other'), context)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(join(folder, 'other')),
    })
    expect(everything()).toEqual(before)
  })

  it('refuses another dataset’s folder, and one that is no dataset', async () => {
    await importIt()
    cpSync(data, `${data}-copy`, { recursive: true })
    await importIt({ folder: `${data}-copy` })
    await expect(relinkDataset(db, 1, `${data}-copy`, context)).rejects.toMatchObject({ code: 'conflict' })
    await expect(relinkDataset(db, 1, join(data, 'audio'), context)).rejects.toMatchObject({
      code: 'not-a-dataset',
    })
    await expect(relinkDataset(db, 7, data, context)).rejects.toMatchObject({ code: 'not-found' })
  })
})
