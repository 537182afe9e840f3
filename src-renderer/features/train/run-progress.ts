import type { Epoch, FoldState } from '../../../src-main/contract/run.ts'

export interface FoldProgress {
  readonly fold: number
  readonly epochsDone: number
  readonly latest: Epoch | undefined
  /** Of the epoch that runs, from 0 to 1; 0 where none does. */
  readonly within: number
  readonly state: 'waiting' | 'training' | 'done'
}

/**
 * How far each fold is, in the order asked for.
 * @param done - folds that have their predictions; one that stopped early has fewer epochs than others
 * @param told - what the folds have said of themselves: one that trains has, before its first epoch has ended
 */
export function foldProgress(
  folds: readonly number[],
  epochs: readonly Epoch[],
  done: readonly number[],
  told: readonly Pick<FoldState, 'fold' | 'progress'>[] = [],
): FoldProgress[] {
  return folds.map((fold) => {
    const latest = epochs.reduce<Epoch | undefined>(
      (last, epoch) => (epoch.fold !== fold || (last && last.epoch > epoch.epoch) ? last : epoch),
      undefined,
    )
    const said = told.find((one) => one.fold === fold)
    const state = done.includes(fold) ? 'done' : latest || said ? 'training' : 'waiting'
    const epochsDone = latest?.epoch ?? 0
    const running = state === 'training' && said?.progress?.epoch === epochsDone + 1 ? said.progress : null
    const within = running && running.examples > 0 ? running.examplesDone / running.examples : 0
    return { fold, epochsDone, latest, within, state }
  })
}

/** Epochs of each fold whose times are taken for those to come: the first of a process is slower. */
const RECENT = 5

/**
 * Seconds that are left if epochs go on as the recent ones did and each process takes the next fold when its own has ended.
 * A run that stops early takes less.
 * @param lanes - folds that train at the same time
 * @returns null before the first epoch has ended
 */
export function remainingSeconds(
  epochs: readonly Epoch[],
  folds: readonly FoldProgress[],
  epochsPerFold: number,
  lanes: number,
): number | null {
  if (epochs.length === 0 || lanes < 1) return null
  const running = folds.filter(({ state }) => state === 'training')
  const recent = epochs.filter(({ fold, epoch }) =>
    running.some((own) => own.fold === fold && epoch > own.epochsDone - RECENT),
  )
  const timed = recent.length > 0 ? recent : epochs
  const secondsEach = timed.reduce((sum, { seconds }) => sum + seconds, 0) / timed.length
  const busy = new Array<number>(lanes).fill(0)
  for (const { epochsDone } of [...running, ...folds.filter(({ state }) => state === 'waiting')]) {
    const next = busy.indexOf(Math.min(...busy))
    busy[next] = (busy[next] ?? 0) + Math.max(0, epochsPerFold - epochsDone)
  }
  return secondsEach * Math.max(...busy)
}

/** Training clips a second over all folds that train now; null while none has ended an epoch. */
export function samplesPerSecond(folds: readonly FoldProgress[], trainingClips: number): number | null {
  const speeds = folds.flatMap(({ state, latest }) =>
    state === 'training' && latest && latest.seconds > 0 ? [trainingClips / latest.seconds] : [],
  )
  return speeds.length === 0 ? null : speeds.reduce((sum, speed) => sum + speed, 0)
}

/** Adds an epoch, or puts it in the place of the same one. */
export function withEpoch(epochs: readonly Epoch[], added: Epoch): Epoch[] {
  return [...epochs.filter(({ fold, epoch }) => fold !== added.fold || epoch !== added.epoch), added]
}

/** Adds a fold's state, or puts it in the place of its earlier one. */
export function withFold(folds: readonly FoldState[], added: FoldState): FoldState[] {
  return [...folds.filter(({ fold }) => fold !== added.fold), added].toSorted((a, b) => a.fold - b.fold)
}

/** Held-out clips of all folds that have ended an epoch, each after its last one: [true][predicted] = clips. */
export function currentConfusion(folds: readonly FoldState[]): { matrix: number[][]; folds: number } | null {
  const matrices = folds.flatMap(({ confusion }) => (confusion ? [confusion] : []))
  const [first, ...others] = matrices
  if (!first) return null
  const matrix = first.map((row, truth) =>
    row.map((clips, predicted) =>
      others.reduce((sum, other) => sum + (other[truth]?.[predicted] ?? 0), clips),
    ),
  )
  return { matrix, folds: matrices.length }
}

/** Memory of the fold processes that train, in all; null while none has told. */
export function memoryInUse(folds: readonly FoldState[]): number | null {
  const told = folds.flatMap(({ progress }) => (progress ? [progress.memoryBytes] : []))
  return told.length === 0 ? null : told.reduce((sum, bytes) => sum + bytes, 0)
}
