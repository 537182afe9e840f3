import { type ChildProcess, fork } from 'node:child_process'
import { SoundfoldError } from '../../contract/errors.ts'
import type { Outcome } from '../features/outcome.ts'
import type { EmbeddingTask } from './embedding-tasks.ts'

export interface ProcessLimits {
  /** For one task, loading the model included. */
  seconds: number
  /** Of memory. */
  bytes: number
}

/** A process that answers embedding tasks, one at a time. What ends it without an answer is its `Death`. */
export class EmbeddingProcess {
  readonly #child: ChildProcess
  readonly #limits: ProcessLimits
  #errors = ''
  /** Of the task that it is at. */
  #fail: ((death: Death) => void) | undefined

  /**
   * @param entry - `workers/embedding-process`, as a path
   * @param folder - its working folder, which must be empty
   */
  constructor(entry: string, folder: string, limits: ProcessLimits) {
    this.#limits = limits
    this.#child = fork(entry, [String(limits.bytes)], {
      cwd: folder,
      serialization: 'advanced',
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    this.#child.stderr?.on('data', (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-4000)
    })
    this.#child.on('error', (error) => this.#fail?.(new Death(error.message)))
    this.#child.on('close', (code, killed) => {
      const line = this.#errors.trim().split('\n').at(-1)?.slice(0, 300)
      this.#fail?.(new Death(`it ended with ${killed ?? `exit code ${code}`}${line ? `: ${line}` : ''}`))
    })
  }

  get alive(): boolean {
    return this.#child.connected && !this.#child.killed
  }

  end(): void {
    this.#child.kill('SIGKILL')
  }

  /** @throws Death; the signal's reason */
  ask(task: EmbeddingTask, signal: AbortSignal): Promise<Outcome<unknown>> {
    const { promise, resolve, reject } = Promise.withResolvers<Outcome<unknown>>()
    const child = this.#child
    this.#fail = reject
    const stop = (reason: unknown) => {
      reject(reason)
      this.end()
    }
    const onAbort = () => stop(signal.reason)
    const timer = setTimeout(
      () => stop(new Death(`it took longer than ${this.#limits.seconds} s`)),
      this.#limits.seconds * 1000,
    )
    child.once('message', resolve)
    signal.addEventListener('abort', onAbort, { once: true })
    if (signal.aborted) onAbort()
    else child.send(task, (error) => error && reject(new Death(error.message)))
    return promise.finally(() => {
      clearTimeout(timer)
      signal.removeEventListener('abort', onAbort)
      child.off('message', resolve)
      this.#fail = undefined
    })
  }
}

/** The end of a process that had not answered. */
export class Death extends SoundfoldError {
  constructor(reason: string) {
    super('embedding-failed', `The embedding model’s process was lost: ${reason}.`)
  }
}
