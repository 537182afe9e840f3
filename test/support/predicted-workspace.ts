import { clipsOfDataset, saveClip } from '../../src-main/core/db/clips.ts'
import { saveClass, saveDataset } from '../../src-main/core/db/datasets.ts'
import { openWorkspace } from '../../src-main/core/db/open.ts'
import { addPredictions } from '../../src-main/core/db/predictions.ts'
import { insertRun } from '../../src-main/core/db/runs.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'
import { runPlan } from './run-plan.ts'

/** Names as somebody would write them who wants a report to run something. */
export const HOSTILE = {
  className: '<script>document.title="ran"</script>',
  fileName: '"><img src=x onerror=document.title="ran">.wav',
  recording: '</title></style><iframe src="https://example.com">',
  preset: 'a & b <b>bold</b>',
  dataset: '=HYPERLINK("https://example.com")',
}
export const PREDICTED = { classes: 3, folds: 3, clips: 90, runs: ['run-one', 'run-two'] } as const

/** A workspace of one dataset without audio, and of two runs that predicted all of it, the second worse. */
export function writePredictedWorkspace(folder: string): void {
  const db = openWorkspace(folder)
  const classes = [
    { id: 0, name: HOSTILE.className },
    { id: 1, name: 'dog_bark' },
    { id: 2, name: 'siren' },
  ]
  const id = saveDataset(db, null, {
    name: HOSTILE.dataset,
    format: 'csv',
    folder: '/nowhere',
    mapping: null,
    sourceHash: 's',
    skippedRows: 0,
  })
  for (const info of classes) saveClass(db, id, info.id, info.name)
  for (let index = 0; index < PREDICTED.clips; index += 1)
    saveClip(db, id, {
      relativePath: `${index}.wav`,
      fileName: index === 0 ? HOSTILE.fileName : `${index}.wav`,
      classId: index % PREDICTED.classes,
      fold: 1 + (Math.floor(index / 3) % PREDICTED.folds),
      salience: index % 2 === 0 ? 1 : 2,
      recording: index < 3 ? HOSTILE.recording : `r${Math.floor(index / 3)}`,
      startSeconds: null,
      endSeconds: null,
      line: index + 2,
      sizeBytes: 1,
      modifiedMs: 1,
      contentHash: `hash${index}`,
      container: 'wav',
      codec: 'pcm16',
      sampleRateHz: index % 5 === 0 ? 44_100 : 22_050,
      channels: 1,
      bitsPerSample: 16,
      durationSeconds: 0.4 + (index % 4),
    })
  PREDICTED.runs.forEach((runId, place) => {
    insertRun(
      db,
      runPlan({
        id: runId,
        datasetId: id,
        classes,
        settings: { preset: HOSTILE.preset, network: { [HOSTILE.className]: HOSTILE.className } },
        crossing: { recordings: 1, clips: 3, first: [] },
      }),
    )
    const { uniform: next } = createRandom(7 + place)
    addPredictions(
      db,
      runId,
      clipsOfDataset(db, id).map(({ id: clipId, fold, classId }, index) => {
        // The first clip is wrong with the most confidence, so that it is listed.
        const right = index > 0 && next() > 0.25 + 0.2 * place
        const guess = right ? classId : (classId + 1) % PREDICTED.classes
        const confidence = index === 0 ? 0.99 : 0.5 + 0.4 * next()
        const probabilities = Float32Array.from(classes, (info) =>
          info.id === guess ? confidence : (1 - confidence) / (PREDICTED.classes - 1),
        )
        return { clipId, fold, trueClassId: classId, predictedClassId: guess, probabilities }
      }),
    )
  })
  db.close()
}
