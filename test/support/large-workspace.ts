import type { RunSettings } from '../../src-main/contract/run.ts'
import { TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'
import { type ClipRecord, clipsOfDataset, saveClip } from '../../src-main/core/db/clips.ts'
import { saveClass, saveDataset } from '../../src-main/core/db/datasets.ts'
import type { Database } from '../../src-main/core/db/open.ts'
import { addPredictions } from '../../src-main/core/db/predictions.ts'
import { replaceProblems } from '../../src-main/core/db/problems.ts'
import { transaction } from '../../src-main/core/db/query.ts'
import { insertRun } from '../../src-main/core/db/runs.ts'

export const LARGE_RUN = 'made-up'
const CLASSES = [
  'air_conditioner',
  'car_horn',
  'children_playing',
  'dog_bark',
  'drilling',
  'engine_idling',
  'gun_shot',
  'jackhammer',
  'siren',
  'street_music',
]
const RATES = [8000, 11025, 16000, 22050, 24000, 44100, 48000, 96000]
const FORMATS = [
  { container: 'wav', codec: 'pcm16', bitsPerSample: 16 },
  { container: 'wav', codec: 'pcm24', bitsPerSample: 24 },
  { container: 'wav', codec: 'float32', bitsPerSample: 32 },
  { container: 'ogg', codec: 'vorbis', bitsPerSample: null },
  { container: 'flac', codec: 'flac', bitsPerSample: 16 },
] as const
const settings: RunSettings = {
  preset: 'compact-s',
  recipe: 'article',
  recipeHash: 'r',
  network: {},
  training: { ...TRAINING_DEFAULTS, epochs: 1 },
  seed: 1,
  split: { kind: 'predefined' },
  excludeCrossing: false,
  folds: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  engine: 'auto',
  processes: 1,
  threadsPerProcess: 1,
}

/** Numbers from 0 to 1 that are the same every time (mulberry32). */
export function randomNumbers(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

/**
 * Writes a dataset without files, as large as wanted: clips in the shape of UrbanSound8K's, one in fifty with a problem,
 * and a run that predicted all of them, nine in ten correctly. @returns its id
 */
export function fillWorkspace(db: Database, clips: number): number {
  const random = randomNumbers(clips)
  const below = (count: number) => Math.floor(random() * count)
  return transaction(db, () => {
    const datasetId = saveDataset(db, null, {
      name: `${clips} clips`,
      format: 'urbansound8k',
      folder: `/made-up-${clips}`,
      mapping: null,
      sourceHash: 's',
      skippedRows: 0,
    })
    for (const [id, name] of CLASSES.entries()) saveClass(db, datasetId, id, name)
    for (let index = 0; index < clips; index++) {
      const recording = 1000 + below(Math.ceil(clips / 8))
      const classId = recording % CLASSES.length
      const fold = 1 + (recording % 7) + (recording % 4)
      const durationSeconds = random() < 0.8 ? 4 : Math.round(4 * random() * 22050) / 22050
      const fileName = `${recording}-${classId}-${below(20)}-${index}.wav`
      const format = FORMATS[random() < 0.7 ? 0 : below(FORMATS.length)] ?? FORMATS[0]
      saveClip(db, datasetId, {
        relativePath: `audio/fold${fold}/${fileName}`,
        fileName,
        classId,
        fold,
        salience: random() < 0.65 ? 1 : 2,
        recording: String(recording),
        startSeconds: null,
        endSeconds: null,
        line: index + 2,
        sizeBytes: 1000,
        modifiedMs: 1,
        contentHash: index.toString(16).padStart(64, '0'),
        sampleRateHz: RATES[random() < 0.6 ? 5 : below(RATES.length)] ?? 44100,
        channels: random() < 0.9 ? 2 : 1,
        durationSeconds,
        ...format,
      })
    }
    const saved = clipsOfDataset(db, datasetId)
    replaceProblems(db, datasetId, saved.filter(({ id }) => id % 50 === 0).map(problemOf))
    insertRun(db, {
      id: LARGE_RUN,
      datasetId,
      settings,
      settingsHash: 'h',
      dataFingerprint: 'f',
      classes: CLASSES.map((name, id) => ({ id, name })),
      crossing: { recordings: 0, clips: 0, first: [] },
    })
    addPredictions(
      db,
      LARGE_RUN,
      saved.map(({ id, classId, fold }) => {
        const predictedClassId = random() < 0.9 ? classId : below(CLASSES.length)
        const probabilities = new Float32Array(CLASSES.length)
        probabilities[predictedClassId] = 0.2 + 0.8 * random()
        return { clipId: id, fold, trueClassId: classId, predictedClassId, probabilities }
      }),
    )
    return datasetId
  })
}

const problemOf = ({ id, line, fileName }: ClipRecord) => ({
  code: id % 100 === 0 ? ('truncated-file' as const) : ('duplicate-content' as const),
  severity: 'warning' as const,
  message: 'Made up.',
  clipId: id,
  file: fileName,
  line,
})
