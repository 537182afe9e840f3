import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { Annotation } from '../../src-main/contract/annotation.ts'
import { agreementSettingsSchema } from '../../src-main/contract/annotation.ts'
import { agreementOf } from '../../src-main/core/annotation/agreement/agreement.ts'

/** Made by generate/annotator_agreement.py with scikit-learn and statsmodels. */
const kappa = z.number().nullable()
const { cases } = z
  .object({
    cases: z.array(
      z.object({
        name: z.string(),
        ratings: z.array(z.array(z.int())),
        fleiss: kappa,
        cohen: z.array(kappa),
        classes: z.array(z.object({ label: z.int(), fleiss: kappa, cohen: z.array(kappa) })),
      }),
    ),
  })
  .parse(JSON.parse(readFileSync(new URL('data/annotator-agreement.json', import.meta.url), 'utf8')))

let made = 0
const mark = (change: Partial<Annotation>): Annotation => ({
  ...{ id: String(made++), clipId: 1, startSeconds: 0, endSeconds: 1, lowHz: null, highHz: null, label: 'x' },
  ...{ salience: null, confidence: null, note: '', author: 'a', extra: {}, createdAt: '', changedAt: '' },
  ...change,
})
const settings = (change: object) => agreementSettingsSchema.parse(change)
const near = (got: number | null | undefined, wanted: number | null) => {
  if (wanted === null) expect(got).toBeNull()
  else expect(got).toBeCloseTo(wanted, 12)
}

describe.each(cases)('kappas of $name', ({ ratings, fleiss, cohen, classes }) => {
  const labels = (label: number) => `class ${label}`
  const clips = ratings.map((_, id) => ({ id, durationSeconds: 1 }))
  const byClip = ratings.flatMap((said, clipId) =>
    said.map((label, rater) => mark({ clipId, author: `rater ${rater}`, label: labels(label) })),
  )
  // The same as segments of one recording, a second each.
  const bySegment = byClip.map((one) => ({
    ...one,
    ...{ clipId: 0, startSeconds: one.clipId, endSeconds: one.clipId + 1 },
  }))
  it.each([
    ['clips', () => agreementOf(clips, byClip, settings({ unit: 'clips' }))],
    ['segments', () => agreementOf([{ id: 0, durationSeconds: ratings.length }], bySegment, settings({}))],
  ])('of %s', (_, made) => {
    const got = made()
    expect(got.units).toBe(ratings.length)
    near(got.fleiss.kappa, fleiss)
    expect(got.pairs).toHaveLength(cohen.length)
    for (const [place, wanted] of cohen.entries()) near(got.pairs[place]?.kappa, wanted)
    expect(got.classes.map(({ label }) => label).sort()).toEqual(
      classes.map(({ label }) => labels(label)).sort(),
    )
    for (const wanted of classes) {
      const own = got.classes.find(({ label }) => label === labels(wanted.label))
      near(own?.fleiss, wanted.fleiss)
      for (const [place, value] of wanted.cohen.entries()) near(own?.pairs[place], value)
    }
    const [pair] = got.pairs
    expect(pair?.matrix.flat().reduce((sum, n) => sum + n, 0)).toBe(ratings.length)
    expect(pair?.agreement).toBeCloseTo(ratings.filter(([a, b]) => a === b).length / ratings.length, 12)
  })
})

describe('what is compared', () => {
  it('is nothing, where an author marked nothing, and the label of most of a segment', () => {
    const got = agreementOf(
      [{ id: 1, durationSeconds: 4 }],
      [
        mark({ author: 'Anna', label: 'siren', startSeconds: 0.4, endSeconds: 3 }),
        mark({ author: 'Ben', label: 'siren', startSeconds: 1, endSeconds: 1.6 }),
        mark({ author: 'Ben', label: 'dog', startSeconds: 1.6, endSeconds: 2 }),
        mark({ author: 'Ben', label: 'dog', startSeconds: 2.6, endSeconds: 3 }),
      ],
      settings({}),
    )
    expect(got).toMatchObject({ clips: 1, units: 4, labels: ['', 'siren'] })
    // Anna: siren in 0, 1, 2; Ben: in 1 only, his dog takes less than half of the third.
    expect(got.pairs[0]?.matrix).toEqual([
      [1, 0],
      [2, 1],
    ])
    expect(got.pairs[0]?.agreement).toBe(0.5)
  })

  it('is only what both annotated, and Fleiss’ kappa only what all did', () => {
    const marks = [
      ...[1, 2, 3].map((clipId) => mark({ clipId, author: 'Anna', label: clipId === 2 ? 'dog' : 'siren' })),
      ...[1, 2].map((clipId) => mark({ clipId, author: 'Ben', label: clipId === 2 ? 'dog' : 'siren' })),
      mark({ clipId: 2, author: 'Cleo', label: 'dog' }),
      mark({ clipId: 4, author: 'Cleo', label: 'dog' }),
      mark({ clipId: 1, author: '', label: 'dog' }),
    ]
    const clips = [1, 2, 3, 4].map((id) => ({ id, durationSeconds: 1 }))
    const got = agreementOf(clips, marks, settings({ unit: 'clips' }))
    expect(got).toMatchObject({ clips: 2, units: 2, fleiss: { units: 1, agreement: 1, kappa: null } })
    expect(got.pairs.map(({ a, b, units, kappa }) => [a, b, units, kappa])).toEqual([
      ['Anna', 'Ben', 2, 1],
      ['Anna', 'Cleo', 1, null],
      ['Ben', 'Cleo', 1, null],
    ])
    expect(agreementOf(clips, marks, settings({ unit: 'clips', authors: ['Anna', 'Ben'] })).fleiss).toEqual({
      ...{ units: 2, agreement: 1, kappa: 1 },
    })
  })

  it('needs two people, and no more segments than memory takes', () => {
    const clips = [{ id: 1, durationSeconds: 1e6 }]
    expect(() => agreementOf(clips, [mark({})], settings({}))).toThrow('No clip was annotated by two people.')
    const two = [mark({}), mark({ author: 'b' })]
    expect(() => agreementOf(clips, two, settings({ segmentSeconds: 0.01 }))).toThrow(
      'more segments than can be compared',
    )
  })
})
