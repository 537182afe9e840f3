import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { MethodInput } from '../../src-main/contract/api.ts'
import type { Job } from '../../src-main/contract/job.ts'
import { modelExportSchema, predictionResultSchema } from '../../src-main/contract/model-file.ts'
import { type TinyWorkspace, tinyWorkspace } from '../support/tiny-workspace.ts'
import { unzip } from '../support/unzip.ts'

/** What a run has learnt, outside the workspace: two tones, a fold each. */

let workspace: TinyWorkspace
let runId: string
beforeAll(async () => {
  workspace = await tinyWorkspace()
  runId = await trained({ preset: 'compact-s', training: { epochs: 2 }, engine: 'wasm' })
})
afterAll(() => workspace.close())

async function ended(jobId: number): Promise<Job> {
  for (;;) {
    const job = await workspace.core.call('jobs.get', { jobId })
    if (job.status !== 'queued' && job.status !== 'running') return job
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function trained(settings: MethodInput<'runs.start'>['settings']): Promise<string> {
  const started = await workspace.core.call('runs.start', { datasetId: 1, settings })
  const job = await ended(started.jobId)
  if (job.status !== 'succeeded') throw new Error(JSON.stringify(job.error))
  return started.runId
}

async function exported(request: Omit<MethodInput<'runs.exportModel'>, 'runId'>) {
  const { jobId } = await workspace.core.call('runs.exportModel', { runId, ...request })
  return modelExportSchema.parse((await ended(jobId)).result)
}

async function predicted(files: string[], options: { fold?: number; runId?: string } = {}) {
  const { jobId } = await workspace.core.call('runs.predict', { runId, files, ...options })
  return predictionResultSchema.parse((await ended(jobId)).result)
}

/** Of each clip, the confidence that the run stored for its predicted class. */
async function storedPredictions() {
  const { rows } = await workspace.core.call('clips.page', {
    datasetId: 1,
    filter: { runId },
    sort: { key: 'fileName', direction: 'desc' },
  })
  return rows
}

/** Both clips' features as `soundfold export` writes them. */
async function features(): Promise<Float32Array> {
  const { jobId } = await workspace.core.call('features.export', {
    datasetId: 1,
    recipe: 'article',
    format: 'npz',
  })
  const job = await ended(jobId)
  const { folder } = modelExportSchema.pick({ folder: true }).parse(job.result)
  const npy = unzip(await readFile(join(folder, 'features.npz'))).get('features.npy')
  if (!npy) throw new Error('no features')
  return new Float32Array(new Uint8Array(npy.subarray(10 + npy.readUInt16LE(8))).buffer)
}

describe('an exported network', () => {
  it('gives the run’s own out-of-fold predictions in onnxruntime, from exported features', async () => {
    const { folder, files, folds } = await exported({ format: 'onnx', model: 'each' })
    expect({ files, folds }).toEqual({ files: 4, folds: [1, 2] })
    const stored = await storedPredictions()
    expect(stored.length).toBe(2)
    const values = await features()
    const size = values.length / 2
    for (const { fold, predictedClassId, confidence } of stored) {
      const session = await InferenceSession.create(join(folder, `fold-${fold}.onnx`))
      const clip = values.slice((fold - 1) * size, fold * size)
      const result = await session.run({ features: new Tensor('float32', clip, [1, 128, size / 128]) })
      const probabilities = Array.from(result.probabilities?.data ?? [], Number)
      expect(Math.max(...probabilities)).toBeCloseTo(confidence ?? Number.NaN, 5)
      expect(probabilities.indexOf(Math.max(...probabilities))).toBe(predictedClassId)
    }
  })

  it('comes with a card that says what it is', async () => {
    const { folder } = await exported({ format: 'tfjs' })
    const card = JSON.parse(await readFile(join(folder, 'card.json'), 'utf8'))
    expect(card).toMatchObject({
      labels: ['high', 'low'],
      inputs: [{ name: 'features', shape: ['batch', 128, 173] }],
      model: { preset: 'compact-s', files: [{ path: 'ensemble', folds: [1, 2] }] },
      training: { epochs: 2, seed: 73 },
      data: { clipsTestedOn: 2 },
    })
    const text = await readFile(join(folder, 'card.md'), 'utf8')
    expect(text).toContain('| Fold | Clips | Accuracy |')
    expect(text).toContain('The ensemble itself was not measured')
    const model = JSON.parse(await readFile(join(folder, 'ensemble', 'model.json'), 'utf8'))
    expect(model.userDefinedMetadata.run).toBe(runId)
  })

  it('is a model of layers where it was asked for, and tells of the run', async () => {
    const { folder } = await exported({ format: 'tfjs-layers' })
    const model = JSON.parse(await readFile(join(folder, 'ensemble', 'model.json'), 'utf8'))
    expect(model).toMatchObject({ format: 'layers-model', userDefinedMetadata: { run: runId } })
    const names: { name: string }[] = model.weightsManifest[0].weights
    expect(names.filter(({ name }) => name.startsWith('fold2.')).length).toBeGreaterThan(5)
    expect(await readFile(join(folder, 'card.md'), 'utf8')).toContain('tf.loadLayersModel')
  })

  it('is refused where there is none, saying what there is', async () => {
    const { core } = workspace
    await expect(core.call('runs.exportModel', { runId, format: 'onnx', model: 7 })).rejects.toMatchObject({
      code: 'not-found',
      hint: expect.stringContaining('1, 2'),
    })
    const classical = await trained({ preset: 'nearest-neighbours', network: { neighbours: 1 } })
    await expect(core.call('runs.exportModel', { runId: classical, format: 'onnx' })).rejects.toMatchObject({
      code: 'invalid-input',
    })
  })
})

describe('a prediction', () => {
  it('is the stored one for a clip by the model that held it out, and says who learnt it', async () => {
    const stored = await storedPredictions()
    for (const { fold, confidence } of stored) {
      const { predicted: rows, folds } = await predicted([...workspace.files], { fold })
      expect(folds).toEqual([fold])
      const own = rows.find((row) => row.fold === fold)
      expect(Math.max(...(own?.probabilities ?? []))).toBeCloseTo(confidence ?? Number.NaN, 5)
    }
  })

  it('is the mean of all models for any other file; what can’t be read is listed', async () => {
    const folder = join(workspace.folder, 'öther files')
    await mkdir(folder)
    const [low = ''] = workspace.files
    const other = Buffer.from(await readFile(low))
    other.writeInt16LE(12_345, other.length - 2)
    await writeFile(join(folder, 'a.wav'), other)
    await writeFile(join(folder, 'b.wav'), 'no sound')
    const files = [join(folder, 'a.wav'), join(folder, 'b.wav'), join(folder, 'missing.wav')]
    const { predicted: rows, failed, classes } = await predicted(files)
    expect(classes).toEqual(['high', 'low'])
    expect(rows).toMatchObject([{ file: files[0], fold: null }])
    expect(rows[0]?.probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
    expect(failed.map(({ file }) => file).sort()).toEqual(files.slice(1))
    const each = [await predicted(files, { fold: 1 }), await predicted(files, { fold: 2 })]
    const mean = each.reduce((sum, one) => sum + (one.predicted[0]?.probabilities[0] ?? 0) / 2, 0)
    expect(rows[0]?.probabilities[0]).toBeCloseTo(mean, 6)
  })

  it('is asked for chosen clips by their numbers, and for whole folders', async () => {
    const { core } = workspace
    const { jobId } = await core.call('runs.predict', {
      runId,
      datasetId: 1,
      selection: { filter: { text: 'low' }, except: [] },
    })
    const job = await ended(jobId)
    const ofClip = predictionResultSchema.parse(job.result)
    expect(job.title).toBe('Predict 1 clip by compact-s')
    expect(ofClip.predicted).toMatchObject([{ file: workspace.files[0], clipId: 1, fold: 1 }])
    const [low = ''] = workspace.files
    const ofFolder = await predicted([dirname(low)])
    expect(ofFolder.predicted.map(({ file }) => file)).toEqual([...workspace.files].sort())
    expect(ofFolder.predicted.find(({ file }) => file === low)).toEqual({
      ...ofClip.predicted[0],
      clipId: null,
    })
    const nothing = { runId, datasetId: 1, selection: { clipIds: [] } }
    await expect(core.call('runs.predict', nothing)).rejects.toMatchObject({ code: 'invalid-input' })
    await expect(core.call('runs.predict', { runId, files: ['here.wav'] })).rejects.toMatchObject({
      code: 'invalid-input',
      message: 'here.wav is not a full path.',
    })
    await expect(
      core.call('runs.predict', { runId, files: [join(workspace.folder, 'features')] }),
    ).rejects.toMatchObject({ code: 'invalid-input', message: expect.stringContaining('no audio file') })
  })

  it('is made by classical baselines as well', async () => {
    const classical = await trained({ preset: 'nearest-neighbours', network: { neighbours: 1 } })
    const { predicted: rows } = await predicted([...workspace.files], { runId: classical })
    expect(rows.map(({ probabilities }) => probabilities)).toEqual([
      [0.5, 0.5],
      [0.5, 0.5],
    ])
  })

  it('says when a model’s file is gone', async () => {
    const gone = await trained({ preset: 'compact-s', training: { epochs: 1 }, engine: 'wasm' })
    await rm(join(workspace.folder, 'runs', gone, 'fold-2.bin'))
    const { jobId } = await workspace.core.call('runs.predict', { runId: gone, files: [...workspace.files] })
    expect(await ended(jobId)).toMatchObject({ status: 'failed', error: { code: 'missing-file' } })
  })
})
