import { marginsAfter, predictionsAfter } from '../db/clip-columns.ts'
import type { Database } from '../db/open.ts'
import { barOf, CONFIDENCE_BARS, NO_BAR } from './bars.ts'
import { type ClipTable, READ_ROWS } from './clip-table.ts'
import { pause } from './steps.ts'

export interface PredictionCell {
  /** The one that was held out. */
  readonly fold: number
  readonly trueClassId: number
  readonly predictedClassId: number
}

/** Code of the rows that the run did not predict. */
export const NOT_PREDICTED = 0

/** What a run said of a dataset's clips, in the rows of its `ClipTable`. */
export class PredictionTable {
  /** Index into `cells`, of each row. */
  readonly cellOf: Uint32Array
  /** What predictions differ in but for their confidence, behind one that stands for none. */
  readonly cells: (PredictionCell | null)[] = [null]
  /** NaN where there is none. */
  readonly confidence: Float64Array
  /** Of `CONFIDENCE_BARS`. */
  readonly confidenceBar: Uint8Array
  readonly #codes = new Map<string, number>()

  readonly #readMargins: (signal: AbortSignal) => Promise<Float64Array>
  #margins: Float64Array | undefined

  private constructor(rows: number, readMargins: (signal: AbortSignal) => Promise<Float64Array>) {
    this.#readMargins = readMargins
    this.cellOf = new Uint32Array(rows)
    this.confidence = new Float64Array(rows).fill(Number.NaN)
    this.confidenceBar = new Uint8Array(rows).fill(NO_BAR)
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
      for (const prediction of some) {
        const row = clips.rowOf(prediction.clipId)
        if (row < 0) continue
        table.cellOf[row] = table.#code(prediction)
        table.confidence[row] = prediction.confidence
        table.confidenceBar[row] = barOf(prediction.confidence, CONFIDENCE_BARS)
      }
      const last = some.at(-1)
      if (last === undefined) return table
      after = last.clipId
      await pause(signal)
    }
  }

  /** Read when they are asked for: they take every probability. NaN where there is none. */
  async margins(signal: AbortSignal): Promise<Float64Array> {
    this.#margins ??= await this.#readMargins(signal)
    return this.#margins
  }

  #code({ fold, trueClassId, predictedClassId }: PredictionCell): number {
    const key = `${fold}/${trueClassId}/${predictedClassId}`
    const known = this.#codes.get(key)
    if (known !== undefined) return known
    this.#codes.set(key, this.cells.length)
    return this.cells.push({ fold, trueClassId, predictedClassId }) - 1
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
    for (const { clipId, margin } of some) {
      const row = clips.rowOf(clipId)
      if (row >= 0) margins[row] = margin
    }
    const last = some.at(-1)
    if (last === undefined) return margins
    after = last.clipId
    await pause(signal)
  }
}
