import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toErrorShape } from '../../../src-main/contract/errors.ts'
import type { CsvMapping } from '../../../src-main/contract/model.ts'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import { importDataset, relinkDataset } from '../../../src-main/core/dataset/import.ts'
import { clipsOfDataset } from '../../../src-main/core/db/clips.ts'
import { getDataset, listDatasets } from '../../../src-main/core/db/datasets.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { problemsOfDataset } from '../../../src-main/core/db/problems.ts'
import { context, us8kRow, write, writeUs8k } from './made-up.ts'

let folder: string
let data: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-names-'))
  data = join(folder, 'data')
  mkdirSync(data)
  db = openWorkspace(join(folder, 'workspace'))
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

const importIt = (mapping?: CsvMapping) =>
  importDataset(db, { folder: data, format: 'auto', mapping }, context)
const everything = () =>
  ['datasets', 'classes', 'clips', 'problems'].map((table) => db.prepare(`SELECT * FROM ${table}`).all())
const metadata = () => readFileSync(join(data, 'metadata', 'UrbanSound8K.csv'), 'utf8')
/** A quarter of a second at 16 kHz; `seed` makes it its own. */
const sound = (seed: number) =>
  Buffer.from(
    encodeWav([Float32Array.from({ length: 4000 }, (_, n) => Math.sin((n * (seed + 1)) / 50))], 16_000),
  )
const mapping: CsvMapping = { csv: 'labels.csv', file: 'file', label: 'label', fold: 'fold' }

describe('class names', () => {
  it('of ESC are those of the clips, not of rows that were left out', async () => {
    write(data, {
      'meta.csv':
        'filename,fold,target,category\na.wav,1,0,dog\nb.wav,2,1,rooster\n' +
        'c.wav,1,,cat\nd.wav,9,1,cow\ne.wav,1,50,owl\n',
      'audio/a.wav': sound(1),
      'audio/b.wav': sound(2),
    })
    expect(await importIt()).toMatchObject({ format: 'esc', clips: 2, readableClips: 2, skippedRows: 3 })
    expect(getDataset(db, 1).classes).toEqual([
      { id: 0, name: 'dog', clips: 1 },
      { id: 1, name: 'rooster', clips: 1 },
    ])
    expect(
      problemsOfDataset(db, 1)
        .map(({ line, code }) => `${line} ${code}`)
        .sort(),
    ).toEqual(['4 malformed-row', '5 fold-out-of-range', '6 class-out-of-range'])
  })

  it('of a CSV are the labels, and labels that are all whole numbers are the ids', async () => {
    write(data, {
      'labels.csv': 'file,label,fold\na.wav,12,1\nb.wav,3,2\nc.wav,12,2\n',
      ...Object.fromEntries(['a', 'b', 'c'].map((name, seed) => [`${name}.wav`, sound(seed)])),
    })
    expect(await importIt(mapping)).toMatchObject({ clips: 3, readableClips: 3, problems: 0 })
    expect(getDataset(db, 1).classes).toEqual([
      { id: 3, name: '3', clips: 1 },
      { id: 12, name: '12', clips: 2 },
    ])
    expect(clipsOfDataset(db, 1)[0]).toMatchObject({
      sampleRateHz: 16_000,
      channels: 1,
      bitsPerSample: 16,
      durationSeconds: 0.25,
    })
  })

  it('of a CSV do not change by a row that was left out', async () => {
    write(data, {
      'labels.csv': 'file,label,fold\na.wav,3,1\nb.wav,7,2\nc.wav,unknown,nowhere\n',
      'a.wav': sound(1),
      'b.wav': sound(2),
    })
    expect(await importIt(mapping)).toMatchObject({ clips: 2, skippedRows: 1 })
    expect(getDataset(db, 1).classes).toEqual([
      { id: 3, name: '3', clips: 1 },
      { id: 7, name: '7', clips: 1 },
    ])
    expect(problemsOfDataset(db, 1)).toMatchObject([{ code: 'malformed-row', line: 4 }])
    expect(problemsOfDataset(db, 1)[0]?.message).toContain('nowhere')
  })
})

