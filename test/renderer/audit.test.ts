import { expect, it } from 'vitest'
import { secondsPerClip } from '../../src-renderer/features/audit/pace.ts'
import { formatRoute, parseRoute, type Route } from '../../src-renderer/lib/route.ts'

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
