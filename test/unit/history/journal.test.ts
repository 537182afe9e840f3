import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { CoreEvent } from '../../../src-main/contract/events.ts'
import { changesBefore } from '../../../src-main/core/db/changes.ts'
import { clipsOfDataset, removeClip } from '../../../src-main/core/db/clips.ts'
import { removeDataset } from '../../../src-main/core/db/datasets.ts'
import { type Database, MIGRATIONS, openWorkspace } from '../../../src-main/core/db/open.ts'
import { all } from '../../../src-main/core/db/query.ts'
import { addTags, tagCounts, tagsOfClip } from '../../../src-main/core/db/tags.ts'
import type { ChangeKind } from '../../../src-main/core/history/change-kind.ts'
import { Journal } from '../../../src-main/core/history/journal.ts'
import { clipTags } from '../../../src-main/core/tags/clip-tags.ts'
import { fillWorkspace } from '../../support/large-workspace.ts'

const ANNA = { author: 'Anna', session: 'a' }
const BEN = { author: 'Ben', session: 'b' }

let folder: string
let db: Database
let journal: Journal
let datasetId: number
let ids: number[]
const told: CoreEvent[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-journal-'))
  db = openWorkspace(folder)
  datasetId = fillWorkspace(db, 20)
  ids = clipsOfDataset(db, datasetId).map(({ id }) => id)
  told.length = 0
  journal = new Journal(db, (event) => told.push(event))
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true })
})

const clip = (place: number) => ids[place] ?? 0
const tag = (places: number[], word: string, by = ANNA, after: true | null = true) =>
  journal.record(clipTags, {
    by,
    datasetId,
    items: places.map((place) => ({ subject: { clipId: clip(place), tag: word }, after })),
    title: (changed) => `Tagged ${changed.length}`,
  })
const tagged = () => Object.fromEntries(tagCounts(db, datasetId).map(({ tag, clips }) => [tag, clips]))
const listed = () =>
  changesBefore(db, { limit: 100 }).map(({ act, title, undone }) => ({ act, title, undone }))

describe('a change', () => {
  it('is made and written down at once, without what was so before', () => {
    tag([0], 'near')
    const change = tag([0, 1, 2], 'near')
    expect(change).toMatchObject({
      ...{ author: 'Anna', session: 'a', datasetId, kind: 'tags', title: 'Tagged 2', items: 2 },
      ...{ act: 'do', undoes: null, undone: false },
    })
    expect(Date.parse(change?.at ?? '')).toBeGreaterThan(Date.now() - 60_000)
    expect(tagged()).toEqual({ near: 3 })
    expect(told.slice(-2)).toEqual([
      { name: 'changed', payload: { topic: 'clips' } },
      { name: 'changed', payload: { topic: 'history' } },
    ])
  })

  it('that changes nothing leaves no trace', () => {
    tag([0], 'near')
    told.length = 0
    expect(tag([0], 'near')).toBeNull()
    expect(tag([1], 'near', ANNA, null)).toBeNull()
    expect(listed()).toHaveLength(1)
    expect(told).toEqual([])
  })

  it('is not half done where it fails', () => {
    expect(() =>
      journal.record(clipTags, {
        by: ANNA,
        datasetId,
        items: [...ids, 999_999].map((clipId) => ({ subject: { clipId, tag: 'near' }, after: true })),
        title: () => 'Tagged',
      }),
    ).toThrow()
    expect(tagged()).toEqual({})
    expect(listed()).toEqual([])
    expect(told).toEqual([])
  })

  it('can neither be altered nor removed, but goes with its dataset', () => {
    tag([0], 'near')
    expect(() => db.exec("UPDATE changes SET author = 'Somebody'")).toThrow(/altered/)
    expect(() => db.exec('DELETE FROM changes')).toThrow(/removed/)
    removeDataset(db, datasetId)
    expect(listed()).toEqual([])
  })
})

