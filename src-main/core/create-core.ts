import type { MethodInput, MethodName, MethodOutput } from '../contract/api.ts'
import type { CoreEvent } from '../contract/events.ts'

/** Entry points of the core's own threads and processes; the shell knows whether they are sources or built files. */
export interface WorkerEntries {
  readonly featuresWorker: URL
  readonly foldProcess: URL
  readonly engineProbe: URL
}

export interface CoreOptions {
  /** Made when it does not exist; `workspace.sqlite`, `features/`, `runs/` and `exports/` live in it. */
  readonly workspaceFolder: string
  readonly entries: WorkerEntries
  /** Where this shell serves `core.media`; ends with a slash. */
  readonly mediaBase: string
  /** The system's folder dialog, where the shell has one. */
  readonly chooseFolder?: (title: string) => Promise<string | null>
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
     * `clips/ID/spectrogram/RECIPE` (uint32 LE nMels, frames; then float32 LE dB, row-major, lowest band first).
     * @throws SoundfoldError not-found for any other path
     */
    open(path: string, signal?: AbortSignal): Promise<MediaResource>
  }
  /** Stops jobs, closes the database; running jobs become `interrupted`. Idempotent. */
  close(): Promise<void>
}
