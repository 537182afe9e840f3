import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, open, readdir, readFile, rm, stat, unlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { generateDemoDataset } from '../../../src-main/core/demo/demo-dataset.ts'
import { activeRms, rms } from '../../../src-main/core/demo/dsp.ts'
import { type DemoClip, FOREGROUND, isPlanted, planDemo } from '../../../src-main/core/demo/plan.ts'
import { renderParts } from '../../../src-main/core/demo/render.ts'

const CLASSES =
  'air_conditioner car_horn children_playing dog_bark drilling engine_idling gun_shot jackhammer siren street_music'.split(
    ' ',
  )

interface Row {
  slice_file_name: string
  fsID: string
  start: string
  end: string
  salience: string
  fold: string
  classID: string
  class: string
}

let scratch = ''
let first = ''

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'soundfold-demo-test-'))
  first = join(scratch, 'first')
  await generateDemoDataset({ folder: first, clipsPerClassAndFold: 1 })
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

describe('the files of the demo data set', () => {
  it('are the same bytes for the same seed and others for another seed', async () => {
    const again = join(scratch, 'again')
    const other = join(scratch, 'other')
    await generateDemoDataset({ folder: again, clipsPerClassAndFold: 1, seed: 2020 })
    await generateDemoDataset({ folder: other, clipsPerClassAndFold: 1, seed: 2021 })
    const hash = await hashOfFolder(first)
    expect(await hashOfFolder(again)).toBe(hash)
    expect(await hashOfFolder(other)).not.toBe(hash)
  })

  it('hold the durations that the CSV states, within one sample', async () => {
    for (const row of await readRows(first)) {
      const { frames, rate } = await readHeader(join(first, 'audio', `fold${row.fold}`, row.slice_file_name))
      expect(Math.abs((Number(row.end) - Number(row.start)) * rate - frames)).toBeLessThan(1)
      expect(frames / rate).toBeGreaterThan(0.29)
      expect(frames / rate).toBeLessThanOrEqual(4)
    }
  })

  it('come in several rates, widths and channel counts', async () => {
    const rows = await readRows(first)
    const headers = await Promise.all(
      rows.map((row) => readHeader(join(first, 'audio', `fold${row.fold}`, row.slice_file_name))),
    )
    expect(new Set(headers.map((header) => header.rate)).size).toBeGreaterThanOrEqual(4)
    expect(new Set(headers.map((header) => header.bits))).toEqual(new Set([8, 16, 24]))
    expect(new Set(headers.map((header) => header.channels))).toEqual(new Set([1, 2]))
  })

  it('are named as the CSV says, and there are no others', async () => {
    const rows = await readRows(first)
    const text = await readFile(join(first, 'metadata', 'UrbanSound8K.csv'), 'utf8')
    expect(text.split('\n')[0]).toBe('slice_file_name,fsID,start,end,salience,fold,classID,class')
    expect(rows).toHaveLength(100)
    expect(new Set(rows.map((row) => row.slice_file_name)).size).toBe(100)
    for (const row of rows) {
      const [fsID, classID] = row.slice_file_name.split('-')
      expect(row.slice_file_name).toMatch(/^\d+-\d-\d+-\d+\.wav$/)
      expect([fsID, classID]).toEqual([row.fsID, row.classID])
      expect(row.class).toBe(CLASSES[Number(row.classID)])
    }
    for (let fold = 1; fold <= 10; fold++) {
      const names = rows.filter((row) => row.fold === String(fold)).map((row) => row.slice_file_name)
      expect((await readdir(join(first, 'audio', `fold${fold}`))).toSorted()).toEqual(names.toSorted())
    }
  })

  it('list every planted error beside the CSV', async () => {
    const list: unknown = JSON.parse(await readFile(join(first, 'metadata', 'planted-errors.json'), 'utf8'))
    const planted = planDemo(2020, 1).filter(isPlanted)
    expect(list).toHaveLength(planted.length)
    const rows = await readRows(first)
    for (const clip of planted) {
      const row = rows.find((each) => each.fsID === String(clip.recording.fsID))
      expect(row?.classID).toBe(String(clip.classID))
      expect(list).toContainEqual(
        expect.objectContaining({
          slice_file_name: row?.slice_file_name,
          labelledClassID: clip.classID,
          trueClassID: clip.recording.soundClass,
        }),
      )
    }
  })
})

describe('the plan of the full demo data set', () => {
  const clips = planDemo(2020, 4)

  it('has four clips of each class in each fold, under the true class', () => {
    expect(clips).toHaveLength(400)
    const counts = groupBy(clips, (clip) => `${clip.recording.soundClass}/${clip.recording.fold}`)
    expect(counts.size).toBe(100)
    for (const group of counts.values()) expect(group).toHaveLength(4)
  })

  it('keeps every recording in one fold and in two slices', () => {
    for (const group of groupBy(clips, (clip) => clip.recording.fsID).values()) {
      expect(new Set(group.map((clip) => clip.recording.fold)).size).toBe(1)
      expect(group).toHaveLength(2)
    }
  })

  it('has both saliences in each class', () => {
    for (const group of groupBy(clips, (clip) => clip.recording.soundClass).values())
      expect(new Set(group.map((clip) => clip.recording.salience))).toEqual(new Set([1, 2]))
  })

  it('plants wrong labels in about 2 % of the clips', () => {
    for (const seed of [1, 2, 2020]) {
      const share = planDemo(seed, 4).filter(isPlanted).length / 400
      expect(share).toBeGreaterThanOrEqual(0.015)
      expect(share).toBeLessThanOrEqual(0.025)
    }
  })

  it('keeps one clip of each class, fold and recording when the count is odd', () => {
    expect(planDemo(5, 3)).toHaveLength(300)
  })
})

