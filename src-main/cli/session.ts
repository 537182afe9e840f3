import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import type { MethodInput, MethodName } from '../contract/api.ts'
import { SoundfoldError } from '../contract/errors.ts'
import type { MadeBy } from '../contract/history.ts'
import { isOver, type Job } from '../contract/job.ts'
import type { Dataset } from '../contract/model.ts'
import { type Core, createCore } from '../core/create-core.ts'
import { workerEntries } from '../host/entries.ts'
import { EXIT, jobFailure, Output } from './output.ts'

/** The options every command has. */
export interface GlobalOptions {
  workspace?: string
  json?: boolean
}

/** Used when neither `--workspace` nor SOUNDFOLD_WORKSPACE names one. */
export const DEFAULT_WORKSPACE = 'soundfold-workspace'

/** A core opened for one command, its output, and the signal that Ctrl+C aborts. */
export interface Session {
  core: Core
  output: Output
  signal: AbortSignal
  workspace: string
}

type JobMethod = {
  [M in MethodName]: M extends
    | 'datasets.import'
    | 'datasets.relink'
    | 'datasets.validate'
    | 'features.extract'
    | 'features.export'
    | 'runs.start'
    | 'runs.resume'
    | 'runs.exportModel'
    | 'runs.explain'
    | 'spaces.make'
    | 'maps.make'
    | 'maps.file'
    | 'runs.report'
    | 'runs.comparisonReport'
    | 'runs.tables'
    | 'runs.comparisonTables'
    | 'runs.predictions'
    | 'runs.predict'
    | 'verdicts.export'
    | 'sweeps.start'
    | 'sweeps.resume'
    | 'audit.search'
    | 'audit.issuesFile'
    | 'annotations.import'
    | 'annotations.export'
    | 'annotations.cut'
    | 'demo.create'
    ? M
    : never
}[MethodName]

/**
 * Opens the workspace, runs the command, closes the workspace, sets the exit code. The first Ctrl+C cancels what runs
 * and lets it clean up, a second one ends the process.
 */
export async function withSession(
  options: GlobalOptions & { defaultWorkspace?: string; exportTo?: string },
  command: (session: Session) => Promise<void>,
): Promise<void> {
  const output = new Output(options.json ?? false)
  const interrupt = new AbortController()
  const onSignal = () => {
    if (interrupt.signal.aborted) process.exit(EXIT.cancelled)
    interrupt.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)
  let core: Core | undefined
  try {
    const workspace = resolve(
      options.workspace ?? process.env.SOUNDFOLD_WORKSPACE ?? options.defaultWorkspace ?? DEFAULT_WORKSPACE,
    )
    core = await createCore({
      workspaceFolder: workspace,
      entries: workerEntries(),
      mediaBase: '/media/',
      ...(options.exportTo === undefined ? {} : { exportTo: options.exportTo }),
    })
    await command({ core, output, signal: interrupt.signal, workspace })
  } catch (error) {
    process.exitCode = output.fail(error)
  } finally {
    await core?.close()
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
  }
}

/** Starts a job, shows its progress, and returns it when it has succeeded; otherwise throws its error. */
export async function runJob<M extends JobMethod>(
  { core, output, signal }: Session,
  method: M,
  input: MethodInput<M>,
): Promise<Job> {
  const ended = Promise.withResolvers<Job>()
  let jobId: number | undefined
  const off = core.on((event) => {
    if (event.name !== 'job' || event.payload.id !== jobId) return
    output.progress(event.payload)
    if (isOver(event.payload)) ended.resolve(event.payload)
  })
  const cancel = () => {
    if (jobId !== undefined) core.call('jobs.cancel', { jobId }).then(ended.resolve, ended.reject)
  }
  try {
    signal.throwIfAborted()
    const started = await core.call(method, input, signal)
    jobId = started.jobId
    signal.addEventListener('abort', cancel, { once: true })
    if (signal.aborted) cancel()
    const current = await core.call('jobs.get', { jobId })
    const job = isOver(current) ? current : await ended.promise
    if (job.status !== 'succeeded') throw jobFailure(job)
    return job
  } finally {
    signal.removeEventListener('abort', cancel)
    off()
  }
}

/** Whose change a command makes: of the author that is named, or of the person that the system knows. */
export async function madeBy(core: Core, author: string | undefined): Promise<MadeBy> {
  return {
    author: author ?? (await core.call('workspace.info', {})).userName,
    session: `command ${randomUUID()}`,
  }
}

/** The run that is named, or the latest. */
export async function namedOrLatestRun(core: Core, runId: string | undefined): Promise<string> {
  if (runId !== undefined) return runId
  const [latest] = await core.call('runs.list', {})
  if (latest) return latest.id
  throw new SoundfoldError('not-found', 'This workspace has no run yet.', {
    hint: 'Start one: soundfold train',
  })
}

/** The dataset that `--dataset` names by number or name, or the only one there is. */
export async function pickDataset(core: Core, wanted: string | undefined): Promise<Dataset> {
  const all = await core.call('datasets.list', {})
  const listed = all.map((dataset) => `${dataset.id} (${dataset.name})`).join(', ')
  if (all.length === 0)
    throw new SoundfoldError('not-found', 'This workspace has no dataset yet.', {
      hint: 'Import one: soundfold import FOLDER',
    })
  if (wanted === undefined) {
    const [only, ...others] = all
    if (only && others.length === 0) return only
    throw new SoundfoldError('invalid-input', 'This workspace has several datasets.', {
      hint: `Name one with --dataset: ${listed}`,
    })
  }
  const found = all.find((dataset) => String(dataset.id) === wanted || dataset.name === wanted)
  if (!found)
    throw new SoundfoldError('not-found', `There is no dataset "${wanted}" in this workspace.`, {
      hint: `There is: ${listed}`,
    })
  return found
}