describe('undo and redo', () => {
  it('go through the session’s changes, last first, and back', () => {
    tag([0, 1], 'near')
    tag([1, 2], 'loud')
    expect(journal.undo(ANNA)).toMatchObject({ act: 'undo', title: 'Tagged 2', author: 'Anna' })
    expect(tagged()).toEqual({ near: 2 })
    journal.undo(ANNA)
    expect(tagged()).toEqual({})
    expect(() => journal.undo(ANNA)).toThrow(/nothing to undo/)
    journal.redo(ANNA)
    expect(tagged()).toEqual({ near: 2 })
    journal.redo(ANNA)
    expect(tagged()).toEqual({ near: 2, loud: 2 })
    expect(() => journal.redo(ANNA)).toThrow(/nothing to redo/)
    journal.undo(ANNA)
    expect(tagged()).toEqual({ near: 2 })
    expect(listed().map(({ act }) => act)).toEqual(['undo', 'redo', 'redo', 'undo', 'undo', 'do', 'do'])
  })

  it('brings back what was removed', () => {
    tag([0, 1], 'near')
    tag([0], 'near', ANNA, null)
    journal.undo(ANNA)
    expect(tagged()).toEqual({ near: 2 })
  })

  it('a new change ends what can be done again', () => {
    tag([0], 'near')
    journal.undo(ANNA)
    expect(journal.next('a')).toMatchObject({ undo: null, redo: { act: 'undo' } })
    tag([1], 'loud')
    expect(journal.next('a')).toMatchObject({ undo: { title: 'Tagged 1' }, redo: null })
    expect(() => journal.redo(ANNA)).toThrow(/nothing to redo/)
  })

  it('takes back the changes of its own session only, or one that is named', () => {
    const ofAnna = tag([0], 'near')
    tag([1], 'loud', BEN)
    journal.undo(ANNA)
    expect(tagged()).toEqual({ loud: 1 })
    journal.redo(ANNA)
    const again = changesBefore(db, { limit: 1 })[0]
    expect(() => journal.undo(BEN, ofAnna?.id)).toThrow(/taken back already/)
    expect(journal.undo(BEN, again?.id)).toMatchObject({ author: 'Ben', undoes: again?.id })
    expect(tagged()).toEqual({ loud: 1 })
    // Ben took it back, so Anna has nothing left to undo, and Ben can do it again.
    expect(() => journal.undo(ANNA)).toThrow(/nothing to undo/)
    journal.redo(BEN)
    expect(tagged()).toEqual({ loud: 1, near: 1 })
  })

  it('refuses where something is no longer as the change left it, and changes nothing', () => {
    const first = tag([0, 1, 2], 'near')
    tag([1], 'near', BEN, null)
    expect(() => journal.undo(ANNA)).toThrow(
      expect.objectContaining({
        code: 'conflict',
        message: '“Tagged 3” can’t be taken back: 1 of the 3 things it changed has been changed since.',
        hint: expect.stringContaining('history'),
      }),
    )
    expect(tagged()).toEqual({ near: 2 })
    journal.undo(BEN)
    journal.undo(ANNA, first?.id)
    expect(tagged()).toEqual({})
  })

  it('go past what can’t be taken back any more, once that was told', () => {
    tag([0], 'early')
    const barred = tag([1], 'near')
    tag([1], 'near', BEN, null)
    expect(() => journal.undo(ANNA)).toThrow(
      expect.objectContaining({ code: 'conflict', hint: expect.stringContaining('next undo goes past it') }),
    )
    expect(journal.next('a').undo).toMatchObject({ id: (barred?.id ?? 0) - 1 })
    journal.undo(ANNA)
    expect(tagged()).toEqual({})
    expect(() => journal.undo(ANNA)).toThrow(/nothing to undo/)
    tag([0], 'early', BEN)
    expect(() => journal.redo(ANNA)).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('next redo goes past it') }),
    )
    expect(() => journal.redo(ANNA)).toThrow(/nothing to redo/)
    // Named, it is tried again.
    journal.undo(BEN)
    journal.undo(BEN)
    journal.undo(ANNA, barred?.id)
    expect(tagged()).toEqual({})
  })

  it('refuses for a clip that is gone, also where another one got its number', () => {
    tag([19], 'near')
    tag([19], 'near', ANNA, null)
    removeClip(db, clip(19))
    expect(() => journal.undo(ANNA)).toThrow(/no longer in the dataset/)
  })
})

