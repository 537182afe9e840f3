import { access, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { type EmbeddingRecipe, isEmbedding, type Recipe } from '../../contract/embedding.ts'
import { type ErrorCode, SoundfoldError } from '../../contract/errors.ts'
import type { FeatureResult } from '../../contract/model.ts'
import { writeFileAtomic } from '../atomic-write.ts'
import { type AudioMeasures, audioMeasuresSchema } from '../audit/audio-measures.ts'
import type { FeatureTask } from './clip-tasks.ts'
import { decodeFeatureFile, type FeatureMatrix } from './feature-file.ts'
import { type FeatureRecipe, recipeHash } from './recipe.ts'
import { forEachLimited, type WorkerPool } from './worker-pool.ts'

/** A clip whose audio was read at import. */
export interface AudioClip {
  clipId: number
  /** Absolute. */
  path: string
  /** sha256 of the file, hex: the name under which everything made from it is kept. */
  contentHash: string
}

/** Which features exist, as rows; `core/db` in the program. */
export interface FeatureIndex {
  add(contentHash: string, recipeHash: string, sizeBytes: number): void
  remove(contentHash: string, recipeHash: string): void
}

/** Makes feature files by embedding models; `core/embedding` in the program. */
export interface Embeddings {
  /** Tasks at once. */
  readonly processes: number
  /** @returns the file's size in bytes */
  embed(
    clip: { audioPath: string; recipe: EmbeddingRecipe; outputPath: string },
    signal: AbortSignal,
  ): Promise<number>
}

/** What concerns all clips and not the one that met it. */
const GENERAL_ERRORS: ReadonlySet<ErrorCode> = new Set([
  'disk-full',
  'workspace-unwritable',
  'model-unusable',
  'engine-unavailable',
])

/** Of one clip alone: the others go on. */
export function isOneClipsError(error: unknown): error is SoundfoldError {
  return error instanceof SoundfoldError && !GENERAL_ERRORS.has(error.code)
}

/**
 * The cache of feature files: one per audio content and recipe, `features/RECIPE/ab/abcdef….feat`. Another setting is
 * another recipe hash and so another folder; nothing is ever mixed. A file is there whole or not at all.
 */
export class FeatureStore {
  readonly #folder: string
  readonly #pool: WorkerPool
  readonly #index: FeatureIndex
  readonly #embeddings: Embeddings

  constructor(workspaceFolder: string, pool: WorkerPool, index: FeatureIndex, embeddings: Embeddings) {
    this.#folder = join(workspaceFolder, 'features')
    this.#pool = pool
    this.#index = index
    this.#embeddings = embeddings
  }

  path(contentHash: string, recipe: Recipe): string {
    return join(this.#folder, recipeHash(recipe), contentHash.slice(0, 2), `${contentHash}.feat`)
  }

  /**
   * Extracts what is not there yet. A clip that fails is listed and the others go on.
   * @throws SoundfoldError disk-full | workspace-unwritable | model-unusable | engine-unavailable; the signal's reason
   */
  async extractAll(
    clips: readonly AudioClip[],
    recipe: Recipe,
    signal: AbortSignal,
    onProgress: (done: number, total: number) => void,
  ): Promise<Pick<FeatureResult, 'extracted' | 'alreadyThere' | 'failed'>> {
    const result: Pick<FeatureResult, 'extracted' | 'alreadyThere' | 'failed'> = {
      extracted: 0,
      alreadyThere: 0,
      failed: [],
    }
    let done = 0
    onProgress(0, clips.length)
    // Two tasks a thread: the next is at hand when one ends, and few are in memory.
    const threads = isEmbedding(recipe) ? this.#embeddings.processes : this.#pool.threads
    await forEachLimited(clips, threads * 2, signal, async (clip) => {
      try {
        if (await this.#ensure(clip, recipe, signal)) result.extracted += 1
        else result.alreadyThere += 1
      } catch (error) {
        if (signal.aborted || !isOneClipsError(error)) throw error
        result.failed.push({ clipId: clip.clipId, file: clip.path, message: error.message })
      }
      done += 1
      onProgress(done, clips.length)
    })
    return result
  }

  /** The clip's features, extracted now when they aren't there; a damaged file is made again. */
  async read(clip: AudioClip, recipe: Recipe, signal: AbortSignal): Promise<FeatureMatrix> {
    await this.#ensure(clip, recipe, signal)
    const path = this.path(clip.contentHash, recipe)
    try {
      return decodeFeatureFile(await readFile(path))
    } catch (error) {
      console.warn(`Feature file ${path} is damaged and made again:`, error)
      this.#index.remove(clip.contentHash, recipeHash(recipe))
      await rm(path, { force: true })
      await this.#ensure(clip, recipe, signal)
      return decodeFeatureFile(await readFile(path))
    }
  }

  /** The clip's features by a recipe that is being tried out: nothing is kept. */
  preview(clip: AudioClip, recipe: FeatureRecipe, signal: AbortSignal): Promise<FeatureMatrix> {
    return this.#pool.run('preview', { audioPath: clip.path, recipe }, signal)
  }

  /** @returns true when it had to be extracted */
  async #ensure(clip: AudioClip, recipe: Recipe, signal: AbortSignal): Promise<boolean> {
    const outputPath = this.path(clip.contentHash, recipe)
    const there = await stat(outputPath).catch(() => undefined)
    const sizeBytes = there?.size ?? (await this.#extract(clip.path, recipe, outputPath, signal))
    this.#index.add(clip.contentHash, recipeHash(recipe), sizeBytes)
    return there === undefined
  }

  #extract(audioPath: string, recipe: Recipe, outputPath: string, signal: AbortSignal): Promise<number> {
    return isEmbedding(recipe)
      ? this.#embeddings.embed({ audioPath, recipe, outputPath }, signal)
      : this.#pool.run<FeatureTask, number>('extract', { audioPath, recipe, outputPath }, signal)
  }

  /** Path of the clip's stored waveform, made now when it isn't there: float32 min, max pairs. */
  peaksPath(clip: AudioClip, signal: AbortSignal): Promise<string> {
    return this.#made(clip, { task: 'peaks', folder: 'peaks', ending: 'f32' }, signal)
  }

  /** Path of the clip's stored small picture, made now when it isn't there: see `thumbnailOf`. */
  thumbnailPath(clip: AudioClip, signal: AbortSignal): Promise<string> {
    return this.#made(clip, { task: 'thumbnail', folder: 'thumbnails', ending: 'u8' }, signal)
  }

  async #made(
    { path, contentHash }: AudioClip,
    { task, folder, ending }: { task: string; folder: string; ending: string },
    signal: AbortSignal,
  ): Promise<string> {
    const outputPath = join(this.#folder, folder, contentHash.slice(0, 2), `${contentHash}.${ending}`)
    const there = await access(outputPath).then(
      () => true,
      () => false,
    )
    if (!there) await this.#pool.run(task, { audioPath: path, outputPath }, signal)
    return outputPath
  }

  /** The clip's summary: name and value of each number, kept like features. */
  async summary(clip: AudioClip, signal: AbortSignal): Promise<[name: string, value: number][]> {
    const { values } = await this.#document(clip, 'summary', summarySchema, async () => ({
      version: SUMMARY_VERSION,
      values: await this.#pool.run<{ audioPath: string }, [string, number][]>(
        'summary',
        { audioPath: clip.path },
        signal,
      ),
    }))
    return values
  }

  /** What an audit measures of the clip, kept like features. */
  measures(clip: AudioClip, signal: AbortSignal): Promise<AudioMeasures> {
    return this.#document(clip, 'measures', audioMeasuresSchema, () =>
      this.#pool.run<{ audioPath: string }, AudioMeasures>('measures', { audioPath: clip.path }, signal),
    )
  }

  /** A JSON file about a clip; made again where it is damaged or of another version. */
  async #document<T>(
    { contentHash }: AudioClip,
    folder: string,
    schema: z.ZodType<T>,
    make: () => Promise<T>,
  ): Promise<T> {
    const path = join(this.#folder, folder, contentHash.slice(0, 2), `${contentHash}.json`)
    const there = await readFile(path, 'utf8').then(
      (text) => schema.safeParse(parsedJson(text)).data,
      () => undefined,
    )
    if (there) return there
    const made = await make()
    await writeFileAtomic(path, JSON.stringify(made))
    return made
  }

  /** The clip as WAV bytes, for formats that no browser plays. */
  playable(clip: AudioClip, signal: AbortSignal): Promise<Uint8Array> {
    return this.#pool.run('playable', { audioPath: clip.path }, signal)
  }
}

/** To be raised with every change of what `clipSummary` says: others are made again. */
const SUMMARY_VERSION = 1 as const
const summarySchema = z.object({
  version: z.literal(SUMMARY_VERSION),
  values: z.array(z.tuple([z.string(), z.number()])).min(1),
})

/** Undefined for what is no JSON: a damaged file is made again. */
function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
