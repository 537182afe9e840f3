import { describe, expect, it } from 'vitest'
import { featureRecipeSchema } from '../../../src-main/contract/recipe.ts'
import {
  type Augmentation,
  augmentationSchema,
  NO_AUGMENTATION,
} from '../../../src-main/contract/training.ts'
import { type AugmentContext, augment, maskedSpan } from '../../../src-main/core/ml/augment.ts'
import { batchOf, type Examples } from '../../../src-main/core/ml/examples.ts'
import { checkAugmentation, pictureLevel } from '../../../src-main/core/ml/picture-level.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'

const recipe = featureRecipeSchema.parse({
  kind: 'log-mel',
  sampleRateHz: 8000,
  durationSeconds: 1,
  nFft: 512,
  hopLength: 256,
  nMels: 16,
  decibelReference: 1,
})
const NORMALISATION = { mean: -40, deviation: 20 }
const BANDS = 16
const FRAMES = 32
const SIZE = BANDS * FRAMES
const CLASSES = 4

function examplesOf(count: number, seed: number): Examples {
  const random = createRandom(seed)
  const data = Float32Array.from({ length: count * SIZE }, () => random.normal())
  return { data, count, bands: BANDS, frames: FRAMES }
}

function setUp(settings: Partial<Augmentation>, of = recipe) {
  const examples = examplesOf(24, 1)
  const context: AugmentContext = {
    inputs: [
      {
        examples,
        variants: (settings.recipes ?? []).map((_, index) => examplesOf(24, 10 + index)),
        noise: examples,
        level: pictureLevel(of, { bands: 1, frames: 1 }, NORMALISATION),
        fill: 0.25,
      },
    ],
    noisePlaces: Uint32Array.from({ length: 20 }, (_, place) => place),
    noiseIsClips: true,
  }
  return { examples, context, settings: augmentationSchema.parse({ ...NO_AUGMENTATION, ...settings }) }
}

/** Augments the examples 0 … n − 1, whose labels are their places modulo four. */
function run(given: Partial<Augmentation>, { of = recipe, seed = 3, n = 20 } = {}) {
  const { examples, context, settings } = setUp(given, of)
  const picked = Uint32Array.from({ length: n }, (_, place) => place)
  const batch = batchOf(examples, picked)
  const before = batch.slice()
  const targets = new Float32Array(n * CLASSES)
  for (let row = 0; row < n; row++) targets[row * CLASSES + (row % CLASSES)] = 1
  const draws = augment([batch], targets, picked, settings, context, createRandom(seed))
  const row = (of: Float32Array, index: number) => of.subarray(index * SIZE, (index + 1) * SIZE)
  return { examples, context, batch, before, targets, draws, row }
}
const decibels = (value: number) => value * NORMALISATION.deviation + NORMALISATION.mean
const powerOf = (picture: Float32Array, widths: Float64Array) =>
  picture.reduce(
    (sum, value, at) => sum + 10 ** (decibels(value) / 10) * (widths[Math.floor(at / FRAMES)] ?? 0),
    0,
  )

const EVERYTHING: Partial<Augmentation> = {
  flip: 0.5,
  timeShift: 0.25,
  gainDb: 6,
  specAugment: { timeMasks: 2, timeWidth: 0.2, bandMasks: 2, bandWidth: 0.2 },
  mixup: 0.4,
  noise: { kind: 'clip', probability: 0.5, minimumSnrDb: 5, maximumSnrDb: 20 },
  recipes: ['faster', 'higher'],
}

