import { createHash } from 'node:crypto'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import {
  type AudioClip,
  type FeatureIndex,
  FeatureStore,
} from '../../../src-main/core/features/feature-store.ts'
import { FEATURE_PRESETS, type FeatureRecipe } from '../../../src-main/core/features/recipe.ts'
import { WorkerPool } from '../../../src-main/core/features/worker-pool.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'

/** The cache with its real threads, on a real folder. */
const pool = new WorkerPool(workerEntries().featuresWorker)
const never = new AbortController().signal
const article = FEATURE_PRESETS.article
if (!article) throw new Error('no recipe')
const recipe: FeatureRecipe = article

let folder: string
let rows: Map<string, number>
let store: FeatureStore
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-features-'))
  rows = new Map()
  const index: FeatureIndex = {
    add: (contentHash, recipeHash, sizeBytes) => void rows.set(`${contentHash} ${recipeHash}`, sizeBytes),
    remove: (contentHash, recipeHash) => void rows.delete(`${contentHash} ${recipeHash}`),
  }
  store = new FeatureStore(folder, pool, index, {
    processes: 1,
    embed: () => Promise.reject(new Error('none')),
  })
  return () => rmSync(folder, { recursive: true, force: true })
})
beforeAll(() => pool)
afterAll(() => pool.close())

function clip(clipId: number): AudioClip {
  const path = join(folder, `${clipId}.wav`)
  const tone = Float32Array.from(
    { length: 8000 },
    (_, n) => 0.5 * Math.sin((2 * Math.PI * 440 * clipId * n) / 8000),
  )
  writeFileSync(path, encodeWav([tone], 8000))
  return { clipId, path, contentHash: createHash('sha256').update(readFileSync(path)).digest('hex') }
}
const extract = (clips: AudioClip[], signal = never) => store.extractAll(clips, recipe, signal, () => {})

describe('the cache of features', () => {
  it('extracts once, keeps a row a file, and lists what failed while the others go on', async () => {
    const good = [clip(1), clip(2)]
    const broken = { ...clip(3), path: join(folder, 'gone.wav') }
    expect(await extract([good[0] ?? broken, broken, ...good.slice(1)])).toMatchObject({
      extracted: 2,
      alreadyThere: 0,
      failed: [{ clipId: 3, message: expect.stringContaining('gone.wav') }],
    })
    expect(await extract(good)).toEqual({ extracted: 0, alreadyThere: 2, failed: [] })
    expect(rows.size).toBe(2)
  })

  it('gives up where its folder can’t be written, which is no clip’s fault', async () => {
    const clips = [clip(1), clip(2)]
    const cache = dirname(dirname(store.path(clips[0]?.contentHash ?? '', recipe)))
    mkdirSync(dirname(cache), { recursive: true })
    writeFileSync(cache, 'in the way')
    await expect(extract(clips)).rejects.toMatchObject({
      code: 'workspace-unwritable',
      message: expect.stringContaining(cache),
      hint: expect.stringContaining('write'),
    })
    rmSync(cache)
    expect(await extract(clips)).toMatchObject({ extracted: 2 })
  })

  it('another setting is another file', () => {
    const { contentHash } = clip(1)
    expect(store.path(contentHash, recipe)).not.toBe(store.path(contentHash, { ...recipe, hopLength: 256 }))
  })

  it.each([
    ['cut short', (path: string) => truncateSync(path, 1000)],
    ['changed', (path: string) => writeFileSync(path, readFileSync(path).fill(7, 100, 120))],
  ])('a file that was %s is made again', async (_how, damage) => {
    const one = clip(1)
    const before = await store.read(one, recipe, never)
    damage(store.path(one.contentHash, recipe))
    const after = await store.read(one, recipe, never)
    expect(after.data).toEqual(before.data)
  })

  it('a cancel stops in under a second and leaves no half file', async () => {
    const abort = new AbortController()
    const clips = Array.from({ length: 60 }, (_, index) => clip(index + 1))
    const stopped = store.extractAll(clips, recipe, abort.signal, (done) => done > 3 && abort.abort())
    await expect(stopped).rejects.toThrow()
    const startMs = performance.now()
    await stopped.catch(() => {})
    expect(performance.now() - startMs).toBeLessThan(1000)
    const files = readdirSync(join(folder, 'features'), { recursive: true, encoding: 'utf8' })
    expect(files.filter((file) => file.endsWith('.feat')).length).toBeLessThan(60)
    const again = await extract(clips)
    expect(again.extracted + again.alreadyThere).toBe(60)
  })
})
