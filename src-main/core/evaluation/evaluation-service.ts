import { SoundfoldError } from '../../contract/errors.ts'
import type {
  Evaluation,
  EvaluationCurves,
  EvaluationSlices,
  RunComparison,
  SliceFilter,
} from '../../contract/evaluation.ts'
import { isOver } from '../../contract/job.ts'
import type { LabelBasis } from '../../contract/label-basis.ts'
import type { ChosenFrom } from '../../contract/library.ts'
import type { Run, RunVerdicts } from '../../contract/run.ts'
import { plural } from '../../contract/words.ts'
import { outcomesOf } from '../audit/outcomes.ts'
import { datasetSource, getDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { getRun, planOfRun } from '../db/runs.ts'
import { hasVerdictSet, verdictsInForce } from '../db/verdicts.ts'
import type { WorkerPool } from '../features/worker-pool.ts'
import { Answers } from './answers.ts'
import type { Columns, NamedTable } from './columns.ts'
import type {
  ComparedRuns,
  ComparisonTask,
  clipsOfTables,
  DoubtTask,
  doubtTables,
  evaluateTable,
} from './evaluation-tasks.ts'
import type { Predictions } from './predictions.ts'
import { publishedResults } from './published.ts'
import type { RunTable } from './run-table.ts'
import { type SliceCounts, slicesOf } from './slices.ts'

const LEAK_CAVEAT =
  'A run of these was split at random: its models were trained on slices of recordings that they were tested on, so no figure here is one for new recordings.'

type ComparedClips = Extract<ChosenFrom, { second: string }>

/** What runs' predictions say, told by threads. Every method throws SoundfoldError not-found where there are none, or the signal's reason. */
export class EvaluationService {
  readonly #db: Database
  readonly #columns: Columns
  readonly #pool: Pick<WorkerPool, 'run'>
  readonly #figures = new Answers<Awaited<ReturnType<typeof evaluateTable>>>()
  readonly #curves = new Answers<EvaluationCurves | null>()
  readonly #counts = new Answers<SliceCounts>()

  constructor(db: Database, columns: Columns, pool: Pick<WorkerPool, 'run'>) {
    this.#db = db
    this.#columns = columns
    this.#pool = pool
  }

  async evaluation(runId: string, filter: SliceFilter, signal?: AbortSignal): Promise<Evaluation> {
    const { settings, datasetId } = planOfRun(this.#db, runId)
    const { split } = settings
    const expectedFolds = settings.folds.filter((fold) => filter.folds?.includes(fold) ?? true)
    const { table } = await this.#table(runId, filter)
    const task: Parameters<typeof evaluateTable>[0] = { runId, table, expectedFolds }
    const found = await this.#figures.of(table, () => this.#pool.run('evaluation', task, signal))
    if (!found) throw this.#noPredictions(runId, filter)
    const evaluation = { ...found, split }
    const { format } = datasetSource(this.#db, datasetId)
    return {
      ...evaluation,
      published: publishedResults(format, { ...evaluation, relabelled: settings.verdicts !== undefined }),
    }
  }

  async curves(runId: string, filter: SliceFilter, signal?: AbortSignal): Promise<EvaluationCurves> {
    const { table } = await this.#table(runId, filter)
    const found = await this.#curves.of(table, () => this.#pool.run('curves', { runId, table }, signal))
    if (!found) throw this.#noPredictions(runId, filter)
    return found
  }

  async slices(runId: string, filter: SliceFilter, signal?: AbortSignal): Promise<EvaluationSlices> {
    this.#startThread()
    const { table, ...names } = await this.#columns.knownTable(runId, filter)
    const counts = await this.#counts.of(table, () => this.#pool.run('slices', { table }, signal))
    if (counts.clips === 0) throw this.#noPredictions(runId, filter)
    return slicesOf(runId, counts, names, filter)
  }

  /** Labels, predictions and probabilities themselves. */
  async predictions(runId: string, filter: SliceFilter, signal?: AbortSignal): Promise<Predictions> {
    const { table } = await this.#table(runId, filter)
    const predictions: Predictions = await this.#pool.run('predictions', { runId, table }, signal)
    if (predictions.truth.length === 0) throw this.#noPredictions(runId, filter)
    return predictions
  }

  /** Labels that the runs' mean contradicts; see `doubtedLabels`. @throws SoundfoldError invalid-input */
  async doubted(
    runIds: readonly string[],
    settings: DoubtTask['settings'],
    signal?: AbortSignal,
  ): ReturnType<typeof doubtTables> {
    const runs = await this.#compared(runIds)
    const task: DoubtTask = { runs, settings }
    return this.#pool.run('doubted', task, signal)
  }

  /** Clips by the probability that the run gives to their label, the lowest first; see `suspectsOf`. */
  async suspects(runId: string, only: 'disagreements' | 'all', signal?: AbortSignal): Promise<number[]> {
    const run = await this.#columns.run(runId)
    const clipIds: Int32Array = await this.#pool.run('suspects', { run, only }, signal)
    return Array.from(clipIds)
  }

  /**
   * Each later run with the first.
   * @param basis - the labels that count
   * @throws SoundfoldError invalid-input for runs of several datasets, without a clip in common, or without the verdicts that `basis` takes
   */
  async compare(
    runIds: readonly string[],
    basis: LabelBasis = 'scored',
    signal?: AbortSignal,
  ): Promise<RunComparison> {
    const runs = [...new Set(runIds)].map((id) => getRun(this.#db, id))
    const [first, ...others] = runs
    if (!first || others.length === 0)
      throw new SoundfoldError('invalid-input', 'To compare takes two different runs.')
    const stranger = others.find(({ datasetId }) => datasetId !== first.datasetId)
    if (stranger)
      throw new SoundfoldError(
        'invalid-input',
        `Run ${first.id} is of ${first.datasetName}, run ${stranger.id} of ${stranger.datasetName}: accuracies on different clips say nothing of each other.`,
        { hint: 'Compare runs of one dataset.' },
      )
    const named = namesOf(runs)
    const verdicts = verdictsOf(runs)
    const tables = await this.#compared(runs.map(({ id }) => id))
    signal?.throwIfAborted()
    const { split } = first.settings
    const foldCount =
      split.kind === 'predefined' ? getDataset(this.#db, first.datasetId).folds.length : split.folds
    const task: ComparisonTask = {
      runs: tables.map((run) => ({ ...run, name: named.get(run.id) ?? run.id })),
      labels: await this.#labels(first.datasetId, basis, verdicts),
      foldCount,
    }
    const compared: ComparedRuns = await this.#pool.run('comparison', task, signal)
    const leaks = runs.some(({ settings }) => settings.split.kind === 'random')
    return {
      datasetId: first.datasetId,
      labels: { basis, verdicts: comparedVerdicts(verdicts) },
      classes: compared.classes,
      runs: runs.flatMap(({ id, settings, createdAt }, place) => {
        const figures = compared.runs[place]
        const { preset, verdicts: own } = settings
        return figures ? [{ runId: id, preset, createdAt, verdicts: comparedVerdicts(own), ...figures }] : []
      }),
      pairs: others.flatMap((other, place) => {
        const pair = compared.pairs[place]
        if (!pair) return []
        const caveats = [
          ...(leaks ? [LEAK_CAVEAT] : []),
          ...(verdicts ? verdictCaveats(verdicts, [first, other]) : []),
          ...pair.caveats,
        ]
        return [{ ...pair, caveats, first: first.id, second: other.id }]
      }),
    }
  }

  /** Clips that both runs predicted, by which got them right, under the labels that `compare` takes. @returns ids, ascending */
  async compared({ runIds, second, labels, right }: ComparedClips, signal?: AbortSignal): Promise<number[]> {
    const runs = runIds.map((id) => getRun(this.#db, id))
    const [first, other] = [runs[0], runs.find(({ id }) => id === second)]
    if (!first || !other)
      throw new SoundfoldError('invalid-input', `Run ${second} is not one of those compared.`)
    const tables = await this.#compared([first.id, other.id])
    const task: Parameters<typeof clipsOfTables>[0] = {
      runs: tables,
      labels: await this.#labels(first.datasetId, labels, verdictsOf(runs)),
      right,
    }
    const clipIds: Int32Array = await this.#pool.run('comparedClips', task, signal)
    return Array.from(clipIds)
  }

  /** Whole tables of runs that are looked at together. */
  async #compared(runIds: readonly string[]): Promise<{ id: string; table: RunTable }[]> {
    const tables: { id: string; table: RunTable }[] = []
    for (const id of runIds) {
      const { table } = await this.#table(id, {})
      if (table.run.clipIds.length === 0) throw this.#noPredictions(id, {})
      tables.push({ id, table })
    }
    return tables
  }

  /**
   * Gets ready for a question about one of these runs, the newest first: its figures are found out ahead, by a thread that would
   * have to start and compile for any of them. What keeps that from being done is told by the question itself.
   */
  prepare(runs: readonly Pick<Run, 'id' | 'status' | 'foldsDone'>[]): void {
    const newest = runs.find((run) => isOver(run) && run.foldsDone.length > 0)
    if (newest) this.evaluation(newest.id, {}).catch(() => {})
  }

  #startThread(): void {
    this.#pool.run('ready', null).catch(() => {})
  }

  /** Reads what is missing while a thread starts. */
  async #table(runId: string, filter: SliceFilter): Promise<NamedTable> {
    this.#startThread()
    return this.#columns.table(runId, filter)
  }

  /** The labels that count; null for those that runs were scored on. */
  async #labels(
    datasetId: number,
    basis: LabelBasis,
    verdicts: RunVerdicts | undefined,
  ): Promise<ComparisonTask['labels']> {
    if (basis === 'scored') return null
    if (!verdicts)
      throw new SoundfoldError('invalid-input', 'None of these runs was trained by verdicts.', {
        hint: 'Compare with a run that was: train it with a verdict set.',
      })
    if (!hasVerdictSet(this.#db, verdicts.setId) && basis !== 'original')
      throw new SoundfoldError('not-found', `The verdict set “${verdicts.name}” is not there any more.`, {
        hint: 'The runs can be compared as they were scored, or on original labels.',
      })
    const outcomes = outcomesOf(verdictsInForce(this.#db, verdicts.setId, verdicts.upTo))
    return { basis, facts: await this.#columns.facts(datasetId), outcomes }
  }

  #noPredictions(runId: string, filter: SliceFilter): SoundfoldError {
    return Object.keys(filter).length > 0
      ? new SoundfoldError('not-found', `Run ${runId} has no predictions of such clips.`, {
          hint: 'Widen the filter.',
        })
      : new SoundfoldError('not-found', `Run ${runId} has no predictions yet.`, {
          hint: 'They come when its first fold has ended.',
        })
  }
}

/** The verdicts that count where runs were trained by some: the last one's. */
const verdictsOf = (runs: readonly Run[]) =>
  runs.findLast(({ settings }) => settings.verdicts)?.settings.verdicts

const comparedVerdicts = (verdicts: RunVerdicts | undefined) => {
  if (!verdicts) return null
  const { name, fingerprint, excluded, relabelled } = verdicts
  return { name, fingerprint, excluded, relabelled }
}

/** What is to be known of labels where runs were not all trained by the same. */
function verdictCaveats({ name, excluded, fingerprint }: RunVerdicts, runs: readonly Run[]): string[] {
  const others = runs.some(
    ({ settings }) => settings.verdicts && settings.verdicts.fingerprint !== fingerprint,
  )
  return [
    ...(excluded > 0
      ? [
          `What “${name}” excludes (${plural(excluded, ['clip', 'clips'])}) is in no figure: a run that was trained by it did not predict it.`,
        ]
      : []),
    ...(others ? [`The runs were trained by different verdicts; those of “${name}” count here.`] : []),
  ]
}

/** By the preset where that tells runs apart, else by preset and the end of the id. */
function namesOf(runs: readonly Run[]): ReadonlyMap<string, string> {
  const presets = runs.map(({ settings }) => settings.preset)
  const apart = new Set(presets).size === presets.length
  return new Map(
    runs.map(({ id, settings }) => [id, apart ? settings.preset : `${settings.preset} (${id.slice(-8)})`]),
  )
}
