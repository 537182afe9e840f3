import { withChanges } from '../../contract/dotted.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import { parseInput } from '../../contract/parse.ts'
import { type Evaluation, type RunSettingsInput, runSettingsSchema } from '../../contract/run.ts'
import { RANDOM_SPLIT_LABEL, type SplitKind } from '../../contract/split.ts'
import { percent, table } from '../output.ts'
import { type GlobalOptions, pickDataset, runJob, type Session, withSession } from '../session.ts'
import { describeSplit } from '../split-words.ts'

/** What a run and each trial of a sweep are made of. */
export interface RunOptions {
  preset: string
  recipe?: string
  secondRecipe?: string
  /** By dotted names. */
  set: Record<string, unknown>
  epochs?: number
  batchSize?: number
  learningRate?: number
  seed?: number
  split: SplitKind
  splitFolds?: number
  splitSeed?: number
  acceptLeak?: boolean
  excludeCrossing?: boolean
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
    const dataset = await pickDataset(session.core, options.dataset)
    const settings = parseInput(
      runSettingsSchema,
      { ...settingsOf(options), folds: options.folds },
      'settings of the run',
    )
    const { core, output } = session
    const preview = await core.call('training.split', { datasetId: dataset.id, split: settings.split })
    for (const line of describeSplit(preview, settings, dataset)) output.note(line)
    const runId = await trainRun(session, dataset.id, settings)
    const run = await core.call('runs.get', { runId })
    const evaluation = await core.call('runs.evaluation', { runId })
    output.result({ runId, run, evaluation }, () => `Run ${runId}\n${describeFolds(evaluation)}`)
  })
}

export function settingsOf(options: RunOptions): Record<string, unknown> {
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

export function evaluate(runId: string | undefined, options: GlobalOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const id = runId ?? (await latestRun(core))
    const evaluation = await core.call('runs.evaluation', { runId: id })
    output.result(evaluation, () => describeEvaluation(evaluation))
  })
}

async function latestRun(core: Session['core']): Promise<string> {
  const [latest] = await core.call('runs.list', {})
  if (latest) return latest.id
  throw new SoundfoldError('not-found', 'This workspace has no run yet.', {
    hint: 'Start one: soundfold train',
  })
}

export function describeFolds(evaluation: Evaluation): string {
  const sd = evaluation.sampleStandardDeviation
  const leak = evaluation.split.kind === 'random' ? ` (${RANDOM_SPLIT_LABEL})` : ''
  const spread = sd === null ? '' : ` ± ${percent(sd)} (sample standard deviation)`
  const missing =
    evaluation.missingFolds.length > 0
      ? [`Folds without predictions: ${evaluation.missingFolds.join(', ')}`]
      : []
  return [
    table(
      ['fold', 'clips', 'correct', 'accuracy', 'macro F1'],
      evaluation.folds.map((fold) => [
        String(fold.fold),
        String(fold.clips),
        String(fold.correct),
        percent(fold.accuracy),
        fold.macroF1.toFixed(4),
      ]),
      [0, 1, 2, 3, 4],
    ),
    `mean accuracy${leak} ${percent(evaluation.meanAccuracy)}${spread}; pooled macro F1 ${evaluation.macroF1.toFixed(4)}`,
    ...missing,
  ].join('\n')
}

function describeEvaluation(evaluation: Evaluation): string {
  const short = evaluation.classes.map((info) => info.name.slice(0, 8))
  const confusion = table(
    ['true \\ predicted', ...short],
    evaluation.confusion.map((row, index) => [evaluation.classes[index]?.name ?? '', ...row.map(String)]),
    short.map((_, index) => index + 1),
  )
  const report = table(
    ['class', 'precision', 'recall', 'F1', 'support'],
    evaluation.perClass.map((row) => [
      row.className,
      row.precision.toFixed(4),
      row.recall.toFixed(4),
      row.f1.toFixed(4),
      String(row.support),
    ]),
    [1, 2, 3, 4],
  )
  const salience = evaluation.bySalience.map(
    (row) =>
      `${row.salience === 1 ? 'foreground' : 'background'}: ${percent(row.accuracy)} of ${row.clips} clips`,
  )
  return [
    describeFolds(evaluation),
    '',
    confusion,
    '',
    report,
    ...(salience.length ? ['', ...salience] : []),
  ].join('\n')
}
