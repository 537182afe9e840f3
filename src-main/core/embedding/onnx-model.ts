import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import type { InferenceSession } from 'onnxruntime-node'
import type { EmbeddingInput, EmbeddingOutput } from '../../contract/embedding.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import { type FloatTensor, inputDims, inputTensors, joinWindows, outputFeatures } from './tensors.ts'

type Runtime = typeof import('onnxruntime-node')

/** Not named `require`: the build gives each module that calls one its own. */
const requireModule = createRequire(import.meta.url)

/** @throws SoundfoldError engine-unavailable with the reason */
function loadRuntime(): Runtime {
  try {
    const runtime: Runtime = requireModule('onnxruntime-node')
    runtime.env.logLevel = 'fatal'
    return runtime
  } catch (error) {
    throw new SoundfoldError(
      'engine-unavailable',
      `onnxruntime-node, which computes embeddings, does not load on this machine: ${firstLine(error)}`,
      {
        hint: 'It is for Linux, Windows and macOS on 64-bit processors. If npm left it out, run ONNXRUNTIME_NODE_INSTALL=skip npm install again.',
        cause: error,
      },
    )
  }
}

export interface TensorInfo {
  name: string
  /** Such as `float32`; `other` for what is no tensor. */
  type: string
  /** A length that is not fixed is null. */
  shape: (number | null)[]
}

/** An embedding model in this process. */
export class OnnxModel {
  readonly inputs: readonly TensorInfo[]
  readonly outputs: readonly TensorInfo[]
  readonly #runtime: Runtime
  readonly #session: InferenceSession

  private constructor(runtime: Runtime, session: InferenceSession) {
    this.#runtime = runtime
    this.#session = session
    this.inputs = session.inputMetadata.map(tensorInfo)
    this.outputs = session.outputMetadata.map(tensorInfo)
  }

  /**
   * Loads a model from its bytes alone: the working folder of the process, where weights outside the file would be looked for,
   * must be empty.
   * @param hash - sha256 that the file must have
   * @throws SoundfoldError model-unusable | engine-unavailable
   */
  static async load(path: string, hash: string, threads: number): Promise<OnnxModel> {
    const runtime = loadRuntime()
    let bytes: Uint8Array
    try {
      bytes = await readFile(path)
    } catch (error) {
      throw unusable('The file of the embedding model can’t be read.', error, ADD_AGAIN)
    }
    if (createHash('sha256').update(bytes).digest('hex') !== hash)
      throw unusable('The file of the embedding model was changed since it was added.', undefined, ADD_AGAIN)
    try {
      const session = await runtime.InferenceSession.create(bytes, {
        executionProviders: ['cpu'],
        intraOpNumThreads: threads,
        interOpNumThreads: 1,
        logSeverityLevel: 4,
      })
      return new OnnxModel(runtime, session)
    } catch (error) {
      const reason = firstLine(error)
      if (/external data/i.test(reason))
        throw unusable('The model keeps weights in other files, which is not allowed.', error, ONE_FILE)
      throw unusable(`onnxruntime can’t load the model: ${reason}`, error)
    }
  }

  /**
   * @param bands - rows of what it is given; 1 for a waveform
   * @throws SoundfoldError model-unusable naming what in the declaration does not fit the model
   */
  check(input: EmbeddingInput, output: EmbeddingOutput, bands: number): void {
    const taken = this.inputs.find(({ name }) => name === input.name)
    const given = this.outputs.find(({ name }) => name === output.name)
    const others = this.inputs.filter(({ name }) => name !== input.name)
    const say = (message: string) => unusable(message, undefined, this.describe())
    if (!taken) throw say(`The model has no input "${input.name}".`)
    if (!given) throw say(`The model has no output "${output.name}".`)
    for (const { name, type } of [taken, given])
      if (type !== 'float32') throw say(`"${name}" of the model is ${type}; only float32 is supported.`)
    if (others.length > 0)
      throw say(`The model needs more than one input: ${others.map(({ name }) => `"${name}"`).join(', ')}.`)
    const dims = inputDims(input, bands)
    // A model need not state a shape.
    const fits =
      taken.shape.length === 0 ||
      (taken.shape.length === dims.length &&
        taken.shape.every((length, axis) => length === null || length === dims[axis]))
    if (!fits)
      throw say(`The model’s input "${input.name}" is ${shapeText(taken)}; declared is [${dims.join(', ')}].`)
  }

  /** Inputs and outputs, for a message. */
  describe(): string {
    const list = (all: readonly TensorInfo[]) =>
      all.map((info) => `"${info.name}" ${info.type} ${shapeText(info)}`).join(', ')
    return `The model takes ${list(this.inputs)} and gives ${list(this.outputs)}.`
  }

  /**
   * The features of one clip.
   * @param source - its waveform as one row, or its picture
   * @throws SoundfoldError embedding-failed when the model fails or gives what are no numbers
   */
  async embed(source: FeatureMatrix, input: EmbeddingInput, output: EmbeddingOutput): Promise<FeatureMatrix> {
    const windows: FeatureMatrix[] = []
    for (const tensor of inputTensors(source, input))
      windows.push(await this.embedWindow(tensor, input.name, output))
    return joinWindows(windows)
  }

  /** The same of one window, scaled as the model wants it. */
  async embedWindow(tensor: FloatTensor, input: string, output: EmbeddingOutput): Promise<FeatureMatrix> {
    const fail = (reason: string, cause?: unknown) =>
      new SoundfoldError('embedding-failed', `The embedding model fails: ${reason}`, { cause })
    let features: FeatureMatrix
    try {
      features = outputFeatures(await this.#run(tensor, input, output.name), output)
    } catch (error) {
      throw fail(firstLine(error), error)
    }
    if (!features.data.every(Number.isFinite)) throw fail('it gives values that are no finite numbers.')
    return features
  }

  async #run({ data, dims }: FloatTensor, input: string, output: string): Promise<FloatTensor> {
    const tensor = new this.#runtime.Tensor('float32', data, dims)
    const result = (await this.#session.run({ [input]: tensor }, [output]))[output]
    if (!result || !(result.data instanceof Float32Array)) throw new Error(`"${output}" is not float32`)
    return { data: result.data, dims: result.dims }
  }

  async close(): Promise<void> {
    await this.#session.release()
  }
}

const ADD_AGAIN = 'Add its file again: soundfold models add FILE'
const ONE_FILE = 'Save it as one file: onnx.save(onnx.load("model.onnx"), "one-file.onnx").'

function unusable(message: string, cause?: unknown, hint?: string): SoundfoldError {
  return new SoundfoldError('model-unusable', message, { cause, ...(hint === undefined ? {} : { hint }) })
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).trim().split('\n')[0]?.slice(0, 500) ?? ''
}

function tensorInfo(metadata: InferenceSession.ValueMetadata): TensorInfo {
  if (!metadata.isTensor) return { name: metadata.name, type: 'other', shape: [] }
  const shape = metadata.shape.map((length) => (typeof length === 'number' ? length : null))
  return { name: metadata.name, type: metadata.type, shape }
}

const shapeText = ({ shape }: TensorInfo) => `[${shape.map((length) => length ?? 'any').join(', ')}]`
