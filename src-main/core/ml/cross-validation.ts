import type { RunSettings } from '../../contract/run.ts'
import { forEachLimited } from '../features/worker-pool.ts'
import type { FoldOutcome, FoldRunner } from './fold-runner.ts'
import type { FoldMessage, FoldTask } from './fold-task.ts'
import { memoryBudget } from './memory.ts'

export interface CrossValidation {
  settings: RunSettings
  recipe: FoldTask['recipe']
  classes: number
  clips: FoldTask['clips']
  checkpointFolder: string
}

/**
 * Trains one network for each fold that the settings name, on all other folds, some at a time; each held-out fold's
 * predictions are handed over as soon as it ends. Folds go on from their checkpoints where they have any.
 * @throws SoundfoldError of the first fold that failed; the others are stopped
 */
export async function crossValidate(
  { settings, recipe, classes, clips, checkpointFolder }: CrossValidation,
  runner: FoldRunner,
  signal: AbortSignal,
  on: { message(fold: number, message: FoldMessage): void; fold(fold: number, outcome: FoldOutcome): void },
): Promise<void> {
  const failed = new AbortController()
  // Once for all: a fold that starts while others run must not cut its batches otherwise than they do.
  const memoryBytes = memoryBudget(settings.processes)
  const stop = AbortSignal.any([signal, failed.signal])
  await forEachLimited(settings.folds, settings.processes, stop, async (fold) => {
    const { preset, network, training, seed, engine, threadsPerProcess: threads } = settings
    const task = {
      preset,
      fold,
      network,
      training,
      recipe,
      seed,
      engine,
      threads,
      classes,
      clips,
      checkpointFolder,
      resume: true,
      memoryBytes,
    }
    try {
      on.fold(fold, await runner.run(task, (message) => on.message(fold, message), stop))
    } catch (error) {
      failed.abort(error)
      throw error
    }
  })
}
