import { execFile } from 'node:child_process'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeAudio } from '../../../src-main/core/audio/decode.ts'
import { decodeMonoStart } from '../../../src-main/core/audio/decode-mono.ts'
import { decodeStream } from '../../../src-main/core/audio/decode-stream.ts'
import { PeakBuilder } from '../../../src-main/core/audio/peaks.ts'
import { playableWav } from '../../../src-main/core/audio/playable.ts'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import {
  audioFile,
  distance,
  formatFile,
  formats,
  realClip,
  references,
} from '../../parity/feature-references.ts'
import { noise } from '../../parity/signals.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soundfold-stream-'))
})
afterAll(() => rm(folder, { recursive: true }))

const files = [
  ...references.files.map(({ name }) => ({ name, path: audioFile(name) })),
  ...formats.files.map(({ name }) => ({ name, path: formatFile(name) })),
]

async function together(path: string, chunkBytes?: number): Promise<Float32Array[]> {
  const parts: Float32Array[][] = []
  for await (const { channels } of decodeStream(path, undefined, chunkBytes)) parts.push(channels)
  return (parts[0] ?? []).map((_, channel) => {
    const blocks = parts.map((part) => part[channel] ?? new Float32Array())
    const samples = new Float32Array(blocks.reduce((sum, { length }) => sum + length, 0))
    let at = 0
    for (const block of blocks) {
      samples.set(block, at)
      at += block.length
    }
    return samples
  })
}

/** Plain Ogg Vorbis has a decoder of its own when it is decoded whole, which sums in another order. */
const VORBIS_GAP = 1e-5
const gapOf = (name: string) => (/vorbis.*\.ogg$/.test(name) ? VORBIS_GAP : 0)

/** As toEqual, without its look at each sample. */
function expectSame(actual: Float32Array[], wanted: Float32Array[], largestGap = 0): void {
  expect(actual.map(({ length }) => length)).toEqual(wanted.map(({ length }) => length))
  actual.forEach((samples, channel) => {
    expect(distance(samples, wanted[channel] ?? new Float32Array()).max).toBeLessThanOrEqual(largestGap)
  })
}

describe('a file block by block', () => {
  it.each(files)('$name is what it is whole', async ({ name, path }) => {
    const whole = await decodeAudio(await readFile(path), name)
    const blocks = await together(path)
    expectSame(blocks, whole.channels, gapOf(name))
    // Frames and pages that lie across many chunks.
    expectSame(await together(path, 700), blocks)
    const playable = encodeWav(blocks, whole.sampleRateHz)
    expect(Buffer.compare(await playableWav(path), playable)).toBe(0)
  })

  const { path: clip, absent } = realClip('esc10/audio/1-17150-A.ogg')
  it.skipIf(absent)(`a real Ogg clip is, too${absent ? ' (not in ../shared/data)' : ''}`, async () => {
    const { channels } = await decodeAudio(await readFile(clip), 'clip')
    expectSame(await together(clip), channels, VORBIS_GAP)
    expectSame(await together(clip, 4096), channels, VORBIS_GAP)
  })

  it('has several blocks where it is long, of one rate', async () => {
    const path = join(folder, 'long.wav')
    const samples = noise(700_000)
    await writeFile(path, encodeWav([samples, samples], 44_100))
    const lengths: number[] = []
    for await (const { channels, sampleRateHz } of decodeStream(path)) {
      expect(sampleRateHz).toBe(44_100)
      lengths.push(channels[0]?.length ?? 0)
    }
    expect(lengths).toEqual([262_144, 262_144, 175_712])
    expectSame(await together(path), (await decodeAudio(await readFile(path), 'long.wav')).channels)
  })

  it('ends where a file that is cut short ends, and stops by its signal', async () => {
    const path = join(folder, 'cut.wav')
    await writeFile(path, encodeWav([noise(1000)], 8000).subarray(0, 1044))
    expect((await together(path)).map((samples) => samples.length)).toEqual([500])
    const blocks = decodeStream(path, AbortSignal.abort())
    await expect(blocks.next()).rejects.toThrow('abort')
    await expect(decodeStream(join(folder, 'none.wav')).next()).rejects.toMatchObject({
      code: 'missing-file',
    })
    const signal = AbortSignal.abort(new Error('enough'))
    await expect(playableWav(path, signal)).rejects.toThrow('enough')
  })

  it('that has a header and no sound is refused, as it is whole', async () => {
    const whole = await readFile(audioFile('flac16-mono.flac'))
    const path = join(folder, 'head.flac')
    await writeFile(path, whole.subarray(0, 60))
    await expect(together(path)).rejects.toMatchObject({
      code: 'unreadable-audio',
      message: expect.stringContaining('head.flac'),
    })
  })
})

