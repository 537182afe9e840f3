import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SoundfoldError } from '../../../src-main/contract/errors.ts'
import { featureRecipeSchema } from '../../../src-main/contract/recipe.ts'
import {
  type ExportRequest,
  type ExportSource,
  exportFeatures,
} from '../../../src-main/core/export/export-features.ts'
import { unzip } from '../../support/unzip.ts'

/** What goes wrong in the middle, with a feature cache that fails when it is told to. */

const recipe = featureRecipeSchema.parse({
  kind: 'log-mel',
  sampleRateHz: 8000,
  durationSeconds: 1,
  nFft: 256,
  hopLength: 256,
  nMels: 4,
})
const FRAMES = 32
const CLIPS = 40
const FORMATS = ['npz', 'npz-per-clip', 'csv', 'png'] as const

let root: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'soundfold-export-'))
})
afterEach(() => rm(root, { recursive: true }))

function request(format: ExportRequest['format'], whenTaken: 'number' | 'refuse' = 'number'): ExportRequest {
  const clips = Array.from({ length: CLIPS }, (_, index) => ({
    clipId: index + 1,
    path: `/nowhere/${index}.wav`,
    contentHash: '',
    fileName: `${index}.wav`,
    fold: 1 + (index % 2),
    classId: index % 3,
    className: `class ${index % 3}`,
    group: '',
  }))
  const target = { path: join(root, 'exports', 'set'), whenTaken }
  return { clips, recipeName: 'tiny', recipe, format, target }
}

/** @param onClip - called before each clip is given */
function source(onClip: (clipId: number) => void): ExportSource {
  return {
    extractAll: async (clips) => ({ extracted: 0, alreadyThere: clips.length, failed: [] }),
    async read({ clipId }) {
      onClip(clipId)
      return { data: new Float32Array(4 * FRAMES).fill(clipId), rows: 4, frames: FRAMES }
    },
    async summary({ clipId }) {
      onClip(clipId)
      return [['rms_mean', clipId]]
    },
  }
}

const context = (signal = new AbortController().signal) => ({
  jobId: 1,
  signal,
  progress: () => {},
  stopped: () => 'cancelled' as const,
})

describe.each(FORMATS)('an export as %s', (format) => {
  it('leaves nothing when it is cancelled in the middle', async () => {
    const abort = new AbortController()
    const cache = source((clipId) => {
      if (clipId === CLIPS / 2) abort.abort()
    })
    await expect(exportFeatures(request(format), cache, context(abort.signal))).rejects.toMatchObject({
      name: 'AbortError',
    })
    expect(await readdir(join(root, 'exports'))).toEqual([])
  })

  it.each([
    ['the disk is full', Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })],
    ['the disk of the features is full', new SoundfoldError('disk-full', 'No space is left.')],
  ])('says so and leaves nothing when %s', async (_name, error) => {
    const cache = source((clipId) => {
      if (clipId === CLIPS / 2) throw error
    })
    await expect(exportFeatures(request(format), cache, context())).rejects.toMatchObject({
      name: 'SoundfoldError',
      code: 'disk-full',
    })
    expect(await readdir(join(root, 'exports'))).toEqual([])
  })

  it('leaves out a clip that is lost in the middle, and names it', async () => {
    const lost = [7, 30]
    const cache = source((clipId) => {
      if (lost.includes(clipId)) throw new SoundfoldError('missing-file', `${clipId} is missing.`)
    })
    const result = await exportFeatures(request(format), cache, context())
    expect(result.clips).toBe(CLIPS - 2)
    expect(result.failed.map(({ clipId }) => clipId).sort((a, b) => a - b)).toEqual(lost)
    if (format === 'npz') {
      const arrays = unzip(await readFile(join(result.folder, 'features.npz')))
      const features = arrays.get('features.npy') ?? Buffer.alloc(0)
      expect(features.toString('latin1', 10, 128)).toContain(`'shape': (38, 4, ${FRAMES})`)
      const firsts = Array.from({ length: 38 }, (_, index) =>
        features.readFloatLE(128 + 4 * index * 4 * FRAMES),
      )
      expect(firsts).toEqual(
        Array.from({ length: CLIPS }, (_, index) => index + 1).filter((id) => !lost.includes(id)),
      )
    } else {
      const table = await readFile(
        join(result.folder, format === 'csv' ? 'features.csv' : 'metadata.csv'),
        'utf8',
      )
      expect(table.trimEnd().split('\r\n')).toHaveLength(1 + CLIPS - 2)
    }
  })

  it('does not touch a folder that is there', async () => {
    const { target } = request(format)
    await mkdir(target.path, { recursive: true })
    await writeFile(join(target.path, 'mine.txt'), 'mine')
    await expect(
      exportFeatures(
        request(format, 'refuse'),
        source(() => {}),
        context(),
      ),
    ).rejects.toMatchObject({ code: 'conflict' })
    const numbered = await exportFeatures(
      request(format),
      source(() => {}),
      context(),
    )
    expect(numbered.folder).toBe(`${target.path}-2`)
    expect(await readdir(target.path)).toEqual(['mine.txt'])
  })
})

it('features of another shape than the recipe’s end an export with an error', async () => {
  const cache = { ...source(() => {}), read: async () => ({ data: new Float32Array(3), rows: 1, frames: 3 }) }
  await expect(exportFeatures(request('npz'), cache, context())).rejects.toThrow('unexpected number of bytes')
  expect(await readdir(join(root, 'exports'))).toEqual([])
})

it('what a killed export left is removed by the next', async () => {
  await mkdir(join(root, 'exports', '.unfinished-0123456789ab', 'fold1'), { recursive: true })
  await exportFeatures(
    request('csv'),
    source(() => {}),
    context(),
  )
  expect(await readdir(join(root, 'exports'))).toEqual(['set'])
})

it('the same features give the same bytes', async () => {
  const written = async () => {
    const { folder } = await exportFeatures(
      request('npz'),
      source(() => {}),
      context(),
    )
    return readFile(join(folder, 'features.npz'))
  }
  expect(await written()).toEqual(await written())
})
