import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { decodeAudio } from '../../src-main/core/audio/decode.ts'
import { decodeMono } from '../../src-main/core/audio/decode-mono.ts'
import { readAudioHeader } from '../../src-main/core/audio/header.ts'
import { resample } from '../../src-main/core/audio/resample.ts'
import { extractFeature } from '../../src-main/core/features/extract.ts'
import { type FeatureMatrix, melPower, powerToDb } from '../../src-main/core/features/log-mel.ts'
import { hzToMel, melFilters, melToHz } from '../../src-main/core/features/mel.ts'
import { FEATURE_PRESETS } from '../../src-main/core/features/recipe.ts'
import { audioFile, distance, realClip, referenceArray, references } from './feature-references.ts'
import { chirp, impulse, noise } from './signals.ts'

const RATE_HZ = 22_050
const article = FEATURE_PRESETS.article
if (!article) throw new Error('the article preset is gone')

describe('the mel scale and its filters against librosa', () => {
  it('has the values of librosa’s documentation', () => {
    const mels = [0, 500, 1000, 2000, 3000].map((hz) => hzToMel(hz))
    expect(distance(mels, [0, 7.5, 15, 25.08188016, 30.97940199]).max).toBeLessThan(1e-8)
    const hz = [0, 5, 10, 15, 25, 30].map((mel) => melToHz(mel))
    const wanted = [0, 333.33333333, 666.66666667, 1000, 1988.77281813, 2804.64413074]
    expect(distance(hz, wanted).max).toBeLessThan(1e-8)
  })

  it.each(['slaney', 'htk'] as const)('converts both ways as librosa on the %s scale', (scale) => {
    const { hz, mel } = references.melScale
    const wanted = references.melScale[scale]
    const mels = hz.map((value) => hzToMel(value, scale))
    // The largest number of mels is 60 times as large on HTK's scale.
    expect(distance(mels, wanted.hzToMel).max).toBeLessThan(scale === 'htk' ? 1e-8 : 1e-10)
    const frequencies = mel.map((value) => melToHz(value, scale))
    expect(distance(frequencies, wanted.melToHz).max).toBeLessThan(1e-9)
  })

  it.each(['slaney', 'htk'] as const)('has the same filters, zeros included, on the %s scale', (scale) => {
    const nMels = scale === 'htk' ? 40 : article.nMels
    const bins = article.nFft / 2 + 1
    const wanted = new Float32Array(nMels * bins)
    const weights = referenceArray(`filters/${scale}/weights`)
    referenceArray(`filters/${scale}/places`).forEach((place, index) => {
      wanted[place] = weights[index] ?? Number.NaN
    })
    const ours = new Float32Array(wanted.length)
    melFilters({ ...article, nMels, scale }).forEach(({ start, weights: row }, band) => {
      ours.set(row, band * bins + start)
    })
    expect(distance(ours, wanted).max).toBeLessThan(1e-8)
  })
})

describe('mel spectrograms against librosa', () => {
  const half = Math.floor(RATE_HZ / 2)
  const signals: Record<string, Float32Array> = {
    chirp: chirp(half, RATE_HZ, 50, 10_000),
    noise: noise(half),
    impulse: impulse(half),
    silence: new Float32Array(half),
    dc: new Float32Array(half).fill(0.5),
    short: chirp(1102, RATE_HZ, 200, 4000),
  }

  it.each(Object.entries(signals))('gives the same power and dB for %s', (name, samples) => {
    const wantedPower = referenceArray(`power/${name}`)
    const matrix = melPower(samples, article)
    expect([matrix.rows, matrix.frames]).toEqual(references.arrays[`power/${name}`]?.shape)
    const loudest = wantedPower.reduce((high, power) => Math.max(high, power), 0)
    const power = distance(matrix.data, wantedPower)
    expect(power.max).toBeLessThanOrEqual(5e-4 * loudest)
    const decibels = distance(powerToDb(matrix).data, referenceArray(`db/${name}`))
    console.info(
      `${name}: power ${(power.max / (loudest || 1)).toExponential(1)} of the maximum, ${decibels.max.toExponential(1)} dB`,
    )
    expect(decibels.max).toBeLessThanOrEqual(1e-3)
  })

  it('turns a power of 2 into 3.0103 dB', () => {
    const { data } = powerToDb({ data: Float32Array.of(1, 2), rows: 1, frames: 2 })
    expect((data[1] ?? 0) - (data[0] ?? 0)).toBeCloseTo(3.0103, 5)
  })
})