describe('the outline of a waveform', () => {
  it('is one whatever the blocks', () => {
    const samples = noise(10_007)
    const whole = new PeakBuilder(samples.length, 300)
    whole.add([samples])
    for (const size of [1, 7, 1000, 9999]) {
      const parts = new PeakBuilder(samples.length, 300)
      for (let at = 0; at < samples.length; at += size) parts.add([samples.subarray(at, at + size)])
      expect(parts.peaks).toEqual(whole.peaks)
    }
  })

  it('of a clip whose length is not known has half of the buckets or more, all alike', () => {
    const samples = noise(10_007)
    for (const size of [1, 7, 1000, 20_000]) {
      const builder = new PeakBuilder(null, 300)
      for (let at = 0; at < samples.length; at += size) builder.add([samples.subarray(at, at + size)])
      // 300 times 64 samples hold them all, and 300 times 32 don't.
      const wanted = Array.from({ length: Math.ceil(10_007 / 64) }, (_, bucket) => {
        const part = samples.subarray(64 * bucket, 64 * bucket + 64)
        return [Math.min(0, ...part), Math.max(0, ...part)]
      })
      expect([...builder.peaks]).toEqual(wanted.flat())
    }
    const short = new PeakBuilder(null, 300)
    short.add([Float32Array.of(0.5, -0.5)])
    expect([...short.peaks]).toEqual([0, 0.5, -0.5, 0])
    expect([...new PeakBuilder(null, 300).peaks]).toEqual([0, 0])
  })

  it('of half an hour needs little memory', async () => {
    const path = join(folder, 'half-an-hour.wav')
    const seconds = 1800
    const header = encodeWav([new Float32Array(1), new Float32Array(1)], 44_100).subarray(0, 44)
    const bytes = seconds * 44_100 * 4
    const view = new DataView(header.buffer, header.byteOffset)
    view.setUint32(4, 36 + bytes, true)
    view.setUint32(40, bytes, true)
    const file = await open(path, 'w')
    const beginning = noise(400_000)
    await file.write(encodeWav([beginning, beginning], 44_100))
    await file.write(header, 0, header.length, 0)
    // A sparse file: it takes no disk.
    await file.truncate(44 + bytes)
    await file.close()
    const program = `
      const { makePeaksFile } = await import(${JSON.stringify(new URL('../../../src-main/core/features/clip-tasks.ts', import.meta.url).href)})
      await makePeaksFile({ audioPath: ${JSON.stringify(path)}, outputPath: ${JSON.stringify(join(folder, 'peaks.f32'))} })
      console.log(process.resourceUsage().maxRSS)`
    const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '-e', program])
    const mebibytes = Number(stdout) / 1024
    console.info(`317 MB of sound: ${mebibytes.toFixed(0)} MiB of memory`)
    expect(mebibytes).toBeLessThan(250)
    expect((await readFile(join(folder, 'peaks.f32'))).length).toBe(2000 * 2 * 4)
    const { samples, sampleRateHz } = await decodeMonoStart(path, 6)
    expect(sampleRateHz).toBe(44_100)
    expect(samples.length).toBeGreaterThanOrEqual(6 * 44_100)
    expect(samples.length).toBeLessThan(20 * 44_100)
    expect(distance(samples.subarray(0, beginning.length), beginning).max).toBeLessThan(2 ** -15)
  })
})
