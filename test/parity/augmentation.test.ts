import { describe, expect, it } from 'vitest'
import { featureRecipeSchema } from '../../src-main/contract/recipe.ts'
import { extractFeature } from '../../src-main/core/features/extract.ts'
import { nearestFraction, shiftPitch, timeStretch } from '../../src-main/core/features/time-stretch.ts'
import { drawBeta } from '../../src-main/core/ml/distributions.ts'
import { addNoise, applyGain } from '../../src-main/core/ml/picture-changes.ts'
import { pictureLevel } from '../../src-main/core/ml/picture-level.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'
import { augmentation, augmentationArray, distance } from './feature-references.ts'
import { chirp, noise } from './signals.ts'

const RATE_HZ = 22_050
const SIGNALS: Record<string, Float32Array> = {
  chirp: chirp(RATE_HZ, RATE_HZ, 100, 4000),
  noise: noise(RATE_HZ),
  short: chirp(1102, RATE_HZ, 200, 4000),
}
const keys = Object.keys(augmentation.lengths).map((key) => {
  const [kind = '', name = '', by = ''] = key.split('/')
  return { key, kind, samples: SIGNALS[name] ?? new Float32Array(), by: Number(by) }
})
const isKept = (_: number, index: number) => index % augmentation.stride === 0

describe('pitch and time against librosa.effects', () => {
  it.each(keys.filter(({ kind }) => kind === 'stretch'))('$key', ({ key, samples, by }) => {
    const made = timeStretch(samples, by)
    expect(made.length).toBe(augmentation.lengths[key])
    const { max } = distance(made.filter(isKept), augmentationArray(key))
    console.info(`${key}: ${max.toExponential(1)}`)
    expect(max).toBeLessThan(1e-6)
  })

  it.each(keys.filter(({ kind }) => kind === 'pitch'))('$key', ({ key, samples, by }) => {
    const made = shiftPitch(samples, by)
    expect(made.length).toBe(augmentation.lengths[key])
    // Away from the ends, where the resamplers' filters see zeros.
    const ends = made.length > 5000 ? 60 : 0
    const inside = (values: Float32Array) => values.subarray(ends, values.length - ends)
    const { max, mean } = distance(inside(made.filter(isKept)), inside(augmentationArray(key)))
    console.info(`${key}: max ${max.toExponential(1)}, mean ${mean.toExponential(1)}`)
    expect(max).toBeLessThan(5e-4)
  })

  it('a ratio becomes a fraction that is right to 2e-7', () => {
    for (let semitones = -24; semitones <= 24; semitones += 0.5) {
      const ratio = 2 ** (semitones / 12)
      const [p, q] = nearestFraction(ratio, 8192)
      expect(Math.abs(p / q - ratio)).toBeLessThan(2e-7 * ratio)
    }
    expect(nearestFraction(0.5, 8192)).toEqual([1, 2])
  })

  it('an octave up is twice the frequency, and a clip twice as fast half as long', () => {
    const recipe = featureRecipeSchema.parse({
      kind: 'log-mel',
      sampleRateHz: 8000,
      durationSeconds: 1,
      nFft: 1024,
      hopLength: 512,
    })
    const tone = Float32Array.from({ length: 8000 }, (_, at) => Math.sin((2 * Math.PI * 500 * at) / 8000))
    const rowAt = (change: object, frame: number) => {
      const { data, rows, frames } = extractFeature(
        { samples: tone, sampleRateHz: 8000 },
        { ...recipe, ...change },
      )
      const column = Array.from({ length: rows }, (_, row) => data[row * frames + frame] ?? 0)
      return { loudest: column.indexOf(Math.max(...column)), level: Math.max(...column) }
    }
    const { data } = extractFeature(
      { samples: tone.map((_, at) => Math.sin((2 * Math.PI * 1000 * at) / 8000)), sampleRateHz: 8000 },
      recipe,
    )
    const wanted = Array.from({ length: 128 }, (_, row) => data[row * 16 + 8] ?? 0)
    expect(rowAt({ pitchShiftSemitones: 12 }, 8).loudest).toBe(wanted.indexOf(Math.max(...wanted)))
    expect(rowAt({ timeStretch: 2 }, 4)).toMatchObject({ loudest: rowAt({}, 4).loudest })
    expect(rowAt({ timeStretch: 2 }, 4).level).toBeGreaterThan(-10)
    expect(rowAt({ timeStretch: 2 }, 12).level).toBeLessThan(-75)
  })
})

