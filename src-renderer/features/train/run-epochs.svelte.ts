import { type ErrorShape, toErrorShape } from '../../../src-main/contract/errors.ts'
import type { Epoch } from '../../../src-main/contract/run.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { withEpoch } from './run-progress.ts'

/** The epochs of a run: those that are stored, and each new one as it ends. */
export class RunEpochs {
  list = $state.raw<readonly Epoch[]>([])
  error = $state.raw<ErrorShape | null>(null)
  /** When the last one was told; `Date.now()`. */
  toldAt = $state(Date.now())

  /** @returns the way out */
  follow(runId: string): () => void {
    const running = new AbortController()
    this.list = []
    const off = session.on('epoch', ({ runId: of, ...epoch }) => {
      if (of !== runId) return
      this.list = withEpoch(this.list, epoch)
      this.toldAt = Date.now()
    })
    session.call('runs.epochs', { runId }, running.signal).then(
      (stored) => {
        if (running.signal.aborted) return
        // Epochs that ended while the answer was on its way are newer than it.
        this.list = this.list.reduce<readonly Epoch[]>(withEpoch, stored)
      },
      (error: unknown) => {
        if (!running.signal.aborted) this.error = toErrorShape(error)
      },
    )
    return () => {
      off()
      running.abort()
    }
  }
}
