import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { searchSettingsSchema } from '../../../src-main/contract/audit-issues.ts'
import { createCore } from '../../../src-main/core/create-core.ts'
import {
  type Finding,
  getSearch,
  issuesOf,
  listSearches,
  saveSearch,
} from '../../../src-main/core/db/audit-issues.ts'
import { hide, removeAllHidden, removeHidden } from '../../../src-main/core/db/hidden.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { predictionsOfClip } from '../../../src-main/core/db/predictions.ts'
import { getRun, listRuns, planOfRun } from '../../../src-main/core/db/runs.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { fillRuns } from '../../support/filled-runs.ts'

const CLIPS = 3000
let folder: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-hidden-'))
  db = openWorkspace(folder)
  fillRuns(db, CLIPS)
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

const SEARCH = {
  datasetId: 1,
  runIds: ['first'],
  settings: searchSettingsSchema.parse({}),
  labels: null,
  notes: [],
}
const FINDINGS = Array.from(
  { length: 2600 },
  (_, at): Finding => ({
    ...{ kind: 'label', severity: 'error', clipId: 1 + at, classId: 1, suggestedClassId: 2 },
    ...{ score: at / 2600, message: `${at}`, related: [], label: null },
  }),
)
const parts = () => [FINDINGS.slice(0, 1100), FINDINGS.slice(1100)]
const rows = (table: string, of = db) => of.prepare(`SELECT COUNT(*) FROM ${table}`).pluck().get()
/** Turns of the event loop while something goes on. */
async function turnsDuring(work: Promise<unknown>): Promise<number> {
  let turns = 0
  let over = false
  const ended = work.finally(() => {
    over = true
  })
  while (!over) {
    await setImmediate()
    turns += 1
  }
  await ended
  return turns
}

it('a search is kept in steps between which others are answered, and shows when all of it is there', async () => {
  const shown: number[] = []
  const saving = saveSearch(db, SEARCH, parts(), undefined, () => shown.push(listSearches(db).length))
  expect(await turnsDuring(saving)).toBeGreaterThanOrEqual(6)
  expect(shown).toEqual([0, 0, 0, 0, 0, 0])
  const id = await saving
  expect(getSearch(db, id).counts).toEqual([{ kind: 'label', severity: 'error', count: 2600 }])
  const kept = issuesOf(db, id, {}, { order: 'rank', offset: 0, limit: 3000 }).rows
  expect(kept.map(({ message }) => message)).toEqual(FINDINGS.map(({ message }) => message))
})

it('a search that is cancelled while it is kept leaves nothing', async () => {
  const abort = new AbortController()
  const saving = saveSearch(db, SEARCH, parts(), abort.signal, (kept) => {
    if (kept > 1000) abort.abort()
  })
  await expect(saving).rejects.toThrow('abort')
  expect([rows('audit_searches'), rows('audit_issues')]).toEqual([0, 0])
})

it('what a killed process left of a search or a run is nowhere to be seen, and removed by the next one', async () => {
  const killed = saveSearch(db, SEARCH, parts(), undefined, (kept) => {
    if (kept > 1000) db.close()
  })
  await expect(killed).rejects.toThrow()
  db = openWorkspace(folder)
  expect(hide(db, 'run', 'second')).toBe(true)
  expect([rows('audit_searches'), rows('audit_issues')]).toEqual([1, 1100])
  expect(listSearches(db)).toEqual([])
  expect(listRuns(db).map(({ id }) => id)).toEqual(['first'])
  expect(() => getRun(db, 'second')).toThrow('no run second')
  expect(() => planOfRun(db, 'second')).toThrow('no run second')
  expect(predictionsOfClip(db, 1).map(({ runId }) => runId)).toEqual(['first'])
  db.close()
  const core = await createCore({ workspaceFolder: folder, entries: workerEntries(), mediaBase: '/media/' })
  for (let turn = 0; turn < 200; turn++) await setImmediate()
  expect((await core.call('runs.list', {})).map(({ id }) => id)).toEqual(['first'])
  await core.close()
  db = openWorkspace(folder)
  expect([rows('audit_searches'), rows('audit_issues'), rows('runs')]).toEqual([0, 0, 1])
  expect(rows('predictions')).toBe(CLIPS)
  expect(getRun(db, 'first').foldsDone.length).toBe(10)
})

it('a run is removed in steps, with everything of its own and nothing else', async () => {
  hide(db, 'run', 'first')
  expect(await turnsDuring(removeHidden(db, 'run', 'first'))).toBeGreaterThanOrEqual(CLIPS / 500)
  expect([rows('runs'), rows('predictions'), rows('fold_counts')]).toEqual([1, CLIPS, 10])
  expect(getRun(db, 'second').meanAccuracy).not.toBeNull()
})

it('removing stops when it is told to, and goes on later', async () => {
  hide(db, 'run', 'first')
  const abort = new AbortController()
  const removing = removeAllHidden(db, abort.signal)
  abort.abort()
  await expect(removing).rejects.toThrow('abort')
  expect(rows('predictions')).toBeGreaterThan(CLIPS)
  await removeAllHidden(db, new AbortController().signal)
  expect(rows('predictions')).toBe(CLIPS)
})
