import { describe, expect, it } from 'vitest'
import { sliceGroups } from '../../src-main/contract/slice-groups.ts'
import { filterChips } from '../../src-renderer/features/library/filter.ts'
import { similarityOrder } from '../../src-renderer/lib/components/confusion/class-order.ts'
import { columnShares } from '../../src-renderer/lib/components/confusion/confusion.ts'
import { durationRange, foldWords, interval, points } from '../../src-renderer/lib/format.ts'

describe('order of classes by similarity', () => {
  it('puts classes that are taken for each other side by side', () => {
    // 0 and 3 are confused, 1 and 4, and 2 now and then with 4.
    const matrix = [
      [6, 0, 0, 4, 0],
      [0, 5, 0, 0, 5],
      [0, 0, 8, 0, 2],
      [3, 0, 0, 7, 0],
      [0, 4, 1, 0, 5],
    ]
    const order = similarityOrder(matrix)
    expect(order.toSorted()).toEqual([0, 1, 2, 3, 4])
    const apart = (a: number, b: number) => Math.abs(order.indexOf(a) - order.indexOf(b))
    expect(apart(0, 3)).toBe(1)
    expect(apart(1, 4)).toBe(1)
    expect(apart(2, 4)).toBe(1)
  })

  it.each([[[]], [[[3]]]])('of %j has every class once', (matrix) => {
    expect(similarityOrder(matrix)).toEqual(matrix.map((_, place) => place))
  })
})

describe('figures in words', () => {
  it('shares of a column add up to one, or are nought where nothing was predicted', () => {
    expect(
      columnShares([
        [3, 0],
        [1, 0],
      ]),
    ).toEqual([
      [0.75, 0],
      [0.25, 0],
    ])
  })

  it.each([
    [0.0321, '+3.2'],
    [-0.0321, '−3.2'],
    [0, '0.0'],
    [-0.0001, '0.0'],
  ])('a difference of %f is %s points', (difference, words) => {
    expect(points(difference)).toBe(words)
  })

  it('folds in a row are said by their ends', () => {
    const said = [[3], [1, 2], [1, 2, 3], [1, 3, 4, 5, 7, 9, 10]].map(foldWords)
    expect(said).toEqual(['fold 3', 'folds 1, 2', 'folds 1 to 3', 'folds 1, 3 to 5, 7, 9, 10'])
  })

  it('intervals and durations say their ends', () => {
    expect(interval({ low: 0.7, high: 0.8125 })).toBe('70.0 to 81.3 %')
    expect(interval(null)).toBe('–')
    // Student's interval of two folds goes far beyond what a share can be.
    expect(interval({ low: -0.333, high: 2.138 })).toBe('0.0 to 100.0 %')
    expect([durationRange(0, 0.5), durationRange(0.5, 1), durationRange(4, null)]).toEqual([
      'below 0.5 s',
      '0.5 to 1 s',
      '4 s and longer',
    ])
  })
})

describe('slices', () => {
  it('are shown by what parts the clips, with a word where recordings are cut', () => {
    const slice = (filter: object) => ({
      clips: 4,
      correct: 3,
      accuracy: 0.75,
      interval: { low: 0.3, high: 0.95 },
      filter,
    })
    const groups = sliceGroups({
      runId: 'a',
      bySalience: [],
      byDuration: [{ ...slice({}), fromSeconds: 4, belowSeconds: 8 }],
      bySampleRate: [],
      byChannels: [
        { ...slice({ channels: [1] }), channels: 1 },
        { ...slice({ channels: [2] }), channels: 2 },
      ],
      byFold: [],
      byTag: [{ ...slice({ tags: ['dull'] }), tag: 'dull' }],
      byRecording: [
        { ...slice({}), recording: 'x' },
        { ...slice({}), recording: 'y' },
      ],
      recordings: 9,
    })
    expect(groups.map(({ title, rows }) => [title, rows.map(({ name }) => name)])).toEqual([
      ['Channels', ['mono', 'stereo']],
      ['Tag', ['dull']],
      ['Recording', ['x', 'y']],
    ])
    expect(groups[2]?.note).toBe('The 2 with the most errors, of 9.')
  })

  it('are chips in the library, each of which can be taken back', () => {
    const filter = {
      recordings: ['77751'],
      sampleRatesHz: [44100],
      channels: [2],
      durationFromSeconds: 0.5,
      durationBelowSeconds: 1,
      runId: '2026-01-01-0123abcd',
      against: { runId: '2026-01-01-4567cdef', correct: false },
    }
    const chips = filterChips(filter, { classes: [] })
    expect(chips.map(({ label }) => label)).toEqual([
      'recording 77751',
      '44.1 kHz',
      'stereo',
      '0.5 to 1 s',
      'run 0123abcd',
      'wrong in run 4567cdef',
    ])
    const without = (key: string) => Object.keys(chips.find((chip) => chip.key === key)?.without ?? {})
    expect(without('duration')).not.toContain('durationFromSeconds')
    expect(without('duration')).not.toContain('durationBelowSeconds')
    expect(without('run')).not.toContain('against')
    expect(without('against')).toContain('runId')
  })
})