/** soxr itself loses up to 0.009 dB of the pass band at ratios that aren't whole; ours loses none. */
const SOXR_DROOP: Record<number, number> = { 48000: 5e-4, 24000: 5e-4, 16000: 5e-4, 96000: 5e-4 }

describe('resampling against soxr HQ', () => {
  it.each(references.resampled)('$fromHz Hz → 22050 Hz', ({ fromHz, chirpToHz }) => {
    const ours = resample(chirp(Math.floor(fromHz / 4), fromHz, 50, chirpToHz), fromHz, RATE_HZ)
    const wanted = referenceArray(`resampled/${fromHz}`)
    expect(ours.length).toBe(wanted.length)
    // Away from the ends, which librosa pads to the length.
    const middle = distance(ours.slice(200, -200), wanted.slice(200, -200))
    console.info(`${fromHz} Hz: ${middle.max.toExponential(1)}`)
    expect(middle.max).toBeLessThan(SOXR_DROOP[fromHz] ?? 1e-6)
  })
})

const LARGEST_GAP = { wav: 0, aiff: 0, flac: 0, ogg: 1e-6, mp3: 4e-6 } as const

describe('decoded samples against libsndfile', () => {
  it.each(references.files)('$name', async ({ name, sampleRateHz, channels, frames }) => {
    const decoded = await decodeAudio(await readFile(audioFile(name)), name)
    expect(decoded.sampleRateHz).toBe(sampleRateHz)
    expect(decoded.channels.length).toBe(channels)
    expect(decoded.truncated).toBe(false)
    const wanted = referenceArray(`decoded/${name}`)
    expect(decoded.channels.map((samples) => samples.length)).toEqual(Array(channels).fill(frames))
    const gaps = decoded.channels.map(
      (samples, channel) => distance(samples, wanted.subarray(channel * frames, (channel + 1) * frames)).max,
    )
    const { container, codec } = await readAudioHeader(audioFile(name))
    // Builds of libopus differ by that much (−84 dB). Vorbis and MP3 are computed in floats, in another order here than there; 24 bits just fit into one.
    expect(Math.max(...gaps)).toBeLessThanOrEqual(codec === 'opus' ? 1e-4 : LARGEST_GAP[container])
  })
})

describe('real clips, file to picture, against librosa', () => {
  const every = (matrix: FeatureMatrix, bandStep: number, frameStep: number, fromBand = 0) => {
    const picked: number[] = []
    for (let band = fromBand; band < matrix.rows; band += bandStep)
      for (let frame = 0; frame < matrix.frames; frame += frameStep)
        picked.push(matrix.data[band * matrix.frames + frame] ?? Number.NaN)
    return picked
  }

  for (const { name, path, absent } of references.clips.map(realClip))
    it.skipIf(absent)(`${name}${absent ? ' (not in ../shared/data)' : ''}`, async () => {
      const matrix = extractFeature(await decodeMono(await readFile(path), name), article)
      expect([matrix.rows, matrix.frames]).toEqual([128, 173])
      const spread = distance(every(matrix, 3, 7), referenceArray(`clip/${name}`))
      const top = distance(every(matrix, 1, 1, 124), referenceArray(`clip-top/${name}`))
      console.info(
        `${name}: max ${spread.max.toFixed(5)} dB, mean ${spread.mean.toFixed(6)}; top bands max ${top.max.toFixed(4)}, mean ${top.mean.toFixed(5)}`,
      )
      expect(spread.max).toBeLessThanOrEqual(0.15)
      expect(top.max).toBeLessThanOrEqual(0.15)
    })
})

describe('real files against libsndfile', () => {
  for (const [relative, wanted] of Object.entries(references.lengths)) {
    const { name, path, absent } = realClip(relative)
    it.skipIf(absent)(`${name} decodes whole${absent ? ' (not in ../shared/data)' : ''}`, async () => {
      const header = await readAudioHeader(path)
      expect(header).toMatchObject(wanted)
      const decoded = await decodeAudio(await readFile(path), name)
      expect(decoded.truncated).toBe(false)
      expect(decoded.sampleRateHz).toBe(wanted.sampleRateHz)
      expect(decoded.channels.map((samples) => samples.length)).toEqual(
        Array.from({ length: wanted.channels }, () => wanted.frames),
      )
    })
  }
})
