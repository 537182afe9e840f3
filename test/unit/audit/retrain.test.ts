import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import type { LabelBasis } from '../../../src-main/contract/label-basis.ts'
import { writtenFileSchema } from '../../../src-main/contract/report.ts'
import { createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { jobResult, type OpenedDataset, openOn, writeUs8k } from '../../support/audit-workspace.ts'

const ANNA = { author: 'Anna', session: 'a' }
const [DOG, SIREN] = [3, 8]
const root = mkdtempSync(join(tmpdir(), 'soundfold-retrain-'))
const workspace = join(root, 'workspace')
let opened: OpenedDataset
let setId = 0
let before = ''
let after = ''
/** Of clip n, which is row n of the metadata. */
const CLIP = { relabelled: 1, kept: 2, unsure: 3, excluded: 6, later: 8 }

beforeAll(async () => {
  const folder = join(root, 'us8k')
  writeUs8k(folder)
  opened = await openOn(folder, workspace)
  const { core, datasetId } = opened
  setId = (await core.call('verdicts.create', { datasetId, name: 'Ears' })).id
})
afterAll(async () => {
  await opened.core.close()
  rmSync(root, { recursive: true, force: true })
})

async function train(verdicts?: number): Promise<string> {
  const { core, datasetId } = opened
  const settings = { preset: 'nearest-neighbours', network: { neighbours: 1 }, ...(verdicts && { verdicts }) }
  return z.object({ runId: z.string() }).parse(await jobResult(core, 'runs.start', { datasetId, settings }))
    .runId
}
const decide = (clipId: number, decision: 'keep' | 'relabel' | 'exclude' | 'unsure', classId?: number) =>
  opened.core.call('verdicts.decide', {
    ...{ setId, by: ANNA, clips: { clipIds: [clipId] }, decision },
    ...(classId !== undefined && { classId }),
  })
const rowSchema = z.object({ clip: z.int(), label: z.int(), predicted: z.int() })
/** What the database says, read by somebody else. */
function stored(runId: string) {
  const db = new SQLite(join(workspace, 'workspace.sqlite'), { readonly: true })
  try {
    const sql = `SELECT clip_id AS clip, true_class_id AS label, predicted_class_id AS predicted
      FROM predictions WHERE run_id = ? ORDER BY clip_id`
    return z.array(rowSchema).parse(db.prepare(sql).all(runId))
  } finally {
    db.close()
  }
}
/** The core holds the file for itself. */
async function aside<T>(work: () => T): Promise<T> {
  await opened.core.close()
  try {
    return work()
  } finally {
    const core = await createCore({ workspaceFolder: workspace, entries: workerEntries(), mediaBase: '/' })
    opened = { ...opened, core }
  }
}

it('a set that changes no label trains nothing', async () => {
  before = await train()
  await decide(CLIP.kept, 'keep')
  await decide(CLIP.unsure, 'unsure')
  await expect(train(setId)).rejects.toMatchObject({
    code: 'invalid-input',
    message: expect.stringContaining('changes no label'),
  })
  await expect(train(99)).rejects.toMatchObject({ code: 'not-found' })
  await expect(opened.core.call('runs.compare', { runIds: [before, before] })).rejects.toThrow(
    'two different',
  )
})

it('a run by verdicts has their labels, is without what they exclude, and says so', async () => {
  await decide(CLIP.relabelled, 'relabel', SIREN)
  await decide(CLIP.excluded, 'exclude')
  after = await train(setId)
  const { core } = opened
  const [run, other] = [
    await core.call('runs.get', { runId: after }),
    await core.call('runs.get', { runId: before }),
  ]
  const [set] = await core.call('verdicts.sets', { datasetId: opened.datasetId })
  expect(run.settings.verdicts).toMatchObject({
    ...{ setId, name: 'Ears', excluded: 1, relabelled: 1, fingerprint: set?.fingerprint },
  })
  expect(run.dataFingerprint).not.toBe(other.dataFingerprint)
  expect(run.settingsHash).not.toBe(other.settingsHash)
  expect(other.settings.verdicts).toBeUndefined()

  const [old, cleaned] = await aside(() => [stored(before), stored(after)])
  expect(old.map(({ clip }) => clip)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
  expect(cleaned.map(({ clip }) => clip)).toEqual([1, 2, 3, 4, 5, 7, 8, 9, 10, 11, 12])
  for (const { clip, label } of cleaned)
    expect(label).toBe(clip === CLIP.relabelled || clip % 2 === 0 ? SIREN : DOG)
})

it('what is decided later changes no run: it goes on with the labels that it began with', async () => {
  await decide(CLIP.later, 'exclude')
  const before = await aside(() => {
    const was = stored(after)
    const db = new SQLite(join(workspace, 'workspace.sqlite'))
    db.prepare(`UPDATE runs SET status = 'failed' WHERE id = ?`).run(after)
    db.prepare('DELETE FROM predictions WHERE run_id = ? AND fold = 2').run(after)
    db.close()
    return was
  })
  expect(before.some(({ clip }) => clip === CLIP.later)).toBe(true)
  await jobResult(opened.core, 'runs.resume', { runId: after })
  expect(await aside(() => stored(after))).toEqual(before)
})

it('runs are compared on original labels, on cleaned ones, and on the clips that did not change', async () => {
  const [old, cleaned] = await aside(() => [stored(before), stored(after)])
  const labelOf = (clip: number) => (clip % 2 === 0 ? SIREN : DOG)
  const shared = cleaned.map(({ clip }) => clip)
  const accuracy = (rows: typeof old, clips: number[], label: (clip: number) => number) =>
    rows.filter(({ clip, predicted }) => clips.includes(clip) && predicted === label(clip)).length /
    clips.length
  const withVerdicts = (clip: number) => (clip === CLIP.relabelled ? SIREN : labelOf(clip))
  const unchanged = shared.filter((clip) => clip !== CLIP.relabelled)
  const expected: Record<LabelBasis, [clips: number[], label: (clip: number) => number]> = {
    scored: [unchanged, labelOf],
    original: [shared, labelOf],
    cleaned: [shared, withVerdicts],
    unchanged: [unchanged, labelOf],
  }
  for (const [labels, [clips, label]] of Object.entries(expected)) {
    const basis = z.enum(['scored', 'original', 'cleaned', 'unchanged']).parse(labels)
    const comparison = await opened.core.call('runs.compare', { runIds: [before, after], labels: basis })
    expect(comparison.labels).toMatchObject({ basis, verdicts: { name: 'Ears', relabelled: 1, excluded: 1 } })
    expect(comparison.runs.map((run) => run.verdicts?.name ?? null)).toEqual([null, 'Ears'])
    const [pair] = comparison.pairs
    expect(pair?.clips, basis).toBe(clips.length)
    expect(pair?.accuracy.first, basis).toBeCloseTo(accuracy(old, clips, label), 12)
    expect(pair?.accuracy.second, basis).toBeCloseTo(accuracy(cleaned, clips, label), 12)
    // Each count leads to its clips.
    const isRight = (rows: typeof old, clip: number) =>
      rows.find((row) => row.clip === clip)?.predicted === label(clip)
    for (const [right, counted] of [
      ['both', pair?.bothRight],
      ['first', pair?.onlyFirstRight],
      ['second', pair?.onlySecondRight],
      ['neither', pair?.bothWrong],
    ] as const) {
      const wanted = clips.filter(
        (clip) =>
          isRight(old, clip) === (right === 'both' || right === 'first') &&
          isRight(cleaned, clip) === (right === 'both' || right === 'second'),
      )
      const { chosenId } = await opened.core.call('clips.choose', {
        datasetId: opened.datasetId,
        title: right,
        from: { runIds: [before, after], second: after, labels: basis, right },
      })
      const filter = { chosenId }
      const { rows } = await opened.core.call('clips.page', { datasetId: opened.datasetId, filter })
      expect(rows.map(({ id }) => id).sort((a, b) => a - b)).toEqual(wanted.sort((a, b) => a - b))
      expect(counted).toBe(wanted.length)
    }
    expect(pair?.caveats.join(' ')).toContain('What “Ears” excludes (1 clip) is in no figure')
  }
  const report = writtenFileSchema.parse(
    await jobResult(opened.core, 'runs.comparisonReport', { runIds: [before, after], labels: 'cleaned' }),
  )
  expect(report.sizeBytes).toBeGreaterThan(1000)
})

it('takes verdicts to compare by', async () => {
  const another = await train()
  const runIds = [before, another]
  await expect(opened.core.call('runs.compare', { runIds, labels: 'cleaned' })).rejects.toThrow(
    'None of these runs was trained by verdicts',
  )
  expect((await opened.core.call('runs.compare', { runIds })).labels).toEqual({
    basis: 'scored',
    verdicts: null,
  })
  await opened.core.call('verdicts.remove', { setId })
  const both = [before, after]
  await expect(opened.core.call('runs.compare', { runIds: both, labels: 'cleaned' })).rejects.toThrow(
    '“Ears” is not there any more',
  )
  const { pairs } = await opened.core.call('runs.compare', { runIds: both, labels: 'original' })
  expect(pairs[0]?.clips).toBe(11)
})
