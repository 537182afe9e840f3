import { describe, expect, it } from 'vitest'
import { foundBy } from '../../src-renderer/features/audit/found-by.ts'
import { secondsPerClip } from '../../src-renderer/features/audit/pace.ts'
import { formatRoute, parseRoute, type QueueSource, type Route } from '../../src-renderer/lib/route.ts'

it('the pace is that of the last clips, without pauses', () => {
  expect(secondsPerClip([])).toBeNull()
  expect(secondsPerClip([0, 5000])).toBeNull()
  expect(secondsPerClip([0, 5000, 8000])).toBe(4)
  expect(secondsPerClip([0, 5000, 905_000, 908_000])).toBe(4)
  // A slow beginning is forgotten.
  const times = [0, 100_000, 200_000, ...Array.from({ length: 21 }, (_, clip) => 300_000 + 12_000 * clip)]
  expect(secondsPerClip(times)).toBe(12)
})

it.each<Route>([
  { screen: 'queue' },
  {
    screen: 'queue',
    datasetId: 1,
    setId: 2,
    source: { from: 'run', runId: 'r-1' },
    mode: 'blind',
    clipId: 7,
  },
  { screen: 'queue', setId: 2, source: { from: 'run', runId: 'r-1', only: 'all' } },
  { screen: 'queue', setId: 2, source: { from: 'search', searchId: 3 } },
  {
    screen: 'queue',
    setId: 2,
    source: {
      from: 'search',
      searchId: 3,
      filter: {
        kinds: ['label', 'silence'],
        severities: ['error'],
        classIds: [1],
        suggestedClassIds: [2, 3],
        folds: [4],
        recordings: ['a,b', '7'],
      },
    },
  },
  { screen: 'queue', setId: 2, source: { from: 'set', only: 'disputed' }, mode: 'second' },
  { screen: 'queue', source: { from: 'clips', clipIds: [3, 1, 2] } },
  {
    screen: 'queue',
    setId: 2,
    source: {
      from: 'library',
      filter: { folds: [1], runId: 'r', recordings: ['a,b'], correct: false },
      sort: { key: 'margin', direction: 'desc' },
    },
  },
])('an audit is found again by its address: %o', (route) => {
  expect(parseRoute(formatRoute(route))).toEqual(route)
})

describe('the run that a queue shows', () => {
  const sort = { key: 'confidence', direction: 'desc' } as const
  it.each<[string, QueueSource, string | undefined]>([
    ['of a run', { from: 'run', runId: 'older' }, 'older'],
    // Of a cell of the older run's matrix: the newest run may have been right.
    [
      'of clips that a run’s predictions chose',
      { from: 'library', filter: { runId: 'older' }, sort },
      'older',
    ],
    ['of other clips of the library', { from: 'library', filter: { folds: [1] }, sort }, undefined],
    ['of clips by number', { from: 'clips', clipIds: [1] }, undefined],
  ])('%s is the one that found them', (_, source, runId) => {
    expect(foundBy(source)).toBe(runId)
  })
})
