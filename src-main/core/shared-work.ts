/**
 * Results that are kept for those who ask again, and work that those who ask meanwhile share. Work is stopped when nobody waits for it
 * any more; what failed is tried again.
 */
export class SharedWork<T> {
  readonly #most: number
  readonly #works = new Map<string, Work<T>>()

  /** @param most - results that are kept; the one that was not asked for the longest goes first */
  constructor(most: number) {
    this.#most = most
  }

  /**
   * @param key - says all that the result depends on
   * @throws whatever `make` throws; the signal's reason
   */
  async get(key: string, make: (signal: AbortSignal) => Promise<T>, signal: AbortSignal): Promise<T> {
    signal.throwIfAborted()
    let work = this.#works.get(key)
    if (!work) {
      const stop = new AbortController()
      const begun: Work<T> = { result: make(stop.signal), stop, waiting: 0, isDone: false }
      begun.result.then(
        () => {
          begun.isDone = true
        },
        () => this.#forget(key, begun),
      )
      work = begun
    }
    // Anew, so that it is the last to go.
    this.#works.delete(key)
    this.#works.set(key, work)
    this.#tidy()
    return this.#wait(key, work, signal)
  }

  async #wait(key: string, work: Work<T>, signal: AbortSignal): Promise<T> {
    const gone = Promise.withResolvers<never>()
    const leave = () => gone.reject(signal.reason)
    signal.addEventListener('abort', leave, { once: true })
    work.waiting += 1
    try {
      return await Promise.race([work.result, gone.promise])
    } finally {
      signal.removeEventListener('abort', leave)
      work.waiting -= 1
      if (work.waiting === 0 && !work.isDone) {
        this.#forget(key, work)
        work.stop.abort()
      }
    }
  }

  #forget(key: string, work: Work<T>): void {
    if (this.#works.get(key) === work) this.#works.delete(key)
  }

  #tidy(): void {
    for (const [key, { isDone }] of this.#works) {
      if (this.#works.size <= this.#most) return
      if (isDone) this.#works.delete(key)
    }
  }
}

interface Work<T> {
  result: Promise<T>
  stop: AbortController
  waiting: number
  isDone: boolean
}
