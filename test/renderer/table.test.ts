import { describe, expect, it } from 'vitest'
import { moveIndex, nextSort } from '../../src-renderer/lib/components/table/columns.ts'
import { PageCache } from '../../src-renderer/lib/components/table/page-cache.ts'

describe('page cache', () => {
  it('gives rows by index and names the pages that are missing', () => {
    const cache = new PageCache<string>(2, 10)
    cache.put(1, ['c', 'd'])
    expect([cache.get(2), cache.get(3), cache.get(4), cache.get(0)]).toEqual(['c', 'd', undefined, undefined])
    expect(cache.missing(1, 5)).toEqual([0, 2])
    expect(cache.missing(2, 3)).toEqual([])
  })

  it('drops the page that was used longest ago', () => {
    const cache = new PageCache<number>(1, 2)
    cache.put(0, [0])
    cache.put(1, [1])
    cache.missing(0, 0)
    cache.put(2, [2])
    expect([cache.get(0), cache.get(1), cache.get(2)]).toEqual([0, undefined, 2])
  })

  it('finds a row among those that have arrived, and forgets all', () => {
    const cache = new PageCache<{ id: number }>(2, 10)
    cache.put(3, [{ id: 70 }, { id: 71 }])
    expect(cache.findIndex(({ id }) => id === 71)).toBe(7)
    expect(cache.findIndex(({ id }) => id === 72)).toBe(-1)
    cache.clear()
    expect(cache.get(7)).toBeUndefined()
  })
})

describe('table keys and sorting', () => {
  it.each([
    ['ArrowDown', -1, 0],
    ['ArrowDown', 9, 9],
    ['ArrowUp', 0, 0],
    ['PageDown', 2, 6],
    ['PageUp', 2, 0],
    ['Home', 5, 0],
    ['End', 5, 9],
    ['x', 5, null],
  ])('%s from %i leads to %s', (key, from, to) => {
    expect(moveIndex(from, key, 10, 4)).toBe(to)
  })

  it('does not move in an empty table', () => {
    expect(moveIndex(-1, 'ArrowDown', 0, 4)).toBeNull()
  })

  it('turns the order round at a second click and starts another column upwards', () => {
    expect(nextSort({ key: 'fold', direction: 'asc' }, 'fold')).toEqual({ key: 'fold', direction: 'desc' })
    expect(nextSort<string>({ key: 'fold', direction: 'desc' }, 'name')).toEqual({
      key: 'name',
      direction: 'asc',
    })
  })
})
