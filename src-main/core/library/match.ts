import {
  CLIP_VERDICTS,
  type ClipFilter,
  type ClipVerdict,
  type Histogram,
  PROBLEM_CODES,
} from '../../contract/model.ts'
import { CONFIDENCE_BARS, histogram, NO_BAR } from './bars.ts'
import type { Cell, ClipTable } from './clip-table.ts'
import { NOT_PREDICTED, type PredictionCell, type PredictionTable } from './prediction-table.ts'
import { inSteps } from './steps.ts'
import { folded } from './text-column.ts'

/**
 * What one pass over all rows finds. Each tally is counted under all filters but those of its own column, so a facet
 * needs no pass of its own.
 */
export interface Match {
  readonly total: number
  /** 1 for each row that fits. */
  readonly fits: Uint8Array
  /** By code of `ClipTable.cells`. */
  readonly cells: Uint32Array
  /** By code of `PredictionTable.cells`. */
  readonly predictions: Uint32Array
  /** By code of `ClipTable.recordings`. */
  readonly recordings: Uint32Array
  /** By place in `CLIP_VERDICTS`; all 0 where the filter names no set. */
  readonly verdicts: Uint32Array
  readonly durations: Histogram
  readonly confidences: Histogram
}

/** Columns by which a row can miss; one bit each. */
const MISS = { cell: 1, prediction: 2, duration: 4, confidence: 8, recording: 16, verdict: 32 } as const

/** What a filter names besides the clips themselves; null where it does not. */
interface Named {
  /** Of its run. */
  readonly predictions: PredictionTable | null
  /** Of the other run. */
  readonly against: PredictionTable | null
  /** Place in `CLIP_VERDICTS` of each row, of its set. */
  readonly verdicts: Uint8Array | null
  /** 1 for each row that was chosen. */
  readonly chosen: Uint8Array | null
}

export async function matchClips(
  clips: ClipTable,
  { predictions, against, verdicts, chosen }: Named,
  filter: ClipFilter,
  signal: AbortSignal,
): Promise<Match> {
  const { durationBars } = clips
  const pass: Pass = {
    clips,
    predictions,
    texts: filter.text ? await textHits(clips, filter.text, signal) : null,
    against: against && filter.against ? verdict(against, filter.against.correct) : null,
    durations: rangeOf(filter.durationFromSeconds, filter.durationBelowSeconds),
    confidences: predictions && rangeOf(filter.confidenceFrom, filter.confidenceBelow),
    cellMiss: misses(clips.cells, passesAll(cellTests(filter)), MISS.cell),
    predictionMiss: misses(predictions?.cells ?? [], passesAll(predictionTests(filter)), MISS.prediction),
    verdicts,
    chosen,
    verdictMiss: filter.verdicts
      ? misses(CLIP_VERDICTS, among<ClipVerdict>(filter.verdicts), MISS.verdict)
      : new Uint8Array(CLIP_VERDICTS.length),
    recordingMiss: filter.recordings
      ? misses(clips.recordings, among(filter.recordings), MISS.recording)
      : new Uint8Array(clips.recordings.length),
    counts: {
      fits: new Uint8Array(clips.rows),
      cells: new Uint32Array(clips.cells.length),
      predictions: new Uint32Array(predictions?.cells.length ?? 0),
      recordings: new Uint32Array(clips.recordings.length),
      verdicts: new Uint32Array(CLIP_VERDICTS.length),
      durations: new Uint32Array(NO_BAR + 1),
      confidences: new Uint32Array(NO_BAR + 1),
    },
  }
  let total = 0
  await inSteps(
    clips.rows,
    (first, end) => {
      total += countRows(pass, first, end)
    },
    signal,
  )
  const { durations, confidences, ...counts } = pass.counts
  return {
    total,
    ...counts,
    durations: histogram(durationBars, durations),
    confidences: histogram(CONFIDENCE_BARS, confidences),
  }
}

interface Pass {
  readonly clips: ClipTable
  readonly predictions: PredictionTable | null
  readonly texts: TextHits | null
  readonly against: Verdict | null
  readonly verdicts: Uint8Array | null
  readonly chosen: Uint8Array | null
  readonly durations: Range | null
  readonly confidences: Range | null
  /** By code: 0 where it fits, else its bit of `MISS`. */
  readonly cellMiss: Uint8Array
  readonly predictionMiss: Uint8Array
  readonly recordingMiss: Uint8Array
  readonly verdictMiss: Uint8Array
  readonly counts: {
    readonly fits: Uint8Array
    readonly cells: Uint32Array
    readonly predictions: Uint32Array
    readonly recordings: Uint32Array
    readonly verdicts: Uint32Array
    readonly durations: Uint32Array
    readonly confidences: Uint32Array
  }
}

