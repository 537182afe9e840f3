import { marginsAfter, predictionsAfter } from '../db/clip-columns.ts'
import type { Database } from '../db/open.ts'
import { pause } from '../steps.ts'
import { barOf, CONFIDENCE_BARS, NO_BAR } from './bars.ts'
import { CellColumn, CellTable } from './cells.ts'
import { type ClipTable, READ_ROWS } from './clip-table.ts'

export interface PredictionCell {
  /** The one that was held out. */
  readonly fold: number
  readonly trueClassId: number
  readonly predictedClassId: number
}

export const isCorrect = ({ trueClassId, predictedClassId }: PredictionCell) =>
  trueClassId === predictedClassId

/** Code of the rows that the run did not predict. */
export const NOT_PREDICTED = 0

/** What a run said of a dataset's clips, in the rows of its `ClipTable`. */
export class PredictionTable {
  /** One more than the place in `cells`, of each row; `NOT_PREDICTED` where there is none. */
  readonly cellOf: Uint32Array
  readonly columns = {
    fold: new CellColumn(({ fold }: PredictionCell) => fold),
    trueClassId: new CellColumn(({ trueClassId }: PredictionCell) => trueClassId),
    predictedClassId: new CellColumn(({ predictedClassId }: PredictionCell) => predictedClassId),
    correct: new CellColumn(isCorrect),
  }
  readonly #codes = new CellTable(Object.values(this.columns))
  /** NaN where there is none. */
  readonly confidence: Float64Array
  /** Of `CONFIDENCE_BARS`. */
  readonly confidenceBar: Uint32Array

  readonly #readMargins: (signal: AbortSignal) => Promise<Float64Array>
  #margins: Float64Array | undefined

  private constructor(rows: number, readMargins: (signal: AbortSignal) => Promise<Float64Array>) {
    this.#readMargins = readMargins
    this.cellOf = new Uint32Array(rows)
    this.confidence = new Float64Array(rows).fill(Number.NaN)
    this.confidenceBar = new Uint32Array(rows).fill(NO_BAR)
  }

  static async read(
    db: Database,
    clips: ClipTable,
    runId: string,
    signal: AbortSignal,
  ): Promise<PredictionTable> {
    const table = new PredictionTable(clips.rows, (going) => readMargins(db, clips, runId, going))
    for (let after = 0; ; ) {
      const some = predictionsAfter(db, runId, after, READ_ROWS)
      for (const [place, clipId] of some.clipIds.entries()) {
        const row = clips.rowOf(clipId)
        if (row < 0) continue
        const fold = some.folds[place] ?? 0
        const trueClassId = some.trueClassIds[place] ?? 0
        const predictedClassId = some.predictedClassIds[place] ?? 0
        const cell = () => ({ fold, trueClassId, predictedClassId })
        table.cellOf[row] = 1 + table.#codes.code(`${fold}/${trueClassId}/${predictedClassId}`, cell)
        const confidence = some.confidences[place] ?? Number.NaN
        table.confidence[row] = confidence
        table.confidenceBar[row] = barOf(confidence, CONFIDENCE_BARS)
      }
      const last = some.clipIds.at(-1)
      if (last === undefined) return table
      after = last
      await pause(signal)
    }
  }

  /** Read when they are asked for: they take every probability. NaN where there is none. */
  async margins(signal: AbortSignal): Promise<Float64Array> {
    this.#margins ??= await this.#readMargins(signal)
    return this.#margins
  }

  /** What predictions differ in but for their confidence. */
  get cells(): readonly PredictionCell[] {
    return this.#codes.cells
  }
}

async function readMargins(
  db: Database,
  clips: ClipTable,
  runId: string,
  signal: AbortSignal,
): Promise<Float64Array> {
  const margins = new Float64Array(clips.rows).fill(Number.NaN)
  for (let after = 0; ; ) {
    const some = marginsAfter(db, runId, after, READ_ROWS)
    for (const [place, clipId] of some.clipIds.entries()) {
      const row = clips.rowOf(clipId)
      if (row >= 0) margins[row] = some.margins[place] ?? Number.NaN
    }
    const last = some.clipIds.at(-1)
    if (last === undefined) return margins
    after = last
    await pause(signal)
  }
}
