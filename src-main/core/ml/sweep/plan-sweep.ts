import type { z } from 'zod'
import { withChanges } from '../../../contract/dotted.ts'
import type { Recipe } from '../../../contract/embedding.ts'
import { SoundfoldError, toErrorShape } from '../../../contract/errors.ts'
import { parseInput } from '../../../contract/parse.ts'
import { type RunSettings, runSettingsSchema } from '../../../contract/run.ts'
import type { SweepSettings, sweepInputSchema } from '../../../contract/sweep.ts'
import { TRAINING_DEFAULTS } from '../../../contract/training.ts'
import { modelNamed } from '../models.ts'
import { resolveRunSettings } from '../settings.ts'
import { type SplitClip, withoutCrossing } from '../split/crossing.ts'
import { type Changes, drawTrials } from './draw-trials.ts'
import { rungsOf } from './rungs.ts'

type SweepRequest = z.output<typeof sweepInputSchema>
type GivenRunSettings = z.output<typeof runSettingsSchema>

export interface PlannedTrial {
  readonly changes: Changes
  readonly settings: RunSettings
}

/**
 * Every trial with all of its settings, before anything is trained.
 * @param folds - of the split
 * @param cores - of the machine
 * @throws SoundfoldError invalid-input, naming the trial's values where they are at fault
 */
export function planSweep(
  request: SweepRequest,
  recipeNamed: (name: string) => Recipe,
  folds: readonly number[],
  cores: number,
): { settings: SweepSettings; trials: PlannedTrial[] } {
  const { space, search, innerFolds } = request
  const heldOut = [...new Set(request.heldOut)].sort((a, b) => a - b)
  const unknown = heldOut.filter((fold) => !folds.includes(fold))
  if (unknown.length > 0)
    throw new SoundfoldError('invalid-input', `There is no fold ${unknown.join(', ')}.`, {
      hint: `The folds are ${folds.join(', ')}.`,
    })
  const seen = folds.filter((fold) => !heldOut.includes(fold))
  if (seen.length < 2)
    throw new SoundfoldError(
      'invalid-input',
      `With fold ${heldOut.join(', ')} held out ${seen.length === 1 ? 'one fold is' : 'no fold is'} left: trials need one to be scored on and one to train.`,
      { hint: 'Hold fewer folds out, or split the dataset into more.' },
    )
  if (innerFolds > seen.length)
    throw new SoundfoldError('invalid-input', `There are ${seen.length} folds besides those held out.`, {
      hint: `Score on at most ${seen.length} inner folds.`,
    })
  const base = { ...request.base, folds: heldOut }
  const scoredOn = after(heldOut[0] ?? 0, seen).slice(0, innerFolds)
  const processes = request.base.processes ?? cores
  const trials = drawTrials(space, search).map((changes) => {
    try {
      const given = { ...trialInput(base, changes), folds: scoredOn }
      return { changes, settings: resolveTrial(given, processes, recipeNamed, seen, cores) }
    } catch (error) {
      const { code, message, hint } = toErrorShape(error)
      if (code === 'internal') throw error
      throw new SoundfoldError(code, `A trial can't be trained, with ${inWords(changes)}: ${message}`, {
        ...(hint !== undefined && { hint }),
        cause: error,
      })
    }
  })
  const epochs = search.method === 'halving' ? halvingEpochs(trials, space) : 0
  const rungs = rungsOf(search, trials.length, epochs)
  return { settings: { space, search, heldOut, innerFolds, base, scoredOn, processes, rungs }, trials }
}

/** What a run with these changes is started with. */
export function trialInput(base: GivenRunSettings, changes: Changes): GivenRunSettings {
  const preset = modelNamed(typeof changes.preset === 'string' ? changes.preset : base.preset).preset
  // A part of a setting is changed in what the preset would have, not in nothing.
  const parts = Object.keys(changes).flatMap((path) => {
    const [area, key, ...rest] = path.split('.')
    return area === 'training' && key !== undefined && rest.length > 0 && key !== 'augmentation' ? [key] : []
  })
  const whole: Record<string, unknown> = { ...TRAINING_DEFAULTS, ...preset.defaults, ...base.training }
  const filled = Object.fromEntries(parts.map((key) => [key, whole[key]]))
  return parseInput(
    runSettingsSchema,
    withChanges({ ...base, training: { ...base.training, ...filled } }, changes),
    'settings of a trial',
  )
}

function resolveTrial(
  given: GivenRunSettings,
  processes: number,
  recipeNamed: (name: string) => Recipe,
  folds: readonly number[],
  cores: number,
): RunSettings {
  const resolved = resolveRunSettings(given, recipeNamed, folds, cores)
  const isClassical = modelNamed(given.preset).kind === 'classical'
  return {
    ...resolved,
    // Trials share the machine, so that a trial's own folds say nothing about its threads.
    processes,
    threadsPerProcess: isClassical
      ? 1
      : (given.threadsPerProcess ?? Math.max(1, Math.floor(cores / processes))),
  }
}

/** The epochs that all trials end with. */
function halvingEpochs(trials: readonly PlannedTrial[], space: SweepRequest['space']): number {
  if ('training.epochs' in space)
    throw new SoundfoldError(
      'invalid-input',
      'Successive halving shares out the epochs: they can’t be searched too.',
      {
        hint: 'Leave training.epochs out of the space; the base says how many the last trials train.',
      },
    )
  const epochs = new Set(trials.map(({ settings }) => settings.training.epochs))
  const classical = trials.find(({ settings }) => modelNamed(settings.preset).kind === 'classical')
  if (classical)
    throw new SoundfoldError(
      'invalid-input',
      `${classical.settings.preset} learns in one pass: there are no epochs to share out.`,
      {
        hint: 'Search by grid or at random.',
      },
    )
  const [only, ...others] = epochs
  if (only === undefined || others.length > 0)
    throw new SoundfoldError(
      'invalid-input',
      `The presets train ${[...epochs].join(' and ')} epochs: successive halving needs one number.`,
      {
        hint: 'Set training.epochs in the base.',
      },
    )
  return only
}

/** The folds from the next higher one on, in a circle. */
const after = (fold: number, folds: readonly number[]) => [
  ...folds.filter((other) => other > fold),
  ...folds.filter((other) => other < fold),
]

export const inWords = (changes: Changes) =>
  Object.entries(changes)
    .map(([name, value]) => `${name} = ${typeof value === 'string' ? value : JSON.stringify(value)}`)
    .join(', ')

/**
 * The clips that trials may see: none of a held-out fold, and with `excludeCrossing` none that shares a recording with one.
 */
export function visibleClips<C extends SplitClip>(
  clips: readonly C[],
  { heldOut, base }: Pick<SweepSettings, 'heldOut' | 'base'>,
): C[] {
  const apart = base.excludeCrossing ? withoutCrossing(clips, heldOut) : clips
  return apart.filter(({ fold }) => !heldOut.includes(fold))
}
