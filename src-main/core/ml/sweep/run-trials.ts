import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { fromErrorShape, toErrorShape } from '../../../contract/errors.ts'
import type { RunSettings } from '../../../contract/run.ts'
import type { Sweep } from '../../../contract/sweep.ts'
import type { AudioClips } from '../../dataset/audio-clips.ts'
import {
  addTrialScore,
  scoresOfSweep,
  setSweepEngine,
  setTrialError,
  trialsOfSweep,
} from '../../db/sweeps.ts'
import type { ClassList } from '../../evaluation/predictions.ts'
import { forEachLimited } from '../../features/worker-pool.ts'
import type { JobContext } from '../../jobs/job-queue.ts'
import { foldTaskOf } from '../cross-validation.ts'
import type { FoldOutcome } from '../fold-runner.ts'
import { memoryBudget } from '../memory.ts'
import type { RunServiceParts } from '../run-service.ts'
import { scoreOf } from '../scoring.ts'
import { extractForRun, recipeOf, taskClipsOf } from '../task-clips.ts'
import { bestOfRung } from './rank-trials.ts'
import type { Rung } from './rungs.ts'

type Parts = Pick<RunServiceParts, 'db' | 'features' | 'recipes' | 'runner' | 'tell'>

interface Trials {
  sweep: Sweep
  classes: ClassList
  /** All that features are made of and that a trial's process is given. */
  visible: AudioClips
  /** For what an unfinished trial needs to go on. */
  folder: string
}

interface TrialTask {
  trial: number
  rung: number
  fold: number
  settings: RunSettings
}

/**
 * Scores every trial on the inner folds, rung by rung; what the database has is not done again, and an unfinished trial goes
 * on from its checkpoint. A trial that can't be trained is marked, and the others go on.
 * @throws SoundfoldError of what is no trial's fault; of the first trial where none of a rung could be trained
 */
export async function runTrials(
  { sweep, classes, visible, folder }: Trials,
  parts: Parts,
  context: JobContext,
): Promise<void> {
  const { db, runner, tell } = parts
  const { id, settings } = sweep
  const { signal, progress } = context
  const trials = trialsOfSweep(db, id)
  for (const own of differentFeatures(trials.map((trial) => trial.settings)))
    await extractForRun(own, visible, parts, context)

  const memoryBytes = memoryBudget(settings.processes)
  const epochsOf = (own: RunSettings, rung: Rung) => rung.epochs ?? own.training.epochs
  const longest = trials.map((trial) => trial.settings.training.epochs)
  const total =
    settings.scoredOn.length *
    settings.rungs.reduce(
      (sum, rung) =>
        sum +
        (rung.epochs === null ? longest.reduce((all, epochs) => all + epochs, 0) : rung.trials * rung.epochs),
      0,
    )
  let done = 0

  const score = async ({ trial, rung, fold, settings: own }: TrialTask) => {
    if (trials.some((other) => other.trial === trial && other.error)) return
    const clips = taskClipsOf(own, visible, classes, parts)
    const checkpointFolder = join(folder, `${trial}-${rung}-${fold}`)
    const data = { settings: own, recipe: recipeOf(own, parts.recipes), classes: classes.length, clips }
    const startedMs = performance.now()
    let epochs = 0
    const outcome = await runner.run(
      foldTaskOf({ ...data, checkpointFolder }, fold, memoryBytes),
      (message) => {
        if (message.type === 'started') setSweepEngine(db, id, message.engine)
        if (message.type !== 'epoch') return
        epochs += 1
        done += 1
        progress(stepOf(rung, settings.rungs), done, total)
      },
      signal,
    )
    done += own.training.epochs - epochs
    const labels = new Map(clips.map(({ clipId, label }) => [clipId, label]))
    const seconds = (performance.now() - startedMs) / 1000
    addTrialScore(db, id, { trial, rung, fold, ...scoreOutcome(outcome, labels), seconds })
    // Its weights are of no further use.
    await rm(checkpointFolder, { recursive: true, force: true })
    tell({ name: 'changed', payload: { topic: 'runs' } })
  }

  for (const [rung, plan] of settings.rungs.entries()) {
    const scores = scoresOfSweep(db, id)
    const going =
      rung === 0 ? trials : bestOfRung(trials, scores, rung - 1, plan.trials, settings.scoredOn.length)
    const tasks = going.flatMap(({ trial, settings: own }) => {
      const epochs = epochsOf(own, plan)
      const trained = { ...own, training: { ...own.training, epochs } }
      return settings.scoredOn.flatMap((fold) => {
        const isScored = scores.some((one) => one.trial === trial && one.rung === rung && one.fold === fold)
        if (isScored) done += epochs
        return isScored ? [] : [{ trial, rung, fold, settings: trained }]
      })
    })
    progress(stepOf(rung, settings.rungs), done, total)
    await forEachLimited(tasks, settings.processes, signal, async (task) => {
      try {
        await score(task)
      } catch (error) {
        const shape = toErrorShape(error)
        if (signal.aborted || shape.code !== 'training-failed') throw error
        const failed = trials.find(({ trial }) => trial === task.trial)
        if (failed) failed.error = shape
        setTrialError(db, id, task.trial, shape)
      }
    })
    const [first] = going.flatMap(({ error }) => error ?? [])
    if (first && going.every(({ error }) => error)) throw fromErrorShape(first)
  }
}

const stepOf = (rung: number, rungs: readonly Rung[]) =>
  rungs.length === 1 ? 'Training trials' : `Training trials, rung ${rung + 1} of ${rungs.length}`

/** One of the settings for each set of recipes. */
function differentFeatures(all: readonly RunSettings[]): RunSettings[] {
  const key = ({ recipeHash, secondRecipe, augmentationRecipes = [] }: RunSettings) =>
    JSON.stringify([recipeHash, secondRecipe?.hash, augmentationRecipes])
  return [...new Map(all.map((settings) => [key(settings), settings])).values()]
}

function scoreOutcome({ predictions }: FoldOutcome, labels: ReadonlyMap<number, number>) {
  return scoreOf(
    predictions.map(({ probabilities }) => probabilities),
    Uint32Array.from(predictions, (_, index) => index),
    predictions.map(({ clipId }) => labels.get(clipId) ?? 0),
  )
}