/**
 * The pass over some rows. All it reads is in constants of its own: the loop runs a million times per question.
 * @returns how many fit
 */
function countRows(pass: Pass, first: number, end: number): number {
  const {
    cellMiss,
    recordingMiss,
    predictionMiss,
    texts,
    predictions,
    against,
    verdicts,
    verdictMiss,
    chosen,
  } = pass
  const { cellOf, recordingOf, durationSeconds, durationBar } = pass.clips
  const { fits, cells, recordings, durations, confidences } = pass.counts
  const predicted = pass.counts.predictions
  const decided = pass.counts.verdicts
  const byDuration = pass.durations !== null
  const { from: shortest, below: longest } = pass.durations ?? UNLIMITED
  const byConfidence = pass.confidences !== null
  const { from: lowest, below: highest } = pass.confidences ?? UNLIMITED
  let total = 0
  for (let row = first; row < end; row++) {
    if (chosen !== null && chosen[row] === 0) continue
    const cell = cellOf[row] ?? 0
    const recording = recordingOf[row] ?? 0
    if (
      texts !== null &&
      texts.fileNames[row] === 0 &&
      texts.recordings[recording] === 0 &&
      texts.cells[cell] === 0
    )
      continue
    let miss = (cellMiss[cell] ?? 0) | (recordingMiss[recording] ?? 0)
    let verdict = 0
    if (verdicts !== null) {
      verdict = verdicts[row] ?? 0
      miss |= verdictMiss[verdict] ?? 0
    }
    if (byDuration) {
      const seconds = durationSeconds[row] ?? Number.NaN
      if (!(seconds >= shortest && seconds < longest)) miss |= MISS.duration
    }
    let prediction = NOT_PREDICTED
    if (predictions !== null) {
      prediction = predictions.cellOf[row] ?? NOT_PREDICTED
      if (prediction === NOT_PREDICTED) continue
      if (against !== null && against.fits[against.cellOf[row] ?? NOT_PREDICTED] === 0) continue
      miss |= predictionMiss[prediction] ?? 0
      if (byConfidence) {
        const confidence = predictions.confidence[row] ?? Number.NaN
        if (!(confidence >= lowest && confidence < highest)) miss |= MISS.confidence
      }
    }
    if (miss === 0) {
      fits[row] = 1
      total++
    }
    // A row that misses by one column counts in that column's tally alone, by more than one in none.
    if (miss === 0 || miss === MISS.cell) cells[cell] = (cells[cell] ?? 0) + 1
    if (miss === 0 || miss === MISS.recording) recordings[recording] = (recordings[recording] ?? 0) + 1
    if (verdicts !== null && (miss === 0 || miss === MISS.verdict))
      decided[verdict] = (decided[verdict] ?? 0) + 1
    if (miss === 0 || miss === MISS.duration) {
      const bar = durationBar[row] ?? NO_BAR
      durations[bar] = (durations[bar] ?? 0) + 1
    }
    if (predictions === null) continue
    if (miss === 0 || miss === MISS.prediction) predicted[prediction] = (predicted[prediction] ?? 0) + 1
    if (miss === 0 || miss === MISS.confidence) {
      const bar = predictions.confidenceBar[row] ?? NO_BAR
      confidences[bar] = (confidences[bar] ?? 0) + 1
    }
  }
  return total
}

/** From the first, inclusive, to the second, exclusive: such ranges fit together as the bars of a histogram do. */
interface Range {
  readonly from: number
  readonly below: number
}
const UNLIMITED: Range = { from: Number.NEGATIVE_INFINITY, below: Number.POSITIVE_INFINITY }

/** Null where nothing is asked: clips without the value fit then. */
const rangeOf = (from = UNLIMITED.from, below = UNLIMITED.below): Range | null =>
  from === UNLIMITED.from && below === UNLIMITED.below ? null : { from, below }

