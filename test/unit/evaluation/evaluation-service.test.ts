import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import {
  comparisonSchema,
  curvesSchema,
  evaluationSchema,
  slicesSchema,
} from '../../../src-main/contract/evaluation.ts'
import { PREDEFINED, type Split } from '../../../src-main/contract/split.ts'
import { clipsOfDataset, saveClip } from '../../../src-main/core/db/clips.ts'
import { saveClass, saveDataset } from '../../../src-main/core/db/datasets.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { addPredictions } from '../../../src-main/core/db/predictions.ts'
import { insertRun } from '../../../src-main/core/db/runs.ts'
import { addTags } from '../../../src-main/core/db/tags.ts'
import { Columns } from '../../../src-main/core/evaluation/columns.ts'
import { EvaluationService } from '../../../src-main/core/evaluation/evaluation-service.ts'
import { publishedResults } from '../../../src-main/core/evaluation/published.ts'
import { WorkerPool } from '../../../src-main/core/features/worker-pool.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { runPlan } from '../../support/run-plan.ts'

const CLASSES = [
  { id: 3, name: 'dog_bark' },
  { id: 8, name: 'siren' },
]
let folder: string
let db: Database
let service: EvaluationService
const pool = new WorkerPool(workerEntries().evaluationWorker)
afterAll(() => pool.close())
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-evaluation-'))
  db = openWorkspace(folder)
  service = new EvaluationService(db, new Columns(db), pool)
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Twelve clips in three folds. */
function fillDataset(name: string): number {
  const id = saveDataset(db, null, {
    name,
    format: 'urbansound8k',
    folder: `/${name}`,
    mapping: null,
    sourceHash: 's',
    skippedRows: 0,
  })
  for (const info of CLASSES) saveClass(db, id, info.id, info.name)
  for (let index = 0; index < 12; index += 1)
    saveClip(db, id, {
      relativePath: `${index}.wav`,
      fileName: `${index}.wav`,
      classId: CLASSES[index % 2]?.id ?? 0,
      fold: (index % 3) + 1,
      salience: null,
      recording: null,
      startSeconds: null,
      endSeconds: null,
      line: index + 2,
      sizeBytes: 1,
      modifiedMs: 1,
      contentHash: `${name}${index}`,
      container: 'wav',
      codec: 'pcm16',
      sampleRateHz: 8000,
      channels: 1,
      bitsPerSample: 16,
      durationSeconds: 1,
    })
  return id
}

function fillRun(
  id: string,
  datasetId: number,
  folds: readonly number[],
  classes = CLASSES,
  split: Split = PREDEFINED,
): void {
  insertRun(db, runPlan({ id, datasetId, classes, settings: { preset: id, split } }))
  addPredictions(
    db,
    id,
    clipsOfDataset(db, datasetId).flatMap(({ id: clipId, fold, classId }) =>
      folds.includes(fold)
        ? [
            {
              clipId,
              fold,
              trueClassId: classId,
              predictedClassId: classId,
              probabilities: Float32Array.from(classes, (info) => (info.id === classId ? 0.75 : 0.25)),
            },
          ]
        : [],
    ),
  )
}

describe('evaluation of a run', () => {
  it('keeps to the contract where hardly anything is known: two classes, no recordings, one fold', async () => {
    fillRun('first', fillDataset('one'), [2])
    expect(evaluationSchema.parse(await service.evaluation('first', {}))).toMatchObject({
      clips: 4,
      meanAccuracy: 1,
      sampleStandardDeviation: null,
      meanInterval: null,
      top2: null,
      top3: null,
      missingFolds: [1, 3],
      published: [],
      bootstrap: { recordings: 4 },
    })
    expect(slicesSchema.parse(await service.slices('first', {}))).toMatchObject({
      byRecording: [],
      recordings: 0,
    })
    expect(curvesSchema.parse(await service.curves('first', {})).calibration).toMatchObject({
      expectedCalibrationError: 0.25,
    })
  })

  it('says where there is nothing to evaluate', async () => {
    fillRun('first', fillDataset('one'), [2])
    fillRun('empty', 1, [])
    for (const method of ['evaluation', 'curves', 'slices'] as const) {
      await expect(service[method]('none', {})).rejects.toThrow('There is no run none')
      await expect(service[method]('empty', {})).rejects.toThrow('Run empty has no predictions yet.')
      await expect(service[method]('first', { folds: [3] })).rejects.toThrow('no predictions of such clips')
    }
  })
})

