import { readdir } from 'node:fs/promises'
import { join, sep } from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { MethodInput } from '../../src-main/contract/api.ts'
import { featureExportSchema } from '../../src-main/contract/model.ts'
import { createClient } from '../../src-renderer/lib/backend/client.ts'
import { type TinyWorkspace, tinyWorkspace } from '../support/tiny-workspace.ts'
import { WIRES } from './wires.ts'

describe.each(WIRES)('export of features over %s', (_name, serve) => {
  let workspace: TinyWorkspace
  let close: (() => Promise<void>) | undefined
  beforeAll(async () => {
    workspace = await tinyWorkspace()
  })
  afterAll(() => workspace.close())
  afterEach(async () => {
    await close?.()
    close = undefined
  })
  const connect = async () => {
    const served = await serve(workspace.core, () => {})
    close = served.close
    return createClient(served.wire)
  }

  it('is a job that says where the files are, within the workspace', async () => {
    const client = await connect()
    const ended = Promise.withResolvers<unknown>()
    const steps = new Set<string>()
    const off = client.on('job', (job) => {
      steps.add(job.step)
      if (job.status === 'succeeded') ended.resolve(job.result)
      else if (job.error) ended.reject(job.error)
    })
    await client.call('features.export', { datasetId: 1, recipe: 'compact', format: 'npz-per-clip' })
    const result = featureExportSchema.parse(await ended.promise)
    off()
    expect(result).toMatchObject({ files: 3, clips: 2, failed: [] })
    expect(result.folder.startsWith(join(workspace.folder, 'exports') + sep)).toBe(true)
    expect((await readdir(result.folder)).sort()).toEqual(['fold1', 'fold2', 'metadata.csv'])
    expect(steps).toContain('Writing features')
  })

  it('goes to no folder that a request names', async () => {
    const client = await connect()
    const wrong = { datasetId: 1, folder: '/tmp/elsewhere' } as MethodInput<'features.export'>
    await expect(client.call('features.export', wrong)).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('folder'),
    })
  })

  it.each([
    ['a recipe', { datasetId: 1, recipe: 'none' }],
    ['a dataset', { datasetId: 9 }],
  ])('is refused for %s that there is not', async (_what, request) => {
    const client = await connect()
    await expect(client.call('features.export', request)).rejects.toMatchObject({ code: 'not-found' })
  })
})
