import { readFile } from 'node:fs/promises'
import * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import { trainingSchema } from '../../contract/training.ts'
import type { Architecture, InputShape, Reduction } from './architectures/architecture.ts'
import { probabilitiesOf } from './losses.ts'
import { modelPaths } from './model-files.ts'
import { modelNamed } from './models.ts'
import type { Inputs, Network } from './network.ts'
import { averagePool } from './pooling.ts'
import { createRandom } from './random.ts'
import { assignValues } from './variables.ts'

/** What `fold-N.json` says of the weights in `fold-N.bin`. */
export const networkFileSchema = z.object({
  preset: z.string(),
  fold: z.int(),
  classes: z.int(),
  seed: z.int(),
  /** Settings of the network. */
  network: z.record(z.string(), z.unknown()),
  innerFold: z.int().nullable(),
  resultEpoch: z.int(),
  /** What the outputs mean. */
  loss: trainingSchema.shape.loss,
  /** Pictures as the network is given them, after reduction. */
  inputs: z.array(z.object({ bands: z.int(), frames: z.int() })),
  /** Of their values before the network. */
  normalisation: z.object({ mean: z.number(), deviation: z.number() }),
  /** Of the arrays: trainable variables, then moving statistics; float32 LE, one after the other. */
  shapes: z.array(z.array(z.int())),
})
export type NetworkFile = z.infer<typeof networkFileSchema>

/** A fold's network as training left it. */
export interface SavedNetwork {
  file: NetworkFile
  architecture: Architecture
  network: Network
}

/**
 * Builds a fold's network and gives it its weights, on the engine of this process.
 * @param folder - of its run
 * @throws SoundfoldError missing-file
 */
export async function readNetwork(folder: string, fold: number): Promise<SavedNetwork> {
  const { json, bin } = modelPaths(folder, fold)
  try {
    const file = networkFileSchema.parse(JSON.parse(await readFile(json, 'utf8')))
    const architecture = modelNamed(file.preset)
    if (architecture.kind !== 'network') throw new Error(`${file.preset} is no network`)
    const bytes = new Uint8Array(await readFile(bin))
    const network = architecture.build(file.inputs, file.classes, createRandom(0), file.network)
    try {
      assignValues([...network.trainable, ...network.state], arraysOf(file.shapes, bytes))
    } catch (error) {
      network.dispose()
      throw error
    }
    return { file, architecture, network }
  } catch (error) {
    throw new SoundfoldError('missing-file', `The network of fold ${fold} is missing or damaged.`, {
      hint: 'Train the run again: clone it. Runs of earlier versions did not keep all that is needed.',
      cause: error,
    })
  }
}

function arraysOf(shapes: readonly (readonly number[])[], bytes: Uint8Array): Float32Array[] {
  let offset = 0
  const arrays = shapes.map((shape) => {
    const end = offset + 4 * shape.reduce((product, length) => product * length, 1)
    if (end > bytes.length) throw new Error('the file of the weights is cut short')
    const values = new Float32Array(bytes.slice(offset, end).buffer)
    offset = end
    return values
  })
  if (offset !== bytes.length) throw new Error('the file of the weights is too long')
  return arrays
}

/**
 * Pictures by the run's recipes as its network is given them: reduced and scaled.
 * @param pictures - [batch, rows, frames] each
 */
export function inputsFor(
  { file, architecture }: Omit<SavedNetwork, 'network'>,
  pictures: readonly tf.Tensor3D[],
): Inputs {
  const { mean, deviation } = file.normalisation
  const inputs = pictures.map((picture) =>
    tf.div<tf.Tensor4D>(tf.sub(reduced(picture, architecture.reduction), mean), deviation),
  )
  if (!isInputs(inputs)) throw new Error('a network takes a picture')
  return inputs
}

/**
 * From pictures by the run's recipes to class probabilities, [batch, classes].
 * @param pictures - [batch, rows, frames] each, as the recipe makes them
 */
export function classify(saved: SavedNetwork, pictures: readonly tf.Tensor3D[]): tf.Tensor2D {
  return tf.tidy(() => {
    const logits = saved.network.forward(inputsFor(saved, pictures), { training: false })
    return probabilitiesOf(logits, saved.file.loss)
  })
}

const isInputs = (pictures: readonly tf.Tensor4D[]): pictures is Inputs => pictures.length > 0

/** `reduceInto` by TF.js' operations. @returns [batch, bands, frames, 1] */
function reduced(picture: tf.Tensor3D, by: Reduction): tf.Tensor4D {
  const [batch, rows, frames] = picture.shape
  const x = picture.as4D(batch, rows, frames, 1)
  if (by.bands * by.frames === 1) return x
  const lacking = { bands: lack(rows, by.bands), frames: lack(frames, by.frames) }
  const means = (whole: tf.Tensor4D) => averagePool(whole, [by.bands, by.frames])
  if (lacking.bands + lacking.frames === 0) return means(x)
  const padded: tf.Tensor4D = tf.pad(x, [
    [0, 0],
    [0, lacking.bands],
    [0, lacking.frames],
    [0, 0],
  ])
  return tf.mul(means(padded), cellShares({ bands: rows, frames }, by))
}

/** What an axis is short of whole cells. */
const lack = (size: number, cell: number) => Math.ceil(size / cell) * cell - size

/** By what the means of padded cells are multiplied, so that the padding does not count: [1, bands, frames, 1]. */
function cellShares({ bands, frames }: InputShape, by: Reduction): tf.Tensor4D {
  const along = (size: number, cell: number) =>
    Array.from({ length: Math.ceil(size / cell) }, (_, at) => cell / Math.min(cell, size - at * cell))
  const [down, across] = [along(bands, by.bands), along(frames, by.frames)]
  return tf.tensor4d(
    down.flatMap((own) => across.map((other) => own * other)),
    [1, down.length, across.length, 1],
  )
}
