import { availableParallelism } from 'node:os'
import { fileURLToPath } from 'node:url'
import { Piscina } from 'piscina'
import { fromErrorShape, SoundfoldError } from '../../contract/errors.ts'
import type { Outcome } from './outcome.ts'

/** Threads that do what takes long; started at the first task, ended after a while without one. */
export class WorkerPool {
  readonly threads = availableParallelism()
  readonly #pool: Piscina

  /** @param idleSeconds - how long a thread waits for another task */
  constructor(entry: URL, idleSeconds = 30) {
    this.#pool = new Piscina({
      filename: fileURLToPath(entry),
      minThreads: 0,
      maxThreads: this.threads,
      idleTimeout: 1000 * idleSeconds,
      concurrentTasksPerWorker: 1,
    })
    // Of no task that anybody waits for, as an answer that comes when its task was just taken back: not a reason to end the program.
    this.#pool.on('error', (error: Error) =>
      console.warn(`A thread of Soundfold: ${error.message.slice(0, 100)}`),
    )
  }

  /**
   * Runs one named task. An abort ends the thread that runs it at once.
   * @throws SoundfoldError the task's own error; internal when the thread died, which costs only this task
   */
  async run<T, R>(name: string, task: T, signal?: AbortSignal): Promise<R> {
    let outcome: Outcome<R>
    try {
      outcome = await this.#pool.run(task, { name, ...(signal ? { signal } : {}) })
    } catch (error) {
      signal?.throwIfAborted()
      const reason = error instanceof Error ? error.message : String(error)
      throw new SoundfoldError('internal', `A thread of Soundfold died: ${reason}`, { cause: error })
    }
    if ('error' in outcome) throw fromErrorShape(outcome.error)
    return outcome.value
  }

  async close(): Promise<void> {
    await this.#pool.destroy()
  }
}

/**
 * Calls `work` on each item, `limit` at a time, in order. After the first throw or an abort nothing new is started,
 * and the promise settles when what was under way has ended.
 */
export async function forEachLimited<T>(
  items: readonly T[],
  limit: number,
  signal: AbortSignal,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const queue = items.values()
  let stopped = false
  const lanes = Array.from({ length: Math.min(limit, items.length) }, async () => {
    for (const item of queue) {
      if (stopped) return
      try {
        signal.throwIfAborted()
        await work(item)
      } catch (error) {
        stopped = true
        throw error
      }
    }
  })
  const failure = (await Promise.allSettled(lanes)).find((lane) => lane.status === 'rejected')
  if (failure) throw failure.reason
}
