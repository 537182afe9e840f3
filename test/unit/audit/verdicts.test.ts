import { mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { parse } from 'csv-parse/sync'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MethodInput } from '../../../src-main/contract/api.ts'
import { writtenFolderSchema } from '../../../src-main/contract/report.ts'
import { verdictFileSchema } from '../../../src-main/contract/verdict.ts'
import { clipsOfDataset } from '../../../src-main/core/db/clips.ts'
import { MIGRATIONS, openWorkspace } from '../../../src-main/core/db/open.ts'
import {
  jobResult,
  type OpenedDataset,
  openOn,
  US8K_ROWS,
  us8kText,
  writeUs8k,
} from '../../support/audit-workspace.ts'
import { fillWorkspace } from '../../support/large-workspace.ts'

const ANNA = { author: 'Anna', session: 'a' }
const BEN = { author: 'Ben', session: 'b' }
const [DOG, SIREN] = [3, 8]

let root: string
let folder: string
let opened: OpenedDataset
let ids: number[]
let setId: number
beforeEach(async () => {
  root = mkdtempSync(join(tmpdir(), 'soundfold-verdicts-'))
  folder = join(root, 'us8k')
  writeUs8k(folder)
  opened = await openOn(folder, join(root, 'workspace'))
  const { core, datasetId } = opened
  const sort = { key: 'fileName', direction: 'asc' } as const
  ids = (await core.call('clips.ids', { datasetId, sort, offset: 0, limit: 100 })).ids
  setId = (await core.call('verdicts.create', { datasetId, name: 'First look' })).id
})
afterEach(async () => {
  await opened.core.close()
  rmSync(root, { recursive: true, force: true })
})

type Decided = Omit<MethodInput<'verdicts.decide'>, 'setId' | 'by' | 'clips'>
const decide = (places: number[], what: Decided, by = ANNA, set = setId) =>
  opened.core.call('verdicts.decide', {
    ...what,
    ...{ setId: set, by, clips: { clipIds: places.map((place) => ids[place] ?? 0) } },
  })
const said = async (set = setId) =>
  (await opened.core.call('verdicts.list', { setId: set })).verdicts
    .toSorted((a, b) => ids.indexOf(a.clipId) - ids.indexOf(b.clipId))
    .map(({ clipId, author, decision, classId, note }) =>
      [ids.indexOf(clipId), author, decision, classId, note].filter((part) => part !== null && part !== ''),
    )
const described = async (set = setId) =>
  (await opened.core.call('verdicts.sets', { datasetId: opened.datasetId })).find(({ id }) => id === set)

describe('a verdict', () => {
  it('is kept with what was said before it, and undone and redone as one change', async () => {
    await decide([0], { decision: 'unsure', note: 'faint' })
    const change = await decide([0, 1, 2], { decision: 'relabel', classId: SIREN })
    expect(change).toMatchObject({ items: 3, title: '3 clips relabelled as “siren”', author: 'Anna' })
    expect(await said()).toEqual([
      [0, 'Anna', 'relabel', SIREN, 'faint'],
      [1, 'Anna', 'relabel', SIREN],
      [2, 'Anna', 'relabel', SIREN],
    ])
    await opened.core.call('history.undo', { by: ANNA })
    expect(await said()).toEqual([[0, 'Anna', 'unsure', 'faint']])
    await opened.core.call('history.redo', { by: ANNA })
    expect(await said()).toHaveLength(3)
    const history = await opened.core.call('verdicts.history', { setId, clipId: ids[0] ?? 0 })
    expect(history.map(({ decision, before }) => [before?.decision, decision])).toEqual([
      ['unsure', 'relabel'],
      ['relabel', 'unsure'],
      ['unsure', 'relabel'],
      [undefined, 'unsure'],
    ])
    // Redone, it is the decision of then.
    expect(history[0]?.decidedAt).toBe(history[2]?.decidedAt)
    expect(Date.parse(history[0]?.recordedAt ?? '')).toBeGreaterThan(Date.parse(history[2]?.recordedAt ?? ''))
    const clip = await opened.core.call('clips.get', { clipId: ids[0] ?? 0 })
    expect(clip.classId).toBe(DOG)
  })

  it('said again changes nothing; a note alone keeps the decision; taken back, it is gone', async () => {
    await decide([0], { decision: 'exclude' })
    expect(await decide([0], { decision: 'exclude' })).toBeNull()
    await decide([0, 1], { note: 'wind' })
    expect(await said()).toEqual([
      [0, 'Anna', 'exclude', 'wind'],
      [1, 'Anna', 'wind'],
    ])
    expect((await described())?.counts).toMatchObject({ exclude: 1, keep: 0 })
    await decide([0], { decision: null, note: '' })
    expect(await said()).toEqual([[1, 'Anna', 'wind']])
  })

  it('is refused for a class or clip that is not there, and without a class to relabel to', async () => {
    await expect(decide([0], { decision: 'relabel', classId: 5 })).rejects.toThrow('no class 5')
    await expect(decide([0], { decision: 'relabel' })).rejects.toThrow('a class is named')
    await expect(decide([0], { decision: 'keep', classId: DOG })).rejects.toThrow('a class is named')
    await expect(decide([99], { decision: 'keep' })).rejects.toThrow('No clip is selected')
    await expect(decide([0], { decision: 'keep' }, ANNA, 99)).rejects.toThrow('no verdict set 99')
    expect(await said()).toEqual([])
  })

  it('is never altered, and goes with its set or dataset only', async () => {
    await decide([0], { decision: 'keep' })
    await opened.core.close()
    const db = openWorkspace(join(root, 'workspace'))
    expect(() => db.exec(`UPDATE verdicts SET decision = 'exclude'`)).toThrow('never changed')
    db.exec('DELETE FROM datasets')
    expect(db.prepare('SELECT COUNT(*) FROM verdicts').pluck().get()).toBe(0)
    db.close()
  })

  it('of a filter’s clips is one change', async () => {
    await opened.core.call('verdicts.decide', {
      ...{ setId, by: ANNA, decision: 'exclude' },
      clips: { filter: { recordings: ['101'] }, except: [ids[3] ?? 0] },
    })
    expect((await described())?.counts.exclude).toBe(2)
  })
})

