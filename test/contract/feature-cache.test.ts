import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { JobStatus } from '../../src-main/contract/job.ts'
import { type TinyWorkspace, tinyWorkspace } from '../support/tiny-workspace.ts'

describe('the feature cache', () => {
  let workspace: TinyWorkspace
  beforeAll(async () => {
    workspace = await tinyWorkspace()
  })
  afterAll(() => workspace.close())

  async function extract(recipe: string): Promise<JobStatus> {
    const { core } = workspace
    const { jobId } = await core.call('features.extract', { datasetId: 1, recipe })
    for (;;) {
      const { status } = await core.call('jobs.get', { jobId })
      if (status !== 'queued' && status !== 'running') return status
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const names = async () =>
    (await workspace.core.call('features.cache', {})).map(({ name, files }) => ({ name, files }))

  it('is empty at first', async () => {
    expect(await names()).toEqual([])
  })

  it('names its parts with their sizes, and those that have no name any more', async () => {
    await extract('article')
    await extract('compact')
    await mkdir(join(workspace.folder, 'features', '0123456789abcdef', 'ab'), { recursive: true })
    expect(await names()).toEqual([
      { name: 'article', files: 2 },
      { name: 'compact', files: 2 },
      { name: null, files: 0 },
    ])
    const [article] = await workspace.core.call('features.cache', {})
    expect(article?.sizeBytes).toBeGreaterThan(2 * 4 * 128 * 173)
  })

  it('loses the parts that are named, which are made again when needed', async () => {
    const { core } = workspace
    const [article] = await core.call('features.cache', {})
    await core.call('features.prune', { ids: [article?.id ?? ''] })
    expect(await names()).toEqual([
      { name: 'compact', files: 2 },
      { name: null, files: 0 },
    ])
    const extracted = async () =>
      (await core.call('features.status', { datasetId: 1, recipe: 'article' })).extractedClips
    expect(await extracted()).toBe(0)
    expect(await extract('article')).toBe('succeeded')
    expect(await extracted()).toBe(2)
  })

  it('removes nothing where a part is not there, whatever its name', async () => {
    const { core } = workspace
    const before = await names()
    const [first] = await core.call('features.cache', {})
    for (const id of ['..', '../runs', '.', 'missing'])
      await expect(core.call('features.prune', { ids: [first?.id ?? '', id] })).rejects.toMatchObject({
        code: 'not-found',
      })
    expect(await names()).toEqual(before)
  })
})
