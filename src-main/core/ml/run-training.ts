import { join } from 'node:path'
import type { CoreEvent } from '../../contract/events.ts'
import type { RunSettings } from '../../contract/run.ts'
import type { AudioClips } from '../dataset/audio-clips.ts'
import type { Database } from '../db/open.ts'
import { addPredictions } from '../db/predictions.ts'
import { addEpoch, putFoldState, setRunEngine } from '../db/runs.ts'
import type { ClassList } from '../evaluation/predictions.ts'
import type { FeatureStore } from '../features/feature-store.ts'
import type { RecipeBook } from '../features/recipe-book.ts'
import type { JobContext } from '../jobs/job-queue.ts'
import { removeCheckpoint } from './checkpoint.ts'
import { crossValidate } from './cross-validation.ts'
import { FoldJournal } from './fold-journal.ts'
import type { FoldOutcome, FoldRunner } from './fold-runner.ts'
import type { FoldMessage } from './fold-task.ts'
import { argMax } from './scoring.ts'
import { extractForRun, recipeOf, taskClipsOf } from './task-clips.ts'

export interface TrainingParts {
  db: Database
  features: FeatureStore
  recipes: RecipeBook
  runner: FoldRunner
  tell: (event: CoreEvent) => void
}

/** A start of a run: what is trained on what, and what is there already. */
export interface TrainingPlan {
  runId: string
  settings: RunSettings
  classes: ClassList
  clips: AudioClips
  /** Those that have their predictions. */
  foldsDone: readonly number[]
  /** Folder of the run's checkpoints, weights and logs. */
  folder: string
}

/**
 * From features to the predictions of each fold, in the database as soon as a fold ends. Folds go on from their checkpoints
 * where there are any.
 * @throws SoundfoldError of the first fold that failed | unreadable-audio; the signal's reason
 */
export async function trainRun(parts: TrainingParts, plan: TrainingPlan, context: JobContext): Promise<void> {
  await extractForRun(plan.settings, plan.clips, parts, context)
  await trainFolds(parts, plan, context)
}

async function trainFolds(
  parts: TrainingParts,
  { runId, settings, classes, clips, foldsDone, folder }: TrainingPlan,
  { signal, progress }: JobContext,
): Promise<void> {
  const { db, recipes, runner, tell } = parts
  const clipOf = new Map(clips.map((clip) => [clip.clipId, clip]))
  const journals = new Map<number, FoldJournal>()
  const epochsDone = new Map(foldsDone.map((fold) => [fold, settings.training.epochs]))
  const total = settings.folds.length * settings.training.epochs
  const tellProgress = () => {
    const done = settings.folds.reduce((sum, fold) => sum + (epochsDone.get(fold) ?? 0), 0)
    progress('Training', done, total)
  }
  tellProgress()
  const onMessage = (fold: number, message: FoldMessage) => {
    const journal = journals.get(fold)
    if (!journal) return
    journal.hear(message)
    if (message.type !== 'progress') putFoldState(db, runId, journal.state)
    tell({ name: 'fold', payload: { ...journal.state, runId } })
    if (message.type === 'started') {
      setRunEngine(db, runId, message.engine)
      tell({ name: 'changed', payload: { topic: 'runs' } })
    }
    if (message.type !== 'epoch') return
    addEpoch(db, runId, message.epoch)
    tell({ name: 'epoch', payload: { ...message.epoch, runId } })
    epochsDone.set(fold, message.epoch.epoch)
    tellProgress()
  }
  const onFold = (fold: number, { predictions }: FoldOutcome) => {
    addPredictions(
      db,
      runId,
      predictions.map(({ clipId, probabilities }) => ({
        clipId,
        fold,
        trueClassId: clipOf.get(clipId)?.classId ?? 0,
        predictedClassId: classes[argMax(probabilities)]?.id ?? 0,
        probabilities,
      })),
    )
    // The predictions are what it was kept for; one that can't be removed goes with the run.
    removeCheckpoint(folder, fold).catch(() => {})
    epochsDone.set(fold, settings.training.epochs)
    tellProgress()
    tell({ name: 'changed', payload: { topic: 'runs' } })
  }
  const journalled: FoldRunner = {
    async run(task, onEach, stop) {
      const journal = new FoldJournal(folder, task.fold)
      journals.set(task.fold, journal)
      try {
        return await runner.run(task, onEach, stop)
      } catch (error) {
        journal.failed(error, stop.aborted)
        throw error
      }
    },
  }
  await crossValidate(
    {
      settings: { ...settings, folds: settings.folds.filter((fold) => !foldsDone.includes(fold)) },
      recipe: recipeOf(settings, recipes),
      classes: classes.length,
      clips: taskClipsOf(settings, clips, classes, parts),
      checkpointFolder: folder,
    },
    journalled,
    signal,
    { message: onMessage, fold: onFold },
  )
}

/** Where a run keeps its files. */
export const runFolder = (workspaceFolder: string, runId: string) => join(workspaceFolder, 'runs', runId)
