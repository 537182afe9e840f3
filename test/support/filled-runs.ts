import { PREDEFINED } from '../../src-main/contract/split.ts'
import { TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'
import { saveClass, saveDataset } from '../../src-main/core/db/datasets.ts'
import type { Database } from '../../src-main/core/db/open.ts'
import { transaction } from '../../src-main/core/db/query.ts'
import { insertRun } from '../../src-main/core/db/runs.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'

export const FILLED_RUNS = ['first', 'second']
const CLASSES = Array.from({ length: 10 }, (_, id) => ({ id, name: `class ${id}` }))

/**
 * Two runs of made-up probabilities on as many clips, seven a recording. Statements are prepared once: a million clips by the
 * repositories would take minutes.
 */
export function fillRuns(db: Database, clips: number): void {
  const random = createRandom(1)
  saveDataset(db, null, {
    name: 'Bench',
    format: 'urbansound8k',
    folder: '/bench',
    mapping: null,
    sourceHash: '',
    skippedRows: 0,
  })
  for (const { id, name } of CLASSES) saveClass(db, 1, id, name)
  for (const id of FILLED_RUNS)
    insertRun(db, {
      id,
      datasetId: 1,
      settings: {
        preset: 'compact-s',
        recipe: 'article',
        recipeHash: '',
        network: {},
        training: TRAINING_DEFAULTS,
        seed: 1,
        folds: CLASSES.map(({ id: fold }) => fold + 1),
        engine: 'auto',
        processes: 1,
        threadsPerProcess: 1,
        split: PREDEFINED,
        excludeCrossing: false,
      },
      settingsHash: '',
      dataFingerprint: '',
      crossing: { recordings: 0, clips: 0, first: [] },
      classes: CLASSES,
    })
  const clip = db.prepare(
    `INSERT INTO clips (id, dataset_id, relative_path, file_name, class_id, fold, salience, recording, line, content_hash,
       codec, sample_rate_hz, channels, duration_seconds)
     VALUES (?, 1, ?, ?, ?, ?, ?, ?, 1, ?, 'pcm16', ?, 2, ?)`,
  )
  const prediction = db.prepare(
    `INSERT INTO predictions (run_id, clip_id, fold, true_class_id, predicted_class_id, confidence, probabilities)
     VALUES (?, ?, ?, ?, ?, ?, ?)`,
  )
  transaction(db, () => {
    for (let id = 1; id <= clips; id++) {
      const recording = Math.floor(id / 7)
      const [label, fold] = [recording % 10, (recording % 10) + 1]
      const path = `audio/fold${fold}/${recording}-${label}-0-${id}.wav`
      const seconds = Math.min(4, 8 * random.uniform())
      const rate = [22_050, 44_100, 48_000][random.whole(3)]
      const hash = `${id}`.padStart(64, '0')
      clip.run(
        id,
        path,
        path.slice(12),
        label,
        fold,
        1 + random.whole(2),
        `${100_000 + recording}`,
        hash,
        rate,
        seconds,
      )
      for (const runId of FILLED_RUNS) {
        const scores = Float32Array.from(
          CLASSES,
          ({ id: place }) => random.uniform() ** 4 + (place === label ? 0.4 : 0),
        )
        const sum = scores.reduce((total, score) => total + score, 0)
        const probabilities = scores.map((score) => score / sum)
        const confidence = Math.max(...probabilities)
        prediction.run(
          ...[runId, id, fold, label, probabilities.indexOf(confidence), confidence],
          Buffer.from(probabilities.buffer),
        )
      }
    }
  })
}
