import { execFileSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { featureExportSchema } from '../../../src-main/contract/model.ts'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import { type Core, createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { sine } from '../../parity/signals.ts'
import { unzip } from '../../support/unzip.ts'

const python = process.env.SOUNDFOLD_PYTHON ?? 'python3'
const script = fileURLToPath(new URL('../../parity/generate/exports.py', import.meta.url))
const hasNumpy = (() => {
  try {
    execFileSync(python, ['-c', 'import numpy'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

let root: string
let core: Core
const NAMES = ['a.wav', 'A.wav', '..wav', '=cmd.wav', 'ünï cödé "x".wav', 'broken.wav']

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'soundfold-export-'))
  const folder = join(root, 'set')
  await mkdir(folder)
  for (const [index, name] of NAMES.entries())
    await writeFile(join(folder, name), encodeWav([sine(8000, 8000, 200 * (index + 1))], 8000))
  const rows = NAMES.map(
    (name, index) => `"${name.replaceAll('"', '""')}",class ${index % 2},${1 + (index % 3)}`,
  )
  await writeFile(join(folder, 'clips.csv'), ['file,label,fold', ...rows].join('\n'))
  const mapping = { csv: 'clips.csv', file: 'file', label: 'label', fold: 'fold' }
  core = await createCore({ workspaceFolder: join(root, 'ws'), entries: workerEntries(), mediaBase: '' })
  await ended((await core.call('datasets.import', { folder, format: 'csv', mapping })).jobId)
  // Its header was read; its sound is gone.
  await writeFile(join(folder, 'broken.wav'), 'nothing')
  await core.call('features.saveRecipe', {
    name: 'tiny',
    settings: {
      kind: 'log-mel',
      sampleRateHz: 8000,
      durationSeconds: 1,
      nFft: 256,
      hopLength: 256,
      nMels: 16,
    },
  })
})
afterAll(async () => {
  await core.close()
  await rm(root, { recursive: true })
})

/** The texts of a one-dimensional `<U…` array. */
function npyTextsOf(file: Buffer = Buffer.alloc(0)): string[] {
  const width = Number(/<U(\d+)/.exec(file.toString('latin1', 10, 128))?.[1])
  const start = 10 + file.readUInt16LE(8)
  return Array.from({ length: (file.length - start) / (4 * width) }, (_, row) =>
    Array.from({ length: width }, (_, column) =>
      String.fromCodePoint(file.readUInt32LE(start + 4 * (row * width + column))),
    )
      .join('')
      .replace(/\0+$/, ''),
  )
}

async function ended(jobId: number) {
  for (;;) {
    const job = await core.call('jobs.get', { jobId })
    if (job.status !== 'queued' && job.status !== 'running') return job
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function exported(format: 'npz' | 'npz-per-clip' | 'csv' | 'png') {
  const { jobId } = await core.call('features.export', { datasetId: 1, recipe: 'tiny', format })
  const job = await ended(jobId)
  expect(job.error).toBeNull()
  return featureExportSchema.parse(job.result)
}

describe('exported features', () => {
  it('of a set are one file; a clip that can’t be decoded is named and left out', async () => {
    const { folder, files, clips, failed } = await exported('npz')
    expect([files, clips, failed.length]).toEqual([1, 5, 1])
    expect(failed[0]?.message).toContain('broken.wav')
    expect(folder.startsWith(join(root, 'ws', 'exports') + sep)).toBe(true)
    expect(await readdir(folder)).toEqual(['features.npz'])
    const again = await exported('npz')
    expect(again.folder).not.toBe(folder)
    expect(await readFile(join(again.folder, 'features.npz'))).toHaveLength(
      (await readFile(join(folder, 'features.npz'))).length,
    )
  })

  it.skipIf(!hasNumpy)(
    `are read back by NumPy${hasNumpy ? '' : ' (python3 has no NumPy: set SOUNDFOLD_PYTHON)'}`,
    async () => {
      const { folder } = await exported('npz')
      const told = z
        .record(
          z.string(),
          z.object({
            type: z.string(),
            shape: z.array(z.number()),
            sum: z.number().nullable(),
            first: z.string().nullable(),
          }),
        )
        .parse(JSON.parse(execFileSync(python, [script, join(folder, 'features.npz')], { encoding: 'utf8' })))
      expect(told.features).toMatchObject({ type: '<f4', shape: [5, 16, 32] })
      expect(told.labels).toMatchObject({ type: '<i8', shape: [5] })
      expect(told.folds?.sum).toBe(1 + 2 + 3 + 1 + 2)
      expect(told.file_names?.first).toBe('a.wav')
      expect(told.class_names).toMatchObject({ shape: [2], first: 'class 0' })
      expect(told.recipe?.shape).toEqual([])
      expect(JSON.parse(told.recipe?.first ?? '')).toMatchObject({ name: 'tiny', nMels: 16 })
      const clip = join((await exported('npz-per-clip')).folder, 'fold1', 'a.npz')
      const one = JSON.parse(execFileSync(python, [script, clip], { encoding: 'utf8' }))
      expect(one).toMatchObject({ arr_0: { type: '<f4', shape: [16, 32] } })
    },
  )

  it('of each clip are files of their own, none outside the folder and none lost', async () => {
    for (const [format, expected] of [
      ['npz-per-clip', ['fold1/_cmd', 'fold1/a', 'fold2/A', 'fold2/ünï_cödé_x_', 'fold3/_']],
      [
        'png',
        [
          ...['fold1/class_0/a', 'fold1/class_1/_cmd', 'fold2/class_0/ünï_cödé_x_'],
          ...['fold2/class_1/A', 'fold3/class_0/_'],
        ],
      ],
    ] as const) {
      const { folder, files, sizeBytes } = await exported(format)
      expect(files).toBe(6)
      const extension = format === 'png' ? '.png' : '.npz'
      const found = (await readdir(folder, { recursive: true })).filter((name) => name.endsWith(extension))
      const places = expected.map((place) => place + extension).sort()
      expect(found.map((name) => name.split(sep).join('/')).sort()).toEqual(places)
      const rows: string[][] = parse(await readFile(join(folder, 'metadata.csv')))
      expect(
        rows
          .slice(1)
          .map(([path]) => path)
          .sort(),
      ).toEqual(places)
      const sizes = await Promise.all(
        [...found, 'metadata.csv'].map(async (name) => (await stat(join(folder, name))).size),
      )
      expect(sizeBytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
    }
  })

  it('of a clip are the same numbers in the one file and in the many', async () => {
    const set = unzip(await readFile(join((await exported('npz')).folder, 'features.npz')))
    const one = unzip(await readFile(join((await exported('npz-per-clip')).folder, 'fold1', 'a.npz')))
    const matrix = one.get('arr_0.npy') ?? Buffer.alloc(0)
    expect(matrix.toString('latin1', 10, 128)).toContain("'shape': (16, 32), }")
    const index = npyTextsOf(set.get('file_names.npy')).indexOf('a.wav')
    const values = matrix.subarray(128)
    const start = 128 + index * values.length
    expect(set.get('features.npy')?.subarray(start, start + values.length)).toEqual(values)
    expect([...set.keys()]).not.toContain('groups.npy')
  })

  it('in numbers are a row a clip, kept for the next time', async () => {
    const first = await exported('csv')
    const rows: string[][] = parse(await readFile(join(first.folder, 'features.csv')))
    expect(rows.length).toBe(6)
    expect(rows[0]?.slice(0, 6)).toEqual(['file', 'fold', 'class_id', 'class', 'group', 'mfcc_0_mean'])
    expect(rows.map(([name]) => name)).toContain("'=cmd.wav")
    // A sine of amplitude 1: its RMS is √½ but for the frames that reach beyond its ends.
    const rms = Number(rows[1]?.[rows[0]?.indexOf('rms_mean') ?? -1])
    expect(rms).toBeGreaterThan(0.6)
    expect(rms).toBeLessThan(Math.SQRT1_2)
    const second = await exported('csv')
    expect(await readFile(join(second.folder, 'features.csv'))).toEqual(
      await readFile(join(first.folder, 'features.csv')),
    )
  })

  it('leave nothing when they are cancelled', async () => {
    const before = await readdir(join(root, 'ws', 'exports'))
    const { jobId } = await core.call('features.export', { datasetId: 1, recipe: 'article', format: 'png' })
    await core.call('jobs.cancel', { jobId })
    expect((await ended(jobId)).status).toBe('cancelled')
    expect(await readdir(join(root, 'ws', 'exports'))).toEqual(before)
  })
})