describe('two authors', () => {
  it('who differ leave the label as it is until somebody settles it', async () => {
    await decide([0, 1], { decision: 'exclude' })
    await decide([0], { decision: 'keep' }, BEN)
    await decide([1, 2], { decision: 'exclude' }, BEN)
    expect((await described())?.counts).toEqual({ keep: 0, relabel: 0, exclude: 2, unsure: 0, disputed: 1 })
    const agreement = { setId, first: 'Anna', second: 'Ben' }
    expect(await opened.core.call('verdicts.agreement', agreement)).toMatchObject({
      ...{ clips: 2, agreed: 1, kappa: 0 },
      differing: [{ clipId: ids[0], first: { decision: 'exclude' }, second: { decision: 'keep' } }],
    })
    await decide([0], { decision: 'keep', final: true }, BEN)
    expect((await described())?.counts).toMatchObject({ keep: 1, disputed: 0 })
  })
})

describe('a set', () => {
  it('that is forked says the same, goes its own way, and is merged again with conflicts shown', async () => {
    await decide([0, 1, 2], { decision: 'exclude' })
    const { core } = opened
    const fork = await core.call('verdicts.fork', { setId, name: 'Second look', by: BEN })
    expect(fork).toMatchObject({ forkedFrom: { name: 'First look' }, counts: { exclude: 3 } })
    expect(fork.fingerprint).toBe((await described())?.fingerprint)
    await decide([0], { decision: 'keep' }, ANNA, fork.id)
    await decide([3], { decision: 'relabel', classId: DOG }, BEN, fork.id)
    await decide([1], { decision: 'exclude' }, BEN, fork.id)
    await decide([2], { decision: 'unsure' })
    expect((await described(fork.id))?.fingerprint).not.toBe(fork.fingerprint)

    const both = { setId, fromSetId: fork.id }
    expect(await core.call('verdicts.mergePreview', both)).toMatchObject({
      ...{ added: 1, same: 1 },
      conflicts: [
        { clipId: ids[0], labelClassId: DOG, ours: { decision: 'exclude' }, theirs: { decision: 'keep' } },
        { clipId: ids[2], ours: { decision: 'unsure' }, theirs: { decision: 'exclude' } },
      ],
    })
    await expect(core.call('verdicts.merge', { ...both, by: BEN })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('2 clips'),
    })
    const choices = [{ clipId: ids[0] ?? 0, take: 'theirs' as const }]
    await core.call('verdicts.merge', { ...both, choices, otherwise: 'ours', by: BEN })
    expect(await said()).toEqual([
      [0, 'Anna', 'keep'],
      [1, 'Anna', 'exclude'],
      [1, 'Ben', 'exclude'],
      [2, 'Anna', 'unsure'],
      [3, 'Ben', 'relabel', DOG],
    ])
    await core.call('history.undo', { by: BEN })
    expect(await said()).toEqual([
      [0, 'Anna', 'exclude'],
      [1, 'Anna', 'exclude'],
      [2, 'Anna', 'unsure'],
    ])
  })

  it('has a name of its own, can be renamed and removed', async () => {
    const { core, datasetId } = opened
    await expect(core.call('verdicts.create', { datasetId, name: ' First look ' })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await core.call('verdicts.rename', { setId, name: 'A' })).toMatchObject({ name: 'A' })
    await decide([0], { decision: 'keep' })
    await core.call('verdicts.remove', { setId })
    expect(await core.call('verdicts.sets', { datasetId })).toEqual([])
    await expect(core.call('history.undo', { by: ANNA })).rejects.toMatchObject({ code: 'conflict' })
  })
})

