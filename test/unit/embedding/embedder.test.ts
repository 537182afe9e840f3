import { createHash } from 'node:crypto'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { type EmbeddingRecipe, embeddingRecipeSchema } from '../../../src-main/contract/embedding.ts'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import { Embedder } from '../../../src-main/core/embedding/embedder.ts'
import type { ProcessLimits } from '../../../src-main/core/embedding/embedding-process.ts'
import { FeatureStore } from '../../../src-main/core/features/feature-store.ts'
import { WorkerPool } from '../../../src-main/core/features/worker-pool.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { chirp } from '../../parity/signals.ts'
import { modelFile, RATE_HZ, waveform } from '../../support/embedding-workspace.ts'

/** Models that hang, take all memory or end their process, in real processes. */
let folder: string
let embedder: Embedder
const never = new AbortController().signal
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-embedder-'))
})
afterEach(() => {
  embedder.close()
  rmSync(folder, { recursive: true, force: true })
})

function start(limits: Partial<ProcessLimits>): void {
  embedder = new Embedder(workerEntries().embeddingProcess, limits)
}

/** The bad models are so with what is louder than 0.2. */
function clip(clipId: number, level: number) {
  const path = join(folder, `${clipId}.wav`)
  writeFileSync(path, encodeWav([chirp(RATE_HZ, RATE_HZ, 50, 7000).map((x) => 2 * level * x)], RATE_HZ))
  return { clipId, path, contentHash: String(clipId).padStart(64, '0') }
}

function extraction(model: string) {
  const path = modelFile(model)
  const hash = createHash('sha256').update(readFileSync(path)).digest('hex')
  const recipe: EmbeddingRecipe = embeddingRecipeSchema.parse({
    kind: 'embedding',
    modelHash: hash,
    input: waveform,
    output: { name: 'embedding' },
    dimensions: 6,
    framesPerWindow: 1,
  })
  const index = { add: () => {}, remove: () => {} }
  const store = new FeatureStore(folder, new WorkerPool(workerEntries().featuresWorker), index, {
    processes: 1,
    embed: (task, signal) => embedder.embed({ path, hash }, task, signal),
  })
  return {
    path: (contentHash: string) => store.path(contentHash, recipe),
    all: (clips: ReturnType<typeof clip>[], signal = never) =>
      store.extractAll(clips, recipe, signal, () => {}),
  }
}

describe('a model that goes wrong costs its clip alone', () => {
  it('when it takes too long', async () => {
    start({ seconds: 8 })
    const { all, path } = extraction('endless')
    const clips = [clip(1, 0.1), clip(2, 0.5), clip(3, 0.15)] as const
    expect(await all([...clips])).toEqual({
      extracted: 2,
      alreadyThere: 0,
      failed: [
        { clipId: 2, file: clips[1].path, message: expect.stringContaining('it took longer than 8 s') },
      ],
    })
    expect(clips.map(({ contentHash }) => existsSync(path(contentHash)))).toEqual([true, false, true])
  })

  it('when it takes too much memory, until that is three times in a row', async () => {
    start({ bytes: 1e9 })
    const loud = [1, 2, 3, 4].map((clipId) => clip(clipId, 0.5))
    await expect(extraction('greedy').all(loud)).rejects.toMatchObject({
      code: 'model-unusable',
      message: expect.stringMatching(/1\.0 GB of memory.*3 times in a row/),
    })
  })
})

it('a cancel ends the process that computes', async () => {
  start({})
  const abort = new AbortController()
  const { all, path } = extraction('endless')
  const [quiet, loud] = [clip(1, 0.1), clip(2, 0.5)]
  const extracting = all([quiet, loud], abort.signal)
  const timer = setInterval(() => {
    if (!existsSync(path(quiet.contentHash))) return
    clearInterval(timer)
    setTimeout(() => abort.abort(), 500)
  }, 20)
  await expect(extracting).rejects.toMatchObject({ name: 'AbortError' })
  expect(await all([quiet])).toMatchObject({ alreadyThere: 1 })
  expect(await all([clip(3, 0.1)])).toMatchObject({ extracted: 1 })
})

describe('a process that dies', () => {
  const dying = new URL('./dying-process.ts', import.meta.url)

  it('in the midst of a clip costs that clip', async () => {
    embedder = new Embedder(dying)
    const { all } = extraction('framed')
    const crash = { ...clip(2, 0.5), path: join(folder, 'crash.wav') }
    expect(await all([clip(1, 0.5), crash, clip(3, 0.5)])).toMatchObject({
      extracted: 2,
      failed: [{ clipId: 2, message: expect.stringContaining('ended with SIGSEGV: last words') }],
    })
  })

  it('while it waits is replaced', async () => {
    embedder = new Embedder(dying)
    const { all } = extraction('framed')
    for (const clipId of [1, 2, 3]) {
      const only = { ...clip(clipId, 0.5), path: join(folder, 'once.wav') }
      expect(await all([only])).toMatchObject({ extracted: 1, failed: [] })
      // It ends by itself 50 ms after its answer.
      await new Promise((resolve) => setTimeout(resolve, 500))
    }
  })
})