describe('salience', () => {
  it('is heard: the background sounds stand at least 10 dB lower against their beds', () => {
    const ratios = { near: [] as number[], far: [] as number[] }
    for (const clip of planDemo(2020, 1).filter((_, i) => i % 3 === 0))
      (clip.recording.salience === FOREGROUND ? ratios.near : ratios.far).push(ratioOf(clip))
    expect(median(ratios.near) - median(ratios.far)).toBeGreaterThan(10)
    expect(Math.min(...ratios.near)).toBeGreaterThan(Math.max(...ratios.far))
  })
})

describe('the target folder', () => {
  it('is kept when it holds the same data set already', async () => {
    const before = await stat(first)
    const summary = await generateDemoDataset({
      folder: first,
      clipsPerClassAndFold: 1,
      onProgress: () => expect.unreachable('nothing is to be made'),
    })
    expect(summary).toEqual({ clips: 100, plantedErrors: 2 })
    expect((await stat(first)).mtimeMs).toBe(before.mtimeMs)
  })

  it('is refused when it holds another seed, or lacks a file', async () => {
    const again = join(scratch, 'damaged')
    await generateDemoDataset({ folder: again, clipsPerClassAndFold: 1 })
    await expect(
      generateDemoDataset({ folder: again, clipsPerClassAndFold: 1, seed: 3 }),
    ).rejects.toMatchObject({
      code: 'conflict',
    })
    await unlink(join(again, 'metadata', 'UrbanSound8K.csv'))
    await expect(generateDemoDataset({ folder: again, clipsPerClassAndFold: 1 })).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('UrbanSound8K.csv'),
    })
  })

  it('is refused when it holds anything else, and stays as it was', async () => {
    const foreign = join(scratch, 'foreign')
    await mkdir(foreign)
    await writeFile(join(foreign, 'thesis.txt'), 'mine')
    await expect(generateDemoDataset({ folder: foreign })).rejects.toMatchObject({ code: 'conflict' })
    await expect(generateDemoDataset({ folder: join(foreign, 'thesis.txt') })).rejects.toMatchObject({
      code: 'conflict',
    })
    expect(await readdir(foreign)).toEqual(['thesis.txt'])
  })

  it('is not made when the signal aborts, and no draft stays behind', async () => {
    const parent = join(scratch, 'aborted')
    await mkdir(join(parent, 'set'), { recursive: true })
    const abort = new AbortController()
    const making = generateDemoDataset({
      folder: join(parent, 'set'),
      signal: abort.signal,
      onProgress: (done) => {
        if (done === 3) abort.abort()
        expect(done).toBeLessThanOrEqual(3)
      },
    })
    await expect(making).rejects.toMatchObject({ code: 'cancelled' })
    expect(await readdir(parent)).toEqual(['set'])
    expect(await readdir(join(parent, 'set'))).toEqual([])
  })

  it('needs whole numbers in range', async () => {
    const folder = join(scratch, 'never')
    for (const bad of [
      { seed: 0.5 },
      { seed: -1 },
      { clipsPerClassAndFold: 0 },
      { clipsPerClassAndFold: Number.NaN },
    ])
      await expect(generateDemoDataset({ folder, ...bad })).rejects.toMatchObject({ code: 'invalid-input' })
  })
})

function groupBy<T, K>(items: readonly T[], keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>()
  for (const item of items) groups.set(keyOf(item), [...(groups.get(keyOf(item)) ?? []), item])
  return groups
}

async function readRows(folder: string): Promise<Row[]> {
  return parse<Row>(await readFile(join(folder, 'metadata', 'UrbanSound8K.csv'), 'utf8'), { columns: true })
}

async function readHeader(path: string) {
  const file = await open(path)
  const { buffer } = await file.read(Buffer.alloc(44), 0, 44, 0)
  await file.close()
  expect(buffer.toString('latin1', 0, 4) + buffer.toString('latin1', 8, 16)).toBe('RIFFWAVEfmt ')
  const size = (await stat(path)).size
  expect(buffer.readUInt32LE(4)).toBe(size - 8)
  const bytes = buffer.readUInt32LE(40)
  expect(size - 44 - bytes).toBe(bytes % 2)
  return {
    channels: buffer.readUInt16LE(22),
    rate: buffer.readUInt32LE(24),
    bits: buffer.readUInt16LE(34),
    frames: bytes / buffer.readUInt16LE(32),
  }
}

async function hashOfFolder(folder: string): Promise<string> {
  const hash = createHash('sha256')
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name))
  for (const path of paths.toSorted()) hash.update(path.slice(folder.length)).update(await readFile(path))
  return hash.digest('hex')
}

/** Decibels of the labelled sound, while it sounds, over the bed behind it. */
function ratioOf(clip: DemoClip): number {
  const { sound, bed } = renderParts(2020, clip)
  return 20 * Math.log10(activeRms(sound, clip.recording.rate) / rms(bed))
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.NaN
}