describe('augmentation of a batch', () => {
  it('does nothing and draws nothing when all of it is off', () => {
    const { examples, context, settings } = setUp({})
    const batch = batchOf(examples, [5, 2])
    const random = createRandom(1)
    augment([batch], new Float32Array(8), [5, 2], settings, context, random)
    expect(batch).toEqual(batchOf(examples, [5, 2]))
    expect(random.uniform()).toBe(createRandom(1).uniform())
  })

  it('comes back by seed and leaves the examples alone', () => {
    const first = run(EVERYTHING)
    expect(run(EVERYTHING).batch).toEqual(first.batch)
    expect(run(EVERYTHING).targets).toEqual(first.targets)
    expect(run(EVERYTHING, { seed: 4 }).batch).not.toEqual(first.batch)
    expect(first.examples.data).toEqual(examplesOf(24, 1).data)
    expect(first.context.inputs[0]?.variants[1]?.data).toEqual(examplesOf(24, 11).data)
    expect(first.batch.every(Number.isFinite)).toBe(true)
  })

  it('mirrors in time as often as is asked', () => {
    const { batch, before, draws, row } = run({ flip: 0.5 })
    const flipped = draws.filter(({ flip }) => flip).length
    expect(flipped).toBeGreaterThan(3)
    expect(flipped).toBeLessThan(17)
    draws.forEach(({ flip }, index) => {
      const wanted = Array.from(row(before, index), (_, at) => {
        const frame = at % FRAMES
        return row(before, index)[at - frame + (flip ? FRAMES - 1 - frame : frame)]
      })
      expect([...row(batch, index)]).toEqual(wanted)
    })
  })

  it('turns the sign of first derivatives when time runs backwards', () => {
    const mfcc = featureRecipeSchema.parse({ ...recipe, kind: 'mfcc', nMels: 16, nMfcc: 5, deltas: 2 })
    const { oddRows } = pictureLevel(mfcc, { bands: 1, frames: 1 }, NORMALISATION)
    expect([...(oddRows ?? [])]).toEqual([0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0])
    const { batch, before, row } = run({ flip: 1 }, { of: mfcc })
    const there = decibels(row(before, 2)[7 * FRAMES] ?? 0)
    expect(decibels(row(batch, 2)[8 * FRAMES - 1] ?? 0)).toBeCloseTo(-there, 3)
  })

  it('rolls in time by up to its reach, evenly, and loses nothing', () => {
    const rolls = new Map<number, number>()
    for (let seed = 0; seed < 60; seed++) {
      const { batch, before, row } = run({ timeShift: 0.125 }, { seed })
      for (let index = 0; index < 20; index++) {
        const at = row(batch, index).indexOf(row(before, index)[0] ?? Number.NaN)
        const by = at > FRAMES / 2 ? at - FRAMES : at
        rolls.set(by, (rolls.get(by) ?? 0) + 1)
        for (const band of [0, 9])
          for (let frame = 0; frame < FRAMES; frame++)
            expect(row(batch, index)[band * FRAMES + ((frame + at) % FRAMES)]).toBe(
              row(before, index)[band * FRAMES + frame],
            )
      }
    }
    expect([...rolls.keys()].sort((a, b) => a - b)).toEqual([-4, -3, -2, -1, 0, 1, 2, 3, 4])
    // 1200 draws of nine: 133 each, standard deviation 11.
    for (const count of rolls.values()) expect(Math.abs(count - 133)).toBeLessThan(45)
  })

  it('mixes labels by the same shares as pictures', () => {
    const { batch, before, targets, draws, row } = run({ mixup: 0.4 })
    expect(new Set(draws.map(({ mix }) => mix?.row)).size).toBe(20)
    draws.forEach(({ mix }, index) => {
      if (!mix) throw new Error('each example is mixed')
      const [own, other] = [row(before, index), row(before, mix.row)]
      for (const at of [0, 100, SIZE - 1])
        expect(row(batch, index)[at]).toBeCloseTo(
          mix.share * (own[at] ?? 0) + (1 - mix.share) * (other[at] ?? 0),
          5,
        )
      const label = Array.from(targets.subarray(index * CLASSES, (index + 1) * CLASSES))
      const wanted = [0, 0, 0, 0]
      wanted[index % CLASSES] = mix.share
      wanted[mix.row % CLASSES] = (wanted[mix.row % CLASSES] ?? 0) + 1 - mix.share
      label.forEach((value, place) => {
        expect(value).toBeCloseTo(wanted[place] ?? 0, 5)
      })
    })
  })

  it('hides whole bands and stretches of time, filled with the mean', () => {
    const { batch, before, draws, row } = run({
      specAugment: { timeMasks: 1, timeWidth: 0.5, bandMasks: 2, bandWidth: 0.25 },
    })
    draws.forEach(({ masks }, index) => {
      const isHidden = (band: number, frame: number) =>
        masks.some((mask) => {
          const { from, to } = maskedSpan(mask, mask.axis === 'time' ? FRAMES : BANDS)
          const place = mask.axis === 'time' ? frame : band
          return place >= from && place < to
        })
      const wanted = row(before, index).map((value, at) =>
        isHidden(Math.floor(at / FRAMES), at % FRAMES) ? 0.25 : value,
      )
      expect(row(batch, index)).toEqual(wanted)
    })
  })

  it('draws widths and places of masks evenly', () => {
    const random = createRandom(8)
    const widths: number[] = Array(11).fill(0)
    const hidden: number[] = Array(40).fill(0)
    for (let draw = 0; draw < 11_000; draw++) {
      const mask = { axis: 'time', widest: 0.25, width: random.uniform(), start: random.uniform() } as const
      const { from, to } = maskedSpan(mask, 40)
      expect(from >= 0 && to <= 40).toBe(true)
      widths[to - from] = (widths[to - from] ?? 0) + 1
      for (let at = from; at < to; at++) hidden[at] = (hidden[at] ?? 0) + 1
    }
    // 1000 each, standard deviation 30.
    for (const count of widths) expect(Math.abs(count - 1000)).toBeLessThan(130)
    // Away from the edges each place is hidden as often as another.
    const middle = hidden.slice(10, 30)
    expect(Math.max(...middle) / Math.min(...middle)).toBeLessThan(1.15)
  })

  it('draws each example from its own recipe or one of the others', () => {
    const { batch, before, draws, context, row } = run({ recipes: ['a', 'b'] })
    expect(new Set(draws.map(({ variant }) => variant))).toEqual(new Set([0, 1, 2]))
    draws.forEach(({ variant }, index) => {
      const from = variant === 0 ? before : (context.inputs[0]?.variants[variant - 1]?.data ?? before)
      expect(row(batch, index)).toEqual(row(from, index))
    })
  })
})

