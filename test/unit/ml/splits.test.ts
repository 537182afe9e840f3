import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type Split, splitSchema } from '../../../src-main/contract/split.ts'
import { TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'
import { clipsForFold } from '../../../src-main/core/ml/cross-validation.ts'
import { innerFoldOf } from '../../../src-main/core/ml/fold-data.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'
import { crossingOf, crossingRecordings, type SplitClip } from '../../../src-main/core/ml/split/crossing.ts'
import { checkSplit, previewSplit, splitClips } from '../../../src-main/core/ml/split/split-clips.ts'

const grouped = (folds: number, seed = 73): Split => ({ kind: 'grouped', folds, seed })
const random = (folds: number, seed = 73): Split => ({ kind: 'random', folds, seed, acceptLeak: true })

/** Recordings of 1 to 12 clips, some of two classes, some cut apart by the folds, some clips of none. */
function madeUpClips(seed: number): SplitClip[] {
  const draw = createRandom(seed)
  return Array.from({ length: 60 }, (_, recording) => {
    const home = 1 + draw.whole(5)
    return Array.from({ length: 1 + draw.whole(12) }, () => ({
      fold: draw.uniform() < 0.1 ? 1 + draw.whole(5) : home,
      classId: draw.uniform() < 0.2 ? 9 : recording % 4,
      recording: `r${recording}`,
    }))
  }).flat()
}

const recordingsOf = (clips: readonly Pick<SplitClip, 'recording'>[]) =>
  new Set(clips.flatMap(({ recording }) => recording ?? []))

const shared = (a: ReadonlySet<string>, b: ReadonlySet<string>) => [...a].filter((one) => b.has(one))

describe('a split by recording', () => {
  it('has no recording in two folds, every clip in one, and the same folds for the same seed', () => {
    for (let seed = 1; seed <= 10; seed++) {
      const clips = madeUpClips(seed)
      const split = splitClips(clips, grouped(5, seed))
      expect(crossingRecordings(split)).toEqual([])
      expect(split.map(({ fold: _, ...rest }) => rest)).toEqual(clips.map(({ fold: _, ...rest }) => rest))
      expect(new Set(split.map(({ fold }) => fold))).toEqual(new Set([1, 2, 3, 4, 5]))
      expect(splitClips(clips, grouped(5, seed))).toEqual(split)
      expect(splitClips(clips, grouped(5, seed + 1))).not.toEqual(split)
    }
  })

  it('is refused where recordings are unknown or too few', () => {
    const clips = madeUpClips(1)
    const unknown = clips.map((clip) => ({ ...clip, recording: null }))
    expect(() => splitClips(unknown, grouped(5))).toThrow(
      expect.objectContaining({
        code: 'invalid-input',
        message: expect.stringContaining('No clip names its recording'),
        hint: expect.stringContaining('--group-column'),
      }),
    )
    expect(() => splitClips([...clips, ...unknown.slice(0, 2)], grouped(5))).toThrow(
      new RegExp(`Not every clip names its recording \\(2 of ${clips.length + 2} `),
    )
    expect(() => splitClips(clips.slice(0, 20), grouped(50))).toThrow(/can't be dealt to 50 folds/)
  })
})

describe('a random split', () => {
  it('is refused with its leak until that is accepted', () => {
    const asked = splitSchema.parse({ kind: 'random', folds: 5 })
    const check = (split: Split, excludeCrossing = false) => checkSplit({ split, excludeCrossing })
    expect(() => check(asked)).toThrow(/at 98 % where the official folds give 84 %/)
    expect(() => check(random(5))).not.toThrow()
    expect(() => check(grouped(5), true)).not.toThrow()
    expect(() => check(random(5), true)).toThrow(/would undo it/)
  })

  it('gives every fold its share of every class, and cuts recordings apart', () => {
    const clips = madeUpClips(3)
    const split = splitClips(clips, random(5))
    for (const classId of new Set(clips.map((clip) => clip.classId))) {
      const own = split.filter((clip) => clip.classId === classId)
      for (let fold = 1; fold <= 5; fold++)
        expect(Math.abs(own.filter((clip) => clip.fold === fold).length - own.length / 5)).toBeLessThan(1)
    }
    expect(crossingOf(split).recordings).toBeGreaterThan(30)
  })
})

describe('excluding what crosses', () => {
  const training = (innerFold: 'none' | 'next') => ({
    excludeCrossing: true,
    training: { ...TRAINING_DEFAULTS, innerFold },
  })

  it('leaves no recording on two of the sides training, inner and held-out, and takes nothing else away', () => {
    for (let seed = 1; seed <= 20; seed++) {
      const clips = [...madeUpClips(seed), { fold: 2, classId: 0, recording: null }]
      for (let fold = 1; fold <= 5; fold++) {
        const inner = innerFoldOf(fold, [1, 2, 3, 4, 5])
        const test = clips.filter((clip) => clip.fold === fold)
        for (const innerFold of ['none', 'next'] as const) {
          const left = clipsForFold(clips, fold, training(innerFold))
          expect(left.filter((clip) => clip.fold === fold)).toEqual(test)
          const held = recordingsOf(test)
          const chosen = left.filter((clip) => innerFold === 'next' && clip.fold === inner)
          const learnt = left.filter((clip) => clip.fold !== fold && !chosen.includes(clip))
          const ownChosen = recordingsOf(chosen)
          expect(shared(recordingsOf(learnt), held)).toEqual([])
          expect(shared(ownChosen, held)).toEqual([])
          expect(shared(recordingsOf(learnt), ownChosen)).toEqual([])
          const forbidden = new Set([...held, ...ownChosen])
          for (const clip of clips)
            if (!left.includes(clip)) expect(forbidden.has(clip.recording ?? '')).toBe(true)
        }
      }
    }
  })

  it('changes nothing unless it is asked for', () => {
    const clips = madeUpClips(1)
    expect(clipsForFold(clips, 1, { ...training('next'), excludeCrossing: false })).toBe(clips)
  })

  it('is refused where no clip of the inner fold would be left', () => {
    const clips = [1, 2, 3].map((fold) => ({ fold, classId: 0, recording: fold === 3 ? 'b' : 'a' }))
    expect(() => clipsForFold(clips, 1, training('next'))).toThrow(
      /inner fold 2 shares a recording with fold 1/,
    )
  })
})

const CSV = fileURLToPath(new URL('../../../../shared/data/UrbanSound8K.csv', import.meta.url))

describe.skipIf(!existsSync(CSV))('UrbanSound8K, by its whole metadata', () => {
  const rowSchema = z.object({ fsID: z.string(), fold: z.coerce.number(), classID: z.coerce.number() })
  const clips = () =>
    z
      .array(rowSchema)
      .parse(parse(readFileSync(CSV), { columns: true }))
      .map(({ fsID, fold, classID }) => ({ recording: fsID, fold, classId: classID }))

  it('has five recordings that cross its folds', () => {
    const crossing = crossingOf(clips())
    expect(crossing.first.map(({ recording }) => recording).sort()).toEqual([
      '106905',
      '132016',
      '176638',
      '180937',
      '77751',
    ])
    expect(crossing.first.find(({ recording }) => recording === '180937')?.folds).toEqual([
      { fold: 1, clips: 79, classIds: [7] },
      { fold: 9, clips: 16, classIds: [4] },
    ])
    const preview = previewSplit(clips())
    expect(preview.folds.map(({ clips: own }) => own)).toEqual([
      873, 888, 925, 990, 936, 823, 838, 806, 816, 837,
    ])
    expect(preview.folds.map(({ excluded }) => excluded > 0)).toEqual(
      [1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((fold) => [1, 2, 4, 7, 8, 9].includes(fold)),
    )
    expect(preview.folds.reduce((sum, { recordings }) => sum + recordings, 0)).toBe(1297 + 5)
  })

  it('can be split by recording, and is cut apart by a random split', () => {
    const by = splitClips(clips(), grouped(10))
    expect(crossingOf(by).recordings).toBe(0)
    const sizes = previewSplit(by).folds.map(({ clips: own }) => own)
    console.log('grouped folds', sizes.join(' '))
    expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThan(60)
    expect(crossingOf(splitClips(clips(), random(10))).recordings).toBeGreaterThan(800)
  })
})
