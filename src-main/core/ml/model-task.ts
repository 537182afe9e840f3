import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { explanationMethodSchema, occlusionSchema } from '../../contract/explanation.ts'
import { errorShapeSchema } from '../../contract/job.ts'
import { MODEL_FORMATS } from '../../contract/model-file.ts'
import { engineChoiceSchema } from '../../contract/run.ts'
import { writeFileAtomic } from '../atomic-write.ts'
import { readClassicalModel } from './classical/model-file.ts'
import { loadEngine } from './engines/load.ts'
import { type ClassMaps, embeddingOf, gradCam, occlusion } from './explain.ts'
import { readFeatures } from './fold-data.ts'
import { type Graph, meanOf } from './model-export/graph.ts'
import { graphModelOf, WEIGHTS_FILE } from './model-export/graph-model.ts'
import { layersModelOf } from './model-export/layers-model.ts'
import { onnxOf } from './model-export/onnx.ts'
import { trace } from './model-export/trace.ts'
import { modelNamed } from './models.ts'
import { classify, readNetwork } from './saved-network.ts'

const common = {
  preset: z.string(),
  /** With the folds' models. */
  runFolder: z.string(),
}

/** What is done with the trained models of a run's folds, in a process of its own. */
export const modelTaskSchema = z.discriminatedUnion('kind', [
  z.object({
    ...common,
    kind: z.literal('export'),
    format: z.enum(MODEL_FORMATS),
    /** Of each file: the folds whose mean it is, and its path; of TF.js, a folder's. */
    files: z.array(z.object({ folds: z.array(z.int()).min(1), path: z.string() })),
    /** Pictures that a recipe makes, before reduction. */
    inputs: z.array(z.object({ name: z.string(), rows: z.int(), frames: z.int() })).min(1),
    producerVersion: z.string(),
    about: z.record(z.string(), z.string()),
  }),
  z.object({
    ...common,
    kind: z.literal('predict'),
    folds: z.array(z.int()).min(1),
    engine: engineChoiceSchema,
    threads: z.int().min(1),
    /** Feature files of each clip, one by each recipe of the run. */
    clips: z.array(z.array(z.string()).min(1)),
  }),
  z.object({
    ...common,
    kind: z.literal('explain'),
    fold: z.int(),
    engine: engineChoiceSchema,
    threads: z.int().min(1),
    clips: z.array(z.array(z.string()).min(1)),
    method: explanationMethodSchema,
    picture: z.int(),
    occlusion: occlusionSchema,
  }),
  z.object({
    ...common,
    kind: z.literal('embed'),
    fold: z.int(),
    engine: engineChoiceSchema,
    threads: z.int().min(1),
    clips: z.array(z.array(z.string()).min(1)),
  }),
])
export type ModelTask = z.input<typeof modelTaskSchema>
type Parsed<K> = Extract<z.output<typeof modelTaskSchema>, { kind: K }>

const floats = z.custom<Float32Array>((value) => value instanceof Float32Array)

export const modelMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('progress'), done: z.int(), total: z.int() }),
  z.object({
    type: z.literal('done'),
    /** Of each clip, the mean of the folds'; none for an export. */
    probabilities: z.array(floats),
    /** Of each clip that is explained: see `ClassMaps`. */
    explained: z
      .array(
        z.object({
          probabilities: floats,
          maps: z.array(floats),
          cells: z.object({ bands: z.int(), frames: z.int() }),
        }),
      )
      .default([]),
    /** Of all clips that are embedded, one behind the other. */
    embeddings: floats.optional(),
  }),
  z.object({ type: z.literal('error'), error: errorShapeSchema }),
])
export type ModelMessage = z.input<typeof modelMessageSchema>

/** Clips that a network is asked of at once. */
const BATCH = 32

/**
 * @param signal - looked at before every fold and batch
 * @throws SoundfoldError missing-file | engine-unavailable | invalid-input | disk-full; the signal's reason
 */
