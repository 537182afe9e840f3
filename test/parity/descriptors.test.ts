import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { decodeMono } from '../../src-main/core/audio/decode-mono.ts'
import { chroma, chromaFilters } from '../../src-main/core/features/chroma.ts'
import { extractFeature } from '../../src-main/core/features/extract.ts'
import { rms, trimSilence, zeroCrossingRate } from '../../src-main/core/features/frames.ts'
import { melPower, powerToDb, type SpectrogramSettings } from '../../src-main/core/features/log-mel.ts'
import { delta, mfcc } from '../../src-main/core/features/mfcc.ts'
import { pcen } from '../../src-main/core/features/pcen.ts'
import { FEATURE_PRESETS, recipeFrames, recipeRows } from '../../src-main/core/features/recipe.ts'
import { spectralShape } from '../../src-main/core/features/spectral.ts'
import { descriptorArray, descriptors, distance, realClip } from './feature-references.ts'
import { chirp, impulse, noise } from './signals.ts'

const RATE_HZ = 22_050
const HALF = Math.floor(RATE_HZ / 2)
/** librosa's defaults. */
const DEFAULTS = {
  sampleRateHz: RATE_HZ,
  nFft: 2048,
  hopLength: 512,
  nMels: 128,
  fMinHz: 0,
  fMaxHz: RATE_HZ / 2,
} satisfies SpectrogramSettings

const SIGNALS: Record<string, Float32Array> = {
  chirp: chirp(HALF, RATE_HZ, 50, 10_000),
  noise: noise(HALF),
  impulse: impulse(HALF),
  silence: new Float32Array(HALF),
  dc: new Float32Array(HALF).fill(0.5),
  short: chirp(1102, RATE_HZ, 200, 4000),
}

/** Largest gap as a share of the largest value (`scale` at least), shown for the parity table. */
function gap(what: string, actual: ArrayLike<number>, key: string, scale = 0): number {
  const wanted = descriptorArray(key)
  const largest = wanted.reduce((high, value) => Math.max(high, Math.abs(value)), scale)
  const share = distance(actual, wanted).max / (largest || 1)
  console.info(`${what} ${key}: ${share.toExponential(1)} of the largest`)
  return share
}

describe.each(Object.entries(SIGNALS))('descriptors of %s against librosa', (name, samples) => {
  it('MFCCs and their derivatives', () => {
    const decibels = powerToDb(melPower(samples, DEFAULTS), { reference: 1 })
    const coefficients = mfcc(decibels, 20)
    expect(gap('mfcc', coefficients.data, `mfcc/${name}`)).toBeLessThan(1e-6)
    if (coefficients.frames < 9) return
    // Of equal coefficients, whose derivative is nothing but rounding, only their own size is a measure.
    const scale = coefficients.data.reduce((high, value) => Math.max(high, Math.abs(value)), 0) / 10
    expect(gap('delta', delta(coefficients, 1).data, `delta1/${name}`, scale)).toBeLessThan(1e-5)
    expect(gap('delta', delta(coefficients, 2).data, `delta2/${name}`, scale)).toBeLessThan(1e-5)
  })

  it('spectral shape', () => {
    const shape = spectralShape(samples, DEFAULTS)
    expect(gap('centroid', shape.centroidHz, `centroid/${name}`)).toBeLessThan(1e-5)
    expect(gap('bandwidth', shape.bandwidthHz, `bandwidth/${name}`)).toBeLessThan(1e-5)
    expect(gap('rolloff', shape.rollOffHz, `rolloff/${name}`)).toBeLessThan(1e-5)
    expect(gap('flatness', shape.flatness, `flatness/${name}`)).toBeLessThan(1e-5)
  })

  it('level and zero crossings', () => {
    expect(gap('zcr', zeroCrossingRate(samples), `zcr/${name}`)).toBeLessThan(1e-6)
    expect(gap('rms', rms(samples), `rms/${name}`)).toBeLessThan(1e-6)
  })

  it('chroma', () => {
    expect(gap('chroma', chroma(samples, DEFAULTS).data, `chroma/${name}`)).toBeLessThan(1e-5)
  })

  it('PCEN', () => {
    const magnitude = melPower(samples, { ...DEFAULTS, nMels: 40, power: 1 })
    expect(gap('pcen', pcen(magnitude, DEFAULTS).data, `pcen/${name}`)).toBeLessThan(2e-5)
  })

  it('trims silence at the same samples', () => {
    const padded = new Float32Array(samples.length + 8000)
    padded.set(samples, 3000)
    const trimmed = trimSilence(padded, 60)
    const start = trimmed.byteOffset / 4
    expect([start, start + trimmed.length]).toEqual([...descriptorArray(`trim/${name}`)])
  })
})

