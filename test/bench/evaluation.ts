/**
 * `npm run bench:evaluation`: how long the run page waits. Predictions of made-up probabilities, seven clips a recording, are put
 * into a new workspace; each method is called five times and its slowest call told, with reading from the disk's cache.
 */
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PREDEFINED } from '../../src-main/contract/split.ts'
import { TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'
import { saveClass, saveDataset } from '../../src-main/core/db/datasets.ts'
import { type Database, openWorkspace } from '../../src-main/core/db/open.ts'
import { transaction } from '../../src-main/core/db/query.ts'
import { insertRun } from '../../src-main/core/db/runs.ts'
import { EvaluationService } from '../../src-main/core/evaluation/evaluation-service.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'

const CLASSES = Array.from({ length: 10 }, (_, id) => ({ id, name: `class ${id}` }))
const RUNS = ['first', 'second']
const REPEATS = 5

for (const clips of [8_732, 1_000_000]) {
  const folder = await mkdtemp(join(tmpdir(), 'soundfold-bench-'))
  const filled = openWorkspace(folder)
  fill(filled, clips)
  // Closing moves what was written from the log into the database, as it would be after a training.
  filled.close()
  const db = openWorkspace(folder)
  try {
    const service = new EvaluationService(db)
    const calls = {
      evaluation: () => service.evaluation('first', {}),
      slices: () => service.slices('first', {}),
      curves: () => service.curves('first', {}),
      'evaluation of a fold': () => service.evaluation('first', { folds: [3] }),
      'comparison of two runs': () => service.compare(RUNS),
    }
    console.log(`${clips.toLocaleString('en')} predictions`)
    for (const [name, call] of Object.entries(calls)) {
      const times = Array.from({ length: REPEATS }, () => {
        const startedMs = performance.now()
        call()
        return performance.now() - startedMs
      })
      console.log(`  ${name}: ${Math.max(...times).toFixed(0)} ms, at best ${Math.min(...times).toFixed(0)}`)
    }
  } finally {
    db.close()
    await rm(folder, { recursive: true })
  }
}

/** Statements are prepared once: a million clips by the repositories would take minutes. */
function fill(db: Database, clips: number): void {
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
  for (const id of RUNS)
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
      for (const runId of RUNS) {
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
