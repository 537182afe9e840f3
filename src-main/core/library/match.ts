import {
  CLIP_VERDICTS,
  type ClipFilter,
  type ClipVerdict,
  type Histogram,
  PROBLEM_CODES,
} from '../../contract/model.ts'
import { inSteps } from '../steps.ts'
import { CONFIDENCE_BARS, histogram, NO_BAR } from './bars.ts'
import type { CellColumn } from './cells.ts'
import type { ClipTable } from './clip-table.ts'
import { isCorrect, NOT_PREDICTED, type PredictionTable } from './prediction-table.ts'
import { folded } from './text-column.ts'

/**
 * What one pass over all rows finds. Each tally is counted under all filters but those of its own column, so a facet
 * needs no pass of its own.
 */
export interface Match {
  readonly total: number
  /** 0 for each row that fits, else a bit of `MISS` for each column by which it does not. */
  readonly misses: Uint8Array
  /** Of `ClipTable.cells`. */
  readonly cells: Tally
  /** Of `PredictionTable.cells`. */
  readonly predictions: Tally
  /** By code of `ClipTable.recordings`. */
  readonly recordings: Uint32Array
  /** By place in `CLIP_VERDICTS`; all 0 where the filter names no set. */
  readonly verdicts: Uint32Array
  readonly durations: Histogram
  readonly confidences: Histogram
}

/** How often each cell was met, and which tests refuse it. */
export interface Tally {
  readonly counts: Uint32Array
  /** Bit i for the i-th of the tests. */
  readonly refused: Uint16Array
}

/** Columns by which a row can miss; one bit each. `OUT` stands for what has no facet of its own. */
const MISS = {
  cell: 1,
  prediction: 2,
  duration: 4,
  confidence: 8,
  recording: 16,
  verdict: 32,
  out: 64,
} as const

/** What a filter names besides the clips themselves; null where it does not. */
interface Named {
  /** Of its run. */
  readonly predictions: PredictionTable | null
  /** Of the other run. */
  readonly against: PredictionTable | null
  /** Place in `CLIP_VERDICTS` of each row, of its set. */
  readonly verdicts: Uint32Array | null
  /** 1 for each row that was chosen. */
  readonly chosen: Uint32Array | null
}

export async function matchClips(
  clips: ClipTable,
  { predictions, against, verdicts, chosen }: Named,
  filter: ClipFilter,
  signal: AbortSignal,
): Promise<Match> {
  const pass = new Pass(clips.rows)
  const refusedCells = refusals(clips.cells.length, cellTests(clips, filter))
  pass.refuse(clips.cellOf, missesOf(refusedCells, MISS.cell))
  if (filter.recordings) {
    const missed = new Uint8Array(clips.recordings.length).fill(MISS.recording)
    for (const recording of filter.recordings) {
      const code = clips.codeOf(recording)
      if (code !== undefined) missed[code] = 0
    }
    pass.refuse(clips.recordingOf, missed)
  }
  if (chosen) pass.refuse(chosen, Uint8Array.of(MISS.out, 0))
  if (filter.text) pass.refuseWithout(await textHits(clips, filter.text, signal))
  pass.refuseOutside(
    clips.durationSeconds,
    filter.durationFromSeconds,
    filter.durationBelowSeconds,
    MISS.duration,
  )
  if (verdicts && filter.verdicts) {
    const wanted = among<ClipVerdict>(filter.verdicts)
    pass.refuse(
      verdicts,
      Uint8Array.from(CLIP_VERDICTS, (one) => (wanted(one) ? 0 : MISS.verdict)),
    )
  }
  const refusedPredictions = refusals(
    predictions?.cells.length ?? 0,
    predictions ? predictionTests(predictions, filter) : {},
  )
  if (predictions) {
    const missed = new Uint8Array(1 + refusedPredictions.length)
    missed.set(missesOf(refusedPredictions, MISS.prediction), 1)
    missed[NOT_PREDICTED] = MISS.out
    pass.refuse(predictions.cellOf, missed)
    pass.refuseOutside(predictions.confidence, filter.confidenceFrom, filter.confidenceBelow, MISS.confidence)
  }
  if (against && filter.against) {
    const { correct } = filter.against
    const missed = against.cells.map((cell) => (isCorrect(cell) === correct ? 0 : MISS.out))
    pass.refuse(against.cellOf, Uint8Array.of(MISS.out, ...missed))
  }
  const cells = pass.tally(clips.cellOf, clips.cells.length, MISS.cell)
  const recordings = pass.tally(clips.recordingOf, clips.recordings.length, MISS.recording)
  const durations = pass.tally(clips.durationBar, NO_BAR + 1, MISS.duration)
  const decided = pass.tally(verdicts, CLIP_VERDICTS.length, MISS.verdict)
  const predicted = pass.tally(predictions?.cellOf, 1 + refusedPredictions.length, MISS.prediction)
  const confidences = pass.tally(predictions?.confidenceBar, NO_BAR + 1, MISS.confidence)
  await pass.run(signal)
  return {
    total: cells.reduce((total, count, cell) => (refusedCells[cell] === 0 ? total + count : total), 0),
    misses: pass.misses,
    cells: { counts: cells, refused: refusedCells },
    predictions: { counts: predicted.subarray(1), refused: refusedPredictions },
    recordings,
    verdicts: decided,
    durations: histogram(clips.durationBars, durations),
    confidences: histogram(CONFIDENCE_BARS, confidences),
  }
}