describe('what was read', () => {
  it('is kept until predictions, clips or tags are written', async () => {
    const dataset = fillDataset('one')
    fillRun('first', dataset, [1, 2])
    const [clip] = clipsOfDataset(db, dataset)
    if (!clip) throw new Error('No clip.')
    const rates = async () => (await service.slices('first', {})).bySampleRate.map((one) => one.sampleRateHz)
    expect(await rates()).toEqual([8000])
    expect((await service.slices('first', {})).byTag).toEqual([])
    const { id, ...record } = clip
    saveClip(db, dataset, { ...record, sampleRateHz: 16_000 })
    expect(await rates()).toEqual([8000, 16_000])
    addTags(db, [{ clipId: id, tag: 'dull' }])
    expect((await service.slices('first', {})).byTag).toMatchObject([{ tag: 'dull', clips: 1 }])
    expect(await service.evaluation('first', { tags: ['dull'] })).toMatchObject({ clips: 1 })
    await expect(service.evaluation('first', { recordings: ['none'] })).rejects.toThrow('such clips')
    const prediction = { clipId: id, fold: 1, trueClassId: 3, predictedClassId: 8 }
    addPredictions(db, 'first', [{ ...prediction, probabilities: Float32Array.of(0.1, 0.9) }])
    expect((await service.evaluation('first', {})).pooledAccuracy).toBeCloseTo(7 / 8, 12)
  })

  it('and said of a whole run is said again without a thread, until it is written', async () => {
    const dataset = fillDataset('one')
    fillRun('first', dataset, [1, 2, 3])
    const asked: string[] = []
    const counted = new EvaluationService(db, new Columns(db), {
      run: (name, task, signal) => {
        asked.push(name)
        return pool.run(name, task, signal)
      },
    })
    const all = async () => [
      await counted.evaluation('first', {}),
      await counted.curves('first', {}),
      await counted.slices('first', {}),
    ]
    const before = await all()
    const names = () => asked.splice(0).filter((name) => name !== 'ready')
    expect(names()).toEqual(['evaluation', 'curves', 'slices'])
    expect(await all()).toEqual(before)
    expect(names()).toEqual([])
    await counted.evaluation('first', { folds: [1] })
    expect(names()).toEqual(['evaluation'])
    const [clip] = clipsOfDataset(db, dataset)
    if (!clip) throw new Error('No clip.')
    addTags(db, [{ clipId: clip.id, tag: 'dull' }])
    expect((await counted.slices('first', {})).byTag).toMatchObject([{ tag: 'dull', clips: 1 }])
    const { id, ...record } = clip
    saveClip(db, dataset, { ...record, recording: 'told' })
    expect((await counted.slices('first', {})).byRecording).toMatchObject([{ recording: 'told', clips: 1 }])
    addPredictions(db, 'first', [
      {
        clipId: id,
        fold: 1,
        trueClassId: 3,
        predictedClassId: 8,
        probabilities: Float32Array.of(0.1, 0.9),
      },
    ])
    expect((await counted.evaluation('first', {})).pooledAccuracy).toBeCloseTo(11 / 12, 12)
    expect((await counted.curves('first', {})).classes[0]?.roc?.auc).toBeLessThan(1)
  })

  it('is found out ahead for the newest run that is over, once for all who ask meanwhile', async () => {
    const dataset = fillDataset('one')
    fillRun('first', dataset, [1, 2, 3])
    const asked: string[] = []
    const counted = new EvaluationService(db, new Columns(db), {
      run: (name, task, signal) => {
        if (name !== 'ready') asked.push(name)
        return pool.run(name, task, signal)
      },
    })
    const run = { id: 'first', foldsDone: [1, 2, 3] }
    counted.prepare([{ ...run, status: 'running' }])
    expect(asked).toEqual([])
    counted.prepare([{ ...run, status: 'succeeded' }])
    await counted.evaluation('first', {})
    expect(asked).toEqual(['evaluation'])
  })

  it('is asked for again where who asked first has gone', async () => {
    const dataset = fillDataset('one')
    fillRun('first', dataset, [1, 2, 3])
    const gone = new AbortController()
    const leaving = service.evaluation('first', {}, gone.signal)
    const staying = service.evaluation('first', {})
    gone.abort(new Error('gone'))
    await expect(leaving).rejects.toThrow('gone')
    expect((await staying).clips).toBe(12)
  })

  it('is read anew where it is written while it is read', async () => {
    const dataset = fillDataset('one')
    fillRun('first', dataset, [1, 2])
    const asked = service.evaluation('first', {})
    fillRun('second', dataset, [])
    db.prepare("DELETE FROM predictions WHERE run_id = 'first' AND fold = 2").run()
    expect(await asked).toMatchObject({ clips: 4, missingFolds: [2, 3] })
  })
})

