import { describe, expect, it } from 'vitest'
import { DEFAULT_SORT } from '../../src-renderer/lib/address/clips.ts'
import { formatRoute, libraryRoute, parseRoute, type Route } from '../../src-renderer/lib/route.ts'

describe('routes', () => {
  const routes: [string, Route][] = [
    ['#/library', libraryRoute()],
    [
      '#/library?class=3,4&sort=-durationSeconds&clip=12',
      libraryRoute({
        filter: { classIds: [3, 4] },
        sort: { key: 'durationSeconds', direction: 'desc' },
        clipId: 12,
      }),
    ],
    [
      '#/library?dataset=2&fold=1&salience=2&q=dog+%26+cat&problems=1',
      libraryRoute({
        datasetId: 2,
        filter: { folds: [1], saliences: [2], text: 'dog & cat', withProblems: true },
      }),
    ],
    [
      '#/library?run=a1&predicted=7&correct=0',
      libraryRoute({ filter: { runId: 'a1', predictedClassIds: [7], correct: false } }),
    ],
    ['#/library?fold=2&chosen=0f3a', libraryRoute({ filter: { chosenId: '0f3a', folds: [2] } })],
    ['#/dataset?dataset=1&code=missing-file', { screen: 'dataset', datasetId: 1, code: 'missing-file' }],
    ['#/clip/12', { screen: 'clip', clipId: 12, filter: {}, sort: DEFAULT_SORT }],
    [
      '#/clip/12?dataset=2&class=3&sort=-fold',
      {
        screen: 'clip',
        clipId: 12,
        datasetId: 2,
        filter: { classIds: [3] },
        sort: { key: 'fold', direction: 'desc' },
      },
    ],
    ['#/audit', { screen: 'issues' }],
    [
      '#/audit?dataset=1&search=4&kind=near-duplicate&severity=error&class=3&suggested=7&fold=2&order=recording&issue=9&clip=5',
      {
        screen: 'issues',
        datasetId: 1,
        searchId: 4,
        kind: 'near-duplicate',
        severity: 'error',
        classId: 3,
        suggestedId: 7,
        fold: 2,
        order: 'recording',
        issueId: 9,
        clipId: 5,
      },
    ],
    ['#/import', { screen: 'import' }],
    ['#/train?dataset=1', { screen: 'train', datasetId: 1 }],
    ['#/train?dataset=1&set=2', { screen: 'train', datasetId: 1, setId: 2 }],
    ['#/train?dataset=1&from=4f-1', { screen: 'train', datasetId: 1, from: '4f-1' }],
    ['#/runs', { screen: 'runs' }],
    ['#/sweeps', { screen: 'sweeps' }],
    ['#/sweeps/4f-1', { screen: 'sweeps', sweepId: '4f-1' }],
    [
      '#/runs/4f-1?true=3&predicted=0&clip=9&matrix=rows',
      {
        screen: 'runs',
        runId: '4f-1',
        cell: { trueClassId: 3, predictedClassId: 0 },
        clipId: 9,
        matrix: 'rows',
      },
    ],
    [
      '#/runs/4f-1?tab=curves&order=similarity&fold=3,5',
      { screen: 'runs', runId: '4f-1', tab: 'curves', order: 'similarity', folds: [3, 5] },
    ],
    ['#/compare?runs=4f-1,5a-2', { screen: 'compare', runIds: ['4f-1', '5a-2'] }],
    [
      '#/library?recording=a,b&recording=c&rate=44100,8000&channels=2&from=0.5&below=1&run=a1&correct=1&against=0-b-2',
      libraryRoute({
        filter: {
          recordings: ['a,b', 'c'],
          sampleRatesHz: [44100, 8000],
          channels: [2],
          durationFromSeconds: 0.5,
          durationBelowSeconds: 1,
          runId: 'a1',
          correct: true,
          against: { runId: 'b-2', correct: false },
        },
      }),
    ],
    [
      '#/library?view=grid&format=wav+pcm16&format=ogg+vorbis&problems=0&problem=missing-file,truncated-file&run=a1&surefrom=0.25&surebelow=0.9',
      libraryRoute({
        view: 'grid',
        filter: {
          formats: ['wav pcm16', 'ogg vorbis'],
          withProblems: false,
          problemCodes: ['missing-file', 'truncated-file'],
          runId: 'a1',
          confidenceFrom: 0.25,
          confidenceBelow: 0.9,
        },
      }),
    ],
    [
      '#/recipes?dataset=1&clip=7&left=article&right=my-mfcc',
      { screen: 'recipes', datasetId: 1, clipId: 7, left: 'article', right: 'my-mfcc' },
    ],
    [
      '#/library?tag=near+by&tag=dog&tagged=1',
      libraryRoute({ filter: { tags: ['near by', 'dog'], withTags: true } }),
    ],
    [
      '#/library?verdicts=2&verdict=none,exclude',
      libraryRoute({ filter: { verdictSetId: 2, verdicts: ['none', 'exclude'] } }),
    ],
    ['#/clips?ids=3,7', { screen: 'clips', clipIds: [3, 7] }],
    ['#/clips', { screen: 'clips', clipIds: [] }],
    ['#/predict?job=3', { screen: 'predict', jobId: 3 }],
    ['#/predict?run=4f-1', { screen: 'predict', runId: '4f-1' }],
    ['#/history?dataset=1&clip=7', { screen: 'history', datasetId: 1, clipId: 7 }],
    ['#/settings', { screen: 'settings' }],
  ]

  it.each(routes)('%s is read and written', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route)
    expect(formatRoute(route)).toBe(hash)
  })

  it.each([
    ['', libraryRoute()],
    ['#/no-such-screen?class=1', libraryRoute({ filter: { classIds: [1] } })],
    [
      '#/library?class=x,2,&fold=&salience=3,1&sort=-shoeSize&clip=1e3',
      libraryRoute({ filter: { classIds: [2], saliences: [1] } }),
    ],
    ['#/runs/%E0%A4%A', { screen: 'runs' }],
    ['#/runs/a?true=1', { screen: 'runs', runId: 'a' }],
    ['#/runs/a?tab=confusion&matrix=cells&order=x&fold=y', { screen: 'runs', runId: 'a' }],
    ['#/library?from=-1&below=x&against=2-a', libraryRoute()],
    ['#/dataset?code=toString', { screen: 'dataset' }],
    ['#/recipes?clip=x&left=', { screen: 'recipes' }],
  ] as [string, Route][])('what makes no sense in "%s" is left out', (hash, route) => {
    expect(parseRoute(hash)).toEqual(route)
  })

  it('keeps a run whose id needs escaping', () => {
    const route: Route = { screen: 'runs', runId: 'a/b?c#d %' }
    expect(parseRoute(new URL(formatRoute(route), 'http://localhost/').hash)).toEqual(route)
  })
})
