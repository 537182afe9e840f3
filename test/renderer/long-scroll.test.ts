import { describe, expect, it } from 'vitest'
import {
  MOST_SCROLLED,
  type ScrollPlace,
  scrolled,
  settled,
  spaceOf,
  topShowing,
} from '../../src-renderer/lib/components/table/long-scroll.ts'

const LONG = { content: 30 * 1_000_000, view: 600 }
const SHORT = { content: 30 * 1000, view: 600 }
const START: ScrollPlace = { scrollTop: 0, top: 0 }

describe('scrolling through more pixels than a browser lays out', () => {
  it('is plain scrolling where they fit', () => {
    expect(spaceOf(SHORT)).toBe(30_000)
    expect(scrolled(START, 12_345, SHORT)).toEqual({ scrollTop: 12_345, top: 12_345 })
    expect(settled(777, SHORT)).toEqual({ scrollTop: 777, top: 777 })
  })

  it('moves by pixels in small steps and by shares in long ones', () => {
    expect(spaceOf(LONG)).toBe(MOST_SCROLLED)
    const stepped = scrolled({ scrollTop: 1000, top: 500_000 }, 1100, LONG)
    expect(stepped).toEqual({ scrollTop: 1100, top: 500_100 })
    const most = MOST_SCROLLED - LONG.view
    expect(scrolled(START, most, LONG).top).toBe(LONG.content - LONG.view)
    expect(scrolled(START, most / 2, LONG).top).toBeCloseTo((LONG.content - LONG.view) / 2, 3)
  })

  it('reaches every row by small steps, with the scrollbar brought back to its place in between', () => {
    let place = settled(LONG.content - LONG.view - 3000, LONG)
    const seen = [place.top]
    while (place.top < LONG.content - LONG.view) {
      place = scrolled(place, place.scrollTop + 100, LONG)
      seen.push(place.top)
      place = settled(place.top, LONG)
      expect(place.scrollTop).toBeLessThanOrEqual(MOST_SCROLLED - LONG.view)
    }
    expect(seen).toHaveLength(31)
    expect(seen.at(-1)).toBe(LONG.content - LONG.view)
  })

  it.each([0, 29, 400_000 * 30, LONG.content - 600])(
    'settling leaves the rows where they are at %i',
    (top) => {
      const place = settled(top, LONG)
      expect(place.top).toBe(top)
      expect(settled(place.top, LONG)).toEqual(place)
    },
  )

  it('shows a row by the least move', () => {
    expect(topShowing({ start: 300, height: 30 }, 0, 600)).toBe(0)
    expect(topShowing({ start: 600, height: 30 }, 0, 600)).toBe(30)
    expect(topShowing({ start: 300, height: 30 }, 500, 600)).toBe(300)
  })
})
