import type { Epoch, ModelPreset, Run } from '../../../src-main/contract/run.ts'
import { TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'

/** How fast a network trained on this machine, by a run that ended well. */
export interface Pace {
  readonly runId: string
  readonly secondsPerClip: number
}

/**
 * The newest run of each network that ended well.
 * @returns by the preset's name
 */
export function newestRuns(runs: readonly Run[]): Map<string, Run> {
  const newest = new Map<string, Run>()
  for (const run of runs) {
    const other = newest.get(run.settings.preset)
    if (run.status === 'succeeded' && !(other && other.createdAt > run.createdAt))
      newest.set(run.settings.preset, run)
  }
  return newest
}

/** @param clips - that train a fold. @returns seconds for one of them in one epoch; null without epochs */
export function secondsPerClip(epochs: readonly Pick<Epoch, 'seconds'>[], clips: number): number | null {
  if (epochs.length === 0) return null
  return epochs.reduce((sum, { seconds }) => sum + seconds, 0) / epochs.length / clips
}

/** Seconds of a run whose folds take equally long, `lanes` of them at a time. */
export function runSeconds(pace: Pace, clips: number, epochs: number, folds: number, lanes: number): number {
  return pace.secondsPerClip * clips * epochs * Math.ceil(folds / Math.max(1, lanes))
}

export function presetEpochs({ kind, defaults }: ModelPreset): number {
  if (kind === 'classical') return 1
  return defaults.epochs ?? TRAINING_DEFAULTS.epochs
}

/** A time that is only about right: `about 40 s`, `about 12 min`, `about 3.5 h`. */
export function roughDuration(seconds: number): string {
  if (seconds < 90) return `about ${Math.max(5, Math.round(seconds / 5) * 5)} s`
  const minutes = seconds / 60
  if (minutes < 90) return `about ${Math.round(minutes)} min`
  return `about ${(minutes / 60).toFixed(1).replace(/\.0$/, '')} h`
}