describe('gain', () => {
  it('shifts pictures in dB', () => {
    const { batch, before, draws, row } = run({ gainDb: 6 })
    const gains = draws.map(({ gainDb }) => gainDb)
    expect(Math.max(...gains.map(Math.abs))).toBeLessThanOrEqual(6)
    expect(Math.min(...gains)).toBeLessThan(-2)
    expect(Math.max(...gains)).toBeGreaterThan(2)
    draws.forEach(({ gainDb }, index) => {
      for (const at of [0, SIZE - 1])
        expect(decibels(row(batch, index)[at] ?? 0)).toBeCloseTo(
          decibels(row(before, index)[at] ?? 0) + gainDb,
          3,
        )
    })
  })

  it.each([
    { power: 1 as const, per: 20 },
    { power: 2 as const, per: 10 },
  ])('multiplies linear pictures of power $power', ({ power, per }) => {
    const { batch, before, draws, row } = run(
      { gainDb: 6 },
      { of: featureRecipeSchema.parse({ ...recipe, kind: 'mel', power }) },
    )
    draws.forEach(({ gainDb }, index) => {
      const ratio = decibels(row(batch, index)[9] ?? 0) / decibels(row(before, index)[9] ?? 0)
      expect(per * Math.log10(ratio)).toBeCloseTo(gainDb, 2)
    })
  })
})

describe('noise', () => {
  const noise = { kind: 'clip', probability: 0.5, minimumSnrDb: 5, maximumSnrDb: 20 } as const

  it('is added at the ratio that is drawn, never from the clip itself or from one that does not train', () => {
    const places = new Set<number>()
    let noisy = 0
    for (let seed = 0; seed < 30; seed++) {
      const { batch, before, draws, context, row } = run({ noise }, { seed })
      const widths = context.inputs[0]?.level.powers?.widths ?? new Float64Array()
      draws.forEach(({ noise: added }, index) => {
        if (!added) {
          expect(row(batch, index)).toEqual(row(before, index))
          return
        }
        noisy += 1
        places.add(added.place)
        expect(added.place).not.toBe(index)
        const signal = powerOf(row(before, index), widths)
        const ratio = signal / (powerOf(row(batch, index), widths) - signal)
        expect(10 * Math.log10(ratio)).toBeCloseTo(added.snrDb, 2)
        expect(added.snrDb >= 5 && added.snrDb <= 20).toBe(true)
      })
    }
    expect([...places].sort((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, place) => place))
    expect(Math.abs(noisy - 300)).toBeLessThan(60)
  })

  it('keeps the loudest value where it is when that is the reference, and the floor below it', () => {
    const own = featureRecipeSchema.parse({ ...recipe, decibelReference: 'max', topDb: 60 })
    const { batch, before, draws, row } = run(
      { noise: { ...noise, probability: 1, minimumSnrDb: -20 } },
      { of: own },
    )
    draws.forEach((_, index) => {
      expect(Math.max(...row(batch, index))).toBeCloseTo(Math.max(...row(before, index)), 4)
      expect(decibels(Math.min(...row(batch, index)))).toBeGreaterThanOrEqual(-60.001)
    })
  })
})

describe('what a recipe can’t be given is refused', () => {
  const noisy = { ...NO_AUGMENTATION, noise: augmentationSchema.shape.noise.parse({}) }
  const loud = { ...NO_AUGMENTATION, gainDb: 3 }
  it.each(['pcen', 'chroma'] as const)('gain and noise of %s', (kind) => {
    expect(() => checkAugmentation(loud, { ...recipe, kind }, [])).toThrow(kind)
    expect(() => checkAugmentation(noisy, { ...recipe, kind }, [])).toThrow(kind)
  })

  it('noise of MFCCs, and both of pictures scaled to bytes', () => {
    expect(() => checkAugmentation(noisy, { ...recipe, kind: 'mfcc' }, [])).toThrow('mfcc')
    expect(() => checkAugmentation(loud, { ...recipe, kind: 'mfcc' }, [])).not.toThrow()
    expect(() => checkAugmentation(loud, { ...recipe, scaling: 'bytes' }, [])).toThrow('0 … 255')
    expect(() => checkAugmentation(noisy, { ...recipe, scaling: 'bytes' }, [])).toThrow('0 … 255')
    for (const settings of [loud, noisy]) expect(() => checkAugmentation(settings, recipe, [])).not.toThrow()
  })

  it('examples from recipes of another shape or kind', () => {
    const settings = { ...NO_AUGMENTATION, recipes: ['other'] }
    const check = (change: object) => () => checkAugmentation(settings, recipe, [{ ...recipe, ...change }])
    expect(check({ hopLength: 128 })).toThrow(/recipe other.*16 × 63, not 16 × 32/)
    expect(check({ kind: 'mel' })).toThrow(/recipe other.*kind/)
    expect(check({ pitchShiftSemitones: 2, timeStretch: 0.9 })).not.toThrow()
  })
})