type RowsWork = (first: number, end: number) => void

/**
 * A pass over all rows, some thousands at a time: first each part of a filter adds its bit to the rows that it refuses, then
 * each tally counts the rows that miss by nothing but its own bit. Every loop does one thing to one or two columns, and none
 * branches on what it finds: that is what makes a million rows fast.
 */
class Pass {
  readonly misses: Uint8Array
  readonly #works: RowsWork[] = []

  constructor(rows: number) {
    this.misses = new Uint8Array(rows)
  }

  /** @param missed - by code, the bits of the rows that have it */
  refuse(codes: Uint32Array, missed: Uint8Array): void {
    const { misses } = this
    if (!missed.some((bits) => bits !== 0)) return
    this.#works.push((first, end) => {
      for (let row = first; row < end; row++)
        misses[row] = (misses[row] ?? 0) | (missed[codes[row] ?? 0] ?? 0)
    })
  }

  /** Refuses values outside a range, and those that are not known; nothing where no range is given. */
  refuseOutside(
    values: Float64Array,
    from = Number.NEGATIVE_INFINITY,
    below = Number.POSITIVE_INFINITY,
    bit: number,
  ): void {
    const { misses } = this
    if (from === Number.NEGATIVE_INFINITY && below === Number.POSITIVE_INFINITY) return
    this.#works.push((first, end) => {
      for (let row = first; row < end; row++) {
        const value = values[row] ?? 0
        const inside = Number(value >= from) & Number(value < below)
        misses[row] = (misses[row] ?? 0) | ((1 - inside) * bit)
      }
    })
  }

  refuseWithout({ fileNames, recordings, recordingOf, cells, cellOf }: TextHits): void {
    const { misses } = this
    this.#works.push((first, end) => {
      for (let row = first; row < end; row++) {
        const hit =
          (fileNames[row] ?? 0) | (recordings[recordingOf[row] ?? 0] ?? 0) | (cells[cellOf[row] ?? 0] ?? 0)
        misses[row] = (misses[row] ?? 0) | ((1 - hit) * MISS.out)
      }
    })
  }

  /** @returns how many rows have each code, filled by `run`; zeros without codes */
  tally(codes: Uint32Array | null | undefined, count: number, own: number): Uint32Array {
    const { misses } = this
    const counts = new Uint32Array(count)
    const counted = Uint8Array.from({ length: 256 }, (_, bits) => Number((bits & ~own) === 0))
    if (codes)
      this.#works.push((first, end) => {
        for (let row = first; row < end; row++) {
          const code = codes[row] ?? 0
          counts[code] = (counts[code] ?? 0) + (counted[misses[row] ?? 0] ?? 0)
        }
      })
    return counts
  }

  async run(signal: AbortSignal): Promise<void> {
    await inSteps(
      this.misses.length,
      (first, end) => {
        for (const work of this.#works) work(first, end)
      },
      signal,
    )
  }
}

function among<T>(chosen: readonly T[]): (value: T) => boolean {
  const set = new Set(chosen)
  return (value) => set.has(value)
}

/** A part of a filter that cells are held against. */
interface Test {
  /** Index into `refused`, by cell. */
  readonly codes: Uint32Array
  /** 1 for each value that does not pass. */
  readonly refused: Uint8Array
}
/** By facet; null where the filter says nothing. */
type Tests = Record<string, Test | null>

