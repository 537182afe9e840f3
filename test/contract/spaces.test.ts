import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Job } from '../../src-main/contract/job.ts'
import type { MapRequest } from '../../src-main/contract/space.ts'
import { type Core, createCore } from '../../src-main/core/create-core.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { trainedTones } from '../support/trained-tones.ts'

/** Which clips are near each other, by a run's networks and by features alone: 36 tones, two slices of each recording. */

let root: string
let workspace: string
let runId: string
let core: Core
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'soundfold-space-'))
  ;({ workspace, runId } = await trainedTones(root))
  core = await createCore({ workspaceFolder: workspace, entries: workerEntries(), mediaBase: '/media/' })
})
afterAll(async () => {
  await core.close()
  await rm(root, { recursive: true, force: true })
})

async function ended({ jobId }: { jobId: number }): Promise<Job> {
  for (;;) {
    const job = await core.call('jobs.get', { jobId })
    if (job.status !== 'queued' && job.status !== 'running') return job
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}
const run = (fold: number) => ({ kind: 'run' as const, runId, fold })
const features = { kind: 'dataset' as const, datasetId: 1, recipe: null }

describe('the nearest clips', () => {
  it('are asked for after the vectors were made, once, by the network that held the clip out', async () => {
    const { fold } = await core.call('clips.get', { clipId: 1 })
    expect(await core.call('clips.neighbours', { clipId: 1, runId })).toEqual({
      source: run(fold),
      isMade: false,
      clips: 36,
      neighbours: [],
    })
    expect(await ended(await core.call('spaces.make', { source: run(fold) }))).toMatchObject({
      status: 'succeeded',
      result: { clips: 36 },
    })
    expect(await core.call('spaces.state', { source: run(fold) })).toEqual({ isMade: true, clips: 36 })
  })

  it('are clips that the network learnt, of other recordings, unless all are wanted', async () => {
    const clip = await core.call('clips.get', { clipId: 1 })
    const { neighbours } = await core.call('clips.neighbours', { clipId: 1, runId, count: 10 })
    expect(neighbours).toHaveLength(10)
    for (const { fold, learnt, recording } of neighbours) {
      expect({ fold: fold !== clip.fold, learnt, other: recording !== clip.group }).toEqual({
        fold: true,
        learnt: true,
        other: true,
      })
    }
    const cosines = neighbours.map(({ cosine }) => cosine)
    expect(cosines).toEqual(cosines.toSorted((a, b) => b - a))
    expect(cosines[0]).toBeLessThanOrEqual(1 + 1e-6)
    const all = await core.call('clips.neighbours', {
      clipId: 1,
      runId,
      count: 50,
      among: 'all',
      ownRecording: true,
    })
    expect(all.neighbours).toHaveLength(35)
    expect(all.neighbours.some(({ recording }) => recording === clip.group)).toBe(true)
    expect(all.neighbours.some(({ learnt }) => !learnt)).toBe(true)
  })

  it('are found by features alone where no run is named: the tone next in pitch, of its own class', async () => {
    await ended(await core.call('spaces.make', { source: features }))
    const { neighbours, source } = await core.call('clips.neighbours', {
      clipId: 1,
      ownRecording: true,
      count: 5,
    })
    const clip = await core.call('clips.get', { clipId: 1 })
    expect(source).toEqual(features)
    expect(neighbours.map(({ className }) => className)).toEqual(new Array(5).fill(clip.className))
  })

  it('are made again when their file is damaged, and refused for a fold that has no model', async () => {
    const folder = join(workspace, 'spaces')
    const [name = ''] = await readdir(folder)
    await core.close()
    await writeFile(join(folder, name), 'no vectors')
    core = await createCore({ workspaceFolder: workspace, entries: workerEntries(), mediaBase: '/media/' })
    expect(await core.call('spaces.state', { source: features })).toMatchObject({ isMade: false })
    await expect(core.call('spaces.make', { source: run(7) })).rejects.toMatchObject({ code: 'not-found' })
    await expect(core.call('clips.neighbours', { clipId: 99, runId })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('a map', () => {
  it('is made once, the same for the same seed, and lays classes apart', async () => {
    const request = { source: features, settings: { neighbours: 8 } }
    expect(await core.call('maps.get', request)).toBe(null)
    const made = async (settings: Partial<MapRequest['settings']>) => {
      const wanted = { source: features, settings: { neighbours: 8, ...settings } }
      expect(await ended(await core.call('maps.make', wanted))).toMatchObject({ status: 'succeeded' })
      const map = await core.call('maps.get', wanted)
      if (!map) throw new Error('the map was made')
      return map
    }
    const map = await made({})
    expect(map.clipIds).toHaveLength(36)
    expect(await made({})).toEqual(map)
    expect((await made({ seed: 5 })).x).not.toEqual(map.x)
    const nearest = map.clipIds.map((_, own) => {
      const distance = (other: number) =>
        Math.hypot((map.x[own] ?? 0) - (map.x[other] ?? 0), (map.y[own] ?? 0) - (map.y[other] ?? 0))
      const others = map.clipIds.map((_, other) => other).filter((other) => other !== own)
      return others.reduce((best, other) => (distance(other) < distance(best) ? other : best))
    })
    const same = nearest.filter((other, own) => map.classIds[other] === map.classIds[own])
    expect(same.length).toBeGreaterThan(33)
  })

  it('of a run has what it predicted and learnt', async () => {
    const request = { source: run(2), settings: { neighbours: 8 } }
    await ended(await core.call('maps.make', request))
    const map = await core.call('maps.get', request)
    expect(map?.folds.map((fold) => fold !== 2)).toEqual(map?.learnt)
    expect(map?.predictedClassIds.every((id) => id !== null)).toBe(true)
    expect(map?.confidences.every((value) => value !== null && value > 0 && value <= 1)).toBe(true)
  })

  it('leaves nothing behind when its job is cancelled', async () => {
    const request = { source: features, settings: { neighbours: 20 } }
    const { jobId } = await core.call('maps.make', request)
    await core.call('jobs.cancel', { jobId })
    expect(await ended({ jobId })).toMatchObject({ status: 'cancelled' })
    expect(await core.call('maps.get', request)).toBe(null)
  })
})

it('leaves no file behind when the dataset is removed', async () => {
  const files = () => readdir(join(workspace, 'spaces'))
  expect(await files()).not.toEqual([])
  await core.call('datasets.remove', { datasetId: features.datasetId })
  expect(await files()).toEqual([])
})