export async function runModelTask(
  task: z.output<typeof modelTaskSchema>,
  tell: (message: ModelMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  switch (task.kind) {
    case 'export':
      await exportFiles(task, tell, signal)
      return tell({ type: 'done', probabilities: [] })
    case 'predict':
      return tell({ type: 'done', probabilities: await predict(task, tell, signal) })
    case 'explain':
      return tell({ type: 'done', probabilities: [], explained: await explain(task, tell, signal) })
    case 'embed':
      return tell({ type: 'done', probabilities: [], embeddings: await embed(task, tell, signal) })
  }
}

async function exportFiles(
  task: Parsed<'export'>,
  tell: (message: ModelMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  // Its operations are TF.js' own, which can be written down.
  await loadEngine('wasm', { threads: 1 })
  const total = task.files.reduce((sum, { folds }) => sum + folds.length, 0)
  let done = 0
  for (const { folds, path } of task.files) {
    const graphs: Graph[] = []
    for (const fold of folds) {
      await setImmediate()
      signal.throwIfAborted()
      graphs.push(await graphOf(task, fold))
      done += 1
      tell({ type: 'progress', done, total })
    }
    const graph = meanOf(graphs)
    if (task.format === 'onnx') {
      const documentation = task.about.description ?? ''
      const { producerVersion, about: metadata } = task
      await writeFileAtomic(
        path,
        onnxOf(graph, { producerVersion, documentation, metadata, graphName: task.preset }),
      )
    } else {
      const write = task.format === 'tfjs' ? graphModelOf : layersModelOf
      const { json, weights } = await write(graph, task.producerVersion, task.about)
      await writeFileAtomic(join(path, 'model.json'), JSON.stringify(json))
      await writeFileAtomic(join(path, WEIGHTS_FILE), weights)
    }
  }
}

async function graphOf({ runFolder, inputs }: Parsed<'export'>, fold: number): Promise<Graph> {
  const saved = await readNetwork(runFolder, fold)
  const pictures = inputs.map(({ name, rows, frames }) => ({ name, shape: [1, rows, frames] }))
  const graph = trace(pictures, `fold${fold}.`, (given) =>
    classify(
      saved,
      given.map((tensor, index) => tensor.as3D(1, inputs[index]?.rows ?? 1, inputs[index]?.frames ?? 1)),
    ),
  )
  saved.network.dispose()
  return graph
}

async function predict(
  task: Parsed<'predict'>,
  tell: (message: ModelMessage) => void,
  signal: AbortSignal,
): Promise<Float32Array[]> {
  const { folds, clips } = task
  const total = folds.length * clips.length
  const ask = modelNamed(task.preset).kind === 'classical' ? askClassical : askNetwork
  if (ask === askNetwork) await loadEngine(task.engine, { threads: task.threads })
  const sums: Float32Array[] = []
  for (const [index, fold] of folds.entries()) {
    const rows = await ask(task, fold, signal, (done) =>
      tell({ type: 'progress', done: index * clips.length + done, total }),
    )
    rows.forEach((row, clip) => {
      const sum = sums[clip]
      const share = row.map((value) => value / folds.length)
      sums[clip] = sum ? sum.map((value, at) => value + (share[at] ?? 0)) : share
    })
  }
  return sums
}

type Ask = (
  task: Parsed<'predict'>,
  fold: number,
  signal: AbortSignal,
  onDone: (clips: number) => void,
) => Promise<Float32Array[]>

const askClassical: Ask = async ({ runFolder, clips }, fold, signal, onDone) => {
  const model = await readClassicalModel(runFolder, fold)
  const rows: Float32Array[] = []
  for (const [path = ''] of clips) {
    signal.throwIfAborted()
    rows.push(model(await readFeatures(path)))
    onDone(rows.length)
  }
  return rows
}

const askNetwork: Ask = async ({ runFolder, clips }, fold, signal, onDone) => {
  const saved = await readNetwork(runFolder, fold)
  const rows: Float32Array[] = []
  for (let start = 0; start < clips.length; start += BATCH) {
    signal.throwIfAborted()
    const batch = await Promise.all(
      clips.slice(start, start + BATCH).map((paths) => Promise.all(paths.map(readFeatures))),
    )
    const { values, classes } = tf.tidy(() => {
      const pictures = saved.file.inputs.map((_, which) =>
        tf.stack(
          batch.map((matrices) => {
            const { data, rows: bands, frames } = matrices[which] ?? { data: [], rows: 0, frames: 0 }
            return tf.tensor2d(data, [bands, frames])
          }),
        ),
      )
      const result = classify(
        saved,
        pictures.map((picture) => picture.as3D(batch.length, picture.shape[1] ?? 0, picture.shape[2] ?? 0)),
      )
      return { values: Float32Array.from(result.dataSync()), classes: result.shape[1] }
    })
    for (let row = 0; row < batch.length; row++) rows.push(values.slice(row * classes, (row + 1) * classes))
    onDone(rows.length)
  }
  saved.network.dispose()
  return rows
}

async function explain(
  task: Parsed<'explain'>,
  tell: (message: ModelMessage) => void,
  signal: AbortSignal,
): Promise<ClassMaps[]> {
  await loadEngine(task.engine, { threads: task.threads })
  const saved = await readNetwork(task.runFolder, task.fold)
  const explained: ClassMaps[] = []
  for (const [index, paths] of task.clips.entries()) {
    await setImmediate()
    signal.throwIfAborted()
    const pictures = await Promise.all(paths.map(readFeatures))
    const onDone = (done: number, total: number) =>
      tell({ type: 'progress', done: index * total + done, total: task.clips.length * total })
    if (task.method === 'grad-cam') {
      explained.push(gradCam(saved, pictures, task.picture))
      onDone(1, 1)
    } else explained.push(await occlusion(saved, pictures, task.picture, task.occlusion, onDone, signal))
  }
  saved.network.dispose()
  return explained
}

async function embed(
  task: Parsed<'embed'>,
  tell: (message: ModelMessage) => void,
  signal: AbortSignal,
): Promise<Float32Array> {
  const { clips } = task
  await loadEngine(task.engine, { threads: task.threads })
  const saved = await readNetwork(task.runFolder, task.fold)
  let all = new Float32Array()
  for (let start = 0; start < clips.length; start += BATCH) {
    await setImmediate()
    signal.throwIfAborted()
    const batch = clips.slice(start, start + BATCH)
    const rows = embeddingOf(
      saved,
      await Promise.all(batch.map((paths) => Promise.all(paths.map(readFeatures)))),
    )
    const width = rows[0]?.length ?? 0
    if (start === 0) all = new Float32Array(clips.length * width)
    rows.forEach((row, index) => {
      all.set(row, (start + index) * width)
    })
    tell({ type: 'progress', done: start + batch.length, total: clips.length })
  }
  saved.network.dispose()
  return all
}
