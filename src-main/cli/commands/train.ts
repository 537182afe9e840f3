import { withChanges } from '../../contract/dotted.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import { parseInput } from '../../contract/parse.ts'
import { type RunSettingsInput, runSettingsSchema } from '../../contract/run.ts'
import type { SplitKind } from '../../contract/split.ts'
import { type GlobalOptions, pickDataset, runJob, type Session, withSession } from '../session.ts'
import { describeSplit } from '../split-words.ts'
import { pickSet } from './audit-verdicts.ts'
import { describeFolds } from './evaluate.ts'

/** What a run and each trial of a sweep are made of. */
export interface RunOptions {
  preset: string
  recipe?: string
  secondRecipe?: string
  /** By dotted names. */
  set: Record<string, unknown>
  resume?: string
  epochs?: number
  batchSize?: number
  learningRate?: number
  seed?: number
  split: SplitKind
  splitFolds?: number
  splitSeed?: number
  acceptLeak?: boolean
  excludeCrossing?: boolean
  /** Name of a verdict set. */
  verdicts?: string
  engine: 'auto' | 'tensorflow' | 'wasm'
  processes?: number
  threads?: number
}

export interface TrainOptions extends GlobalOptions, RunOptions {
  dataset?: string
  folds: 'all' | number[]
}

export function train(options: TrainOptions): Promise<void> {
  return withSession(options, async (session) => {
    if (options.resume !== undefined) {
      await runJob(session, 'runs.resume', { runId: options.resume })
      return report(session, options.resume)
    }
    const dataset = await pickDataset(session.core, options.dataset)
    const settings = parseInput(
      runSettingsSchema,
      {
        ...(await settingsWithVerdicts(session, dataset.id, options)),
        folds: options.folds,
      },
      'settings of the run',
    )
    const preview = await session.core.call('training.split', {
      datasetId: dataset.id,
      split: settings.split,
    })
    for (const line of describeSplit(preview, settings, dataset)) session.output.note(line)
    const runId = await trainRun(session, dataset.id, settings)
    await report(session, runId)
  })
}

/** With the verdict set's id for its name. */
export async function settingsWithVerdicts(
  { core }: Session,
  datasetId: number,
  options: RunOptions,
): Promise<Record<string, unknown>> {
  const { verdicts } = options
  return given({
    ...settingsOf(options),
    verdicts: verdicts === undefined ? undefined : (await pickSet(core, datasetId, verdicts)).id,
  })
}

function settingsOf(options: RunOptions): Record<string, unknown> {
  const { split: kind, splitFolds, splitSeed, acceptLeak } = options
  return withChanges(
    given({
      preset: options.preset,
      recipe: options.recipe,
      secondRecipe: options.secondRecipe,
      training: given({
        epochs: options.epochs,
        batchSize: options.batchSize,
        learningRate: options.learningRate,
      }),
      split: given({ kind, folds: splitFolds, seed: splitSeed, acceptLeak }),
      excludeCrossing: options.excludeCrossing,
      seed: options.seed,
      engine: options.engine,
      processes: options.processes,
      threadsPerProcess: options.threads,
    }),
    options.set,
  )
}

async function report({ core, output }: Session, runId: string): Promise<void> {
  const run = await core.call('runs.get', { runId })
  const evaluation = await core.call('runs.evaluation', { runId })
  output.result({ runId, run, evaluation }, () => `Run ${runId}\n${describeFolds(evaluation)}`)
}

/** Without what was not given. */
const given = (settings: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined))

/** Trains with the given settings to the end and returns the run's id. */
export async function trainRun(
  session: Session,
  datasetId: number,
  settings: RunSettingsInput,
): Promise<string> {
  const job = await runJob(session, 'runs.start', {
    datasetId,
    settings,
  })
  if (job.runId === null) throw new SoundfoldError('internal', `Job ${job.id} has no run.`)
  return job.runId
}
