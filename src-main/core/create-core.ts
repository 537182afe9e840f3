import { join } from 'node:path'
import {
  api,
  type MethodInput,
  type MethodName,
  type MethodOutput,
  type MethodParams,
} from '../contract/api.ts'
import type { CoreEvent } from '../contract/events.ts'
import { parseInput } from '../contract/parse.ts'
import { VerdictService } from './audit/verdict-service.ts'
import { findClip } from './db/clips.ts'
import { createFeatureIndex } from './db/features.ts'
import { removeAllHidden } from './db/hidden.ts'
import { createJobStore } from './db/jobs.ts'
import { openWorkspace } from './db/open.ts'
import { markRunsInterrupted } from './db/runs.ts'
import { markSweepsInterrupted } from './db/sweeps.ts'
import { Embedder } from './embedding/embedder.ts'
import { ModelStore } from './embedding/model-store.ts'
import { Columns } from './evaluation/columns.ts'
import { EvaluationService } from './evaluation/evaluation-service.ts'
import { FeatureStore } from './features/feature-store.ts'
import { RecipeBook } from './features/recipe-book.ts'
import { WorkerPool } from './features/worker-pool.ts'
import { createHandlers, type Handlers } from './handlers.ts'
import { Journal } from './history/journal.ts'
import { JobQueue } from './jobs/job-queue.ts'
import { Library } from './library/library.ts'
import { Media } from './media/media.ts'
import { AugmentationPreview } from './ml/augmentation-preview.ts'
import { ExplanationService } from './ml/explanation-service.ts'
import { LocalFoldRunner } from './ml/fold-runner.ts'
import { ModelService } from './ml/model-service.ts'
import { RunService } from './ml/run-service.ts'
import { SweepService } from './ml/sweep/sweep-service.ts'
import { Recordings } from './recording/recordings.ts'
import { SpaceService } from './space/space-service.ts'
import { giveWorkspaceFile } from './workspace-file.ts'

/** Entry points of the core's own threads and processes; the shell knows whether they are sources or built files. */
export interface WorkerEntries {
  readonly featuresWorker: URL
  readonly evaluationWorker: URL
  readonly foldProcess: URL
  readonly modelProcess: URL
  readonly mapProcess: URL
  readonly engineProbe: URL
  readonly embeddingProcess: URL
}

export interface CoreOptions {
  /** Made when it does not exist; `workspace.sqlite`, `features/`, `models/`, `runs/`, `sweeps/` and `exports/` live in it. */
  readonly workspaceFolder: string
  readonly entries: WorkerEntries
  /** Where this shell serves `core.media`; ends with a slash. */
  readonly mediaBase: string
  /** The system's folder dialog, where the shell has one. */
  readonly chooseFolder?: (title: string) => Promise<string | null>
  /** The same for an ONNX file. */
  readonly chooseModel?: () => Promise<string | null>
  /** Prints a page to a PDF, where the shell can. */
  readonly printPdf?: (html: string) => Promise<Uint8Array>
  /** Lets a file hang on the pointer, where the shell can, to be dropped into another program. */
  readonly startDrag?: (path: string) => void
  /** Shows a file in the system's file manager. */
  readonly revealFile?: (path: string) => void
  /**
   * The folder or file that an export makes, absolute: for a shell whose person named one. No request can; without it an export gets
   * a place of its own in the workspace's `exports`.
   */
  readonly exportTo?: string
}

/** What a media path leads to: a file to be sent whole or by ranges, or bytes made in memory. */
export type MediaResource =
  | { readonly kind: 'file'; readonly path: string; readonly contentType: string; readonly sizeBytes: number }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array; readonly contentType: string }

export interface Core {
  /**
   * Runs a method. `input` is parsed here, so every transport may hand over what it received.
   * @throws SoundfoldError
   */
  call<M extends MethodName>(method: M, input: MethodInput<M>, signal?: AbortSignal): Promise<MethodOutput<M>>
  /** Subscribes to every event; returns the way out. */
  on(listener: (event: CoreEvent) => void): () => void
  readonly media: {
    /**
     * `clips/ID/audio` (playable by a browser), `clips/ID/peaks` (float32 LE min, max pairs) or
     * `clips/ID/spectrogram/RECIPE` (uint32 LE rows, frames; then float32 LE values, row-major, lowest band first), and
     * `clips/ID/preview/SETTINGS`, the same by settings in base64url JSON, which is not kept; and
     * `clips/ID/augmented/REQUEST`, an AugmentationRequest without the clip, likewise; and
     * `clips/ID/explanation/REQUEST`, an ExplanationMapRequest, likewise. Of recordings of any length: `clips/ID/wave/BYTE/BYTES` and
     * `clips/ID/sketch` (see `RecordingInfo`), `clips/ID/tile/WINDOW/LEVEL/INDEX` (see `spectrogramTile`), and
     * `clips/ID/samples/FROM/COUNT` (float32 LE, mean of the channels).
     * @throws SoundfoldError not-found for any other path
     */
    open(path: string, signal?: AbortSignal): Promise<MediaResource>
  }
  /** Stops jobs, closes the database; running jobs become `interrupted`. Idempotent. */
  close(): Promise<void>
}

