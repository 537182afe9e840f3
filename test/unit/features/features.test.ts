import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { decodeMono } from '../../../src-main/core/audio/decode-mono.ts'
import { encodeWav } from '../../../src-main/core/audio/wav-encode.ts'
import {
  extractFeatureFile,
  makePeaksFile,
  makePlayable,
} from '../../../src-main/core/features/clip-tasks.ts'
import { extractFeature } from '../../../src-main/core/features/extract.ts'
import { decodeFeatureFile, encodeFeatureFile } from '../../../src-main/core/features/feature-file.ts'
import { hzToMel, melEdgesHz, melFilters, melToHz } from '../../../src-main/core/features/mel.ts'
import {
  FEATURE_PRESETS,
  featureRecipeSchema,
  recipeFrames,
  recipeHash,
  recipeSamples,
} from '../../../src-main/core/features/recipe.ts'
import { windowOf } from '../../../src-main/core/features/stft.ts'
import { chirp, noise, sine } from '../../parity/signals.ts'

const article = featureRecipeSchema.parse(FEATURE_PRESETS.article)
const mono = (samples: Float32Array, sampleRateHz = 22_050) => ({
  sampleRateHz,
  samples,
})

describe('the mel scale', () => {
  it.each([0, 1, 440, 999.999, 1000, 1000.001, 8000, 22_050])('goes there and back at %f Hz', (hz) => {
    expect(melToHz(hzToMel(hz))).toBeCloseTo(hz, 8)
    expect(melToHz(hzToMel(hz, 'htk'), 'htk')).toBeCloseTo(hz, 8)
  })

  it('has the corners that librosa puts its triangles on', () => {
    const edges = melEdgesHz(article)
    expect(edges.length).toBe(130)
    const ends = [...edges.slice(0, 4), ...edges.slice(-4)]
    const wanted = [20, 45.63855, 71.2771, 96.91565, 10184.26728, 10457.13525, 10737.3142, 11025]
    ends.forEach((hz, index) => {
      expect(hz).toBeCloseTo(wanted[index] ?? Number.NaN, 4)
    })
  })

  it('leaves no filter of the article empty', () => {
    expect(melFilters(article).every(({ weights }) => weights.some((weight) => weight > 0))).toBe(true)
  })

  it('keeps filters inside the spectrum when the recipe goes beyond it', () => {
    for (const { start, weights } of melFilters({ ...article, fMaxHz: 20_000 }))
      expect(start + weights.length).toBeLessThanOrEqual(1025)
  })
})

describe('the window', () => {
  it('is a periodic Hann window', () => {
    const window = windowOf('hann', 8)
    expect(window[0]).toBe(0)
    expect(window[4]).toBe(1)
    expect(window[1]).toBeCloseTo(window[7] ?? Number.NaN, 15)
    expect(window[2]).toBeCloseTo(0.5, 15)
  })
})

describe('a clip’s picture', () => {
  it.each([11_024, 11_025, 22_050, 44_100, 192_000])(
    'has one size at %i Hz, whatever the length',
    (rateHz) => {
      for (const frames of [0, 1, 100, 5 * rateHz]) {
        const picture = extractFeature(mono(chirp(frames, rateHz, 100, 4000), rateHz), article)
        expect([picture.rows, picture.frames, picture.data.length]).toEqual([128, 173, 128 * 173])
        expect(picture.data.every((value) => value <= 0 && value >= -80)).toBe(true)
      }
    },
  )

  it('is 0 dB everywhere for silence, as librosa’s', () => {
    expect(extractFeature(mono(new Float32Array(1000)), article).data.every((value) => value === 0)).toBe(
      true,
    )
  })

  it('has its maximum in the band of a tone', () => {
    const { data, frames } = extractFeature(mono(sine(88_200, 22_050, 3000)), article)
    const band = Math.floor(data.indexOf(Math.max(...data)) / frames)
    const edges = melEdgesHz(article)
    expect(edges[band]).toBeLessThan(3000)
    expect(edges[band + 2]).toBeGreaterThan(3000)
  })

  it.each([1, 2, 3])('is made of the mean of %i channels', async (count) => {
    // Of 16 bits, with a last vector that is not full.
    const whole = Array.from({ length: count }, (_, channel) =>
      noise(10_003 + channel)
        .map((x) => Math.round(x * 2 ** 15) / 2 ** 15)
        .subarray(channel),
    )
    const { samples, sampleRateHz } = await decodeMono(encodeWav(whole, 8000), 'a.wav')
    expect(sampleRateHz).toBe(8000)
    const sum = (index: number) => whole.reduce((total, channel) => total + (channel[index] ?? 0), 0)
    const wanted = Float32Array.from({ length: 10_003 }, (_, index) => sum(index) / count)
    expect(samples).toEqual(wanted)
  })

  it('ends where the recipe does', () => {
    const long = noise(6 * 44_100)
    const { data } = extractFeature(mono(long, 44_100), article)
    const changed = long.slice().fill(0.9, 5.1 * 44_100)
    expect(extractFeature(mono(changed, 44_100), article).data).toEqual(data)
  })
})