function test<C, T>(column: CellColumn<C, T>, passes: ((value: T) => boolean) | undefined): Test | null {
  if (!passes) return null
  return { codes: column.codes, refused: Uint8Array.from(column.values, (value) => (passes(value) ? 0 : 1)) }
}
const oneOf = <T>(chosen: readonly T[] | undefined) => chosen && among<T | null>(chosen)

/** What clips are filtered by, few values each, is added here. */
export function cellTests({ columns }: ClipTable, filter: ClipFilter) {
  const { problemCodes, withProblems, withTags } = filter
  const tags = filter.tags && new Set(filter.tags)
  const inRun = filter.runId !== undefined
  const codes = problemCodes?.reduce((bits, code) => bits | (1 << PROBLEM_CODES.indexOf(code)), 0)
  return {
    // In a run, a class means the label that the run was scored against, a fold the one that it held out.
    classId: test(columns.classId, oneOf(inRun ? undefined : filter.classIds)),
    fold: test(columns.fold, oneOf(inRun ? undefined : filter.folds)),
    salience: test(columns.salience, oneOf<1 | 2 | null>(filter.saliences)),
    sampleRateHz: test(columns.sampleRateHz, oneOf(filter.sampleRatesHz)),
    channels: test(columns.channels, oneOf(filter.channels)),
    format: test(columns.format, oneOf(filter.formats)),
    problemCodes: test(
      columns.problemCodes,
      codes === undefined ? undefined : (bits) => (bits & codes) !== 0,
    ),
    withProblems: test(
      columns.problemCodes,
      withProblems === undefined ? undefined : (bits) => withProblems === (bits !== 0),
    ),
    tags: test(columns.tags, tags && ((some) => some.some((tag) => tags.has(tag)))),
    withTags: test(columns.tags, withTags === undefined ? undefined : (some) => withTags === some.length > 0),
  } satisfies Tests
}

export function predictionTests({ columns }: PredictionTable, filter: ClipFilter) {
  const { correct } = filter
  return {
    fold: test(columns.fold, oneOf(filter.folds)),
    trueClassId: test(columns.trueClassId, oneOf(filter.classIds)),
    predictedClassId: test(columns.predictedClassId, oneOf(filter.predictedClassIds)),
    correct: test(columns.correct, correct === undefined ? undefined : (right) => correct === right),
  } satisfies Tests
}

/** @returns by cell, bit i where the i-th test refuses it */
function refusals(cells: number, tests: Tests): Uint16Array {
  const bits = new Uint16Array(cells)
  for (const [place, one] of Object.values(tests).entries()) {
    if (!one) continue
    const { codes, refused } = one
    for (let cell = 0; cell < cells; cell++)
      bits[cell] = (bits[cell] ?? 0) | ((refused[codes[cell] ?? 0] ?? 0) << place)
  }
  return bits
}

function missesOf(refused: Uint16Array, bit: number): Uint8Array {
  const missed = new Uint8Array(refused.length)
  for (let cell = 0; cell < missed.length; cell++) missed[cell] = refused[cell] === 0 ? 0 : bit
  return missed
}

/** What has the text: 1 by row, by recording and by cell. */
interface TextHits extends Pick<ClipTable, 'recordingOf' | 'cellOf'> {
  readonly fileNames: Uint8Array
  readonly recordings: Uint8Array
  readonly cells: Uint8Array
}

/** Looks for a part of file names, recordings, classes and tags, whatever the case. */
async function textHits(clips: ClipTable, text: string, signal: AbortSignal): Promise<TextHits> {
  const part = folded(text)
  const classes = new Set(
    [...clips.classes].flatMap(([id, { name }]) =>
      [folded(name), folded(name.replaceAll('_', ' '))].some((one) => one.includes(part)) ? [id] : [],
    ),
  )
  const without = refusals(clips.cells.length, {
    classId: test(clips.columns.classId, (id) => classes.has(id)),
    tags: test(clips.columns.tags, (tags) => tags.some((tag) => folded(tag).includes(part))),
  })
  const cells = new Uint8Array(without.length)
  // Either will do.
  for (let cell = 0; cell < cells.length; cell++) cells[cell] = without[cell] === 3 ? 0 : 1
  return {
    fileNames: await clips.fileNames.having(part, signal),
    recordings: await clips.recordingTexts.having(part, signal),
    recordingOf: clips.recordingOf,
    cells,
    cellOf: clips.cellOf,
  }
}