/** Row n of the metadata, the header being line 1. */
const placeOfRow = (row: number) => ids.indexOf(row + 1)

describe('an audit as files', () => {
  const exported = async (parts?: MethodInput<'verdicts.export'>['parts'], from = opened, set = setId) => {
    const result = await jobResult(from.core, 'verdicts.export', { setId: set, ...(parts && { parts }) })
    return writtenFolderSchema.parse(result).folder
  }
  const audit = async () => {
    await decide([placeOfRow(0)], { decision: 'relabel', classId: SIREN, note: 'wails, "clearly"' })
    await decide([placeOfRow(5)], { decision: 'exclude', note: '=1+1' })
    await decide([placeOfRow(6)], { decision: 'keep' })
  }

  it('is corrected metadata that imports, a patch, exclusions, verdicts and a report', async () => {
    await audit()
    const out = await exported()
    expect(readdirSync(out).sort()).toEqual([
      ...['UrbanSound8K.csv', 'audit.html', 'exclusions.csv', 'patch.csv', 'verdicts.json'],
    ])
    const read = (name: string) => readFileSync(join(out, name), 'utf8')
    const rows = US8K_ROWS.flatMap((row, index) =>
      index === 5 ? [] : index === 0 ? row.replace('3,dog_bark', '8,siren') : row,
    )
    expect(read('UrbanSound8K.csv')).toBe(us8kText(rows))
    expect(parse(read('patch.csv'), { columns: true })).toMatchObject([
      { action: 'relabel', old: 'dog_bark', new: 'siren', reason: 'wails, "clearly"' },
      { action: 'exclude', old: 'siren', new: '', reason: "'=1+1" },
    ])
    expect(parse(read('exclusions.csv'), { columns: true })).toMatchObject([{ label: 'siren' }])
    expect(verdictFileSchema.parse(JSON.parse(read('verdicts.json'))).verdicts).toHaveLength(3)
    expect(read('audit.html')).toContain('1 label changed, 1 clip excluded, 1 label kept')
    expect(read('audit.html')).toContain('wails, &quot;clearly&quot;')
    expect(readFileSync(join(folder, 'metadata', 'UrbanSound8K.csv'), 'utf8')).toBe(us8kText())

    const cleaned = join(root, 'cleaned')
    writeUs8k(cleaned, read('UrbanSound8K.csv'))
    const again = await openOn(cleaned, join(root, 'workspace-2'))
    const { total, rows: clips } = await again.core.call('clips.page', { datasetId: again.datasetId })
    await again.core.close()
    expect(total).toBe(11)
    expect(clips.filter(({ className }) => className === 'siren')).toHaveLength(6)
  })

  it('refuses metadata that were changed since the import, and leaves nothing behind', async () => {
    await audit()
    writeFileSync(join(folder, 'metadata', 'UrbanSound8K.csv'), us8kText(US8K_ROWS.slice(1)))
    await expect(exported()).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('changed since'),
    })
    expect(readdirSync(join(root, 'workspace', 'exports'))).toEqual([])
    expect(readdirSync(await exported(['patch']))).toEqual(['patch.csv'])
  })

  it('applies to another copy by path or audio, and tells what is other there', async () => {
    await audit()
    await decide([placeOfRow(1)], { decision: 'relabel', classId: DOG })
    await decide([placeOfRow(2)], { decision: 'relabel', classId: SIREN })
    await decide([placeOfRow(3)], { decision: 'exclude' })
    const out = await exported(['patch', 'verdicts'])
    const patch = readFileSync(join(out, 'patch.csv'), 'utf8')

    // Row 1 is labelled otherwise there, row 2 has moved to another fold, the audio of row 3 is another one, row 5 is not there.
    const copy = join(root, 'copy')
    const [, row1 = '', row2 = '', row3 = ''] = US8K_ROWS
    const rows = US8K_ROWS.flatMap((row, index) => (index === 5 ? [] : row))
    rows[1] = row1.replace('8,siren', '5,engine_idling')
    rows[2] = row2.replace(/,2,3,dog/, ',1,3,dog')
    writeUs8k(copy, us8kText(rows))
    const file = (row: string) => row.split(',')[0] ?? ''
    renameSync(join(copy, 'audio/fold2', file(row2)), join(copy, 'audio/fold1', file(row2)))
    writeFileSync(
      join(copy, 'audio/fold2', file(row3)),
      readFileSync(join(folder, 'audio/fold1', file(US8K_ROWS[0] ?? ''))).subarray(0, 12_000),
    )
    const other = await openOn(copy, join(root, 'workspace-2'))
    const apply = (changes: Partial<MethodInput<'verdicts.apply'>>) =>
      other.core.call('verdicts.apply', {
        ...{ datasetId: other.datasetId, fileName: 'patch.csv', text: patch, by: BEN },
        ...changes,
      })
    try {
      const kinds = [
        [`audio/fold1/${file(row1)}`, 'other-label'],
        [`audio/fold2/${file(row3)}`, 'other-audio'],
        [`audio/fold1/${file(US8K_ROWS[5] ?? '')}`, 'missing'],
      ]
      const dry = await apply({ dryRun: true })
      expect(dry).toMatchObject({ setId: null, setName: 'patch', entries: 5, applied: 2, same: 0 })
      expect(dry.conflicts.map(({ clip, kind }) => [clip, kind])).toEqual(kinds)
      expect(await other.core.call('verdicts.sets', { datasetId: other.datasetId })).toEqual([])

      const applied = await apply({})
      expect(applied).toMatchObject({ applied: 2, conflicts: dry.conflicts })
      const [set] = await other.core.call('verdicts.sets', { datasetId: other.datasetId })
      expect(set).toMatchObject({ id: applied.setId, name: 'patch', counts: { relabel: 2 } })
      const again = await apply({ setName: 'patch' })
      expect(again).toMatchObject({ applied: 0, same: 2 })
      await expect(apply({})).rejects.toMatchObject({ code: 'conflict' })

      const { verdicts } = await other.core.call('verdicts.list', { setId: applied.setId ?? 0 })
      expect(verdicts.map(({ author, note }) => [author, note])).toEqual([
        ['Ben', 'wails, "clearly"'],
        ['Ben', ''],
      ])
      const ofFile = await apply({
        fileName: 'verdicts.json',
        text: readFileSync(join(out, 'verdicts.json'), 'utf8'),
      })
      // With what was kept; by whom it was decided.
      expect(ofFile).toMatchObject({ setName: 'First look', entries: 6, applied: 3 })
      const file2 = await other.core.call('verdicts.list', { setId: ofFile.setId ?? 0 })
      expect(new Set(file2.verdicts.map(({ author }) => author))).toEqual(new Set(['Anna']))
    } finally {
      await other.core.close()
    }
  })

  it.each([
    ['a.json', '{"format":"soundfold-verdicts"}', 'Bad verdict file a.json'],
    ['a.json', '{', 'a.json is not JSON'],
    ['a.csv', 'x,y\n1,2\n', 'a.csv, line 2'],
  ])('refuses %s that is none: %s', async (fileName, text, message) => {
    const { core, datasetId } = opened
    await expect(core.call('verdicts.apply', { datasetId, fileName, text, by: ANNA })).rejects.toThrow(
      message,
    )
  })
})

it('a workspace of before has no set, and keeps its clips', () => {
  const older = mkdtempSync(join(tmpdir(), 'soundfold-older-'))
  try {
    const before = openWorkspace(
      older,
      MIGRATIONS.filter(({ version }) => version <= 90),
    )
    const datasetId = fillWorkspace(before, 5)
    const clips = clipsOfDataset(before, datasetId)
    before.close()
    const after = openWorkspace(older)
    expect(clipsOfDataset(after, datasetId)).toEqual(clips)
    after.close()
    const raw = new SQLite(join(older, 'workspace.sqlite'), { readonly: true })
    expect(raw.prepare('SELECT COUNT(*) FROM verdict_sets').pluck().get()).toBe(0)
    raw.close()
  } finally {
    rmSync(older, { recursive: true })
  }
})