it('the history of a clip is told page by page', () => {
  tag([0, 1], 'near')
  tag([1], 'loud')
  tag([2], 'loud')
  const pageOf = (before?: number) => changesBefore(db, { clipId: clip(1), before, limit: 1 })
  const [newest] = pageOf()
  expect(newest).toMatchObject({ title: 'Tagged 1', items: 1 })
  const [older] = pageOf(newest?.id)
  expect(older).toMatchObject({ title: 'Tagged 2', items: 2 })
  expect(pageOf(older?.id)).toEqual([])
  expect(changesBefore(db, { datasetId: datasetId + 1, limit: 9 })).toEqual([])
})

it('a kind with states of its own comes back as it was', () => {
  db.exec('CREATE TABLE notes (name TEXT PRIMARY KEY, text TEXT NOT NULL)')
  const rowSchema = z.object({ name: z.string(), text: z.string() })
  const notes: ChangeKind<{ name: string }, { text: string }> = {
    name: 'notes',
    subject: z.object({ name: z.string() }),
    state: z.object({ text: z.string() }),
    topics: [],
    read: (_, subjects) => {
      const rows = all(db, rowSchema, 'SELECT * FROM notes')
      return subjects.map(({ name }) => {
        const row = rows.find((one) => one.name === name)
        return row ? { text: row.text } : null
      })
    },
    write: (_, items) => {
      for (const { subject, state } of items)
        if (state) db.prepare('INSERT OR REPLACE INTO notes VALUES (?, ?)').run(subject.name, state.text)
        else db.prepare('DELETE FROM notes WHERE name = ?').run(subject.name)
    },
  }
  const own = new Journal(db, () => {}, [notes])
  const say = (text: string | null) =>
    own.record(notes, {
      ...{ by: ANNA, datasetId, title: () => 'Noted' },
      items: [{ subject: { name: 'one' }, after: text === null ? null : { text } }],
    })
  say('first')
  say('second')
  say(null)
  const text = () => all(db, rowSchema, 'SELECT * FROM notes').map((row) => row.text)
  own.undo(ANNA)
  expect(text()).toEqual(['second'])
  own.undo(ANNA)
  expect(text()).toEqual(['first'])
  own.redo(ANNA)
  expect(text()).toEqual(['second'])
  expect(() => journal.undo(ANNA)).toThrow(/can’t take back changes of “notes”/)
  expect(() => journal.record(notes, { by: ANNA, datasetId, items: [], title: () => '' })).toThrow(
    /does not know/,
  )
})

it('an older workspace gets an empty history and keeps its clips', () => {
  const older = mkdtempSync(join(tmpdir(), 'soundfold-older-'))
  try {
    const before = openWorkspace(
      older,
      MIGRATIONS.filter(({ version }) => version <= 80),
    )
    const made = fillWorkspace(before, 5)
    const clips = clipsOfDataset(before, made)
    before.close()
    const after = openWorkspace(older)
    expect(clipsOfDataset(after, made)).toEqual(clips)
    expect(changesBefore(after, { limit: 1 })).toEqual([])
    addTags(after, [{ clipId: clips[0]?.id ?? 0, tag: 'near' }])
    expect(tagsOfClip(after, clips[0]?.id ?? 0)).toEqual(['near'])
    after.close()
  } finally {
    rmSync(older, { recursive: true })
  }
})
