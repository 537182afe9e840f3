import { CLIP_VERDICTS, type ClipFacets, type ClipFilter, PROBLEM_CODES } from '../../contract/model.ts'
import type { CellColumn } from './cells.ts'
import type { ClipTable } from './clip-table.ts'
import { NO_RECORDING } from './clip-table.ts'
import { cellTests, type Match, predictionTests, type Tally } from './match.ts'
import type { PredictionTable } from './prediction-table.ts'

const MOST_RECORDINGS = 20
const MOST_TAGS = 100

/** The facets of a match: sums over its tallies. */
export function facetsOf(
  clips: ClipTable,
  predictions: PredictionTable | null,
  filter: ClipFilter,
  match: Match,
): ClipFacets {
  const { columns } = clips
  const of = facetBy(match.cells, cellTests(clips, filter))
  const problems = of('problemCodes', columns.problemCodes)
  const tagged = of('withTags', columns.tags)
  const run = predictions && {
    columns: predictions.columns,
    of: facetBy(match.predictions, predictionTests(predictions, filter)),
  }
  const verdicts = run?.of('correct', run.columns.correct)
  return {
    total: match.total,
    classes: run ? run.of('trueClassId', run.columns.trueClassId) : of('classId', columns.classId),
    folds: run ? run.of('fold', run.columns.fold) : of('fold', columns.fold),
    saliences: of('salience', columns.salience),
    sampleRatesHz: of('sampleRateHz', columns.sampleRateHz),
    channels: of('channels', columns.channels),
    formats: of('format', columns.format),
    recordings: mostOf(clips.recordings, match.recordings),
    problemCodes: PROBLEM_CODES.flatMap((value, bit) => {
      const count = sum(problems, (codes) => (codes & (1 << bit)) !== 0)
      return count > 0 ? [{ value, count }] : []
    }),
    withProblems: sum(of('withProblems', columns.problemCodes), (codes) => codes !== 0),
    tags: mostTags(of('tags', columns.tags)),
    withTags: sum(tagged, (tags) => tags.length > 0),
    withoutTags: sum(tagged, (tags) => tags.length === 0),
    verdicts:
      filter.verdictSetId === undefined
        ? null
        : CLIP_VERDICTS.map((value, place) => ({ value, count: match.verdicts[place] ?? 0 })).filter(
            ({ count }) => count > 0,
          ),
    durationSeconds: match.durations,
    prediction: run && {
      predictedClasses: run.of('predictedClassId', run.columns.predictedClassId),
      correct: sum(verdicts ?? [], (right) => right),
      wrong: sum(verdicts ?? [], (right) => !right),
      confidence: match.confidences,
    },
  }
}

interface Count<T> {
  readonly value: T
  readonly count: number
}

/** @returns counts by value of a column, in order, null first: of the cells that pass every test but one's own */
function facetBy<K extends string>({ counts, refused }: Tally, tests: Record<K, unknown>) {
  const keys = Object.keys(tests)
  // What two tests refuse is in no facet.
  const met = new Uint32Array(counts.length)
  let cells = 0
  for (let cell = 0; cell < counts.length; cell++) {
    const bits = refused[cell] ?? 0
    if (counts[cell] !== 0 && (bits & (bits - 1)) === 0) met[cells++] = cell
  }
  return <C, T>(own: K, { codes, values }: CellColumn<C, T>): Count<T>[] => {
    const others = ~(1 << keys.indexOf(own))
    const sums = new Uint32Array(values.length)
    for (let place = 0; place < cells; place++) {
      const cell = met[place] ?? 0
      if (((refused[cell] ?? 0) & others) !== 0) continue
      const value = codes[cell] ?? 0
      sums[value] = (sums[value] ?? 0) + (counts[cell] ?? 0)
    }
    return values
      .flatMap((value, place) => (sums[place] ? [{ value, count: sums[place] }] : []))
      .sort((a, b) => compare(a.value, b.value))
  }
}

const sum = <T>(facet: readonly Count<T>[], counts: (value: T) => boolean) =>
  facet.reduce((total, { value, count }) => total + (counts(value) ? count : 0), 0)

/** The most frequent, in their order by name. */
function mostTags(facet: readonly Count<readonly string[]>[]) {
  const counts = new Map<string, number>()
  for (const { value, count } of facet)
    for (const tag of value) counts.set(tag, (counts.get(tag) ?? 0) + count)
  return [...counts]
    .map(([value, count]) => ({ value, count }))
    .sort((a, b) => compare(a.value, b.value))
    .sort((a, b) => b.count - a.count)
    .slice(0, MOST_TAGS)
    .sort((a, b) => compare(a.value, b.value))
}

/** Of one kind of values; null first. */
function compare(a: unknown, b: unknown): number {
  if (a === null || b === null) return Number(a !== null) - Number(b !== null)
  return typeof a === 'number' && typeof b === 'number'
    ? a - b
    : String(a) < String(b)
      ? -1
      : Number(String(a) > String(b))
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
