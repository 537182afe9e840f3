import { mkdtempSync, rmSync } from 'node:fs'
import { availableParallelism, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { EmbeddingInput, EmbeddingOutput, EmbeddingRecipe } from '../../contract/embedding.ts'
import { fromErrorShape, SoundfoldError } from '../../contract/errors.ts'
import { Death, EmbeddingProcess, type ProcessLimits } from './embedding-process.ts'
import { type EmbeddingTask, embeddingAnswers, type ModelSizes } from './embedding-tasks.ts'

/** While one computes, the other decodes and transforms the next clip. */
const PROCESSES = Math.min(2, availableParallelism())
const THREADS = Math.max(1, Math.floor(availableParallelism() / PROCESSES))
const IDLE_MS = 30_000
/** Deaths in a row after which the clips are no longer thought to be at fault. */
const MAX_DEATHS = 3

function defaultLimits(): ProcessLimits {
  const allowed = process.constrainedMemory()
  const memory = Math.min(totalmem(), allowed > 0 ? allowed : totalmem())
  return { seconds: 120, bytes: Math.round((0.75 * memory) / PROCESSES) }
}

export interface ModelFile {
  /** Absolute. */
  path: string
  /** sha256 that it must have. */
  hash: string
}

/**
 * Runs embedding models, which come from anywhere, in processes of their own: one that crashes, hangs or takes too much
 * memory costs the clip that it was at. A cancel ends its process at once.
 */
export class Embedder {
  /** Tasks at once. */
  readonly processes = PROCESSES
  readonly #entry: string
  readonly #limits: ProcessLimits
  readonly #idle: EmbeddingProcess[] = []
  readonly #all = new Set<EmbeddingProcess>()
  readonly #waiting: (() => void)[] = []
  #running = 0
  #deaths = 0
  #closed = false
  #idleTimer: NodeJS.Timeout | undefined
  /** Where models would look for weights outside their file. */
  #emptyFolder: string | undefined

  /** @param entry - `workers/embedding-process` */
  constructor(entry: URL, limits: Partial<ProcessLimits> = {}) {
    this.#entry = fileURLToPath(entry)
    this.#limits = { ...defaultLimits(), ...limits }
  }

  /** What a model takes and gives, for people. @throws SoundfoldError model-unusable | engine-unavailable */
  async describe(model: ModelFile, signal: AbortSignal): Promise<string> {
    return embeddingAnswers.describe.parse(
      await this.#run({ task: 'describe', model: withThreads(model) }, signal),
    )
  }

  /** Checks a declaration by running the model once. @throws SoundfoldError as `embed`, naming what does not fit */
  async tryOut(
    model: ModelFile,
    { input, output }: { input: EmbeddingInput; output: EmbeddingOutput },
    signal: AbortSignal,
  ): Promise<ModelSizes> {
    return embeddingAnswers.try.parse(
      await this.#run({ task: 'try', model: withThreads(model), input, output }, signal),
    )
  }

  /**
   * Writes a clip's feature file.
   * @returns its size in bytes
   * @throws SoundfoldError model-unusable and engine-unavailable for any clip; embedding-failed and those of decoding for this
   *   one; the signal's reason
   */
  async embed(
    model: ModelFile,
    clip: { audioPath: string; recipe: EmbeddingRecipe; outputPath: string },
    signal: AbortSignal,
  ): Promise<number> {
    return embeddingAnswers.embed.parse(
      await this.#run({ task: 'embed', model: withThreads(model), ...clip }, signal),
    )
  }

  /** Ends every process; what they were at fails. */
  close(): void {
    this.#closed = true
    clearTimeout(this.#idleTimer)
    for (const child of this.#all) child.end()
    this.#all.clear()
    this.#idle.length = 0
    if (this.#emptyFolder !== undefined) rmSync(this.#emptyFolder, { recursive: true, force: true })
    this.#emptyFolder = undefined
  }

  async #run(task: EmbeddingTask, signal: AbortSignal): Promise<unknown> {
    signal.throwIfAborted()
    await this.#turn()
    try {
      signal.throwIfAborted()
      if (this.#closed) throw new SoundfoldError('cancelled', 'Soundfold is closing.')
      const child = this.#ready() ?? this.#start()
      const outcome = await child
        .ask(task, signal)
        .catch((error) => this.#lost(error))
        .finally(() => this.#back(child))
      this.#deaths = 0
      if ('error' in outcome) throw fromErrorShape(outcome.error)
      return outcome.value
    } finally {
      this.#running -= 1
      this.#waiting.shift()?.()
    }
  }

  async #turn(): Promise<void> {
    while (this.#running >= this.processes)
      await new Promise<void>((resolve) => {
        this.#waiting.push(resolve)
      })
    this.#running += 1
    clearTimeout(this.#idleTimer)
  }

  /** One that waits, unless it ended meanwhile. */
  #ready(): EmbeddingProcess | undefined {
    for (let child = this.#idle.pop(); child; child = this.#idle.pop()) {
      if (child.alive) return child
      this.#all.delete(child)
    }
    return undefined
  }

  #start(): EmbeddingProcess {
    this.#emptyFolder ??= mkdtempSync(join(tmpdir(), 'soundfold-empty-'))
    const child = new EmbeddingProcess(this.#entry, this.#emptyFolder, this.#limits)
    this.#all.add(child)
    return child
  }

  #back(child: EmbeddingProcess): void {
    if (child.alive) this.#idle.push(child)
    else this.#all.delete(child)
    clearTimeout(this.#idleTimer)
    this.#idleTimer = setTimeout(() => {
      for (const idle of this.#idle.splice(0)) {
        idle.end()
        this.#all.delete(idle)
      }
    }, IDLE_MS).unref()
  }

  #lost(error: unknown): never {
    if (!(error instanceof Death)) throw error
    this.#deaths += 1
    if (this.#deaths < MAX_DEATHS) throw error
    this.#deaths = 0
    throw new SoundfoldError('model-unusable', `${error.message} That was ${MAX_DEATHS} times in a row.`, {
      hint: 'The model does not work on this machine, or needs more memory or time than it is given.',
      cause: error,
    })
  }
}

const withThreads = (model: ModelFile): EmbeddingTask['model'] => ({ ...model, threads: THREADS })