describe('draws from a beta distribution', () => {
  it.each(augmentation.beta)('of alpha $alpha have SciPy’s distribution', ({ alpha, at, cdf, variance }) => {
    const random = createRandom(11)
    const draws = Float64Array.from({ length: 20_000 }, () => drawBeta(alpha, alpha, random))
    expect(draws.every((x) => x >= 0 && x <= 1)).toBe(true)
    // The share below each point has a standard deviation of 0.0035 at most.
    at.forEach((point, index) => {
      const share = draws.reduce((count, x) => count + (x <= point ? 1 : 0), 0) / draws.length
      expect(Math.abs(share - (cdf[index] ?? Number.NaN))).toBeLessThan(0.014)
    })
    const mean = draws.reduce((sum, x) => sum + x, 0) / draws.length
    const spread = draws.reduce((sum, x) => sum + (x - mean) ** 2, 0) / draws.length
    expect(Math.abs(mean - 0.5)).toBeLessThan(0.014)
    expect(Math.abs(spread / variance - 1)).toBeLessThan(0.05)
  })

  it('of unlike shapes have its mean', () => {
    const random = createRandom(2)
    const draws = Array.from({ length: 20_000 }, () => drawBeta(0.5, 2, random))
    expect(Math.abs(draws.reduce((sum, x) => sum + x, 0) / draws.length - 0.2)).toBeLessThan(0.01)
  })

  it('are no NaN where alpha is tiny', () => {
    const random = createRandom(2)
    for (let draw = 0; draw < 1000; draw++) expect(Number.isNaN(drawBeta(1e-4, 1e-4, random))).toBe(false)
  })
})

describe('gain', () => {
  it.each(['log-mel', 'mel', 'mfcc'] as const)(
    'gives the %s picture of a waveform so much louder',
    (kind) => {
      const recipe = featureRecipeSchema.parse({
        kind,
        sampleRateHz: RATE_HZ,
        durationSeconds: 1,
        nFft: 2048,
        hopLength: 512,
        nMels: 64,
        decibelReference: 1,
        topDb: null,
        deltas: 1,
      })
      const samples = SIGNALS.noise ?? new Float32Array()
      const own = extractFeature({ samples, sampleRateHz: RATE_HZ }, recipe)
      const louder = extractFeature({ samples: samples.map((x) => x * 2), sampleRateHz: RATE_HZ }, recipe)
      const scale = { mean: 3, deviation: 7 }
      const picture = own.data.map((value) => (value - scale.mean) / scale.deviation)
      const level = pictureLevel(recipe, { bands: 1, frames: 1 }, scale)
      applyGain(picture, 20 * Math.log10(2), own.frames, level)
      const largest = louder.data.reduce((high, value) => Math.max(high, Math.abs(value)), 0)
      const made = picture.map((value) => value * scale.deviation + scale.mean)
      expect(distance(made, louder.data).max / largest).toBeLessThan(1e-5)
    },
  )
})

describe('noise added to a picture against librosa’s picture of both waveforms', () => {
  const cases = (['slaney', 'none'] as const).flatMap((melNorm) =>
    (['fixed', 'max'] as const).map((reference) => ({ melNorm, reference })),
  )
  it.each(cases)('with $melNorm bands and 0 dB at $reference', ({ melNorm, reference }) => {
    const recipe = featureRecipeSchema.parse({
      kind: 'log-mel',
      sampleRateHz: RATE_HZ,
      durationSeconds: 1,
      nFft: 2048,
      hopLength: 512,
      nMels: 64,
      melNorm,
      decibelReference: reference === 'max' ? 'max' : 1,
    })
    const normalisation = { mean: -30, deviation: 15 }
    const [signal, other] = ['chirp', 'noise'].map((name) => {
      const samples = SIGNALS[name] ?? new Float32Array()
      const { data } = extractFeature({ samples, sampleRateHz: RATE_HZ }, recipe)
      return data.map((value) => (value - normalisation.mean) / normalisation.deviation)
    })
    if (!signal || !other) throw new Error('there are two pictures')
    const frames = signal.length / 64
    addNoise(signal, other, 0, 10, frames, pictureLevel(recipe, { bands: 1, frames: 1 }, normalisation))
    const mixed = signal
      .map((value) => value * normalisation.deviation + normalisation.mean)
      .filter((_, at) => (at % frames) % 3 === 0)
    const wanted = augmentationArray(`mixed/${melNorm}/${reference}`)
    const gaps = mixed.map((value, at) => value - (wanted[at] ?? Number.NaN))
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length
    const { max, mean: size } = distance(mixed, wanted)
    console.info(
      `${melNorm} ${reference}: mean ${mean.toFixed(3)} dB, of the size ${size.toFixed(3)}, max ${max.toFixed(2)}`,
    )
    // Two waves also interfere, which a sum of powers leaves out: each value differs, their level does not.
    expect(Math.abs(mean)).toBeLessThan(0.3)
    expect(size).toBeLessThan(1)
  })
})
