import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MethodInput } from '../../src-main/contract/api.ts'
import { explanationFilesSchema } from '../../src-main/contract/explanation.ts'
import type { Job } from '../../src-main/contract/job.ts'
import { type TinyWorkspace, tinyWorkspace } from '../support/tiny-workspace.ts'
import { unzip } from '../support/unzip.ts'

/** Why networks said what they said of two tones, a fold each. */

let workspace: TinyWorkspace
let runId: string
beforeAll(async () => {
  workspace = await tinyWorkspace()
  runId = await trained({ preset: 'compact-s', training: { epochs: 2 }, engine: 'wasm' })
})
afterAll(() => workspace.close())

async function ended(jobId: number): Promise<Job> {
  for (;;) {
    const job = await workspace.core.call('jobs.get', { jobId })
    if (job.status !== 'queued' && job.status !== 'running') return job
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function trained(settings: MethodInput<'runs.start'>['settings']): Promise<string> {
  const started = await workspace.core.call('runs.start', { datasetId: 1, settings })
  const job = await ended(started.jobId)
  if (job.status !== 'succeeded') throw new Error(JSON.stringify(job.error))
  return started.runId
}

async function map(clipId: number, request: object) {
  const encoded = Buffer.from(JSON.stringify(request)).toString('base64url')
  const resource = await workspace.core.media.open(`clips/${clipId}/explanation/${encoded}`)
  if (resource.kind !== 'bytes') throw new Error('maps are made in memory')
  const view = new DataView(resource.bytes.buffer, resource.bytes.byteOffset)
  return {
    rows: view.getUint32(0, true),
    frames: view.getUint32(4, true),
    values: new Float32Array(resource.bytes.slice(8).buffer),
  }
}

describe('an explanation', () => {
  it('is of the model that held the clip out, and its map comes as binary', async () => {
    const { core } = workspace
    for (const clipId of [1, 2]) {
      const { predictions } = await core.call('clips.get', { clipId })
      const stored = predictions.find((own) => own.runId === runId)
      const explanation = await core.call('runs.explanation', { runId, clipId })
      expect(explanation).toMatchObject({ fold: stored?.fold, method: 'grad-cam', rows: 128, frames: 173 })
      expect(explanation.cells).toEqual({ bands: 8, frames: 6 })
      for (const [place, own] of explanation.classes.entries()) {
        expect(own.probability).toBeCloseTo(stored?.probabilities[place]?.probability ?? Number.NaN, 5)
        const { values, ...shape } = await map(clipId, { runId, classId: own.classId })
        expect(shape).toEqual({ rows: 128, frames: 173 })
        expect(Math.max(...values)).toBeCloseTo(own.largest, 6)
        expect(Math.min(...values)).toBeGreaterThanOrEqual(0)
      }
    }
  })

  it('by occlusion rests on the second in which the tone sounds, for a class that it decides', async () => {
    const how = {
      method: 'occlusion',
      occlusion: { patchBands: 128, patchFrames: 43, strideBands: 128, strideFrames: 43 },
    } as const
    const { classes, cells } = await workspace.core.call('runs.explanation', { runId, clipId: 1, ...how })
    expect(cells).toEqual({ bands: 1, frames: 5 })
    // The probabilities of two classes change by as much, the other way.
    const [high, low] = classes
    expect(high?.largest).toBeCloseTo(-(low?.smallest ?? 0), 5)
    const { values } = await map(1, { runId, classId: high?.classId, ...how })
    const inSound = Math.abs(values[10] ?? 0)
    expect(inSound).toBeGreaterThan(5 * Math.abs(values[150] ?? 0))
  })

  it('is refused, saying why, where there is no place to point at', async () => {
    const { core } = workspace
    const refused = async (settings: MethodInput<'runs.start'>['settings'], request = {}) =>
      expect(core.call('runs.explanation', { runId: await trained(settings), clipId: 1, ...request })).rejects
    await (await refused({ preset: 'nearest-neighbours', network: { neighbours: 1 } })).toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('nearest-neighbours is no network'),
    })
    const linear = { preset: 'linear', training: { epochs: 1 }, engine: 'wasm' } as const
    await (await refused(linear)).toMatchObject({
      code: 'invalid-input',
      hint: expect.stringContaining('Occlusion'),
    })
    await expect(core.call('runs.explanation', { runId, clipId: 1, picture: 1 })).rejects.toMatchObject({
      code: 'invalid-input',
    })
    await expect(core.call('runs.explanation', { runId, clipId: 99 })).rejects.toMatchObject({
      code: 'not-found',
    })
    const tiny = { patchBands: 1, patchFrames: 1, strideBands: 1, strideFrames: 1 }
    const wide = { runId, clipId: 1, method: 'occlusion', occlusion: tiny } as const
    const stop = new AbortController()
    const going = core.call('runs.explanation', wide, stop.signal)
    stop.abort()
    await expect(going).rejects.toThrow(/abort/)
  })

  it('of several clips is written as NumPy arrays with the picture', async () => {
    const { core } = workspace
    const { jobId } = await core.call('runs.explain', { runId, clipIds: [1, 2, 2], classes: 'all' })
    const job = await ended(jobId)
    expect(job.error).toBe(null)
    const { folder, files, explanations } = explanationFilesSchema.parse(job.result)
    expect(files).toBe(2)
    expect(explanations.map(({ path }) => path)).toEqual(['fold1/low.npz', 'fold2/high.npz'])
    for (const { path, clipId, classes } of explanations) {
      const arrays = unzip(await readFile(join(folder, path)))
      const maps = arrays.get('maps.npy')
      if (!maps) throw new Error('no maps')
      expect(maps.toString('latin1', 10, 80)).toContain("'shape': (2, 128, 173)")
      const values = new Float32Array(new Uint8Array(maps.subarray(10 + maps.readUInt16LE(8))).buffer)
      const second = await map(clipId, { runId, classId: classes[1]?.classId })
      expect(values.slice(128 * 173)).toEqual(second.values)
    }
  })
})
