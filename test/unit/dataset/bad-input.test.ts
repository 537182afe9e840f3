import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Problem } from '../../../src-main/contract/model.ts'
import { type ImportRequest, importDataset } from '../../../src-main/core/dataset/import.ts'
import { clipsOfDataset } from '../../../src-main/core/db/clips.ts'
import { listDatasets } from '../../../src-main/core/db/datasets.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { validationReport } from '../../../src-main/core/db/problems.ts'
import { context, US8K_HEADER, us8kRow, wav, write, writeUs8k } from './made-up.ts'

let folder: string
let data: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-bad-'))
  data = join(folder, 'data')
  mkdirSync(data)
  db = openWorkspace(join(folder, 'workspace'))
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

const importIt = (more: Partial<ImportRequest> = {}) =>
  importDataset(db, { folder: data, format: 'auto', ...more }, context)
const problems = (code?: Problem['code']) =>
  validationReport(db, 1, 1000).problems.filter((problem) => !code || problem.code === code)

async function refused(more: Partial<ImportRequest> = {}) {
  const error: unknown = await importIt(more).then(
    () => {
      throw new Error('It was imported.')
    },
    (reason) => reason,
  )
  expect(listDatasets(db)).toEqual([])
  expect(db.prepare('SELECT COUNT(*) FROM clips').pluck().get()).toBe(0)
  return error
}

describe('a folder that is no dataset', () => {
  it('is told what was looked for, and nothing is written', async () => {
    write(data, { 'notes.txt': 'x' })
    expect(await refused()).toMatchObject({
      code: 'not-a-dataset',
      message: expect.stringContaining(data),
      hint: expect.stringMatching(/metadata\/UrbanSound8K\.csv.*meta\/esc50\.csv.*CSV/),
    })
  })

  it.each([
    ['is not there', () => rmSync(data, { recursive: true })],
    [
      'is a file',
      () => {
        rmSync(data, { recursive: true })
        writeFileSync(data, 'x')
      },
    ],
  ])('is named when it %s', async (_, make) => {
    make()
    expect(await refused()).toMatchObject({ code: 'not-a-dataset', message: expect.stringContaining(data) })
  })

  it('is told of a dataset just below or above', async () => {
    writeUs8k(join(data, 'UrbanSound8K'))
    expect(await refused()).toMatchObject({ hint: expect.stringContaining(join(data, 'UrbanSound8K')) })
    expect(await refused({ folder: join(data, 'UrbanSound8K', 'audio') })).toMatchObject({
      hint: expect.stringContaining(join(data, 'UrbanSound8K')),
    })
  })

  it('is refused when it is of another format than the one asked for', async () => {
    writeUs8k(data)
    expect(await refused({ format: 'esc' })).toMatchObject({ code: 'not-a-dataset' })
    expect(await refused({ format: 'csv' })).toMatchObject({ code: 'invalid-input' })
  })
})

describe('a bad CSV', () => {
  it('with a missing column is refused with its name and the columns there are', async () => {
    write(data, { 'metadata/UrbanSound8K.csv': 'slice_file_name,fsID,start,end,salience,classID,class\n' })
    expect(await refused()).toMatchObject({
      code: 'malformed-csv',
      message: expect.stringContaining('"fold"'),
      hint: expect.stringContaining('slice_file_name, fsID'),
    })
  })

  it.each([
    ['empty', '', 'malformed-csv'],
    ['of a header alone', `${US8K_HEADER}\n`, 'not-a-dataset'],
    ['without any usable row', `${US8K_HEADER}\n${us8kRow('1-0-0-0.wav', 99, 0)}\n`, 'not-a-dataset'],
    ['with a quote that never ends', `${US8K_HEADER}\n"1-0-0-0.wav,1,0,1,1,1,0,x\n`, 'malformed-csv'],
  ])('%s is refused', async (_, text, code) => {
    write(data, { 'metadata/UrbanSound8K.csv': text })
    expect(await refused()).toMatchObject({ code, message: expect.stringMatching(/\S/) })
  })

  it('with bad rows is imported without them, each named by line and file', async () => {
    writeUs8k(data, [
      us8kRow('20-0-0-0.wav', 99, 0), // line 6
      us8kRow('21-0-0-0.wav', 1, 10),
      'too,few,fields',
      us8kRow('../../../etc/passwd', 1, 0),
      us8kRow('/etc/passwd', 1, 0),
      us8kRow('22\0.wav', 1, 0),
      us8kRow('10-0-0-0.wav', 1, 0),
      us8kRow('23-0-0-0.wav', 'one', 0),
      us8kRow('', 1, 0),
      '24-0-0-0.wav,24,zero,1,1,1,0,air_conditioner',
      '25-0-0-0.wav,25,0,1,3,1,0,air_conditioner',
    ])
    const result = await importIt()
    expect(result).toMatchObject({ clips: 4, readableClips: 4, skippedRows: 11 })
    const rows = problems().map(({ line, code, severity, clipId }) => ({ line, code, severity, clipId }))
    const row = (line: number, code: Problem['code']) => ({ line, code, severity: 'error', clipId: null })
    expect(rows.sort((a, b) => (a.line ?? 0) - (b.line ?? 0))).toEqual([
      row(6, 'fold-out-of-range'),
      row(7, 'class-out-of-range'),
      row(8, 'malformed-row'),
      row(9, 'path-outside-folder'),
      row(10, 'path-outside-folder'),
      row(11, 'path-outside-folder'),
      row(12, 'duplicate-row'),
      row(13, 'malformed-row'),
      row(14, 'malformed-row'),
      row(15, 'malformed-row'),
      row(16, 'malformed-row'),
    ])
    const [fold] = problems('fold-out-of-range')
    expect(fold?.message).toContain('20-0-0-0.wav')
    expect(fold?.message).toContain('99')
    expect(problems('duplicate-row')[0]?.message).toContain('line 2')
  })

  it('with a BOM, CRLF, quotes and empty lines is fine, and lines are counted as an editor does', async () => {
    writeUs8k(data)
    const rows = [US8K_HEADER, '', us8kRow('"10-0-0-0.wav"', 1, 0, '10'), '', us8kRow('x.wav', 99, 0), '']
    write(data, { 'metadata/UrbanSound8K.csv': `\uFEFF${rows.join('\r\n')}` })
    expect(await importIt()).toMatchObject({ clips: 1, readableClips: 1, skippedRows: 1 })
    expect(clipsOfDataset(db, 1)[0]).toMatchObject({ line: 3, fileName: '10-0-0-0.wav' })
    expect(problems('fold-out-of-range')[0]?.line).toBe(5)
  })
})

