import type { Epoch } from '../../../src-main/contract/model.ts'

export interface FoldProgress {
  readonly fold: number
  readonly epochsDone: number
  readonly latest: Epoch | undefined
}

/** How far each fold is, in the order asked for. */
export function foldProgress(folds: readonly number[], epochs: readonly Epoch[]): FoldProgress[] {
  return folds.map((fold) => {
    const own = epochs.filter((epoch) => epoch.fold === fold)
    const latest = own.reduce<Epoch | undefined>(
      (last, epoch) => (last && last.epoch > epoch.epoch ? last : epoch),
      undefined,
    )
    return { fold, epochsDone: latest?.epoch ?? 0, latest }
  })
}

/**
 * Seconds that are left if the epochs to come take as long as those done.
 * @param lanes - folds that train at the same time
 * @returns null before the first epoch has ended
 */
export function remainingSeconds(
  epochs: readonly Epoch[],
  epochsInAll: number,
  lanes: number,
): number | null {
  if (epochs.length === 0 || lanes < 1) return null
  const secondsEach = epochs.reduce((sum, { seconds }) => sum + seconds, 0) / epochs.length
  return (secondsEach * Math.max(0, epochsInAll - epochs.length)) / lanes
}

/** Adds an epoch, or puts it in the place of the same one. */
export function withEpoch(epochs: readonly Epoch[], added: Epoch): Epoch[] {
  return [...epochs.filter(({ fold, epoch }) => fold !== added.fold || epoch !== added.epoch), added]
}
