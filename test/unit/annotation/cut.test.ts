import { existsSync, readFileSync } from 'node:fs'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import {
  type CutSettings,
  cutResultSchema,
  cutSettingsSchema,
} from '../../../src-main/contract/annotation.ts'
import { fromErrorShape } from '../../../src-main/contract/errors.ts'
import { isOver } from '../../../src-main/contract/job.ts'
import { importResultSchema } from '../../../src-main/contract/model.ts'
import { cutRecording } from '../../../src-main/core/annotation/cut/cut-audio.ts'
import { slicesOf } from '../../../src-main/core/annotation/cut/plan-cut.ts'
import { decodeAudio } from '../../../src-main/core/audio/decode.ts'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import { type Core, createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { randomNumbers } from '../../support/large-workspace.ts'

const shared = fileURLToPath(new URL('../../../../shared/data/', import.meta.url))
const official = join(shared, 'UrbanSound8K.csv')
const decoded = async (path: string) => decodeAudio(await readFile(path), path)
const bytesOf = (samples: Float32Array | undefined) => Buffer.from(Float32Array.from(samples ?? []).buffer)
const settings = (change: Partial<CutSettings> = {}): CutSettings => ({
  ...cutSettingsSchema.parse({}),
  ...change,
})

describe('slices', () => {
  it.skipIf(!existsSync(official))('are those of UrbanSound8K, occurrence for occurrence', () => {
    const rows = z
      .array(z.object({ slice_file_name: z.string(), start: z.coerce.number(), end: z.coerce.number() }))
      .parse(parse(readFileSync(official), { columns: true }))
    const occurrences = Map.groupBy(rows, ({ slice_file_name }) =>
      slice_file_name.split('-').slice(0, 3).join('-'),
    )
    let compared = 0
    let others = 0
    for (const own of occurrences.values()) {
      const slices = own.map(({ slice_file_name, start, end }) => ({
        ...{ slice: Number(slice_file_name.replace('.wav', '').split('-')[3]), start, end },
      }))
      const [first] = slices
      if (!first) continue
      // Where the whole occurrence began; it is told nowhere, and may have gone on after its last slice.
      const startSeconds = first.start - 0.5 * first.slice
      const endSeconds = Math.max(...slices.map(({ end }) => end))
      const made = slicesOf({ startSeconds, endSeconds }, settings())
      for (const { slice, start, end } of slices) {
        const same = made.find((one) => one.slice === slice)
        if (same && Math.abs(same.startSeconds - start) < 1e-4 && Math.abs(same.endSeconds - end) < 1e-4)
          compared++
        else others++
      }
    }
    expect(compared + others).toBe(8732)
    expect(others).toBeLessThanOrEqual(2)
  })

  it('leave no part of a window outside, and cut nothing that fits', () => {
    const times = (startSeconds: number, endSeconds: number, change: Partial<CutSettings> = {}) =>
      slicesOf({ startSeconds, endSeconds }, settings(change)).map((one) => [
        one.slice,
        one.startSeconds,
        one.endSeconds,
      ])
    expect(times(1, 5)).toEqual([[0, 1, 5]])
    expect(times(1.1, 5.6)).toEqual([
      [0, 1.1, 5.1],
      [1, 1.6, 5.6],
    ])
    expect(times(0, 9, { windowSeconds: 4, hopSeconds: 2 })).toEqual([
      [0, 0, 4],
      [1, 2, 6],
      [2, 4, 8],
    ])
    expect(times(0, 9, { pieces: 'whole' })).toEqual([[0, 0, 9]])
  })
})

describe('audio', () => {
  let root: string
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'soundfold-cut-audio-'))
  })
  afterAll(() => rm(root, { recursive: true, force: true }))
  const cutAll = async (path: string, stretches: { startSeconds: number; endSeconds: number }[]) => {
    const cut = new Map<number, Float32Array[]>()
    let rate = 0
    await cutRecording(
      path,
      stretches,
      async (stretch, wav) => {
        const file = join(root, 'cut.wav')
        await writeFile(file, wav)
        const { channels, sampleRateHz } = await decoded(file)
        rate = sampleRateHz
        cut.set(stretches.indexOf(stretch), channels)
      },
      new AbortController().signal,
    )
    return { cut, rate }
  }

  it.each([8, 16, 24] as const)(
    'of %i bits is the recording’s, sample for sample, over many blocks',
    async (bits) => {
      // 80 s are eight blocks; windows overlap one another and the blocks' ends.
      const rate = 8000
      const path = join(root, 'long.wav')
      const next = randomNumbers(bits)
      const made = [0, 1].map(() => Float32Array.from({ length: 80 * rate }, () => next() - 0.5))
      await writeFile(path, encodeWav(made, rate, bits))
      const whole = (await decoded(path)).channels
      const stretches = [
        ...Array.from({ length: 20 }, (_, k) => ({
          startSeconds: 7.3 + k * 0.5,
          endSeconds: 11.3 + k * 0.5,
        })),
        { startSeconds: 0, endSeconds: 80 },
        { startSeconds: 79.9, endSeconds: 80 },
        { startSeconds: 33.3333, endSeconds: 33.35 },
      ]
      const { cut, rate: cutRate } = await cutAll(path, stretches)
      expect(cut.size).toBe(stretches.length)
      expect(cutRate).toBe(rate)
      for (const [index, { startSeconds, endSeconds }] of stretches.entries())
        for (const [channel, samples] of whole.entries()) {
          const wanted = samples.slice(Math.round(startSeconds * rate), Math.round(endSeconds * rate))
          // Of a million samples, vitest's own comparison takes a minute.
          expect(Buffer.compare(bytesOf(cut.get(index)?.[channel]), bytesOf(wanted))).toBe(0)
        }
    },
  )

  const ogg = join(shared, 'esc10', 'audio')
  it.skipIf(!existsSync(ogg))('of a compressed file is what it decodes to, to 16 bits', async () => {
    const [name = ''] = (await readdir(ogg)).filter((file) => file.endsWith('.ogg')).sort()
    const path = join(ogg, name)
    const { channels, sampleRateHz } = await decoded(path)
    const { cut } = await cutAll(path, [{ startSeconds: 1.25, endSeconds: 3.5 }])
    const [got] = cut.get(0) ?? []
    const wanted = channels[0]?.slice(1.25 * sampleRateHz, 3.5 * sampleRateHz) ?? new Float32Array(0)
    expect(got).toHaveLength(wanted.length)
    const differences = wanted.map((value, index) => Math.abs(value - (got?.[index] ?? 9)))
    const furthest = Math.max(...differences)
    expect(furthest).toBeLessThanOrEqual(0.6 / 2 ** 15)
  })
})