describe('comparison', () => {
  it('keeps to the contract for runs that agree in everything', async () => {
    const dataset = fillDataset('one')
    fillRun('first', dataset, [1, 2, 3])
    fillRun('second', dataset, [1, 2, 3])
    const { pairs, runs } = comparisonSchema.parse(await service.compare(['first', 'second']))
    expect(runs.map(({ runId }) => runId)).toEqual(['first', 'second'])
    expect(pairs).toMatchObject([{ first: 'first', second: 'second', clips: 12, tTest: null }])
  })

  it('warns of a run that was split at random, first of all', async () => {
    const dataset = fillDataset('one')
    fillRun('first', dataset, [1, 2, 3])
    const leaking: Split = { kind: 'random', folds: 3, seed: 1, acceptLeak: true }
    fillRun('second', dataset, [1, 2, 3], CLASSES, leaking)
    expect((await service.evaluation('second', {})).split).toEqual(leaking)
    expect((await service.compare(['first', 'second'])).pairs[0]?.caveats[0]).toContain('split at random')
  })

  it('is refused for runs of other clips, saying why', async () => {
    const dataset = fillDataset('one')
    fillRun('first', dataset, [1])
    fillRun('elsewhere', fillDataset('two'), [1])
    fillRun('apart', dataset, [2])
    fillRun('reordered', dataset, [1], CLASSES.toReversed())
    await expect(service.compare(['first', 'elsewhere'])).rejects.toThrow(
      'Run first is of one, run elsewhere of two',
    )
    await expect(service.compare(['first', 'apart'])).rejects.toThrow('no clip in common')
    await expect(service.compare(['first', 'reordered'])).rejects.toThrow('different lists of classes')
    await expect(service.compare(['first', 'first'])).rejects.toThrow('two different runs')
  })
})

describe('published results', () => {
  const official = [873, 888, 925, 990, 936, 823, 838, 806, 816, 837]
  const folds = official.map((clips, index) => ({ fold: index + 1, clips }))

  const classes = [
    ...['street_music', 'car_horn', 'children_playing', 'dog_bark', 'drilling'],
    ...['engine_idling', 'gun_shot', 'jackhammer', 'siren', 'air_conditioner'],
  ].map((name, id) => ({ id, name }))

  it('stand beside the complete set on its own split only', () => {
    expect(
      publishedResults('urbansound8k', { folds, classes, split: PREDEFINED }).map(({ name }) => name),
    ).toContain('SB-CNN')
    expect(publishedResults('urbansound8k', { folds: folds.slice(1), classes, split: PREDEFINED })).toEqual(
      [],
    )
    expect(
      publishedResults('urbansound8k', {
        folds: folds.with(4, { fold: 5, clips: 935 }),
        classes,
        split: PREDEFINED,
      }),
    ).toEqual([])
    expect(
      publishedResults('urbansound8k', {
        folds,
        classes: classes.with(0, { id: 0, name: 'music' }),
        split: PREDEFINED,
      }),
    ).toEqual([])
    const grouped = { kind: 'grouped', folds: 10, seed: 73 } as const
    expect(publishedResults('urbansound8k', { folds, classes, split: grouped })).toEqual([])
    expect(publishedResults('urbansound8k', { folds, classes, split: PREDEFINED, relabelled: true })).toEqual(
      [],
    )
    expect(publishedResults('csv', { folds, classes, split: PREDEFINED })).toEqual([])
  })
})