/** The rows whose prediction has a code that fits. */
interface Verdict {
  readonly cellOf: Uint32Array
  /** By code. */
  readonly fits: Uint8Array
}
const verdict = ({ cells, cellOf }: PredictionTable, correct: boolean): Verdict => ({
  cellOf,
  fits: Uint8Array.from(cells, (cell) => Number(cell !== null && isCorrect(cell) === correct)),
})
export const isCorrect = ({ trueClassId, predictedClassId }: PredictionCell) =>
  trueClassId === predictedClassId

function misses<T>(values: readonly T[], passes: (value: T) => boolean, bit: number): Uint8Array {
  return Uint8Array.from(values, (value) => (passes(value) ? 0 : bit))
}

function among<T>(chosen: readonly T[]): (value: T) => boolean {
  const set = new Set(chosen)
  return (value) => set.has(value)
}

/** The part of a filter that cells are held against, by facet; null where the filter says nothing. */
export type Tests<T> = Record<string, ((cell: T) => boolean) | null>

function test<C, T>(chosen: readonly T[] | undefined, value: (cell: C) => T | null) {
  if (!chosen) return null
  const has = among<T | null>(chosen)
  return (cell: C) => has(value(cell))
}

/** What clips are filtered by, few values each, is added here. */
export function cellTests(filter: ClipFilter) {
  const { problemCodes, withProblems, withTags } = filter
  const tags = filter.tags && new Set(filter.tags)
  const inRun = filter.runId !== undefined
  const codes = problemCodes?.reduce((bits, code) => bits | (1 << PROBLEM_CODES.indexOf(code)), 0)
  return {
    // In a run, a class means the label that the run was scored against, a fold the one that it held out.
    classId: test(inRun ? undefined : filter.classIds, (cell: Cell) => cell.classId),
    fold: test(inRun ? undefined : filter.folds, (cell: Cell) => cell.fold),
    salience: test(filter.saliences, (cell: Cell) => cell.salience),
    sampleRateHz: test(filter.sampleRatesHz, (cell: Cell) => cell.sampleRateHz),
    channels: test(filter.channels, (cell: Cell) => cell.channels),
    format: test(filter.formats, (cell: Cell) => cell.format),
    problemCodes: codes === undefined ? null : (cell: Cell) => (cell.problemCodes & codes) !== 0,
    withProblems: withProblems === undefined ? null : (cell: Cell) => withProblems === cell.problems > 0,
    tags: tags === undefined ? null : (cell: Cell) => cell.tags.some((tag) => tags.has(tag)),
    withTags: withTags === undefined ? null : (cell: Cell) => withTags === cell.tags.length > 0,
  } satisfies Tests<Cell>
}

export function predictionTests(filter: ClipFilter) {
  const { correct } = filter
  return {
    fold: test(filter.folds, (cell: PredictionCell) => cell.fold),
    trueClassId: test(filter.classIds, (cell: PredictionCell) => cell.trueClassId),
    predictedClassId: test(filter.predictedClassIds, (cell: PredictionCell) => cell.predictedClassId),
    correct: correct === undefined ? null : (cell: PredictionCell) => correct === isCorrect(cell),
  } satisfies Tests<PredictionCell>
}

function passesAll<T>(tests: Tests<T>): (cell: T | null) => boolean {
  const all = Object.values(tests).filter((test) => test !== null)
  return (cell) => cell !== null && all.every((test) => test(cell))
}

/** What has the text: 1 by row, by recording and by cell. */
interface TextHits {
  readonly fileNames: Uint8Array
  readonly recordings: Uint8Array
  readonly cells: Uint8Array
}

/** Looks for a part of file names, recordings, classes and tags, whatever the case. */
async function textHits(clips: ClipTable, text: string, signal: AbortSignal): Promise<TextHits> {
  const part = folded(text)
  const fileNames = new Uint8Array(clips.rows)
  const recordings = new Uint8Array(clips.recordings.length)
  await clips.fileNames.mark(part, fileNames, signal)
  await clips.recordingTexts.mark(part, recordings, signal)
  const classes = new Set(
    [...clips.classes].flatMap(([id, { name }]) =>
      [folded(name), folded(name.replaceAll('_', ' '))].some((one) => one.includes(part)) ? [id] : [],
    ),
  )
  return {
    fileNames,
    recordings,
    cells: Uint8Array.from(clips.cells, ({ classId, tags }) =>
      Number(classes.has(classId) || tags.some((tag) => folded(tag).includes(part))),
    ),
  }
}
