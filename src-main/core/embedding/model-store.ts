import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, extname, join, resolve } from 'node:path'
import { pipeline } from 'node:stream/promises'
import {
  type EmbeddingInput,
  type EmbeddingRecipe,
  embeddingRecipeSchema,
  isEmbedding,
  MAX_MODEL_BYTES,
  type ModelDeclaration,
  modelDeclarationSchema,
} from '../../contract/embedding.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import type { EmbeddingModel } from '../../contract/model.ts'
import { parseInput } from '../../contract/parse.ts'
import { refusedWrite } from '../atomic-write.ts'
import type { Embeddings } from '../features/feature-store.ts'
import { describeRecipe } from '../features/recipe.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import type { Embedder, ModelFile } from './embedder.ts'

export interface NewModel {
  file: string
  declaration?: string | undefined
  name?: string | undefined
}

/**
 * The embedding models of a workspace: files `models/HASH.onnx`, each there whole or not at all, and a recipe for each way in
 * which one is asked.
 */
export class ModelStore implements Embeddings {
  readonly processes: number
  readonly #folder: string
  readonly #recipes: RecipeBook
  readonly #embedder: Embedder
  /** Adding and removing, one after another. */
  #tail: Promise<unknown> = Promise.resolve()

  constructor(workspaceFolder: string, recipes: RecipeBook, embedder: Embedder) {
    this.processes = embedder.processes
    this.#folder = resolve(workspaceFolder, 'models')
    this.#recipes = recipes
    this.#embedder = embedder
  }

