import type { ScheduleSettings, TrainingSettings } from './training.ts'

/**
 * Learning rates over a training's steps. Formulas are those of `torch.optim.lr_scheduler` 2.x, in closed form: a rate depends
 * on the step alone, so training goes on from any step. Momentum is left as it is (`cycle_momentum=False` there).
 */

/** What the rate depends on besides the step. */
export type ScheduledTraining = Pick<TrainingSettings, 'epochs' | 'learningRate' | 'schedule' | 'warmUp'>

/** The only schedule that looks at how training goes. JSON, so that a checkpoint keeps it. */
export interface PlateauState {
  /** Rate after the reductions so far. */
  learningRate: number
  lowestLoss: number | null
  /** Epochs since it was lower by enough. */
  badEpochs: number
}

/** Where warm-up begins, as a share of the rate that it leads to: a first step of zero would be lost. */
const WARM_UP_START = 0.05

/**
 * @param step - 0-based, over all epochs
 * @param plateau - of the schedule of this name; ignored by all others
 */
export function learningRateAt(
  training: ScheduledTraining,
  stepsPerEpoch: number,
  step: number,
  plateau: PlateauState,
): number {
  const steps = training.epochs * stepsPerEpoch
  const warmUpSteps = training.warmUp * steps
  const scheduled = (past: number, epochs: number) =>
    scheduledRate(training, { step: past, steps: steps - warmUpSteps, epochs, stepsPerEpoch }, plateau)
  if (step < warmUpSteps) return scheduled(0, 0) * Math.max(WARM_UP_START, step / warmUpSteps)
  // Rates that change by epoch are the same from an epoch's first step to its last, wherever warm-up ended.
  const epochs = Math.max(0, Math.floor(step / stepsPerEpoch) - warmUpSteps / stepsPerEpoch)
  return scheduled(step - warmUpSteps, epochs)
}

interface Place {
  /** Since warm-up ended. */
  step: number
  /** That the schedule is stretched over. */
  steps: number
  /** Since warm-up ended, at this epoch's first step. */
  epochs: number
  stepsPerEpoch: number
}

function scheduledRate(
  { learningRate: highest, schedule }: ScheduledTraining,
  { step, steps, epochs, stepsPerEpoch }: Place,
  plateau: PlateauState,
): number {
  const cosine = (minimum: number, progress: number) =>
    minimum + ((highest - minimum) * (1 + Math.cos(Math.PI * progress))) / 2
  const now = (updated: 'step' | 'epoch') => (updated === 'step' ? step / stepsPerEpoch : epochs)
  switch (schedule.name) {
    case 'constant':
      return highest
    case 'step':
      return highest * schedule.factor ** Math.floor(epochs / schedule.everyEpochs)
    case 'cosine':
      return cosine(
        schedule.minimum,
        now(schedule.updated) / (schedule.halfPeriodEpochs ?? steps / stepsPerEpoch),
      )
    case 'cosine-restarts':
      return cosine(schedule.minimum, shareOfPeriod(now(schedule.updated), schedule))
    case 'one-cycle':
      return oneCycle(highest, schedule, step, steps)
    case 'plateau':
      return plateau.learningRate
  }
}

type SettingsOf<N> = Extract<ScheduleSettings, { name: N }>

/** How much of its period has passed at an epoch. */
function shareOfPeriod(epoch: number, { firstEpochs, growth }: SettingsOf<'cosine-restarts'>): number {
  if (growth === 1) return (epoch % firstEpochs) / firstEpochs
  let past = epoch
  let period = firstEpochs
  while (past >= period) {
    past -= period
    period *= growth
  }
  return past / period
}

/** Two halves of a cosine: up to the highest rate, then down to a fraction of the first. */
function oneCycle(
  highest: number,
  { rise, startDivisor, endDivisor }: SettingsOf<'one-cycle'>,
  step: number,
  steps: number,
): number {
  const first = highest / startDivisor
  const top = rise * steps - 1
  const between = (from: number, to: number, share: number) =>
    to + ((from - to) * (1 + Math.cos(Math.PI * share))) / 2
  if (step <= top) return top === 0 ? highest : between(first, highest, step / top)
  return between(highest, first / endDivisor, (step - top) / (steps - 1 - top || 1))
}

export function startOfPlateau({ learningRate }: ScheduledTraining): PlateauState {
  return { learningRate, lowestLoss: null, badEpochs: 0 }
}

/** Share by which a loss must be lower than the lowest to count, and change below which a rate is left. */
const PLATEAU_THRESHOLD = 1e-4
const LEAST_CHANGE = 1e-8

/** @param loss - of the epoch that just ended, after warm-up. @returns the state for the next one */
export function afterEpoch(
  state: PlateauState,
  loss: number,
  { factor, patienceEpochs, minimum }: SettingsOf<'plateau'>,
): PlateauState {
  if (state.lowestLoss === null || loss < state.lowestLoss * (1 - PLATEAU_THRESHOLD))
    return { ...state, lowestLoss: loss, badEpochs: 0 }
  if (state.badEpochs < patienceEpochs) return { ...state, badEpochs: state.badEpochs + 1 }
  const reduced = Math.max(state.learningRate * factor, minimum)
  const learningRate = state.learningRate - reduced > LEAST_CHANGE ? reduced : state.learningRate
  return { ...state, learningRate, badEpochs: 0 }
}