describe('a dataset of one’s own', () => {
  const ANNA = { author: 'Anna', session: 'a' }
  let root: string
  let core: Core
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'soundfold-cut-'))
    core = await createCore({
      workspaceFolder: join(root, 'w'),
      entries: workerEntries(),
      mediaBase: '/media/',
    })
    await mkdir(join(root, 'field', 'park'), { recursive: true })
    for (let place = 0; place < 8; place++) {
      const next = randomNumbers(place)
      const sound = Float32Array.from({ length: 12 * 8000 }, () => next() - 0.5)
      const name = place === 7 ? 'park/4711.wav' : `street ${place}.wav`
      await writeFile(join(root, 'field', name), encodeWav([sound], 8000))
    }
    await writeFile(join(root, 'field', 'notes.txt'), 'no audio')
  })
  afterAll(async () => {
    await core.close()
    await rm(root, { recursive: true, force: true })
  })
  async function done<S extends z.ZodType>(
    schema: S,
    started: Promise<{ jobId: number }>,
  ): Promise<z.output<S>> {
    const { jobId } = await started
    for (;;) {
      const job = await core.call('jobs.get', { jobId })
      if (job.error) throw fromErrorShape(job.error)
      if (isOver(job)) return schema.parse(job.result)
      await setTimeout(5)
    }
  }
  const files = async (folder: string) => (await readdir(folder, { recursive: true })).sort()

  it('begins with recordings without labels', async () => {
    const imported = await done(
      importResultSchema,
      core.call('datasets.import', { folder: join(root, 'field'), format: 'recordings' }),
    )
    expect(imported).toMatchObject({ format: 'recordings', clips: 8, readableClips: 8, problems: 0 })
    const [dataset] = await core.call('datasets.list', {})
    expect(dataset?.classes).toEqual([{ id: 0, name: 'unlabelled', clips: 8 }])
    expect(
      await done(
        importResultSchema,
        core.call('datasets.import', { folder: join(root, 'field'), format: 'recordings' }),
      ),
    ).toMatchObject({
      changed: false,
    })
    await expect(
      done(z.unknown(), core.call('annotations.cut', { datasetId: 1, settings: {} })),
    ).rejects.toThrow(/nothing to cut/)
  })

  it('is not trained on before it has labels', async () => {
    const datasets = await core.call('datasets.list', {})
    const datasetId = datasets.find(({ format }) => format === 'recordings')?.id ?? 0
    const settings = { preset: 'nearest-neighbours', split: { kind: 'grouped', folds: 2 } } as const
    await expect(core.call('runs.start', { datasetId, settings })).rejects.toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('have one class'),
    })
  })

  it('is cut, and imported as any other', async () => {
    const lines = ['file,start_seconds,end_seconds,label,salience,low_hz,high_hz']
    for (let place = 0; place < 8; place++) {
      const name = place === 7 ? '4711.wav' : `street ${place}.wav`
      lines.push(
        `${name},1,7,frog,${(place % 2) + 1},,`,
        `${name},8,9.5,${place % 2 ? 'siren' : 'train'},1,200,900`,
      )
    }
    lines.push('street 0.wav,2,3,,,,', 'street 0.wav,4,4,click,,,')
    await writeFile(join(root, 'labels.csv'), lines.join('\n'))
    await done(
      z.unknown(),
      core.call('annotations.import', { by: ANNA, datasetId: 1, paths: [join(root, 'labels.csv')] }),
    )
    const plan = await core.call('annotations.planCut', { datasetId: 1, settings: { folds: 4 } })
    const cut = await done(
      cutResultSchema,
      core.call('annotations.cut', { datasetId: 1, settings: { folds: 4 } }),
    )
    expect(cut).toMatchObject(plan)
    expect(plan).toMatchObject({
      clips: 8 * 6,
      recordings: 8,
      classes: [
        { id: 0, name: 'frog', clips: 40, recordings: 8 },
        { id: 1, name: 'siren', clips: 4, recordings: 4 },
        { id: 2, name: 'train', clips: 4, recordings: 4 },
      ],
      folds: [1, 2, 3, 4].map((fold) => ({ fold, clips: 12, recordings: 2 })),
      notes: [
        '1 annotation left out: they have no label.',
        '1 annotation left out: they are shorter than 0.01 s.',
        '8 boxes in time and frequency are cut with all frequencies.',
      ],
    })
    const metadata = await readFile(join(cut.folder, 'metadata', 'UrbanSound8K.csv'), 'utf8')
    expect(metadata.split('\r\n').slice(0, 2)).toEqual([
      'slice_file_name,fsID,start,end,salience,fold,classID,class',
      expect.stringMatching(/^1-0-0-0\.wav,1,1,5,[12],[1-4],0,frog$/),
    ])
    expect(await readFile(join(cut.folder, 'metadata', 'recordings.csv'), 'utf8')).toMatch(
      /\r\n4711,park\/4711\.wav,[0-9a-f]{64}\r\n/,
    )

    const imported = await done(importResultSchema, core.call('datasets.import', { folder: cut.folder }))
    expect(imported).toMatchObject({
      format: 'urbansound8k',
      clips: 48,
      readableClips: 48,
      skippedRows: 0,
      problems: 0,
    })
    const { rows } = await core.call('clips.page', { datasetId: imported.datasetId, limit: 500 })
    const siren = rows.find(({ className }) => className === 'siren')
    expect(siren).toMatchObject({ classId: 1, salience: 1, durationSeconds: 1.5 })
    // Recordings stay in one fold; the validation report would have said otherwise.
    for (const own of Map.groupBy(rows, ({ group }) => group).values())
      expect(new Set(own.map(({ fold }) => fold)).size).toBe(1)
    expect(
      await core.call('training.split', { datasetId: imported.datasetId, split: { kind: 'predefined' } }),
    ).toBeTruthy()
  })

  it('has official numbers where its classes are official ones, and so many of each as are wanted', async () => {
    const cut = await done(
      cutResultSchema,
      core.call('annotations.cut', {
        datasetId: 1,
        settings: { labels: ['siren'], mostPerClass: 3, pieces: 'whole', folds: 2 },
      }),
    )
    expect(cut.classes).toEqual([{ id: 8, name: 'siren', clips: 3, recordings: 3 }])
    expect(cut.notes).toContain('siren: 3 of 4 clips, drawn at random.')
    const imported = await done(importResultSchema, core.call('datasets.import', { folder: cut.folder }))
    expect(imported).toMatchObject({ clips: 3, problems: 0 })
  })

  it('refuses more folds than recordings, and leaves nothing when it is cancelled or a recording is gone', async () => {
    await expect(core.call('annotations.planCut', { datasetId: 1, settings: { folds: 9 } })).rejects.toThrow(
      '8 recordings can’t be dealt to 9 folds',
    )
    const exports = join(root, 'w', 'exports')
    const before = await files(exports)
    const { jobId } = await core.call('annotations.cut', { datasetId: 1, settings: {} })
    await core.call('jobs.cancel', { jobId })
    expect(await files(exports)).toEqual(before)
    await rm(join(root, 'field', 'street 3.wav'))
    await expect(
      done(z.unknown(), core.call('annotations.cut', { datasetId: 1, settings: {} })),
    ).rejects.toMatchObject({
      code: 'missing-file',
    })
    expect(await files(exports)).toEqual(before)
  })

  it('keeps the annotations of a recording that is gone for a while', async () => {
    const again = () =>
      done(
        importResultSchema,
        core.call('datasets.import', { folder: join(root, 'field'), format: 'recordings' }),
      )
    const lost = await core.call('clips.page', { datasetId: 1, filter: { text: 'street 3' } })
    const clipId = lost.rows[0]?.id ?? 0
    expect(await core.call('annotations.ofClip', { clipId })).toHaveLength(2)
    expect(await again()).toMatchObject({ clips: 8, readableClips: 7, problems: 1 })
    expect(await core.call('annotations.ofClip', { clipId })).toHaveLength(2)
    await done(z.unknown(), core.call('datasets.validate', { datasetId: 1 }))
    await writeFile(join(root, 'field', 'street 3.wav'), encodeWav([new Float32Array(96_000)], 8000))
    expect(await again()).toMatchObject({ clips: 8, readableClips: 8, problems: 0 })
    expect(await core.call('annotations.ofClip', { clipId })).toHaveLength(2)
  })
})
