import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import {
  type SearchRequest,
  searchRequestSchema,
  searchResultSchema,
} from '../../../src-main/contract/audit-issues.ts'
import { SoundfoldError } from '../../../src-main/contract/errors.ts'
import { isOver } from '../../../src-main/contract/job.ts'
import { writtenFileSchema } from '../../../src-main/contract/report.ts'
import { type Core, createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { PREDICTED, writePredictedWorkspace } from '../../support/predicted-workspace.ts'

const folder = mkdtempSync(join(tmpdir(), 'soundfold-issues-'))
const open = () => createCore({ workspaceFolder: folder, entries: workerEntries(), mediaBase: '/media/' })
const [first, second] = PREDICTED.runs
let core: Core
beforeAll(async () => {
  writePredictedWorkspace(folder)
  core = await open()
})
afterAll(async () => {
  await core.close()
  rmSync(folder, { recursive: true, force: true })
})

async function done(jobId: number) {
  for (;;) {
    const job = await core.call('jobs.get', { jobId })
    if (isOver(job)) return job
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}

async function search(request: Partial<SearchRequest>) {
  const job = await done((await core.call('audit.search', searchRequestSchema.parse(request))).jobId)
  const { searchId } = searchResultSchema.parse(job.result)
  return {
    search: await core.call('audit.getSearch', { searchId }),
    ...(await core.call('audit.issues', { searchId, limit: 500 })),
  }
}

const LABELS = searchRequestSchema.parse({ settings: { kinds: ['label', 'recording-label'] } }).settings

it('keeps what it finds, worst first, each label with a suggestion and its probabilities', async () => {
  const { search: kept, rows } = await search({ runIds: [first], settings: LABELS })
  expect(kept.labels?.clips).toBe(PREDICTED.clips)
  expect(kept.counts.reduce((sum, { count }) => sum + count, 0)).toBe(rows.length)
  const labels = rows.filter(({ kind }) => kind === 'label')
  expect(labels.length).toBeGreaterThan(3)
  expect(labels.map(({ score }) => score)).toEqual(labels.map(({ score }) => score).sort((a, b) => a - b))
  for (const { classId, suggestedClassId, label, score } of labels) {
    expect(suggestedClassId).not.toBe(classId)
    expect(label?.selfConfidence).toBe(score)
    expect(label?.probabilities[0]?.classId).toBe(suggestedClassId)
  }
})

it('outlives the program', async () => {
  const before = await search({ runIds: [first] })
  await core.close()
  core = await open()
  const after = await core.call('audit.issues', { searchId: before.search.id, limit: 500 })
  expect(after.rows).toEqual(before.rows)
  expect(await core.call('audit.getSearch', { searchId: before.search.id })).toEqual(before.search)
})

it('pages, filters, and puts the issues of a recording together', async () => {
  const { search: kept, rows, total } = await search({ runIds: [first, second], settings: LABELS })
  expect(await core.call('audit.issue', { issueId: rows[0]?.id ?? 0 })).toEqual(rows[0])
  await expect(core.call('audit.issue', { issueId: 999_999 })).rejects.toMatchObject({ code: 'not-found' })
  const page = await core.call('audit.issues', { searchId: kept.id, offset: 2, limit: 3 })
  expect(page).toEqual({ total, rows: rows.slice(2, 5) })
  const wanted = { kinds: ['label' as const], folds: [2], classIds: [1] }
  const some = await core.call('audit.issues', { searchId: kept.id, filter: wanted, limit: 500 })
  expect(some.rows).toEqual(
    rows.filter(({ kind, fold, classId }) => kind === 'label' && fold === 2 && classId === 1),
  )
  expect(some.total).toBe(some.rows.length)
  // The same list is gone through in the queue, and shown in the library with the other clips of each issue.
  const source = { searchId: kept.id, issues: wanted }
  const { clipIds } = await core.call('verdicts.queue', { datasetId: 1, source })
  expect(new Set(clipIds)).toEqual(new Set(some.rows.map(({ clipId }) => clipId)))
  const { chosenId } = await core.call('clips.choose', {
    datasetId: 1,
    title: 'of issues',
    from: { searchId: kept.id, filter: wanted },
  })
  const shown = await core.call('clips.page', { datasetId: 1, filter: { chosenId }, limit: 500 })
  expect(new Set(shown.rows.map(({ id }) => id))).toEqual(
    new Set(some.rows.flatMap(({ clipId, relatedClipIds }) => [clipId, ...relatedClipIds])),
  )
  expect(await core.call('clips.chosen', { chosenId })).toEqual({ title: 'of issues', clips: shown.total })
  const together = await core.call('audit.issues', { searchId: kept.id, order: 'recording', limit: 500 })
  const groups = together.rows.map(({ recording }) => recording)
  expect(
    groups.filter((recording, place) => groups.indexOf(recording) < place && groups[place - 1] !== recording),
  ).toEqual([])
  expect(together.rows.map(({ id }) => id).sort((a, b) => a - b)).toEqual(rows.map(({ id }) => id))
  expect([...new Set(groups)]).toEqual([...new Set(rows.map(({ recording }) => recording))])
})

it('looks at data without a run, and says that labels were not looked at', async () => {
  const { search: kept } = await search({ datasetId: 1 })
  expect(kept).toMatchObject({ runIds: [], labels: null })
  expect(kept.notes.join()).toContain('No run was named')
})

it('refuses runs that are not there, and requests about nothing', async () => {
  await expect(core.call('audit.search', { runIds: ['gone'] })).rejects.toThrow(SoundfoldError)
  await expect(core.call('audit.search', {})).rejects.toMatchObject({ code: 'invalid-input' })
  await expect(core.call('audit.issues', { searchId: 999 })).rejects.toMatchObject({ code: 'not-found' })
})

it('writes the list as CSV that no spreadsheet runs, and forgets a search', async () => {
  const { search: kept, total } = await search({ runIds: [first], settings: LABELS })
  const job = await done((await core.call('audit.issuesFile', { searchId: kept.id })).jobId)
  const text = readFileSync(writtenFileSchema.parse(job.result).file, 'utf8')
  expect(
    text
      .trimEnd()
      .split('\r\n')
      .filter((line) => /^(label|recording-label),/.test(line)),
  ).toHaveLength(total)
  expect(await core.call('audit.removeSearch', { searchId: kept.id })).toEqual({ removed: true })
  await expect(core.call('audit.getSearch', { searchId: kept.id })).rejects.toMatchObject({
    code: 'not-found',
  })
})