describe('a bad audio file', () => {
  it.each([
    ['zero bytes', Buffer.alloc(0)],
    ['text named .wav', 'this is no sound'],
    ['a WAV cut within its header', wav(0.5, 9).subarray(0, 30)],
    ['a WAV with no samples', wav(0, 9)],
  ])('of %s stays as a clip without audio and is reported with the reason', async (_, content) => {
    writeUs8k(data)
    write(data, { 'audio/fold1/10-0-0-0.wav': content })
    expect(await importIt()).toMatchObject({ clips: 4, readableClips: 3, skippedRows: 0 })
    expect(problems()).toMatchObject([
      { code: 'unreadable-file', severity: 'error', line: 2, file: 'audio/fold1/10-0-0-0.wav' },
    ])
    expect(problems()[0]?.message).toContain('10-0-0-0.wav')
    expect(clipsOfDataset(db, 1)[0]).toMatchObject({
      contentHash: null,
      sizeBytes: null,
      durationSeconds: null,
    })
  })

  it('that is cut short is reported', async () => {
    writeUs8k(data)
    write(data, { 'audio/fold1/10-0-0-0.wav': wav(0.5, 9).subarray(0, 2000) })
    // At every look: what was read before is not taken for whole.
    for (const _time of [1, 2]) {
      await importIt()
      expect(problems().map(({ code }) => code)).toEqual(['truncated-file', 'wrong-duration'])
      expect(problems()[0]?.message).toContain('10-0-0-0.wav')
    }
  })

  it('that is missing, a folder, or a link out of the dataset is reported and not read', async () => {
    writeUs8k(data)
    write(folder, { 'outside.wav': wav(0.5, 1) })
    for (const name of ['fold1/10-0-0-0.wav', 'fold1/11-3-0-0.wav', 'fold2/12-0-0-0.wav'])
      rmSync(join(data, 'audio', name))
    mkdirSync(join(data, 'audio/fold1/11-3-0-0.wav'))
    symlinkSync(join(folder, 'outside.wav'), join(data, 'audio/fold2/12-0-0-0.wav'))
    expect(await importIt()).toMatchObject({ clips: 4, readableClips: 1 })
    expect(problems().map(({ line, code }) => [line, code])).toEqual([
      [2, 'missing-file'],
      [3, 'missing-file'],
      [4, 'path-outside-folder'],
    ])
  })
})

describe('clips that disagree', () => {
  it('by content, duration and recording are named', async () => {
    writeUs8k(data, [us8kRow('10-0-0-1.wav', 2, 0)])
    write(data, {
      'audio/fold2/10-0-0-1.wav': wav(0.5, 0), // recording 10 is in fold 1, and this is its first clip's sound
      'audio/fold2/13-3-0-0.wav': wav(0.6, 3), // the metadata says 0.5 s
      'audio/fold1/spare.wav': wav(0.5, 50),
    })
    await importIt()
    expect(problems('duplicate-content').map(({ file, severity }) => [file, severity])).toEqual([
      ['audio/fold1/10-0-0-0.wav', 'error'],
      ['audio/fold2/10-0-0-1.wav', 'error'],
    ])
    expect(problems('duplicate-content')[0]?.message).toContain('audio/fold2/10-0-0-1.wav')
    expect(problems('wrong-duration')).toMatchObject([{ file: 'audio/fold2/13-3-0-0.wav', line: 5 }])
    expect(problems('wrong-duration')[0]?.message).toMatch(/0\.600 s.*0\.500 s/)
    expect(problems('recording-crosses-folds')[0]?.message).toMatch(/10 .*fold 1.*air_conditioner.*fold 2/)
    expect(problems('unlisted-file')).toMatchObject([{ file: 'audio/fold1/spare.wav', clipId: null }])
    expect(problems()).toHaveLength(5)
  })

  it('by a rounding of 0.05 s are fine', async () => {
    writeUs8k(data)
    write(data, { 'audio/fold2/13-3-0-0.wav': wav(0.549, 3) })
    await importIt()
    expect(problems()).toEqual([])
  })
})
