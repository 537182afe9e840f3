import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as tf from '@tensorflow/tfjs'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { activationSchema } from '../../../src-main/core/ml/activations.ts'
import type { InputShape } from '../../../src-main/core/ml/architectures/architecture.ts'
import { ARCHITECTURES } from '../../../src-main/core/ml/architectures/index.ts'
import { loadEngine } from '../../../src-main/core/ml/engines/load.ts'
import { reducedShape, reduceInto } from '../../../src-main/core/ml/examples.ts'
import { type Graph, meanOf } from '../../../src-main/core/ml/model-export/graph.ts'
import { graphModelOf } from '../../../src-main/core/ml/model-export/graph-model.ts'
import { layersModelOf } from '../../../src-main/core/ml/model-export/layers-model.ts'
import { onnxOf } from '../../../src-main/core/ml/model-export/onnx.ts'
import { trace } from '../../../src-main/core/ml/model-export/trace.ts'
import { bytesOfArrays, writeModelFiles } from '../../../src-main/core/ml/model-files.ts'
import { createRandom } from '../../../src-main/core/ml/random.ts'
import {
  classify,
  type NetworkFile,
  readNetwork,
  type SavedNetwork,
} from '../../../src-main/core/ml/saved-network.ts'
import { valuesOf } from '../../../src-main/core/ml/variables.ts'
import { architecture } from '../../support/architectures.ts'

/** Networks as files of other programs give the probabilities that they give here. */

const CLASSES = 3
const BATCH = 5
/** Of the recipe's picture: sizes that no reduction divides. */
const PICTURES: Record<string, InputShape> = {
  'sb-cnn': { bands: 33, frames: 107 },
  linear: { bands: 11, frames: 3 },
  mlp: { bands: 11, frames: 3 },
}
const PICTURE = { bands: 39, frames: 63 }
const SETTINGS: Record<string, object> = { piczak: { width: 0.1, hidden: 20 }, linear: {}, mlp: {} }

let folder: string
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-export-'))
  await loadEngine('wasm', { threads: 1 })
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** As training would leave it, with weights and statistics drawn by the fold's number. */
async function saved(
  name: string,
  fold: number,
  { settings = {}, loss = { name: 'cross-entropy' } }: { settings?: object; loss?: NetworkFile['loss'] } = {},
): Promise<{ network: SavedNetwork; picture: InputShape }> {
  const chosen = architecture(name)
  const picture = PICTURES[name] ?? PICTURE
  const { bands, frames } = reducedShape({ rows: picture.bands, frames: picture.frames }, chosen.reduction)
  const inputs = Array.from({ length: chosen.pictures }, () => ({ bands, frames }))
  const random = createRandom(fold)
  const own = chosen.settings(SETTINGS[name] ?? { width: 0.0625, ...settings })
  const built = chosen.build(inputs, CLASSES, random, own)
  const variables = [...built.trainable, ...built.state]
  const drawn = valuesOf(variables).map((values) => values.map((value) => value + 0.2 * random.uniform()))
  const file: NetworkFile = {
    preset: name,
    fold,
    classes: CLASSES,
    seed: 1,
    network: own,
    innerFold: null,
    resultEpoch: 1,
    loss,
    inputs,
    normalisation: { mean: 0.3 * fold, deviation: 1.7 },
    shapes: variables.map(({ shape }) => shape),
  }
  await writeModelFiles(folder, fold, file, bytesOfArrays(drawn))
  built.dispose()
  return { network: await readNetwork(folder, fold), picture }
}

function graphOf(network: SavedNetwork, { bands, frames }: InputShape): Graph {
  const inputs = network.file.inputs.map((_, index) => ({
    name: index === 0 ? 'features' : 'features2',
    shape: [1, bands, frames],
  }))
  return trace(inputs, `fold${network.file.fold}.`, (given) =>
    classify(
      network,
      given.map((tensor) => tensor.as3D(1, bands, frames)),
    ),
  )
}

function made(count: number, { bands, frames }: InputShape): Float32Array[] {
  const random = createRandom(count)
  return Array.from({ length: count }, () =>
    Float32Array.from({ length: BATCH * bands * frames }, () => 3 * random.normal()),
  )
}

/** By the network here. */
function expected(network: SavedNetwork, pictures: Float32Array[], { bands, frames }: InputShape) {
  return tf.tidy(() =>
    Array.from(
      classify(
        network,
        pictures.map((values) => tf.tensor3d(values, [BATCH, bands, frames])),
      ).dataSync(),
    ),
  )
}

const ABOUT = { producerVersion: '0', documentation: 'd', metadata: { labels: '["a"]' }, graphName: 'g' }

async function byOnnx(graph: Graph, pictures: Float32Array[], { bands, frames }: InputShape) {
  const session = await InferenceSession.create(onnxOf(graph, ABOUT), { logSeverityLevel: 3 })
  expect(session.inputNames).toEqual(['features', 'features2'].slice(0, pictures.length))
  const feeds = Object.fromEntries(
    pictures.map((values, index) => [
      session.inputNames[index] ?? '',
      new Tensor('float32', values, [BATCH, bands, frames]),
    ]),
  )
  const { probabilities } = await session.run(feeds)
  expect(probabilities?.dims).toEqual([BATCH, CLASSES])
  return Array.from(probabilities?.data ?? [], Number)
}