  /** By name. */
  list(): Promise<EmbeddingModel[]> {
    return Promise.all(this.#recipes.embeddings().map(({ name, recipe }) => this.#info(name, recipe)))
  }

  /** See `Embeddings`. @throws SoundfoldError as `Embedder.embed` */
  async embed(
    clip: { audioPath: string; recipe: EmbeddingRecipe; outputPath: string },
    signal: AbortSignal,
  ): Promise<number> {
    const { modelHash } = clip.recipe
    const file = { path: this.#path(modelHash), hash: modelHash }
    if (!(await sizeOf(file.path)))
      throw new SoundfoldError(
        'model-unusable',
        `The embedding model of this recipe (${modelHash.slice(0, 12)}…) is not in the workspace any more.`,
        { hint: 'Add its file again: soundfold models add FILE' },
      )
    return this.#embedder.embed(file, clip, signal)
  }

  /**
   * Copies a model, tries it as its declaration says, and makes a recipe of it. What fails leaves nothing.
   * @throws SoundfoldError invalid-input | missing-file | model-unusable | engine-unavailable | embedding-failed | conflict |
   *   disk-full; the signal's reason
   */
  add({ file, declaration, name }: NewModel, signal: AbortSignal): Promise<EmbeddingModel> {
    return this.#inTurn(async () => {
      const copy = join(this.#folder, 'new.tmp')
      try {
        const hash = await copyModel(file, copy, signal)
        const model = { path: copy, hash }
        const declared = await this.#declared(file, declaration, model, signal)
        const settings = { ...declared, input: this.#resolved(declared.input) }
        const sizes = await this.#embedder.tryOut(model, settings, signal)
        const recipe = parseInput(
          embeddingRecipeSchema,
          { kind: 'embedding', modelHash: hash, ...settings, ...sizes },
          'declaration',
        )
        const recipeName = name ?? nameOf(file)
        await rename(copy, this.#path(hash))
        this.#recipes.addEmbedding(recipeName, recipe)
        return await this.#info(recipeName, recipe)
      } finally {
        await this.#sweep()
      }
    })
  }

  /** Removes a model's recipe, and its file unless another recipe asks it. @throws SoundfoldError not-found */
  remove(name: string): Promise<void> {
    return this.#inTurn(async () => {
      this.#recipes.removeEmbedding(name)
      await this.#sweep()
    })
  }

  #path(hash: string): string {
    return join(this.#folder, `${hash}.onnx`)
  }

  async #info(name: string, recipe: EmbeddingRecipe): Promise<EmbeddingModel> {
    const { modelHash: hash } = recipe
    const sizeBytes = (await sizeOf(this.#path(hash))) ?? null
    return { name, hash, sizeBytes, recipe: describeRecipe(name, recipe) }
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#tail.then(work)
    this.#tail = done.catch(() => {})
    return done
  }

  /** Removes files that no recipe asks, and what a killed process left. */
  async #sweep(): Promise<void> {
    const kept = new Set(this.#recipes.embeddings().map(({ recipe }) => `${recipe.modelHash}.onnx`))
    for (const name of await readdir(this.#folder).catch(() => []))
      if (OUR_FILE.test(name) && !kept.has(name)) await rm(join(this.#folder, name), { force: true })
  }

  async #declared(
    file: string,
    named: string | undefined,
    model: ModelFile,
    signal: AbortSignal,
  ): Promise<ModelDeclaration> {
    const path = named ?? `${file.replace(/\.onnx$/i, '')}.json`
    const fail = async (message: string, cause?: unknown) =>
      new SoundfoldError('invalid-input', message, {
        cause,
        hint: `${await this.#embedder.describe(model, signal)} docs/file-formats.md says how to declare it.`,
      })
    let text: string
    try {
      text = await readFile(path, 'utf8')
    } catch (error) {
      throw await fail(`The model needs a declaration, and ${path} can’t be read.`, error)
    }
    try {
      return parseInput(modelDeclarationSchema, JSON.parse(text), `declaration in ${basename(path)}`)
    } catch (error) {
      if (error instanceof SoundfoldError) throw await fail(error.message, error)
      throw await fail(
        `${basename(path)} is no JSON: ${error instanceof Error ? error.message : error}`,
        error,
      )
    }
  }

  /** With the recipe that it names. */
  #resolved(input: ModelDeclaration['input']): EmbeddingInput {
    if (input.kind === 'waveform') return input
    const recipe = typeof input.recipe === 'string' ? this.#recipes.named(input.recipe) : input.recipe
    if (isEmbedding(recipe))
      throw new SoundfoldError('invalid-input', 'The input of an embedding model can’t be another embedding.')
    return { ...input, recipe }
  }
}

const OUR_FILE = /^[0-9a-f]{64}\.onnx$|\.tmp$/

async function sizeOf(path: string): Promise<number | undefined> {
  return (await stat(path).catch(() => undefined))?.size
}

/** A recipe's name: `My Model.onnx` gives `my-model`. */
function nameOf(file: string): string {
  const name = basename(file, extname(file))
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 63)
    .replace(/^-+|-+$/g, '')
  return name || 'model'
}

/** @returns sha256 of the copy, which is on the disk then */
async function copyModel(file: string, copy: string, signal: AbortSignal): Promise<string> {
  const there = await stat(file).catch((cause) => {
    throw new SoundfoldError('missing-file', `${file} can’t be read: it is missing or locked.`, { cause })
  })
  if (!there.isFile()) throw new SoundfoldError('invalid-input', `${file} is no file.`)
  if (there.size > MAX_MODEL_BYTES)
    throw new SoundfoldError(
      'invalid-input',
      `${basename(file)} has ${(there.size / 1e9).toFixed(1)} GB; a model may have ${(MAX_MODEL_BYTES / 1e9).toFixed(1)} GB.`,
    )
  await mkdir(dirname(copy), { recursive: true })
  const hash = createHash('sha256')
  try {
    await pipeline(
      createReadStream(file),
      async function* (pieces) {
        for await (const piece of pieces) {
          hash.update(piece)
          yield piece
        }
      },
      createWriteStream(copy, { flush: true }),
      { signal },
    )
  } catch (error) {
    throw refusedWrite(error, copy) ?? error
  }
  return hash.digest('hex')
}
