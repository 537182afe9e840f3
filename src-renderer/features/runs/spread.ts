import type { Run } from '../../../src-main/contract/run.ts'
import { session } from '../../lib/state/session.svelte.ts'

/**
 * Sample standard deviations over folds of the runs in a list; runs that are over are asked for once only.
 * A run that cannot be evaluated has none: the list still shows, and its own screen says why.
 */
export async function spreadOf(
  runs: readonly Run[],
  known: ReadonlyMap<string, number | null>,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number | null>> {
  const found = new Map(known)
  for (const { id, foldsDone } of runs) {
    if (found.has(id) || foldsDone.length < 2) continue
    try {
      const evaluation = await session.call('runs.evaluation', { runId: id }, signal)
      found.set(id, evaluation.sampleStandardDeviation)
    } catch {
      if (signal.aborted) return known
    }
  }
  return found
}
