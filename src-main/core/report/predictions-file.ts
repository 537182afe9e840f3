import { appendFile } from 'node:fs/promises'
import { csvText } from '../../contract/csv.ts'
import type { PredictionFormat } from '../../contract/report.ts'
import type { Predictions } from '../evaluation/predictions.ts'
import { npyFloats, npyIntegers, npyTexts } from '../export/npy.ts'
import { writeNpz } from '../export/npz.ts'

/** What a clip's file is called, and the recording that it was cut from. */
export interface ClipName {
  fileName: string
  recording: string | null
}

/** Rows that are put into words at once. */
const PAGE = 8192

/**
 * Writes out-of-fold predictions, a row a clip, for other programs.
 * @param names - of the clips, by id
 */
export async function writePredictions(
  path: string,
  format: PredictionFormat,
  { runId, predictions, names }: PredictionsFile,
  signal: AbortSignal,
): Promise<void> {
  const { classes, clipIds, folds, truth, predicted, probabilities } = predictions
  const nameOf = (row: number) => names.get(clipIds[row] ?? 0) ?? { fileName: '', recording: null }
  const classAt = (places: Uint16Array, row: number) => classes[places[row] ?? 0] ?? { id: 0, name: '' }
  if (format === 'npz') {
    const rows = Array.from(clipIds, (_, row) => row)
    return writeNpz(
      path,
      {
        file_names: npyTexts(rows.map((row) => nameOf(row).fileName)),
        recordings: npyTexts(rows.map((row) => nameOf(row).recording ?? '')),
        folds: npyIntegers([...folds]),
        labels: npyIntegers(rows.map((row) => classAt(truth, row).id)),
        predicted: npyIntegers(rows.map((row) => classAt(predicted, row).id)),
        probabilities: npyFloats(probabilities, [rows.length, classes.length]),
        class_ids: npyIntegers(classes.map(({ id }) => id)),
        class_names: npyTexts(classes.map(({ name }) => name)),
        run: npyTexts(runId),
      },
      signal,
    )
  }
  const header = ['file', 'recording', 'fold', 'class_id', 'class', 'predicted_id', 'predicted']
  await appendFile(path, csvText([[...header, ...classes.map(({ name }) => `probability_${name}`)]]))
  for (let from = 0; from < clipIds.length; from += PAGE) {
    signal.throwIfAborted()
    const rows = Array.from(clipIds.subarray(from, from + PAGE), (_, offset) => {
      const row = from + offset
      const { fileName, recording } = nameOf(row)
      const [label, guess] = [classAt(truth, row), classAt(predicted, row)]
      return [
        ...[fileName, recording ?? '', folds[row] ?? 0, label.id, label.name, guess.id, guess.name],
        ...probabilities.subarray(row * classes.length, (row + 1) * classes.length),
      ]
    })
    await appendFile(path, csvText(rows), { flush: true })
  }
}

export interface PredictionsFile {
  runId: string
  predictions: Predictions
  names: ReadonlyMap<number, ClipName>
}
