import { SoundfoldError } from '../../contract/errors.ts'
import { parseInput } from '../../contract/parse.ts'
import { type RunSettingsInput, runSettingsSchema } from '../../contract/run.ts'
import { trainingInputSchema } from '../../contract/training.ts'
import { type GlobalOptions, pickDataset, runJob, type Session, withSession } from '../session.ts'
import { describeFolds } from './evaluate.ts'

export interface TrainOptions extends GlobalOptions {
  dataset?: string
  preset: string
  recipe?: string
  secondRecipe?: string
  set: Record<string, unknown>
  resume?: string
  epochs?: number
  batchSize?: number
  learningRate?: number
  seed?: number
  folds: 'all' | number[]
  engine: 'auto' | 'tensorflow' | 'wasm'
  processes?: number
  threads?: number
}

export function train(options: TrainOptions): Promise<void> {
  return withSession(options, async (session) => {
    if (options.resume !== undefined) {
      await runJob(session, 'runs.resume', { runId: options.resume })
      return report(session, options.resume)
    }
    const dataset = await pickDataset(session.core, options.dataset)
    const { training = {}, ...network } = options.set
    const runId = await trainRun(session, dataset.id, {
      preset: options.preset,
      recipe: options.recipe,
      secondRecipe: options.secondRecipe,
      network,
      training: {
        ...parseInput(trainingInputSchema, training, '--set training'),
        ...given({
          epochs: options.epochs,
          batchSize: options.batchSize,
          learningRate: options.learningRate,
        }),
      },
      ...(options.seed === undefined ? {} : { seed: options.seed }),
      folds: options.folds,
      engine: options.engine,
      processes: options.processes,
      threadsPerProcess: options.threads,
    })
    await report(session, runId)
  })
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
  settings: { [K in keyof RunSettingsInput]: RunSettingsInput[K] | undefined },
): Promise<string> {
  const job = await runJob(session, 'runs.start', {
    datasetId,
    settings: parseInput(runSettingsSchema, given(settings), 'settings of the run'),
  })
  if (job.runId === null) throw new SoundfoldError('internal', `Job ${job.id} has no run.`)
  return job.runId
}
