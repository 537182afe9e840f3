import { describe, expect, it } from 'vitest'
import type { ClipMap } from '../../src-main/contract/space.ts'
import { type COLOURINGS, categoriesOf } from '../../src-renderer/features/map/map-categories.ts'
import {
  pointAt,
  pointsWithin,
  pointTowards,
  wholeView,
  zoomed,
} from '../../src-renderer/features/map/plane.ts'

/** A cross: one in the middle, four around it. */
const cross = { x: [0, 1, 0, -1, 0], y: [0, 0, 1, 0, -1] }
const all = () => true

describe('the plane of a map', () => {
  const size = { width: 248, height: 448 }
  const view = wholeView(cross, size)

  it('shows all points in the middle, and zooms about a place', () => {
    expect(view).toEqual({ scale: 100, x: 124, y: 224 })
    const closer = zoomed(view, 2, { x: 224, y: 224 }, view)
    expect(closer).toEqual({ scale: 200, x: 24, y: 224 })
    expect(zoomed(view, 1e9, { x: 0, y: 0 }, view).scale).toBe(20_000)
    expect(wholeView({ x: [3], y: [5] }, size).scale).toBeGreaterThan(0)
  })

  it('finds the point below the pointer, and none that is hidden or too far', () => {
    expect(pointAt(cross, view, { x: 220, y: 221 }, 10, all)).toBe(1)
    expect(pointAt(cross, view, { x: 180, y: 224 }, 10, all)).toBeUndefined()
    expect(pointAt(cross, view, { x: 124, y: 224 }, 10, (point) => point !== 0)).toBeUndefined()
  })

  it('goes from point to point by the arrows', () => {
    expect(pointTowards(cross, 0, { x: 1, y: 0 }, all)).toBe(1)
    expect(pointTowards(cross, 0, { x: 0, y: -1 }, all)).toBe(4)
    expect(pointTowards(cross, 3, { x: 1, y: 0 }, all)).toBe(0)
    expect(pointTowards(cross, 1, { x: 1, y: 0 }, all)).toBeUndefined()
  })

  it('surrounds points, also by a line that crosses itself', () => {
    const right = [
      { x: 100, y: 200 },
      { x: 248, y: 200 },
      { x: 248, y: 250 },
      { x: 100, y: 250 },
    ]
    expect(pointsWithin(cross, view, right, all)).toEqual([0, 1])
    expect(pointsWithin(cross, view, right, (point) => point === 1)).toEqual([1])
    expect(pointsWithin(cross, view, [], all)).toEqual([])
  })
})

describe('what points of a map are coloured by', () => {
  const map: ClipMap = {
    clipIds: [1, 2, 3],
    ...{ x: [0, 1, 2], y: [0, 0, 0] },
    fileNames: ['a', 'b', 'c'],
    classIds: [10, 2, 10],
    folds: [1, 10, 2],
    saliences: [1, null, 2],
    predictedClassIds: [10, 10, null],
    confidences: [1, 0.5, null],
    learnt: [true, true, false],
    total: 3,
  }
  const classes = [
    { id: 2, name: 'dog_bark', clips: 1 },
    { id: 10, name: 'siren', clips: 2 },
  ]
  const labels = (by: (typeof COLOURINGS)[number]) =>
    categoriesOf(map, by, { classes }).all.map(({ label, count }) => `${label} ${count}`)

  it('has categories in the order of their numbers, what is missing last', () => {
    expect(labels('class')).toEqual(['dog bark 1', 'siren 2'])
    expect(labels('fold')).toEqual(['fold 1 1', 'fold 2 1', 'fold 10 1'])
    expect(labels('salience')).toEqual(['foreground 1', 'background 1', 'no salience 1'])
    expect(labels('error')).toEqual(['not predicted 1', 'right 1', 'wrong 1'])
    expect(labels('confidence')).toEqual(['40 to 60 % 1', '80 to 100 % 1', 'not predicted 1'])
    expect([...categoriesOf(map, 'fold', { classes }).of]).toEqual([0, 2, 1])
  })

  it('tells two dozen classes apart, by colour and shape together', () => {
    const many = Array.from({ length: 24 }, (_, id) => ({ id, name: String(id), clips: 1 }))
    const wide = { ...map, clipIds: many.map(({ id }) => id), classIds: many.map(({ id }) => id) }
    const { all: looks } = categoriesOf(wide, 'class', { classes: many })
    expect(new Set(looks.map(({ colour, shape }) => colour + shape)).size).toBe(24)
  })
})
