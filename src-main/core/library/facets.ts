import { CLIP_VERDICTS, type ClipFacets, type ClipFilter, PROBLEM_CODES } from '../../contract/model.ts'
import type { Cell, ClipTable } from './clip-table.ts'
import { NO_RECORDING } from './clip-table.ts'
import { cellTests, isCorrect, type Match, predictionTests } from './match.ts'
import type { PredictionCell, PredictionTable } from './prediction-table.ts'

const MOST_RECORDINGS = 20
const MOST_TAGS = 100

/** The facets of a match: sums over its tallies. */
export function facetsOf(
  clips: ClipTable,
  predictions: PredictionTable | null,
  filter: ClipFilter,
  match: Match,
): ClipFacets {
  const under = tallies(clips.cells, match.cells, cellTests(filter))
  const of = <T extends string | number | null>(
    key: keyof ReturnType<typeof cellTests>,
    value: (cell: Cell) => T,
  ) => facet(under(key), value)
  const problems = under('problemCodes')
  const tagged = sum(under('withTags').filter(([cell]) => cell.tags.length > 0))
  const predicted = tallies(predictions?.cells ?? [], match.predictions, predictionTests(filter))
  const verdicts = predicted('correct')
  const right = ([cell]: Tallied<PredictionCell>) => isCorrect(cell)
  return {
    total: match.total,
    classes: predictions
      ? facet(predicted('trueClassId'), ({ trueClassId }) => trueClassId)
      : of('classId', ({ classId }) => classId),
    folds: predictions ? facet(predicted('fold'), ({ fold }) => fold) : of('fold', ({ fold }) => fold),
    saliences: of('salience', ({ salience }) => salience),
    sampleRatesHz: of('sampleRateHz', ({ sampleRateHz }) => sampleRateHz),
    channels: of('channels', ({ channels }) => channels),
    formats: of('format', ({ format }) => format),
    recordings: mostOf(clips.recordings, match.recordings),
    problemCodes: PROBLEM_CODES.flatMap((value, bit) => {
      const count = sum(problems.filter(([cell]) => (cell.problemCodes & (1 << bit)) !== 0))
      return count > 0 ? [{ value, count }] : []
    }),
    withProblems: sum(under('withProblems').filter(([cell]) => cell.problems > 0)),
    tags: mostTags(under('tags')),
    withTags: tagged,
    withoutTags: sum(under('withTags')) - tagged,
    verdicts:
      filter.verdictSetId === undefined
        ? null
        : CLIP_VERDICTS.map((value, place) => ({ value, count: match.verdicts[place] ?? 0 })).filter(
            ({ count }) => count > 0,
          ),
    durationSeconds: match.durations,
    prediction: predictions && {
      predictedClasses: facet(predicted('predictedClassId'), ({ predictedClassId }) => predictedClassId),
      correct: sum(verdicts.filter(right)),
      wrong: sum(verdicts.filter((one) => !right(one))),
      confidence: match.confidences,
    },
  }
}

type Tallied<T> = readonly [cell: T, count: number]

/** @returns for a facet, the cells that pass every test but its own, with their counts */
function tallies<T, K extends string>(
  cells: readonly (T | null)[],
  counts: Uint32Array,
  tests: Record<K, ((cell: T) => boolean) | null>,
): (own: K) => Tallied<T>[] {
  const active = Object.entries<((cell: T) => boolean) | null>(tests).flatMap(([key, test]) =>
    test ? [{ key, test }] : [],
  )
  const all: Tallied<T>[] = []
  const missed: string[] = []
  for (const [code, cell] of cells.entries()) {
    const count = counts[code] ?? 0
    if (cell === null || count === 0) continue
    const misses = active.filter(({ test }) => !test(cell))
    if (misses.length > 1) continue
    all.push([cell, count])
    missed.push(misses[0]?.key ?? '')
  }
  return (own) => all.filter((_, place) => missed[place] === '' || missed[place] === own)
}

const sum = (cells: readonly Tallied<unknown>[]) => cells.reduce((total, [, count]) => total + count, 0)

/** Counts by value, in order, null first. */
function facet<C, T extends string | number | null>(cells: readonly Tallied<C>[], value: (cell: C) => T) {
  const counts = new Map<T, number>()
  for (const [cell, count] of cells) {
    const one = value(cell)
    counts.set(one, (counts.get(one) ?? 0) + count)
  }
  return [...counts].map(([one, count]) => ({ value: one, count })).sort((a, b) => compare(a.value, b.value))
}

/** The most frequent, in their order by name. */
function mostTags(cells: readonly Tallied<Cell>[]) {
  const each = cells.flatMap(([{ tags }, count]) => tags.map((tag) => [tag, count] as const))
  return facet(each, (tag) => tag)
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_TAGS)
    .sort((a, b) => compare(a.value, b.value))
}

function compare(a: string | number | null, b: string | number | null): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return a < b ? -1 : a > b ? 1 : 0
}

/** The most frequent, without a sort of all. */
function mostOf(recordings: readonly string[], counts: Uint32Array) {
  const most: { value: string; count: number }[] = []
  for (let code = NO_RECORDING + 1; code < counts.length; code++) {
    const count = counts[code] ?? 0
    if (count === 0 || (most.length === MOST_RECORDINGS && count <= (most.at(-1)?.count ?? 0))) continue
    const place = most.findIndex((other) => other.count < count)
    most.splice(place < 0 ? most.length : place, 0, { value: recordings[code] ?? '', count })
    if (most.length > MOST_RECORDINGS) most.pop()
  }
  return most
}
