import { execFile } from 'node:child_process'
import { mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodeAudio } from '../../../src-main/core/audio/decode.ts'
import { decodeStream } from '../../../src-main/core/audio/decode-stream.ts'
import { PeakBuilder } from '../../../src-main/core/audio/peaks.ts'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import { audioFile, realClip, references } from '../../parity/feature-references.ts'
import { noise } from '../../parity/signals.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'soundfold-stream-'))
})
afterAll(() => rm(folder, { recursive: true }))

async function together(path: string): Promise<Float32Array[]> {
  const parts: Float32Array[][] = []
  for await (const { channels } of decodeStream(path)) parts.push(channels)
  return (parts[0] ?? []).map((_, channel) =>
    Float32Array.from(parts.flatMap((part) => [...(part[channel] ?? [])])),
  )
}

describe('a file block by block', () => {
  it.each(references.files)('$name is what it is whole', async ({ name }) => {
    const path = audioFile(name)
    const whole = await decodeAudio(await readFile(path), name)
    expect(await together(path)).toEqual(whole.channels)
  })

  const { path: clip, absent } = realClip('esc10/audio/1-17150-A.ogg')
  it.skipIf(absent)(`a real Ogg clip is, too${absent ? ' (not in ../shared/data)' : ''}`, async () => {
    const { channels } = await decodeAudio(await readFile(clip), 'clip')
    expect(await together(clip)).toEqual(channels)
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
    expect(await together(path)).toEqual((await decodeAudio(await readFile(path), 'long.wav')).channels)
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

  it('of half an hour needs little memory', async () => {
    const path = join(folder, 'half-an-hour.wav')
    const seconds = 1800
    const header = encodeWav([new Float32Array(1), new Float32Array(1)], 44_100).subarray(0, 44)
    const bytes = seconds * 44_100 * 4
    const view = new DataView(header.buffer, header.byteOffset)
    view.setUint32(4, 36 + bytes, true)
    view.setUint32(40, bytes, true)
    const file = await open(path, 'w')
    await file.write(header)
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
    expect(mebibytes).toBeLessThan(300)
    expect((await readFile(join(folder, 'peaks.f32'))).length).toBe(2000 * 2 * 4)
  }, 60_000)
})
