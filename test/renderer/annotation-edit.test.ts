import { describe, expect, it } from 'vitest'
import type { Annotation, AnnotationFields } from '../../src-main/contract/annotation.ts'
import {
  annotationAt,
  extentOf,
  merged,
  reshaped,
  selectionOf,
  shiftBy,
  shifted,
  splitAt,
  touches,
} from '../../src-renderer/features/annotate/edit.ts'
import { labelColour } from '../../src-renderer/features/annotate/label-colour.ts'

const axis = { lowHz: 20, highHz: 11_000 }
const fields = (change: Partial<AnnotationFields> = {}): AnnotationFields => ({
  ...{ startSeconds: 1, endSeconds: 2, lowHz: null, highHz: null, label: 'siren', salience: null },
  ...{ confidence: null, note: '', author: 'Anna', extra: {}, ...change },
})
const annotation = (id: string, change: Partial<AnnotationFields>): Annotation => ({
  ...fields(change),
  ...{ id, clipId: 1, createdAt: '', changedAt: '' },
})

describe('an annotation as a selection', () => {
  it('is where it was as long as nobody moves it, whatever the pictures can show of it', () => {
    for (const before of [
      fields(),
      fields({ lowHz: 400.123456, highHz: 900 }),
      fields({ lowHz: null, highHz: 900 }),
      fields({ lowHz: 5, highHz: 20_000 }),
      fields({ startSeconds: 1, endSeconds: 9 }),
    ])
      expect(reshaped(before, selectionOf(before, axis), axis, 4)).toBeNull()
  })

  it('keeps the edges that were not moved, beyond the axis and the sound as well', () => {
    const before = fields({ endSeconds: 9, lowHz: 400, highHz: 20_000 })
    // The pictures bring an edge into view as soon as another one is dragged.
    const dragged = { from: 0.5, to: 4, band: { lowHz: 300, highHz: axis.highHz } }
    expect(reshaped(before, dragged, axis, 4)).toEqual({
      ...{ startSeconds: 0.5, endSeconds: 9, lowHz: 300, highHz: 20_000 },
    })
  })

  it('loses its band where the selection does, but not while there is no axis to show one', () => {
    const box = fields({ lowHz: 400, highHz: 900 })
    expect(reshaped(box, { from: 1, to: 2, band: null }, axis, 4)).toMatchObject({
      lowHz: null,
      highHz: null,
    })
    expect(reshaped(box, { from: 1, to: 2, band: null }, null, 4)).toBeNull()
  })

  it('begins as what is selected, in whole microseconds', () => {
    expect(extentOf({ from: 1 / 3, to: 2 / 3, band: { lowHz: 100 / 3, highHz: 200 } })).toEqual({
      ...{ startSeconds: 0.333333, endSeconds: 0.666667, lowHz: 33.33, highHz: 200 },
    })
  })
})

describe('split, merge, paste', () => {
  it('splits within only', () => {
    expect(splitAt(fields(), 1.25)).toMatchObject([
      { startSeconds: 1, endSeconds: 1.25, label: 'siren' },
      { startSeconds: 1.25, endSeconds: 2, label: 'siren' },
    ])
    for (const outside of [1, 2, 0.5, 3]) expect(splitAt(fields(), outside)).toBeNull()
  })

  it('merging what was split gives it back', () => {
    const whole = fields({ lowHz: 400, highHz: 900, note: 'near', salience: 1, confidence: 0.5 })
    const [first, second] = splitAt(whole, 1.5) ?? [whole, whole]
    expect(merged(first, second)).toEqual(whole)
  })

  it('a merge spans both, keeps what the first says and both notes', () => {
    const box = fields({ lowHz: 400, highHz: 900, note: 'a', salience: 2 })
    const other = fields({ startSeconds: 3, endSeconds: 4, lowHz: 100, highHz: 500, note: 'b', label: 'dog' })
    expect(merged(box, other)).toMatchObject({
      ...{
        startSeconds: 1,
        endSeconds: 4,
        lowHz: 100,
        highHz: 900,
        note: 'a\nb',
        salience: 2,
        label: 'siren',
      },
    })
    expect(merged(box, fields({ label: 'dog' }))).toMatchObject({ lowHz: null, highHz: null })
  })

  it('several are moved together, as far as all of them stay within the sound', () => {
    const pair = [fields(), fields({ startSeconds: 2.5, endSeconds: 3 })]
    const starts = (by: number) => shifted(pair, by, 4).map(({ startSeconds }) => startSeconds)
    expect(starts(0.25)).toEqual([1.25, 2.75])
    expect(starts(9)).toEqual([2, 3.5])
    expect(starts(-9)).toEqual([0, 1.5])
    expect(shifted([fields()], 2, 0.5)[0]).toMatchObject({ startSeconds: 0 })
    expect(shiftBy(fields(), { from: 1.5, to: 2.5 })).toBe(0.5)
    expect(shiftBy(fields(), { from: 1.5, to: 2 })).toBeNull()
  })

  it('are within a selection that has a part of them, in its band', () => {
    const box = fields({ lowHz: 400, highHz: 900 })
    expect(touches(box, { from: 1.9, to: 3, band: null })).toBe(true)
    expect(touches(box, { from: 2.1, to: 3, band: null })).toBe(false)
    expect(touches(box, { from: 0, to: 4, band: { lowHz: 1000, highHz: 2000 } })).toBe(false)
    expect(touches(fields(), { from: 0, to: 4, band: { lowHz: 1000, highHz: 2000 } })).toBe(true)
  })
})

it('a press takes the smallest annotation there, by frequency where the picture has them', () => {
  const list = [
    annotation('region', { startSeconds: 0, endSeconds: 4 }),
    annotation('box', { startSeconds: 1, endSeconds: 2, lowHz: 400, highHz: 900 }),
    annotation('point', { startSeconds: 3, endSeconds: 3 }),
  ]
  expect(annotationAt(list, 1.5, 500, 0.01)?.id).toBe('box')
  expect(annotationAt(list, 1.5, 2000, 0.01)?.id).toBe('region')
  expect(annotationAt(list, 1.5, null, 0.01)?.id).toBe('box')
  expect(annotationAt(list, 3.005, null, 0.01)?.id).toBe('point')
  expect(annotationAt(list, 4.5, null, 0.01)).toBeUndefined()
})

it('labels have colours of their own, the same every time', () => {
  const classes = ['siren', 'dog', 'drill', 'shot', 'horn', 'music', 'engine', 'children', 'air', 'hammer']
  const colours = classes.map((label) => labelColour(label, classes))
  expect(new Set(colours).size).toBe(classes.length)
  expect(labelColour('own words', classes)).toBe(labelColour('own words', classes))
  expect(colours).not.toContain(labelColour('', classes))
})
