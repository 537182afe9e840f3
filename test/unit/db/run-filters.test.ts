import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { SliceFilter } from '../../../src-main/contract/evaluation.ts'
import type { ClipFilter, ClipSort } from '../../../src-main/contract/model.ts'
import type { RunSettings } from '../../../src-main/contract/run.ts'
import { TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'
import { type ClipRecord, clipsOfDataset, saveClip } from '../../../src-main/core/db/clips.ts'
import { saveClass, saveDataset } from '../../../src-main/core/db/datasets.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { addPredictions, type Prediction, predictionsOfClip } from '../../../src-main/core/db/predictions.ts'
import { replaceProblems } from '../../../src-main/core/db/problems.ts'
import { insertRun } from '../../../src-main/core/db/runs.ts'
import { addTags } from '../../../src-main/core/db/tags.ts'
import { Columns } from '../../../src-main/core/evaluation/columns.ts'
import { predictionsOf } from '../../../src-main/core/evaluation/run-table.ts'
import { countSlices, slicesOf } from '../../../src-main/core/evaluation/slices.ts'
import { Library } from '../../../src-main/core/library/library.ts'

/** What the run view asks: pages and facets of the clips that a run predicted. */
const CLASSES = [
  { id: 0, name: 'siren' },
  { id: 3, name: 'dog_bark' },
  { id: 7, name: 'drilling' },
]
const settings: RunSettings = {
  preset: 'compact-s',
  recipe: 'article',
  recipeHash: 'r',
  network: {},
  training: { ...TRAINING_DEFAULTS, epochs: 1 },
  split: { kind: 'predefined' },
  excludeCrossing: false,
  seed: 73,
  folds: [1, 2, 3],
  engine: 'auto',
  processes: 1,
  threadsPerProcess: 1,
}

let folder: string
let db: Database
let library: Library
let columns: Columns
let clips: ClipRecord[]
let predictions: Prediction[]
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-run-'))
  db = openWorkspace(join(folder, 'workspace'))
  library = new Library(db)
  columns = new Columns(db)
  saveDataset(db, null, {
    name: 'Forty-eight',
    format: 'urbansound8k',
    folder,
    mapping: null,
    sourceHash: 's',
    skippedRows: 0,
  })
  for (const { id, name } of CLASSES) saveClass(db, 1, id, name)
  for (let index = 0; index < 48; index += 1) saveClip(db, 1, clipOf(index))
  clips = clipsOfDataset(db, 1)
  replaceProblems(
    db,
    1,
    clips
      .filter(({ id }) => id % 7 === 0)
      .map(({ id }) => ({
        code: 'wrong-duration',
        severity: 'warning',
        message: 'It is too long.',
        clipId: id,
        file: null,
        line: null,
      })),
  )
  // Folds 1 to 3 of four; every third clip is taken for the next class.
  predictions = clips.flatMap(({ id, fold, classId }) => {
    if (fold > 3) return []
    const at = CLASSES.findIndex((one) => one.id === classId)
    const taken = CLASSES[(at + (id % 3 === 0 ? 1 : 0)) % 3]?.id ?? 0
    const probabilities = Float32Array.from(CLASSES, (one) => (one.id === taken ? 0.4 + id / 100 : 0.01))
    return { clipId: id, fold, trueClassId: classId, predictedClassId: taken, probabilities }
  })
  insert('first')
  addPredictions(db, 'first', predictions)
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

function clipOf(index: number): Omit<ClipRecord, 'id'> {
  return {
    relativePath: `audio/${index}.wav`,
    fileName: `${index % 5}0%_${index}.wav`,
    classId: CLASSES[index % 3]?.id ?? 0,
    fold: (Math.floor(index / 3) % 4) + 1,
    salience: index % 2 === 0 ? 1 : 2,
    recording: `rec${index % 6}`,
    startSeconds: 0,
    endSeconds: 1,
    line: index + 2,
    sizeBytes: 100,
    modifiedMs: 1,
    contentHash: `hash${index}`,
    container: 'wav',
    codec: 'pcm16',
    sampleRateHz: index % 5 === 0 ? 48000 : 8000,
    channels: 1 + (index % 2),
    bitsPerSample: 16,
    durationSeconds: 0.25 * (index % 9),
  }
}

const insert = (id: string) =>
  insertRun(db, {
    id,
    datasetId: 1,
    settings,
    settingsHash: 'h',
    dataFingerprint: 'f',
    crossing: { recordings: 0, clips: 0, first: [] },
    classes: CLASSES,
  })

const page = (filter: ClipFilter, sort: ClipSort = { key: 'fileName', direction: 'asc' }) =>
  library.page({ datasetId: 1, filter, sort, offset: 0, limit: 500 })

/** The filter's meaning within the run, said again in plain JavaScript. */
function passes(clip: ClipRecord, filter: ClipFilter): boolean {
  const prediction = predictions.find(({ clipId }) => clipId === clip.id)
  if (!prediction) return false
  const { classIds, folds, saliences, text, withProblems, predictedClassIds, correct } = filter
  const { recordings, sampleRatesHz, channels, durationFromSeconds = 0, durationBelowSeconds = 99 } = filter
  const duration = clip.durationSeconds ?? Number.NaN
  return (
    (!recordings || recordings.includes(clip.recording ?? '')) &&
    (!sampleRatesHz || sampleRatesHz.includes(clip.sampleRateHz ?? 0)) &&
    (!channels || channels.includes(clip.channels ?? 0)) &&
    duration >= durationFromSeconds &&
    duration < durationBelowSeconds &&
    (!classIds || classIds.includes(prediction.trueClassId)) &&
    (!folds || folds.includes(clip.fold)) &&
    (!saliences || saliences.some((salience) => salience === clip.salience)) &&
    (!text || `${clip.fileName}\n${clip.recording}`.includes(text)) &&
    (withProblems === undefined || withProblems === (clip.id % 7 === 0)) &&
    (!predictedClassIds || predictedClassIds.includes(prediction.predictedClassId)) &&
    (correct === undefined || correct === (prediction.predictedClassId === prediction.trueClassId))
  )
}

function predictionOf(id: number): Prediction {
  const prediction = predictions.find(({ clipId }) => clipId === id)
  if (!prediction) throw new Error(`Clip ${id} is not predicted.`)
  return prediction
}
const isRight = ({ trueClassId, predictedClassId }: Prediction) => trueClassId === predictedClassId

function counts<T extends number | null>(values: readonly T[]) {
  return [...Map.groupBy(values, (value) => value)]
    .map(([value, some]) => ({ value, count: some.length }))
    .sort((a, b) => (a.value ?? 0) - (b.value ?? 0))
}

describe('the clips of a run', () => {
  const filters: ClipFilter[] = [
    {},
    { classIds: [3] },
    { recordings: ['rec1', 'rec4'] },
    { sampleRatesHz: [48000], channels: [2] },
    { durationFromSeconds: 0.5, durationBelowSeconds: 1.25 },
    { durationFromSeconds: 1.5, correct: false },
    { classIds: [0, 7], correct: false },
    { folds: [2, 4], correct: true },
    { predictedClassIds: [7], saliences: [1] },
    { classIds: [0], predictedClassIds: [3], folds: [1, 3] },
    { text: '0%_1', withProblems: false, correct: true },
    { withProblems: true, predictedClassIds: [0, 3] },
    { predictedClassIds: [] },
  ]
  it.each(filters)(
    'are found by %j, and its facets count each value under the other filters',
    async (some) => {
      const filter: ClipFilter = { ...some, runId: 'first' }
      const found = clips.filter((clip) => passes(clip, filter))
      const { total, rows } = await page(filter)
      expect(total).toBe(found.length)
      expect(rows.map(({ id }) => id).sort((a, b) => a - b)).toEqual(found.map(({ id }) => id))
      const without = (own: keyof ClipFilter) => {
        const { [own]: _, ...others } = filter
        return clips.filter((clip) => passes(clip, others))
      }
      expect(await library.facets(1, filter)).toMatchObject({
        total: found.length,
        classes: counts(without('classIds').map(({ classId }) => classId)),
        folds: counts(without('folds').map(({ fold }) => fold)),
        saliences: counts(without('saliences').map(({ salience }) => salience)),
        withProblems: without('withProblems').filter(({ id }) => id % 7 === 0).length,
        prediction: {
          predictedClasses: counts(
            without('predictedClassIds').map(({ id }) => predictionOf(id).predictedClassId),
          ),
          correct: without('correct').filter(({ id }) => isRight(predictionOf(id))).length,
          wrong: without('correct').filter(({ id }) => !isRight(predictionOf(id))).length,
        },
      })
    },
  )

  it('are counted by the label that the run was scored against, after the dataset has another one', async () => {
    const before = await library.facets(1, { runId: 'first' })
    const [first] = clips
    if (!first) throw new Error('No clip.')
    const { id, ...clip } = first
    saveClip(db, 1, { ...clip, classId: 7 })
    expect(await library.facets(1, { runId: 'first' })).toEqual(before)
    const found = (await page({ runId: 'first', classIds: [0] })).rows.find((row) => row.id === id)
    expect(found?.classId).toBe(7)
    expect((await page({ classIds: [0] })).rows.some((row) => row.id === id)).toBe(false)
  })

  it('come by confidence from the surest to the least sure', async () => {
    const { rows } = await page({ runId: 'first' }, { key: 'confidence', direction: 'desc' })
    const ids = rows.map(({ id }) => id)
    expect(ids).toEqual(predictions.map(({ clipId }) => clipId).reverse())
  })

  it('need a run for what only a run knows; without one that changes nothing', async () => {
    const plain = await page({})
    expect(await page({ predictedClassIds: [0], correct: false })).toEqual(plain)
    expect(await page({}, { key: 'confidence', direction: 'asc' })).toEqual(plain)
    expect(await library.facets(1, { correct: false })).toEqual(await library.facets(1, {}))
  })

  it('are each run’s own', async () => {
    insert('second')
    const [one] = predictions
    if (!one) throw new Error('No prediction.')
    addPredictions(db, 'second', [{ ...one, predictedClassId: 7 }])
    expect(await page({ runId: 'second' })).toMatchObject({ total: 1, rows: [{ predictedClassId: 7 }] })
    expect((await page({ runId: 'first' })).total).toBe(predictions.length)
    expect(
      predictionsOfClip(db, one.clipId)
        .map(({ runId }) => runId)
        .sort(),
    ).toEqual(['first', 'second'])
  })
})

describe('the predictions of a run', () => {
  beforeEach(() => {
    const tagged = (tag: string, every: number) =>
      predictions.filter((_, place) => place % every === 0).map(({ clipId }) => ({ clipId, tag }))
    addTags(db, [...tagged('dull', 2), ...tagged('far away', 5)])
  })

  it.each<SliceFilter>([
    {},
    { folds: [2] },
    { saliences: [1], channels: [1] },
    { recordings: ['rec3'], durationFromSeconds: 1 },
    { recordings: ['none'] },
    { tags: ['dull', 'far away'], folds: [1, 2] },
  ])('under the filter %j are those of the clips that the library lists', async (filter) => {
    const { rows } = await page({ ...filter, runId: 'first' })
    const listed = rows.map(({ id }) => id)
    const { table } = await columns.table('first', filter)
    expect([...predictionsOf(table).clipIds]).toEqual(listed.sort((a, b) => a - b))
  })

  it('against another run’s are the clips that one got right and the other did not', async () => {
    insert('second')
    const others = predictions.map((one) => (one.clipId % 2 === 0 ? { ...one, predictedClassId: 7 } : one))
    addPredictions(db, 'second', others.slice(3))
    const right = (list: Prediction[]) =>
      list.filter((one) => one.predictedClassId === one.trueClassId).map(({ clipId }) => clipId)
    const wrongInSecond = others.slice(3).map(({ clipId }) => clipId)
    const expected = right(predictions).filter(
      (id) => wrongInSecond.includes(id) && !right(others).includes(id),
    )
    expect(expected.length).toBeGreaterThan(0)
    const { rows } = await page({
      runId: 'first',
      correct: true,
      against: { runId: 'second', correct: false },
    })
    expect(rows.map(({ id }) => id).sort((a, b) => a - b)).toEqual(expected)
  })

  it('are counted by slice as one by one, and each slice’s filter finds its clips', async () => {
    const within = { folds: [1, 3] }
    const { table, ...names } = await columns.knownTable('first', within)
    const found = slicesOf('first', countSlices(table), names, within)
    const { bySalience, byDuration, bySampleRate, byChannels, byFold, byTag, byRecording } = found
    expect(byDuration.map(({ fromSeconds, belowSeconds }) => [fromSeconds, belowSeconds])).toEqual([
      [0, 0.5],
      [0.5, 1],
      [1, 2],
      [2, 3],
    ])
    expect(byFold.map(({ fold }) => fold)).toEqual([1, 3])
    const isAsListed = async ({
      filter,
      clips: count,
      correct,
      accuracy,
    }: Omit<(typeof byTag)[number], 'tag'>) => {
      const listed = (await page({ ...filter, runId: 'first' })).total
      const right = (await page({ ...filter, runId: 'first', correct: true })).total
      expect([count, correct, accuracy]).toEqual([listed, right, right / listed])
    }
    expect(byTag.map(({ tag }) => tag)).toEqual(['dull', 'far away'])
    for (const one of byTag) await isAsListed(one)
    for (const list of [bySalience, byDuration, bySampleRate, byChannels, byFold, byRecording]) {
      for (const one of list) await isAsListed(one)
      const inFolds = await page({ folds: [1, 3], runId: 'first' })
      expect(list.reduce((sum, { clips: count }) => sum + count, 0)).toBe(inFolds.total)
    }
    const errors = byRecording.map(({ clips: count, correct }) => count - correct)
    expect(errors).toEqual(errors.toSorted((a, b) => b - a))
    expect(countSlices((await columns.knownTable('first', { folds: [99] })).table).clips).toBe(0)
  })
})

describe('probabilities', () => {
  it('come back with every bit, from within a larger array too', async () => {
    const all = Float32Array.of(9, 1 / 3, 1e-38, 0, 1, 1.401298464324817e-45, 0.1, 9)
    insert('exact')
    const [first, second] = predictions
    if (!first || !second) throw new Error('No predictions.')
    addPredictions(db, 'exact', [
      { ...first, probabilities: all.subarray(1, 4) },
      { ...second, probabilities: all.subarray(4, 7) },
    ])
    expect((await columns.run('exact')).probabilities).toEqual(all.slice(1, 7))
    expect(predictionsOfClip(db, first.clipId).find(({ runId }) => runId === 'exact')?.probabilities).toEqual(
      CLASSES.map(({ id }, index) => ({ classId: id, probability: all[index + 1] })),
    )
  })
})
