import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { AnnotationFields } from '../../../src-main/contract/annotation.ts'
import { type Core, createCore } from '../../../src-main/core/create-core.ts'
import { annotationsOfClip } from '../../../src-main/core/db/annotations.ts'
import { clipsOfDataset, removeClip } from '../../../src-main/core/db/clips.ts'
import { MIGRATIONS, openWorkspace } from '../../../src-main/core/db/open.ts'
import { all, run } from '../../../src-main/core/db/query.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { fillWorkspace } from '../../support/large-workspace.ts'

const ANNA = { author: 'Anna', session: 'a' }
let folder: string
let core: Core
let clipIds: number[]
let datasetId: number
const open = () => createCore({ workspaceFolder: folder, entries: workerEntries(), mediaBase: '/media/' })

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-annotations-'))
  const db = openWorkspace(folder)
  datasetId = fillWorkspace(db, 20)
  clipIds = clipsOfDataset(db, datasetId).map(({ id }) => id)
  db.close()
  core = await open()
})
afterEach(async () => {
  await core.close()
  rmSync(folder, { recursive: true })
})

const clipId = () => clipIds[0] ?? 0
const fields = (change: Partial<AnnotationFields> = {}): AnnotationFields => ({
  ...{ startSeconds: 0.1, endSeconds: 0.1 + 0.2, lowHz: null, highHz: null, label: 'siren', salience: null },
  ...{ confidence: null, note: '', author: 'Anna', extra: {}, ...change },
})
const change = (items: { id: string; after: AnnotationFields | null }[], act?: 'split' | 'merge' | 'paste') =>
  core.call('annotations.change', { by: ANNA, clipId: clipId(), items, ...(act && { act }) })
const shown = async () =>
  (await core.call('annotations.ofClip', { clipId: clipId() })).map(({ id, startSeconds, label }) => ({
    id,
    startSeconds,
    label,
  }))

describe('annotations of a clip', () => {
  it('are added, changed and removed, each undone in turn', async () => {
    const id = randomUUID()
    const box = {
      lowHz: 1 / 3,
      highHz: 8000.1,
      salience: 1,
      confidence: 0.1 + 0.2,
      note: 'near',
      extra: { tier: 'x' },
    } as const
    expect(await change([{ id, after: fields(box) }])).toMatchObject({
      kind: 'annotations',
      title: expect.stringMatching(/^Added an annotation “siren” in /),
    })
    const [added] = await core.call('annotations.ofClip', { clipId: clipId() })
    expect(added).toMatchObject({ id, clipId: clipId(), ...fields(box), createdAt: added?.changedAt })
    await change([{ id, after: fields({ ...box, label: 'dog' }) }])
    await change([{ id, after: null }])
    expect(await shown()).toEqual([])
    await core.call('history.undo', { by: ANNA })
    expect(await shown()).toEqual([{ id, startSeconds: 0.1, label: 'dog' }])
    await core.call('history.undo', { by: ANNA })
    expect(await core.call('annotations.ofClip', { clipId: clipId() })).toEqual([added])
    await core.call('history.undo', { by: ANNA })
    expect(await shown()).toEqual([])
    for (let redone = 0; redone < 2; redone++) await core.call('history.redo', { by: ANNA })
    expect(await shown()).toEqual([{ id, startSeconds: 0.1, label: 'dog' }])
    const { changes } = await core.call('history.list', { clipId: clipId() })
    expect(changes).toHaveLength(8)
  })

  it('that are as they were leave no trace in the history', async () => {
    const id = randomUUID()
    await change([{ id, after: fields() }])
    expect(await change([{ id, after: fields() }])).toBeNull()
  })

  it('a split is one change', async () => {
    const [first, second] = [randomUUID(), randomUUID()]
    await change([{ id: first, after: fields({ endSeconds: 2 }) }])
    const split = await change(
      [
        { id: first, after: fields({ endSeconds: 1 }) },
        { id: second, after: fields({ startSeconds: 1, endSeconds: 2 }) },
      ],
      'split',
    )
    expect(split?.title).toMatch(/^Split annotations in /)
    expect(await shown()).toHaveLength(2)
    await core.call('history.undo', { by: ANNA })
    expect(await core.call('annotations.ofClip', { clipId: clipId() })).toMatchObject([
      { id: first, endSeconds: 2 },
    ])
  })

  it.each([
    [{ startSeconds: 2, endSeconds: 1 }, /ends before it starts/],
    [{ startSeconds: -1 }, /startSeconds/],
    [{ lowHz: 800, highHz: 400 }, /highest frequency below its lowest/],
    [{ confidence: 1.5 }, /confidence/],
    [{ startSeconds: Number.NaN }, /startSeconds/],
  ])('%o is refused', async (wrong, message) => {
    await expect(change([{ id: randomUUID(), after: fields(wrong) }])).rejects.toThrow(message)
    expect(await shown()).toEqual([])
  })

  it('are counted and listed over the dataset', async () => {
    await change([
      { id: randomUUID(), after: fields() },
      { id: randomUUID(), after: fields({ label: 'my own', startSeconds: 0, author: 'Ben' }) },
      { id: randomUUID(), after: fields({ startSeconds: 0.2, endSeconds: 1 }) },
    ])
    expect(await core.call('annotations.counts', { datasetId })).toEqual({
      annotations: 3,
      clips: 1,
      labels: [
        { value: 'siren', count: 2 },
        { value: 'my own', count: 1 },
      ],
      authors: [
        { value: 'Anna', count: 2 },
        { value: 'Ben', count: 1 },
      ],
    })
    const { total, rows } = await core.call('annotations.list', {
      datasetId,
      label: 'siren',
      limit: 1,
      offset: 1,
    })
    expect(total).toBe(2)
    expect(rows).toMatchObject([{ startSeconds: 0.2, clipId: clipId() }])
  })
})

it('a clip that is gone takes its annotations with it', async () => {
  await change([{ id: randomUUID(), after: fields() }])
  await core.close()
  const db = openWorkspace(folder)
  removeClip(db, clipId())
  expect(annotationsOfClip(db, clipId())).toEqual([])
  db.close()
  core = await open()
})

it('a workspace of before has its datasets as they were, and takes recordings', () => {
  const old = mkdtempSync(join(tmpdir(), 'soundfold-before-annotations-'))
  const before = openWorkspace(
    old,
    MIGRATIONS.filter(({ version }) => version < 110),
  )
  fillWorkspace(before, 5)
  const row = z.looseObject({ format: z.string() })
  const was = all(before, row, 'SELECT * FROM datasets')
  const clips = clipsOfDataset(before, 1)
  before.close()
  const after = openWorkspace(old)
  expect(all(after, row, 'SELECT * FROM datasets')).toEqual(was)
  expect(clipsOfDataset(after, 1)).toEqual(clips)
  run(after, "UPDATE datasets SET format = 'recordings'")
  expect(() => run(after, "UPDATE datasets SET format = 'other'")).toThrow(/CHECK/)
  after.close()
  rmSync(old, { recursive: true })
})