async function byGraphModel(graph: Graph, pictures: Float32Array[], picture: InputShape) {
  const { json, weights } = graphModelOf(graph, '0', {})
  const { modelTopology, weightsManifest, signature } = JSON.parse(JSON.stringify(json))
  const model = await tf.loadGraphModel(
    tf.io.fromMemory({
      modelTopology,
      signature,
      format: 'graph-model',
      weightSpecs: weightsManifest[0].weights,
      weightData: Uint8Array.from(weights).buffer,
    }),
  )
  const feeds = pictures.map((values) => tf.tensor3d(values, [BATCH, picture.bands, picture.frames]))
  const names = ['features', 'features2']
  const result = model.predict(Object.fromEntries(feeds.map((feed, index) => [names[index] ?? '', feed])))
  return valuesThen(result, [...feeds, model])
}

async function byLayersModel(graph: Graph, pictures: Float32Array[], picture: InputShape) {
  const { json, weights } = await layersModelOf(graph, '0', {})
  const { modelTopology, weightsManifest, format } = JSON.parse(JSON.stringify(json))
  expect(format).toBe('layers-model')
  const model = await tf.loadLayersModel(
    tf.io.fromMemory({
      modelTopology,
      weightSpecs: weightsManifest[0].weights,
      weightData: Uint8Array.from(weights).buffer,
    }),
  )
  const feeds = pictures.map((values) => tf.tensor3d(values, [BATCH, picture.bands, picture.frames]))
  return valuesThen(model.predict(feeds), [...feeds, model])
}

function valuesThen(result: unknown, gone: { dispose: () => unknown }[]): number[] {
  if (!(result instanceof tf.Tensor)) throw new Error('one output')
  const values = Array.from(result.dataSync())
  for (const each of [result, ...gone]) each.dispose()
  return values
}

function near(actual: readonly number[], wanted: readonly number[]) {
  expect(actual.length).toBe(wanted.length)
  expect(Math.max(...wanted)).toBeGreaterThan(0.34)
  const worst = Math.max(...actual.map((value, index) => Math.abs(value - (wanted[index] ?? Number.NaN))))
  expect(worst).toBeLessThan(1e-5)
}

describe.each(ARCHITECTURES.map(({ preset }) => preset.name))('%s', (name) => {
  it('gives the same probabilities by onnxruntime and as a graph or layers of TF.js', async () => {
    const { network, picture } = await saved(name, 1)
    const pictures = made(network.file.inputs.length, picture)
    const wanted = expected(network, pictures, picture)
    const graph = graphOf(network, picture)
    near(await byOnnx(graph, pictures, picture), wanted)
    near(await byGraphModel(graph, pictures, picture), wanted)
    near(await byLayersModel(graph, pictures, picture), wanted)
  })
})

describe.each(activationSchema.options)('the activation %s', (activation) => {
  it('goes into all formats, or is refused by name', async () => {
    const { network, picture } = await saved('compact-s', 1, { settings: { activation } })
    const pictures = made(1, picture)
    const wanted = expected(network, pictures, picture)
    const graph = graphOf(network, picture)
    near(await byOnnx(graph, pictures, picture), wanted)
    near(await byGraphModel(graph, pictures, picture), wanted)
    if (activation === 'gelu')
      await expect(layersModelOf(graph, '0', {})).rejects.toThrow('can’t say this network (erf)')
    else near(await byLayersModel(graph, pictures, picture), wanted)
  })
})

describe('a saved network', () => {
  it('reduces and scales pictures as training does', async () => {
    const { network, picture } = await saved('compact-m', 1)
    const [values = new Float32Array()] = made(1, picture)
    const { bands, frames } = picture
    const reduced = reducedShape({ rows: bands, frames }, network.architecture.reduction)
    const { mean, deviation } = network.file.normalisation
    const size = reduced.bands * reduced.frames
    const inputs = new Float32Array(BATCH * size)
    for (let clip = 0; clip < BATCH; clip++)
      reduceInto(
        inputs,
        clip * size,
        { rows: bands, frames, data: values.subarray(clip * bands * frames) },
        network.architecture.reduction,
      )
    const own = tf.tidy(() => {
      const x = tf.tensor4d(
        inputs.map((value) => (value - mean) / deviation),
        [BATCH, reduced.bands, reduced.frames, 1],
      )
      return Array.from(tf.softmax(network.network.forward([x], { training: false })).dataSync())
    })
    near(expected(network, [values], picture), own)
  })

  it('says what outputs of binary cross-entropy mean', async () => {
    const { network, picture } = await saved('compact-s', 1, { loss: { name: 'binary-cross-entropy' } })
    const pictures = made(1, picture)
    const wanted = expected(network, pictures, picture)
    const graph = graphOf(network, picture)
    near(await byOnnx(graph, pictures, picture), wanted)
    near(await byGraphModel(graph, pictures, picture), wanted)
    near(await byLayersModel(graph, pictures, picture), wanted)
  })

  it('is refused when its weights are cut short', async () => {
    await saved('compact-s', 1)
    writeFileSync(join(folder, 'fold-1.bin'), new Uint8Array(100))
    await expect(readNetwork(folder, 1)).rejects.toMatchObject({ code: 'missing-file' })
    await expect(readNetwork(folder, 99)).rejects.toMatchObject({ code: 'missing-file' })
  })
})

describe('an ensemble', () => {
  it('is the mean of its folds’ probabilities', async () => {
    const folds = [await saved('compact-s', 1), await saved('compact-s', 2), await saved('compact-s', 3)]
    const { picture } = folds[0] ?? { picture: PICTURE }
    const pictures = made(1, picture)
    const each = folds.map(({ network }) => expected(network, pictures, picture))
    const wanted = (each[0] ?? []).map(
      (_, index) => each.reduce((sum, values) => sum + (values[index] ?? 0), 0) / 3,
    )
    const graph = meanOf(folds.map(({ network }) => graphOf(network, picture)))
    near(await byOnnx(graph, pictures, picture), wanted)
    near(await byGraphModel(graph, pictures, picture), wanted)
    near(await byLayersModel(graph, pictures, picture), wanted)
  })
})
