import { CLIP_VERDICTS, type ClipSort } from '../../contract/model.ts'
import { argsort } from './argsort.ts'
import { type Cell, type ClipTable, NO_RECORDING } from './clip-table.ts'
import type { PredictionTable } from './prediction-table.ts'

/**
 * Rows in the order of a sort; equal ones by id, empty ones last.
 * @param verdicts - place in `CLIP_VERDICTS` of each row, 0 for none
 */
export async function orderOf(
  clips: ClipTable,
  predictions: PredictionTable | null,
  verdicts: Uint32Array | null,
  { key, direction }: ClipSort,
  signal: AbortSignal,
): Promise<Uint32Array> {
  return argsort(await keysOf(clips, predictions, verdicts, key, signal), direction === 'desc')
}

async function keysOf(
  clips: ClipTable,
  predictions: PredictionTable | null,
  verdicts: Uint32Array | null,
  key: ClipSort['key'],
  signal: AbortSignal,
): Promise<Float64Array> {
  /** One key for each cell, spread over the rows. */
  const byCell = (value: (cell: Cell) => number | null | undefined) =>
    spread(
      clips.cellOf,
      Float64Array.from(clips.cells, (cell) => value(cell) ?? Number.NaN),
    )
  switch (key) {
    case 'className':
      return byCell(({ classId }) => clips.classes.get(classId)?.rank)
    case 'fold':
      return byCell(({ fold }) => fold)
    case 'salience':
      return byCell(({ salience }) => salience)
    case 'sampleRateHz':
      return byCell(({ sampleRateHz }) => sampleRateHz)
    case 'channels':
      return byCell(({ channels }) => channels)
    case 'problems':
      return byCell(({ problems }) => problems)
    case 'format': {
      const formats = [...new Set(clips.cells.flatMap(({ format }) => format ?? []))].sort()
      return byCell(({ format }) => (format === null ? null : formats.indexOf(format)))
    }
    case 'group':
      return spread(
        clips.recordingOf,
        Float64Array.from(clips.recordings, (_, code) => (code === NO_RECORDING ? Number.NaN : code)),
      )
    case 'durationSeconds':
      return clips.durationSeconds
    case 'confidence':
      if (predictions) return predictions.confidence
      break
    case 'margin':
      if (predictions) return predictions.margins(signal)
      break
    case 'predictedClassName':
      if (predictions)
        return spread(
          predictions.cellOf,
          // The first one stands for none.
          Float64Array.of(
            Number.NaN,
            ...predictions.cells.map(
              ({ predictedClassId }) => clips.classes.get(predictedClassId)?.rank ?? Number.NaN,
            ),
          ),
        )
      break
    case 'verdict':
      // The first one stands for none.
      if (verdicts)
        return spread(
          verdicts,
          Float64Array.from(CLIP_VERDICTS, (_, place) => place || Number.NaN),
        )
      break
    case 'fileName':
  }
  // Without a run or a set of verdicts, what only they know orders nothing.
  return clips.nameRanks(signal)
}

function spread(codes: Uint32Array, keys: Float64Array): Float64Array {
  const rows = new Float64Array(codes.length)
  for (let row = 0; row < codes.length; row++) rows[row] = keys[codes[row] ?? 0] ?? Number.NaN
  return rows
}