/**
 * Opens a workspace and puts the parts together.
 * @throws SoundfoldError workspace-unwritable | workspace-newer | workspace-damaged | workspace-busy
 */
export async function createCore(options: CoreOptions): Promise<Core> {
  const { workspaceFolder, entries } = options
  const db = openWorkspace(workspaceFolder)
  await giveWorkspaceFile(workspaceFolder)
  const listeners = new Set<(event: CoreEvent) => void>()
  const tell = (event: CoreEvent) => {
    for (const listener of listeners) listener(event)
  }
  const jobs = new JobQueue(createJobStore(db), (payload) => tell({ name: 'job', payload }))
  markRunsInterrupted(db)
  markSweepsInterrupted(db)
  const closing = new AbortController()
  const sweeping = removeAllHidden(db, closing.signal).catch(() => {})
  const library = new Library(db)
  const journal = new Journal(db, tell)
  const pool = new WorkerPool(entries.featuresWorker)
  const recipes = new RecipeBook(db)
  const embedder = new Embedder(entries.embeddingProcess)
  const models = new ModelStore(workspaceFolder, recipes, embedder)
  const features = new FeatureStore(workspaceFolder, pool, createFeatureIndex(db), models)
  const recordings = new Recordings(workspaceFolder, pool)
  const runner = new LocalFoldRunner(entries.foldProcess)
  const runs = new RunService({ db, workspaceFolder, features, recipes, jobs, runner, tell })
  const sweeps = new SweepService({ db, workspaceFolder, features, recipes, jobs, runner, tell })
  const columns = new Columns(db)
  const evaluators = new WorkerPool(entries.evaluationWorker, 600)
  const evaluations = new EvaluationService(db, columns, evaluators)
  const trained = new ModelService({
    db,
    workspaceFolder,
    features,
    recipes,
    evaluations,
    entry: entries.modelProcess,
  })
  const verdicts = new VerdictService({ db, library, journal, evaluations })
  const spaces = new SpaceService({
    db,
    columns,
    workspaceFolder,
    features,
    recipes,
    modelEntry: entries.modelProcess,
    mapEntry: entries.mapProcess,
  })
  const explanations = new ExplanationService({
    db,
    workspaceFolder,
    features,
    recipes,
    entry: entries.modelProcess,
  })
  const augmented = new AugmentationPreview(db, features, recipes)
  const handlers = createHandlers({
    options,
    db,
    library,
    journal,
    jobs,
    features,
    recipes,
    models,
    runs,
    sweeps,
    evaluations,
    trained,
    verdicts,
    explanations,
    spaces,
    augmented,
    recordings,
    tell,
  })
  const find = (clipId: number) => mediaClip(findClip(db, clipId))
  const media = new Media(find, features, recipes, augmented, explanations, recordings)
  let closed: Promise<void> | undefined

  return {
    call: (method, input, signal = new AbortController().signal) => answer(handlers, method, input, signal),
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    media,
    close() {
      closed ??= (async () => {
        closing.abort()
        library.close()
        columns.close()
        await sweeping
        await jobs.close()
        await pool.close()
        await evaluators.close()
        embedder.close()
        listeners.clear()
        db.close()
      })()
      return closed
    },
  }
}

async function answer<M extends MethodName>(
  handlers: Handlers,
  method: M,
  input: MethodInput<M>,
  signal: AbortSignal,
): Promise<MethodOutput<M>> {
  // TypeScript does not see that a method's own schema gives that method's parameters.
  const params = parseInput(api[method].input, input, `request ${method}`) as MethodParams<M>
  return handlers[method](params, signal)
}

function mediaClip(clip: ReturnType<typeof findClip>) {
  if (!clip) return undefined
  const { id, fileName, relativePath, folder, contentHash, container, codec } = clip
  const audio = contentHash === null ? null : { clipId: id, path: join(folder, relativePath), contentHash }
  return { fileName, audio, container, codec }
}
