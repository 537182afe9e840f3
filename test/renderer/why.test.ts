import { describe, expect, it } from 'vitest'
import { mapTable } from '../../src-renderer/features/why/map-table.ts'
import { overlayTable } from '../../src-renderer/lib/components/colour/overlay-table.ts'

describe('a map as a table', () => {
  it('has the means of its parts as shares of the largest value, the highest rows first', () => {
    // Two rows of four frames.
    const data = { nMels: 2, frames: 4, decibels: Float32Array.from([1, 3, 0, 0, -4, -2, 0, 2]) }
    const { times, bands } = mapTable(data, 0.5, { columns: 2, parts: 4 })
    expect(times).toEqual([
      { from: 0, to: 1 },
      { from: 1, to: 2 },
    ])
    expect(bands).toEqual([
      { first: 1, end: 2, shares: [-0.75, 0.25] },
      { first: 0, end: 1, shares: [0.5, 0] },
    ])
    expect(mapTable({ ...data, decibels: new Float32Array(8) }, 0.5).bands[0]?.shares).toEqual([0, 0, 0, 0])
  })
})

describe('colours of a map', () => {
  const alphas = (opacity: number, signed: boolean) => {
    const bytes = new Uint8Array(overlayTable(opacity, signed).buffer)
    return [0, 127, 255].map((step) => bytes[4 * step + 3])
  }
  it('let the picture through where there is nothing, and cover it by the opacity where there is most', () => {
    expect(alphas(1, false)).toEqual([0, 127, 255])
    expect(alphas(0.5, false)).toEqual([0, 64, 128])
    expect(alphas(1, true)).toEqual([255, 1, 255])
    expect(alphas(0, true)).toEqual([0, 0, 0])
  })
})
