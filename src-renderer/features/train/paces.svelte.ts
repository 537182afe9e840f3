import type { Run } from '../../../src-main/contract/run.ts'
import { session } from '../../lib/state/session.svelte.ts'
import { newestRuns, type Pace, secondsPerClip } from './expected-cost.ts'

/** How fast each network trained before on the same clips; a network that never did has no pace. */
export class Paces {
  byPreset = $state.raw<ReadonlyMap<string, Pace>>(new Map())

  /** @param clipsOf - clips that train a fold of a run. @returns the way out */
  load(runs: readonly Run[], clipsOf: (run: Run) => number): () => void {
    const running = new AbortController()
    for (const [preset, run] of newestRuns(runs)) {
      if (this.byPreset.get(preset)?.runId === run.id) continue
      session.call('runs.epochs', { runId: run.id }, running.signal).then(
        (epochs) => {
          const seconds = secondsPerClip(epochs, clipsOf(run))
          if (seconds === null) return
          this.byPreset = new Map(this.byPreset).set(preset, { runId: run.id, secondsPerClip: seconds })
        },
        // An estimate that can't be had is left out; the form works without.
        () => {},
      )
    }
    return () => running.abort()
  }
}
