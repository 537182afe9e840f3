import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MethodOutput } from '../../../src-main/contract/api.ts'
import { featureRecipeSchema } from '../../../src-main/contract/recipe.ts'
import { type Augmentation, NO_AUGMENTATION } from '../../../src-main/contract/training.ts'
import { type TinyWorkspace, tinyWorkspace } from '../../support/tiny-workspace.ts'

let workspace: TinyWorkspace
const small = featureRecipeSchema.parse({
  kind: 'log-mel',
  sampleRateHz: 8000,
  durationSeconds: 1,
  nFft: 512,
  hopLength: 256,
  nMels: 32,
  topDb: 60,
})
const SIZE = 32 * 32
beforeAll(async () => {
  workspace = await tinyWorkspace()
  const { core } = workspace
  await core.call('features.saveRecipe', { name: 'small', settings: small })
  const higher = { ...small, pitchShiftSemitones: 12 }
  await core.call('features.saveRecipe', { name: 'small-higher', settings: higher })
})
afterAll(() => workspace.close())

async function bytesAt(path: string): Promise<Float32Array> {
  const resource = await workspace.core.media.open(path)
  if (resource.kind !== 'bytes') throw new Error('a picture is made in memory')
  const { buffer, byteOffset, byteLength } = resource.bytes
  return new Float32Array(buffer.slice(byteOffset + 8, byteOffset + byteLength))
}

async function preview(
  given: Partial<Augmentation>,
  { seed = 1, recipe = 'small' } = {},
): Promise<{ picture: Float32Array; draw: MethodOutput<'training.augmented'> }> {
  const request = { recipe, augmentation: { ...NO_AUGMENTATION, ...given }, seed }
  const encoded = Buffer.from(JSON.stringify(request)).toString('base64url')
  return {
    picture: await bytesAt(`clips/1/augmented/${encoded}`),
    draw: await workspace.core.call('training.augmented', { clipId: 1, ...request }),
  }
}

/** Row of the loudest value in the middle. */
const loudestRow = (picture: Float32Array) => {
  const column = Array.from({ length: 32 }, (_, row) => picture[row * 32 + 16] ?? 0)
  return column.indexOf(Math.max(...column))
}

describe('a preview of augmentation', () => {
  it('shows the clip as it is where all is off', async () => {
    const { picture, draw } = await preview({})
    expect(picture).toEqual(await bytesAt('clips/1/spectrogram/small'))
    expect(draw).toEqual({
      recipe: 'small',
      noise: null,
      gainDb: 0,
      flip: false,
      shiftSeconds: 0,
      mix: null,
    })
  })

  it('shows what it says: gain, and time that runs backwards and is rolled', async () => {
    const own = await bytesAt('clips/1/spectrogram/small')
    const { picture, draw } = await preview({ gainDb: 12, flip: 1, timeShift: 0.4 })
    expect(draw.flip).toBe(true)
    const roll = Math.round((draw.shiftSeconds * 8000) / 256)
    expect(roll).not.toBe(0)
    for (let at = 0; at < SIZE; at++) {
      const frame = at % 32
      const from = 31 - ((frame - roll + 64) % 32)
      expect(picture[at]).toBeCloseTo((own[at - frame + from] ?? 0) + draw.gainDb, 3)
    }
  })

  it('comes back by seed', async () => {
    const both = {
      timeShift: 0.3,
      specAugment: { timeMasks: 2, timeWidth: 0.4, bandMasks: 2, bandWidth: 0.4 },
    }
    const first = await preview(both)
    expect((await preview(both)).picture).toEqual(first.picture)
    expect((await preview(both, { seed: 2 })).picture).not.toEqual(first.picture)
  })

  it('mixes with and adds another clip of the dataset, which it names', async () => {
    const seeds = Array.from({ length: 12 }, (_, seed) => seed)
    const mixed = await Promise.all(seeds.map((seed) => preview({ mixup: 5 }, { seed })))
    const [own, other] = [
      await bytesAt('clips/1/spectrogram/small'),
      await bytesAt('clips/2/spectrogram/small'),
    ]
    const partners = mixed.filter(({ draw }) => draw.mix)
    expect(partners.length).toBeGreaterThan(1)
    for (const { picture, draw } of partners) {
      expect(draw.mix).toMatchObject({ fileName: 'high.wav', className: 'high' })
      const share = draw.mix?.share ?? 0
      picture.forEach((value, at) => {
        expect(value).toBeCloseTo(share * (own[at] ?? 0) + (1 - share) * (other[at] ?? 0), 3)
      })
    }
    const noise = { kind: 'clip', probability: 1, minimumSnrDb: 10, maximumSnrDb: 10 } as const
    const noisy = await preview({ noise })
    expect(noisy.draw.noise).toEqual({ fileName: 'high.wav', snrDb: 10 })
    // The other tone is heard where there was silence.
    const row = loudestRow(other)
    expect(noisy.picture[row * 32 + 16] ?? 0).toBeGreaterThan((own[row * 32 + 16] ?? 0) + 10)
    const white = await preview({ noise: { ...noise, kind: 'white' } })
    expect(white.draw.noise).toEqual({ fileName: null, snrDb: 10 })
    expect(white.picture.every(Number.isFinite)).toBe(true)
    expect(white.picture).not.toEqual(own)
  })

  it('draws from the other recipes', async () => {
    const own = await bytesAt('clips/1/spectrogram/small')
    const seen = new Set<string>()
    for (let seed = 0; seed < 12; seed++) {
      const { picture, draw } = await preview({ recipes: ['small-higher'] }, { seed })
      seen.add(draw.recipe)
      expect(loudestRow(picture) > loudestRow(own)).toBe(draw.recipe === 'small-higher')
    }
    expect(seen).toEqual(new Set(['small', 'small-higher']))
  })

  it('refuses what a run would refuse, and what is no request', async () => {
    await workspace.core.call('features.saveRecipe', {
      name: 'small-pcen',
      settings: { ...small, kind: 'pcen' },
    })
    await expect(preview({ gainDb: 3 }, { recipe: 'small-pcen' })).rejects.toThrow(/pcen.*gain/)
    await expect(preview({ recipes: ['small-pcen'] })).rejects.toThrow(/small-pcen/)
    await expect(preview({ recipes: ['nope'] })).rejects.toThrow(/nope/)
    await expect(workspace.core.media.open('clips/1/augmented/e30')).rejects.toThrow('request')
    const settings = { recipe: 'small', training: { augmentation: { recipes: ['small-pcen'] } } }
    await expect(workspace.core.call('runs.start', { datasetId: 1, settings })).rejects.toThrow(/small-pcen/)
  })
})
