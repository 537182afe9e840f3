import { untrack } from 'svelte'
import { type ErrorShape, toErrorShape } from '../../../src-main/contract/errors.ts'

/**
 * Something that is asked for and arrives later. A new request cancels the one before it; the last value stays until
 * the next arrives, so a screen does not flicker while it refreshes.
 */
export class Resource<T> {
  value = $state.raw<T>()
  error = $state.raw<ErrorShape | null>(null)
  loading = $state(false)
  #running: AbortController | undefined

  /** @returns the way out, to be returned from an `$effect` */
  load(ask: (signal: AbortSignal) => Promise<T>): () => void {
    return untrack(() => {
      this.#running?.abort()
      const running = new AbortController()
      this.#running = running
      this.loading = true
      ask(running.signal).then(
        (value) => {
          if (running.signal.aborted) return
          this.value = value
          this.error = null
          this.loading = false
        },
        (error: unknown) => {
          if (running.signal.aborted) return
          this.error = toErrorShape(error)
          this.loading = false
        },
      )
      return () => running.abort()
    })
  }

  /** Forgets the value: the next one is of another thing. */
  clear(): void {
    this.#running?.abort()
    this.value = undefined
    this.error = null
    this.loading = false
  }
}
