import { setImmediate } from 'node:timers/promises'
import type { z } from 'zod'
import { SoundfoldError } from '../../../contract/errors.ts'
import type { FeatureMatrix } from '../../features/log-mel.ts'
import { readFeatures } from '../fold-data.ts'
import type { FoldMessage, foldTaskSchema } from '../fold-task.ts'
import { confusionOf, scoreOf } from '../scoring.ts'
import type { Classifier, Pause, Predict } from './classifier.ts'
import { saveClassicalModel } from './model-file.ts'
import { SUMMARY_STATISTICS, summaryVector } from './summary-vector.ts'
import { rowOf, rowsOf, scaled, scalingOf, type Table } from './table.ts'

type Task = z.output<typeof foldTaskSchema>

/** Longest time without looking at messages. */
const BREATH_MS = 50

/**
 * Trains a classical baseline on one fold, in JavaScript and in one pass: summary vectors, standardised by the training clips,
 * the model saved, the held-out clips predicted. It tells one epoch, whose training figures are those of the finished model
 * on the clips that it learnt.
 * @param signal - looked at before every feature file and at least every twentieth of a second
 * @throws SoundfoldError training-failed | missing-file | disk-full; the signal's reason
 */
export async function runClassicalFold(
  task: Task,
  classifier: Classifier,
  tell: (message: FoldMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  const { fold, clips, classes, network: settings } = task
  tell({ type: 'started', engine: `JavaScript (V8 ${process.versions.v8}), 1 thread` })
  const pause = breather(signal)
  const vectors = await loadVectors(clips, signal)
  const startMs = performance.now()
  const labels = Uint16Array.from(clips, (clip) => clip.label)
  const placesOf = (heldOut: boolean) =>
    Uint32Array.from(clips.flatMap((clip, place) => ((clip.fold === fold) === heldOut ? [place] : [])))
  const training = placesOf(false)
  const test = placesOf(true)
  if (training.length === 0)
    throw new SoundfoldError('training-failed', `No clips are left to train fold ${fold}.`)
  tell({
    type: 'prepared',
    clips: { training: training.length, inner: 0, test: test.length },
    resumedAfterEpoch: 0,
    microBatchSize: training.length,
    expectedMemoryBytes: process.memoryUsage.rss(),
    notes: [],
  })

  const scaling = scalingOf(rowsOf(vectors, training))
  const all = scaled(vectors, scaling)
  const trainingTable = {
    ...rowsOf(all, training),
    labels: Uint16Array.from(training, (place) => labels[place] ?? 0),
    classes,
  }
  const seed = task.seed * 1009 + fold
  const learnt = await classifier.learn(trainingTable, settings, seed, pause)
  const predict = classifier.predictor(learnt, settings)
  const trainScore = scoreOf(await predictions(predict, trainingTable, pause), training, labels)
  const probabilities = await predictions(predict, rowsOf(all, test), pause)
  const testScore = scoreOf(probabilities, test, labels)

  await saveClassicalModel(task.checkpointFolder, {
    description: {
      preset: task.preset,
      fold,
      classes,
      seed: task.seed,
      network: settings,
      rows: vectors.columns / SUMMARY_STATISTICS.length,
      statistics: [...SUMMARY_STATISTICS],
    },
    scaling,
    learnt,
  })
  tell({
    type: 'epoch',
    epoch: {
      fold,
      epoch: 1,
      trainLoss: trainScore.loss,
      trainAccuracy: trainScore.accuracy,
      innerLoss: null,
      innerAccuracy: null,
      testLoss: testScore.loss,
      testAccuracy: testScore.accuracy,
      learningRate: 0,
      seconds: (performance.now() - startMs) / 1000,
    },
    confusion: confusionOf(probabilities, test, labels),
  })
  tell({
    type: 'done',
    predictions: probabilities.map((row, index) => ({
      clipId: clips[test[index] ?? 0]?.clipId ?? 0,
      probabilities: row,
    })),
    resultEpoch: 1,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  })
}

/** Gives way only when the last time is long ago: thousands of short waits would take longer than the work. */
function breather(signal: AbortSignal): Pause {
  let lastMs = performance.now()
  return async () => {
    if (performance.now() - lastMs > BREATH_MS) {
      await setImmediate()
      lastMs = performance.now()
    }
    signal.throwIfAborted()
  }
}

async function predictions(predict: Predict, table: Table, pause: Pause): Promise<Float32Array[]> {
  const rows: Float32Array[] = []
  for (let row = 0; row < table.rows; row++) {
    await pause()
    rows.push(predict(rowOf(table, row)))
  }
  return rows
}

async function loadVectors(clips: Task['clips'], signal: AbortSignal): Promise<Table> {
  const vectors: Float32Array[] = []
  for (const { featurePath } of clips) {
    signal.throwIfAborted()
    const vector = summaryVector(finite(await readFeatures(featurePath), featurePath))
    if (vector.length !== (vectors[0] ?? vector).length)
      throw new SoundfoldError(
        'training-failed',
        `The feature file ${featurePath} has another shape than the first.`,
      )
    vectors.push(vector)
  }
  const columns = vectors[0]?.length ?? 0
  const values = new Float32Array(vectors.length * columns)
  vectors.forEach((vector, row) => {
    values.set(vector, row * columns)
  })
  return { values, rows: vectors.length, columns }
}

/** A value that is no number would reach every vector by the standardisation. */
function finite(matrix: FeatureMatrix, path: string): FeatureMatrix {
  if (matrix.data.every(Number.isFinite)) return matrix
  throw new SoundfoldError('training-failed', `The feature file ${path} holds values that are no numbers.`, {
    hint: 'Listen to its clip: a damaged file can decode to them.',
  })
}