describe('a recipe', () => {
  it('has the article’s size', () => {
    expect(recipeSamples(article)).toBe(88_200)
    expect(recipeFrames(article)).toBe(173)
  })

  it('has one name however it is written, and another for any change', () => {
    const reversed = featureRecipeSchema.parse(Object.fromEntries(Object.entries(article).reverse()))
    expect(recipeHash(reversed)).toBe(recipeHash(article))
    const changed = Object.entries(article).map(([key, value]) => [
      key,
      typeof value === 'number' ? value + 1 : value === null ? 7 : value === true ? false : `${value}?`,
    ])
    const others = changed.map(([key, value]) => recipeHash({ ...article, [String(key)]: value }))
    expect(new Set([recipeHash(article), ...others]).size).toBe(1 + others.length)
  })

  it('has one name whether half the sample rate is written out or not', () => {
    const open = featureRecipeSchema.parse({ ...article, fMaxHz: null })
    expect(open.fMaxHz).toBe(11_025)
    expect(recipeHash(open)).toBe(recipeHash(article))
    // Workspaces hold features under this name: another one would make them all again.
    expect(recipeHash(article)).toBe('180fd62dc0a0dfdf')
  })

  it.each([
    { nFft: 2002 },
    { nFft: 30 },
    { nFft: 131_072 },
    { winLength: 2049 },
    { kind: 'mfcc', nMfcc: 129 },
    { kind: 'mfcc', deltas: 1, hopLength: 20_000 },
    { centred: false, durationSeconds: 0.01 },
    { durationSeconds: 600, hopLength: 1 },
    { window: 'kaiser' },
    { hopLength: 0 },
    { durationSeconds: 0 },
    { topDb: 0 },
    { other: 1 },
    { fMaxHz: 11_026 },
    { fMinHz: 8000, fMaxHz: 8000 },
    { sampleRateHz: 16_000 },
  ])('refuses %j', (change) => {
    expect(featureRecipeSchema.safeParse({ ...article, ...change }).success).toBe(false)
  })
})

describe('a feature file', () => {
  const matrix = { data: noise(6), rows: 2, frames: 3 }

  it('comes back as it was', () => {
    const file = encodeFeatureFile(matrix)
    expect(file.length).toBe(28 + 24)
    expect(decodeFeatureFile(file)).toEqual(matrix)
    // At an offset that four doesn't divide, and from a part of a larger buffer.
    const shifted = new Uint8Array(file.length + 3)
    shifted.set(file, 3)
    expect(decodeFeatureFile(shifted.subarray(3))).toEqual(matrix)
    const part = { ...matrix, data: noise(8).subarray(1, 7) }
    expect([...decodeFeatureFile(encodeFeatureFile(part)).data]).toEqual([...part.data])
  })

  it('is refused with any byte changed', () => {
    const file = encodeFeatureFile(matrix)
    for (let index = 0; index < file.length; index++) {
      const changed = Uint8Array.from(file)
      changed[index] = (changed[index] ?? 0) ^ 1
      expect(() => decodeFeatureFile(changed), `byte ${index}`).toThrow()
    }
  })

  it('is refused cut short, empty, and too long', () => {
    const file = encodeFeatureFile(matrix)
    for (let length = 0; length < file.length; length++)
      expect(() => decodeFeatureFile(file.subarray(0, length))).toThrow()
    expect(() => decodeFeatureFile(Buffer.concat([file, Buffer.alloc(1)]))).toThrow('cut short')
  })
})

describe('the work on one clip', () => {
  async function scratch() {
    const folder = await mkdtemp(join(tmpdir(), 'soundfold-clip-test-'))
    onTestFinished(() => rm(folder, { recursive: true, force: true }))
    const audioPath = join(folder, 'clip.wav')
    const bytes = encodeWav([noise(3000)], 22_050)
    await writeFile(audioPath, bytes)
    return { folder, audioPath, bytes }
  }

  it('writes features, a waveform and a playable file', async () => {
    const { folder, audioPath, bytes } = await scratch()
    const outputPath = join(folder, 'clip.feat')
    const size = await extractFeatureFile({ audioPath, recipe: article, outputPath })
    const file = await readFile(outputPath)
    expect(file.length).toBe(size)
    expect(decodeFeatureFile(file)).toMatchObject({ rows: 128, frames: 173 })
    await makePeaksFile({ audioPath, outputPath: join(folder, 'clip.f32') })
    expect((await readFile(join(folder, 'clip.f32'))).length).toBe(2000 * 2 * 4)
    expect(await makePlayable({ audioPath })).toEqual(bytes)
  })

  it('names a missing file and leaves nothing behind', async () => {
    const { folder } = await scratch()
    const task = {
      audioPath: join(folder, 'gone.wav'),
      recipe: article,
      outputPath: join(folder, 'gone.feat'),
    }
    await expect(extractFeatureFile(task)).rejects.toMatchObject({
      code: 'missing-file',
      message: expect.stringContaining('gone.wav'),
    })
    await expect(readFile(task.outputPath)).rejects.toMatchObject({ code: 'ENOENT' })
  })
})
