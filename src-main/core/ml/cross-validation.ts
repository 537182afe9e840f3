import { SoundfoldError } from '../../contract/errors.ts'
import type { RunSettings } from '../../contract/run.ts'
import { forEachLimited } from '../features/worker-pool.ts'
import { innerFoldOf } from './fold-data.ts'
import type { FoldOutcome, FoldRunner } from './fold-runner.ts'
import type { FoldMessage, FoldTask } from './fold-task.ts'
import { memoryBudget } from './memory.ts'
import { withoutCrossing } from './split/crossing.ts'

/** A clip of a fold's task, with the recording that it was cut from. */
export type TaskClip = FoldTask['clips'][number] & { recording: string | null }

export interface CrossValidation {
  settings: RunSettings
  recipe: FoldTask['recipe']
  classes: number
  clips: readonly TaskClip[]
  checkpointFolder: string
}

/**
 * Trains one network for each fold that the settings name, on all other folds, some at a time; each held-out fold's
 * predictions are handed over as soon as it ends. Folds go on from their checkpoints where they have any.
 * @throws SoundfoldError of the first fold that failed; the others are stopped
 */
export async function crossValidate(
  data: CrossValidation,
  runner: FoldRunner,
  signal: AbortSignal,
  on: { message(fold: number, message: FoldMessage): void; fold(fold: number, outcome: FoldOutcome): void },
): Promise<void> {
  const failed = new AbortController()
  const { settings } = data
  // Once for all: a fold that starts while others run must not cut its batches otherwise than they do.
  const memoryBytes = memoryBudget(settings.processes)
  const stop = AbortSignal.any([signal, failed.signal])
  await forEachLimited(settings.folds, settings.processes, stop, async (fold) => {
    try {
      const task = foldTaskOf(data, fold, memoryBytes)
      on.fold(fold, await runner.run(task, (message) => on.message(fold, message), stop))
    } catch (error) {
      failed.abort(error)
      throw error
    }
  })
}

/** What the process of a fold is given, and nothing else. */
export function foldTaskOf(
  { settings, recipe, classes, clips, checkpointFolder }: CrossValidation,
  fold: number,
  memoryBytes: number,
): FoldTask {
  const { preset, network, training, seed, engine, threadsPerProcess: threads } = settings
  return {
    preset,
    fold,
    network,
    training,
    recipe,
    seed,
    engine,
    threads,
    classes,
    clips: clipsForFold(clips, fold, settings).map(({ recording: _, ...clip }) => clip),
    checkpointFolder,
    resume: true,
    memoryBytes,
  }
}

/**
 * The clips of a fold's task: all, or without those that crossing recordings would let leak into the held-out fold, or from
 * what trains into the inner fold.
 * @throws SoundfoldError invalid-input where the inner fold would be left without clips
 */
export function clipsForFold<C extends Pick<TaskClip, 'fold' | 'recording'>>(
  clips: readonly C[],
  fold: number,
  { excludeCrossing, training }: Pick<RunSettings, 'excludeCrossing' | 'training'>,
): readonly C[] {
  if (!excludeCrossing) return clips
  const apart = withoutCrossing(clips, [fold])
  if (training.innerFold === 'none') return apart
  const inner = innerFoldOf(
    fold,
    clips.map((clip) => clip.fold),
  )
  if (!apart.some((clip) => clip.fold === inner))
    throw new SoundfoldError(
      'invalid-input',
      `Every clip of inner fold ${inner} shares a recording with fold ${fold}.`,
      {
        hint: 'Keep what crosses, set innerFold to none, or split by recording.',
      },
    )
  const isHeldOut = (clip: C) => clip.fold === fold
  const kept = new Set(
    withoutCrossing(
      apart.filter((clip) => !isHeldOut(clip)),
      [inner],
    ),
  )
  return clips.filter((clip) => isHeldOut(clip) || kept.has(clip))
}
