import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { featureRecipeSchema } from '../../../src-main/contract/recipe.ts'
import { type TinyWorkspace, tinyWorkspace } from '../../support/tiny-workspace.ts'

let workspace: TinyWorkspace
beforeAll(async () => {
  workspace = await tinyWorkspace()
})
afterAll(() => workspace.close())

const small = featureRecipeSchema.parse({
  kind: 'mfcc',
  sampleRateHz: 8000,
  durationSeconds: 1,
  nFft: 512,
  hopLength: 256,
  nMels: 32,
  nMfcc: 13,
})
const names = async () => (await workspace.core.call('features.recipes', {})).map(({ name }) => name)
const preview = (settings: object, clipId = 1) =>
  workspace.core.media.open(
    `clips/${clipId}/preview/${Buffer.from(JSON.stringify(settings)).toString('base64url')}`,
  )

describe('recipes of the person’s own', () => {
  it('are kept beside the built-in ones, replaced and removed', async () => {
    const { core } = workspace
    const builtIn = await names()
    expect((await core.call('features.recipes', {})).every((recipe) => recipe.builtIn)).toBe(true)
    expect(builtIn.slice(0, 2)).toEqual(['article', 'article-recorded'])
    const saved = await core.call('features.saveRecipe', { name: 'my-mfcc', settings: small })
    expect(saved).toMatchObject({ name: 'my-mfcc', builtIn: false, rows: 13, frames: 32, melCentresHz: [] })
    expect(await names()).toEqual([...builtIn, 'my-mfcc'])
    const other = await core.call('features.saveRecipe', {
      name: 'my-mfcc',
      settings: { ...small, deltas: 1 },
    })
    expect(other.rows).toBe(26)
    expect(other.hash).not.toBe(saved.hash)
    await core.call('features.removeRecipe', { name: 'my-mfcc' })
    expect(await names()).toEqual(builtIn)
  })

  it('take no name of a built-in one, and no odd one', async () => {
    const { core } = workspace
    await expect(core.call('features.saveRecipe', { name: 'article', settings: small })).rejects.toThrow(
      'built-in',
    )
    await expect(core.call('features.removeRecipe', { name: 'article' })).rejects.toThrow('built-in')
    await expect(core.call('features.removeRecipe', { name: 'constructor' })).rejects.toThrow('no feature')
    for (const name of ['', 'A', '../x', 'a b', '-a'])
      await expect(core.call('features.saveRecipe', { name, settings: small })).rejects.toThrow('name')
  })

  it('name the setting that is wrong', async () => {
    const settings = { ...small, fMaxHz: 5000 }
    await expect(workspace.core.call('features.describe', { settings })).rejects.toThrow(
      /settings\.fMaxHz: must be at most half the sample rate/,
    )
  })

  it('train, and a run keeps the settings that it had', async () => {
    const { core } = workspace
    await core.call('features.saveRecipe', { name: 'tiny', settings: small })
    const { runId, jobId } = await core.call('runs.start', {
      datasetId: 1,
      settings: { recipe: 'tiny', training: { epochs: 1 }, engine: 'wasm' },
    })
    await core.call('features.removeRecipe', { name: 'tiny' })
    for (;;) {
      const { status, error } = await core.call('jobs.get', { jobId })
      if (status === 'succeeded') break
      if (status !== 'queued' && status !== 'running') throw new Error(`${status}: ${error?.message}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
    expect((await core.call('runs.get', { runId })).settings.recipeSettings).toEqual(small)
  })
})

describe('a preview', () => {
  it('gives the clip by settings that are not saved', async () => {
    const resource = await preview({ ...small, kind: 'log-mel' })
    if (resource.kind !== 'bytes') throw new Error('a preview is made in memory')
    const view = new DataView(resource.bytes.buffer, resource.bytes.byteOffset)
    expect([view.getUint32(0, true), view.getUint32(4, true)]).toEqual([32, 32])
    expect(resource.bytes.length).toBe(8 + 32 * 32 * 4)
    // 220 Hz is the loudest band in the middle of the clip.
    const column = Array.from({ length: 32 }, (_, band) => view.getFloat32(8 + (band * 32 + 16) * 4, true))
    const { melCentresHz } = await workspace.core.call('features.describe', {
      settings: { ...small, kind: 'log-mel' },
    })
    const loudest = melCentresHz[column.indexOf(Math.max(...column))] ?? 0
    expect(Math.abs(loudest - 220)).toBeLessThan(40)
  })

  it('refuses what is no recipe', async () => {
    await expect(preview({ ...small, nMels: 0 })).rejects.toThrow('nMels')
    await expect(workspace.core.media.open('clips/1/preview/e30')).rejects.toThrow('recipe')
    await expect(workspace.core.media.open('clips/1/preview/_-_-')).rejects.toThrow('can’t be read')
    await expect(workspace.core.media.open('clips/1/preview/')).rejects.toThrow('no media')
  })
})