describe('mel spectrograms by other settings against librosa', () => {
  const tone = chirp(HALF, RATE_HZ, 50, 10_000)
  const samples = noise(HALF).map((value, index) => value + (tone[index] ?? 0))
  const variants: Record<string, Partial<SpectrogramSettings>> = {
    htk: { scale: 'htk' },
    'no-norm': { norm: 'none' },
    magnitude: { power: 1 },
    hamming: { window: 'hamming' },
    blackman: { window: 'blackman' },
    rectangular: { window: 'rectangular' },
    'short-window': { winLength: 1200 },
    'from-start': { centred: false },
    reflect: { padMode: 'reflect' },
    edge: { padMode: 'edge' },
    recorded: { nFft: 2560, hopLength: 1388 },
    'hop-beyond-frame': { nFft: 512, hopLength: 700 },
    narrow: { fMinHz: 500, fMaxHz: 4000 },
  }

  it.each(Object.entries(variants))('%s', (name, settings) => {
    const matrix = melPower(samples, { ...DEFAULTS, nMels: 40, ...settings })
    expect([matrix.rows, matrix.frames]).toEqual(descriptors.arrays[`variant/${name}`]?.shape)
    expect(gap('mel', matrix.data, `variant/${name}`)).toBeLessThan(1e-6)
  })

  it('reflects a signal that is shorter than the padding again and again', () => {
    const short = SIGNALS.short ?? new Float32Array()
    const matrix = melPower(short, { ...DEFAULTS, nMels: 40, padMode: 'reflect' })
    expect(gap('mel', matrix.data, 'variant-short/reflect')).toBeLessThan(1e-6)
  })

  it('decibels against 1, without a floor, and of amplitudes', () => {
    const power = () => melPower(samples, { ...DEFAULTS, nMels: 40 })
    const worst = (data: Float32Array, key: string) => distance(data, descriptorArray(key)).max
    expect(worst(powerToDb(power(), { reference: 1 }).data, 'decibels/reference-1')).toBeLessThan(1e-4)
    expect(worst(powerToDb(power(), { topDb: null }).data, 'decibels/no-floor')).toBeLessThan(1e-4)
    const magnitude = melPower(samples, { ...DEFAULTS, nMels: 40, power: 1 })
    expect(worst(powerToDb(magnitude, { factor: 20 }).data, 'decibels/amplitude')).toBeLessThan(1e-4)
  })

  it('has the filters of chroma', () => {
    const every8 = chromaFilters(RATE_HZ, 2048).flatMap((row) => [...row.filter((_, bin) => bin % 8 === 0)])
    expect(distance(every8, descriptorArray('chroma-filters')).max).toBeLessThan(1e-6)
  })
})

describe('the recorded run’s image, file to bytes, against librosa', () => {
  const recipe = FEATURE_PRESETS['article-recorded']
  for (const { name, path, absent } of descriptors.clips.map(realClip))
    it.skipIf(absent || !recipe)(`${name}${absent ? ' (not in ../shared/data)' : ''}`, async () => {
      if (!recipe) return
      const { data, rows, frames } = extractFeature(await decodeMono(await readFile(path), name), recipe)
      expect([rows, frames]).toEqual([recipeRows(recipe), recipeFrames(recipe)])
      expect([rows, frames]).toEqual([128, 64])
      const wanted = descriptorArray(`recorded/${name}`)
      const unequal = data.filter((value, index) => value !== wanted[index]).length
      console.info(
        `${name}: ${unequal} of ${data.length} bytes differ, by ${distance(data, wanted).max} at most`,
      )
      // Truncation turns the last bit of a level into a step.
      expect(distance(data, wanted).max).toBeLessThanOrEqual(1)
      expect(unequal / data.length).toBeLessThan(0.02)
    })
})