describe('links', () => {
  it('within the folder are read as any file', async () => {
    writeUs8k(data)
    renameSync(join(data, 'audio/fold1'), join(data, 'elsewhere'))
    symlinkSync(join(data, 'elsewhere'), join(data, 'audio/fold1'))
    expect(await importIt()).toMatchObject({ clips: 4, readableClips: 4, problems: 0 })
  })

  it('of a whole fold that leads out are not read', async () => {
    writeUs8k(data)
    renameSync(join(data, 'audio/fold1'), join(folder, 'outside'))
    symlinkSync(join(folder, 'outside'), join(data, 'audio/fold1'))
    expect(await importIt()).toMatchObject({ clips: 4, readableClips: 2 })
    expect(problemsOfDataset(db, 1).map(({ code, line }) => [code, line])).toEqual([
      ['path-outside-folder', 2],
      ['path-outside-folder', 3],
    ])
  })

  it('to nowhere are missing files', async () => {
    writeUs8k(data)
    rmSync(join(data, 'audio/fold1/10-0-0-0.wav'))
    symlinkSync(join(data, 'nowhere.wav'), join(data, 'audio/fold1/10-0-0-0.wav'))
    expect(await importIt()).toMatchObject({ clips: 4, readableClips: 3 })
    expect(problemsOfDataset(db, 1)).toMatchObject([{ code: 'missing-file', line: 2 }])
  })
})

describe('a second import', () => {
  it('that is cancelled leaves the first as it was', async () => {
    writeUs8k(data)
    await importIt()
    const before = everything()
    write(data, {
      'metadata/UrbanSound8K.csv': `${metadata()}${us8kRow('14-3-0-0.wav', 2, 3)}\n`,
      'audio/fold2/14-3-0-0.wav': sound(14),
    })
    const abort = new AbortController()
    const error: unknown = await importDataset(
      db,
      { folder: data, format: 'auto' },
      { signal: abort.signal, progress: (_, done) => done > 0 && abort.abort() },
    ).catch((reason) => reason)
    expect(toErrorShape(error).code).toBe('cancelled')
    expect(everything()).toEqual(before)
    expect(await importIt()).toMatchObject({ changed: true, clips: 5 })
  })

  it('of a folder whose metadata has become bad leaves the first as it was', async () => {
    writeUs8k(data)
    await importIt()
    const before = everything()
    write(data, { 'metadata/UrbanSound8K.csv': 'slice_file_name,fsID\n' })
    await expect(importIt()).rejects.toMatchObject({ code: 'malformed-csv' })
    write(data, { 'metadata/UrbanSound8K.csv': '' })
    await expect(importIt()).rejects.toMatchObject({ code: 'malformed-csv' })
    expect(everything()).toEqual(before)
  })

  it('changes nothing where rows and files are bad either', async () => {
    writeUs8k(data, [us8kRow('20-0-0-0.wav', 99, 0), 'too,few,fields', us8kRow('15-0-0-0.wav', 2, 0)])
    write(data, {
      'audio/fold1/10-0-0-0.wav': 'text',
      'audio/fold1/11-3-0-0.wav': sound(3).subarray(0, 500),
    })
    const first = await importIt()
    expect(first).toMatchObject({ clips: 5, readableClips: 3, skippedRows: 2, changed: true })
    const before = everything()
    expect(await importIt()).toEqual({ ...first, changed: false })
    expect(everything()).toEqual(before)
  })
})

describe('a moved folder', () => {
  it('that was relinked is the same dataset when it is imported again', async () => {
    writeUs8k(data)
    await importIt()
    renameSync(data, join(folder, 'moved'))
    await relinkDataset(db, 1, join(folder, 'moved'), context)
    const again = await importDataset(db, { folder: join(folder, 'moved'), format: 'auto' }, context)
    expect(again).toMatchObject({ datasetId: 1, changed: false })
    expect(listDatasets(db)).toHaveLength(1)
  })
})
