import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WorkerPool } from '../../../src-main/core/features/worker-pool.ts'
import { Recordings } from '../../../src-main/core/recording/recordings.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { type TinyWorkspace, tinyWorkspace, toneWav } from '../../support/tiny-workspace.ts'

const never = new AbortController().signal

describe('the page of a clip asks the core', () => {
  let tiny: TinyWorkspace
  beforeAll(async () => {
    tiny = await tinyWorkspace()
  })
  afterAll(() => tiny.close())

  const media = async (path: string) => {
    const resource = await tiny.core.media.open(path)
    return resource.kind === 'bytes' ? resource.bytes : readFile(resource.path)
  }

  it('for what there is to know, the outline, tiles and samples', async () => {
    const info = await tiny.core.call('clips.recording', { clipId: 1 })
    expect(info).toMatchObject({ sampleRateHz: 22_050, channels: 1, frames: 22_050 })
    expect(info.peakDbfs).toBeCloseTo(20 * Math.log10(12_000 / 32_768), 2)
    const [level] = info.levels
    const wave = await media(`clips/1/wave/${level?.offsetBytes}/${4 * (level?.buckets ?? 0)}`)
    const pairs = new Int16Array(new Uint8Array(wave).buffer)
    expect(pairs.length).toBe(2 * Math.ceil(22_050 / 64))
    expect(Math.max(...pairs)).toBeCloseTo(12_000, -1)
    const tile = await media('clips/1/tile/1024/0/0')
    expect(new DataView(new Uint8Array(tile).buffer).getUint32(0, true)).toBe(513)
    const samples = new Float32Array(new Uint8Array(await media('clips/1/samples/100/50')).buffer)
    expect(samples.length).toBe(50)
    expect(samples[0]).toBeCloseTo((12_000 * Math.sin((2 * Math.PI * 220 * 100) / 22_050)) / 32_768, 3)
    expect((await media('clips/1/samples/99999999/50')).length).toBe(0)
  })

  it('for measurements', async () => {
    const measured = await tiny.core.call('clips.measure', { clipId: 2, fromSeconds: 0.2, toSeconds: 0.8 })
    expect(measured.peakHz).toBeCloseTo(1760, -1)
    expect(measured.rmsDbfs).toBeCloseTo(20 * Math.log10(12_000 / 32_768 / Math.SQRT2), 2)
  })

  it('and hears what is wrong', async () => {
    await expect(media('clips/1/tile/1000/0/0')).rejects.toMatchObject({ code: 'not-found' })
    await expect(media('clips/1/tile/1024/99/0')).rejects.toMatchObject({ code: 'not-found' })
    await expect(media('clips/1/samples/0/9999999')).rejects.toMatchObject({ code: 'invalid-input' })
    const measure = (range: { fromSeconds: number; toSeconds: number; lowHz?: number; channel?: number }) =>
      tiny.core.call('clips.measure', { clipId: 1, ...range })
    await expect(measure({ fromSeconds: 5, toSeconds: 6 })).rejects.toThrow('no sound')
    await expect(measure({ fromSeconds: 0, toSeconds: 1, lowHz: 20_000 })).rejects.toThrow('no frequencies')
    await expect(measure({ fromSeconds: 0, toSeconds: 1, channel: 1 })).rejects.toThrow('no channel 1')
    await expect(tiny.core.call('clips.recording', { clipId: 99 })).rejects.toMatchObject({
      code: 'not-found',
    })
  })
})

describe('a long compressed recording', () => {
  let root: string
  let pool: WorkerPool
  beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'soundfold-test-'))
    pool = new WorkerPool(workerEntries().featuresWorker)
    const short = await readFile(new URL('../../parity/data/audio/mp3-mono.mp3', import.meta.url))
    // Frames stand by themselves, so a file may be put after itself; without its first one, which states how many there are.
    const frames = short.subarray(short.indexOf(short.subarray(0, 2), 4))
    await writeFile(join(root, 'long.mp3'), Buffer.concat(Array.from({ length: 1200 }, () => frames)))
    await writeFile(join(root, 'long.wav'), toneWav(440, 200))
  })
  afterAll(async () => {
    await pool.close()
    await rm(root, { recursive: true, force: true })
  })
  const clip = (name: string, contentHash: string) => ({ clipId: 1, path: join(root, name), contentHash })

  it('gets a decoded copy, which is read from any place on; a WAV file needs none', async () => {
    const recordings = new Recordings(join(root, 'one'), pool)
    const mp3 = clip('long.mp3', 'aa01')
    const [info, tile] = await Promise.all([
      recordings.info(mp3, never),
      recordings.tile(mp3, { window: 256, level: 9, index: 0 }, never),
    ])
    expect(info.frames).toBeGreaterThan(2 ** 22)
    expect(tile.length).toBeGreaterThan(8)
    const copy = await recordings.readablePath(mp3, never)
    expect((await stat(copy)).size).toBe(44 + 2 * info.channels * info.frames)
    expect(await readdir(join(root, 'one/features/tiles/aa'))).toEqual(['aa01-256-9-0.u8'])
    const wav = clip('long.wav', 'bb01')
    await recordings.tile(wav, { window: 256, level: 9, index: 0 }, never)
    expect(await recordings.readablePath(wav, never)).toBe(wav.path)
    expect(await readdir(join(root, 'one/features/decoded'))).toEqual(['aa'])
  })

  it('is no longer read when nobody waits for it, leaves nothing, and can be asked for again', async () => {
    const recordings = new Recordings(join(root, 'two'), pool)
    const mp3 = clip('long.mp3', 'aa02')
    const first = new AbortController()
    const second = new AbortController()
    const asked = [recordings.info(mp3, first.signal), recordings.info(mp3, second.signal)]
    setTimeout(() => first.abort(), 30)
    setTimeout(() => second.abort(), 60)
    expect((await Promise.allSettled(asked)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
    expect((await recordings.info(mp3, never)).frames).toBeGreaterThan(2 ** 22)
  })

  it('takes back tiles that only wait for their turn', async () => {
    const recordings = new Recordings(join(root, 'three'), pool)
    const wav = clip('long.wav', 'bb03')
    const leaving = new AbortController()
    const tiles = Array.from({ length: 20 }, (_, index) =>
      recordings.tile(wav, { window: 2048, level: 2, index }, leaving.signal),
    )
    const settled = Promise.allSettled(tiles)
    setTimeout(() => leaving.abort(), 1)
    const states = (await settled).map(({ status }) => status)
    expect(states.filter((status) => status === 'rejected').length).toBeGreaterThan(10)
    // The turns that were given back can be taken.
    expect((await recordings.tile(wav, { window: 2048, level: 2, index: 3 }, never)).length).toBeGreaterThan(
      8,
    )
  })
})
