import { type ErrorShape, toErrorShape } from '../../../src-main/contract/errors.ts'
import type { Epoch, FoldState } from '../../../src-main/contract/run.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { withEpoch, withFold } from './run-progress.ts'

/** What is known of a run's training: the epochs and the folds' states that are stored, and each new one as it is told. */
export class RunEpochs {
  list = $state.raw<readonly Epoch[]>([])
  folds = $state.raw<readonly FoldState[]>([])
  error = $state.raw<ErrorShape | null>(null)
  /** What is stored has arrived. */
  read = $state(false)
  /** When the last one was told; `Date.now()`. */
  toldAt = $state(Date.now())

  /** @returns the way out */
  follow(runId: string): () => void {
    const running = new AbortController()
    this.list = []
    this.folds = []
    this.read = false
    const offFold = session.on('fold', ({ runId: of, ...state }) => {
      if (of === runId) this.folds = withFold(this.folds, state)
    })
    const off = session.on('epoch', ({ runId: of, ...epoch }) => {
      if (of !== runId) return
      this.list = withEpoch(this.list, epoch)
      this.toldAt = Date.now()
    })
    Promise.all([
      session.call('runs.epochs', { runId }, running.signal),
      session.call('runs.folds', { runId }, running.signal),
    ]).then(
      ([epochs, folds]) => {
        if (running.signal.aborted) return
        // What was told while the answer was on its way is newer than it.
        this.list = this.list.reduce<readonly Epoch[]>(withEpoch, epochs)
        this.folds = this.folds.reduce<readonly FoldState[]>(withFold, folds)
        this.read = true
      },
      (error: unknown) => {
        if (!running.signal.aborted) this.error = toErrorShape(error)
      },
    )
    return () => {
      off()
      offFold()
      running.abort()
    }
  }
}
