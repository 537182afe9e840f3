import { SoundfoldError } from '../../contract/errors.ts'
import type {
  Evaluation,
  EvaluationCurves,
  EvaluationSlices,
  RunComparison,
  SliceFilter,
} from '../../contract/evaluation.ts'
import type { LabelBasis } from '../../contract/label-basis.ts'
import type { ChosenFrom } from '../../contract/library.ts'
import type { Run, RunVerdicts } from '../../contract/run.ts'
import { plural } from '../../contract/words.ts'
import { cleanedLabel, outcomesOf } from '../audit/outcomes.ts'
import { clipsOfDataset } from '../db/clips.ts'
import { datasetSource, getDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { predictionsOfRun, sliceColumnsOfRun, tagCountsOfRun } from '../db/predictions.ts'
import { getRun, planOfRun } from '../db/runs.ts'
import { hasVerdictSet, verdictsInForce } from '../db/verdicts.ts'
import { calibration } from './calibration.ts'
import { clipsByRights, comparePair, pairPredictions } from './compare.ts'
import { classCurves } from './curves.ts'
import { evaluate, pointFigures } from './evaluate.ts'
import type { Predictions } from './predictions.ts'
import { publishedResults } from './published.ts'
import { rescored } from './rescore.ts'
import { slices } from './slices.ts'
import { mean } from './summary.ts'

const LEAK_CAVEAT =
  'A run of these was split at random: its models were trained on slices of recordings that they were tested on, so no figure here is one for new recordings.'

type ComparedClips = Extract<ChosenFrom, { second: string }>

/** What runs' predictions say. Every method throws SoundfoldError not-found where there are none. */
export class EvaluationService {
  readonly #db: Database

  constructor(db: Database) {
    this.#db = db
  }

  evaluation(runId: string, filter: SliceFilter): Evaluation {
    const { settings, datasetId } = planOfRun(this.#db, runId)
    const expected = settings.folds.filter((fold) => filter.folds?.includes(fold) ?? true)
    const { split } = settings
    const evaluation = { ...evaluate(runId, this.predictions(runId, filter), expected), split }
    const { format } = datasetSource(this.#db, datasetId)
    return { ...evaluation, published: publishedResults(format, evaluation) }
  }

  curves(runId: string, filter: SliceFilter): EvaluationCurves {
    const predictions = this.predictions(runId, filter)
    const curves = classCurves(predictions)
    const names = new Map(predictions.classes.map(({ id, name }) => [id, name]))
    const areas = curves.flatMap(({ roc }) => (roc ? [roc.auc] : []))
    const precisions = curves.flatMap(({ precisionRecall }) =>
      precisionRecall ? [precisionRecall.averagePrecision] : [],
    )
    return {
      runId,
      clips: predictions.truth.length,
      classes: curves.map((curve) => ({ ...curve, className: names.get(curve.classId) ?? '' })),
      macroAuc: areas.length > 0 ? mean(areas) : null,
      macroAveragePrecision: precisions.length > 0 ? mean(precisions) : null,
      calibration: calibration(predictions),
    }
  }

  slices(runId: string, filter: SliceFilter): EvaluationSlices {
    planOfRun(this.#db, runId)
    const found = slices(
      runId,
      sliceColumnsOfRun(this.#db, runId, filter),
      tagCountsOfRun(this.#db, runId, filter),
      filter,
    )
    if (!found) throw this.#noPredictions(runId, filter)
    return found
  }

  /**
   * Each later run with the first.
   * @param basis - the labels that count
   * @throws SoundfoldError invalid-input for runs of several datasets, without a clip in common, or without the verdicts that `basis` takes
   */
  compare(runIds: readonly string[], basis: LabelBasis = 'scored'): RunComparison {
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
    const read = this.#reader(first.datasetId, basis, verdicts)
    const columns = new Map(runs.map(({ id }) => [id, read(id)]))
    const of = (run: Run) => columns.get(run.id) ?? read(run.id)
    const { split } = first.settings
    const foldCount =
      split.kind === 'predefined' ? getDataset(this.#db, first.datasetId).folds.length : split.folds
    const leaks = runs.some(({ settings }) => settings.split.kind === 'random')
    return {
      datasetId: first.datasetId,
      labels: { basis, verdicts: comparedVerdicts(verdicts) },
      classes: of(first).classes,
      runs: runs.map((run) => summaryOf(run, of(run))),
      pairs: others.map((other) => {
        checkClasses(first, of(first), other, of(other))
        const paired = pairPredictions(of(first), of(other))
        if (paired.first.clipIds.length === 0)
          throw new SoundfoldError(
            'invalid-input',
            `Runs ${first.id} and ${other.id} have predicted no clip in common under the same label.`,
            { hint: 'Train them on the same folds.' },
          )
        const names = { first: named.get(first.id) ?? first.id, second: named.get(other.id) ?? other.id }
        const pair = comparePair(paired, names, foldCount)
        const caveats = [
          ...(leaks ? [LEAK_CAVEAT] : []),
          ...(verdicts ? verdictCaveats(verdicts, [first, other]) : []),
          ...pair.caveats,
        ]
        return { ...pair, caveats, first: first.id, second: other.id }
      }),
    }
  }

  /** Clips that both runs predicted, by which got them right, under the labels that `compare` takes. @returns ids, ascending */
  compared({ runIds, second, labels, right }: ComparedClips): number[] {
    const runs = runIds.map((id) => getRun(this.#db, id))
    const [first, other] = [runs[0], runs.find(({ id }) => id === second)]
    if (!first || !other)
      throw new SoundfoldError('invalid-input', `Run ${second} is not one of those compared.`)
    const read = this.#reader(first.datasetId, labels, verdictsOf(runs))
    const [ofFirst, ofOther] = [read(first.id), read(other.id)]
    checkClasses(first, ofFirst, other, ofOther)
    return clipsByRights(pairPredictions(ofFirst, ofOther), right)
  }

  /** Reads a run's predictions under these labels. */
  #reader(datasetId: number, basis: LabelBasis, verdicts: RunVerdicts | undefined) {
    const labelOf = this.#labels(datasetId, basis, verdicts)
    return (runId: string): Predictions => {
      const predictions = this.predictions(runId, {})
      return labelOf ? rescored(predictions, labelOf) : predictions
    }
  }

  /** The label that each clip counts as; undefined for those that runs were scored on. */
  #labels(
    datasetId: number,
    basis: LabelBasis,
    verdicts: RunVerdicts | undefined,
  ): ((clipId: number) => number | null) | undefined {
    if (basis === 'scored') return undefined
    if (!verdicts)
      throw new SoundfoldError('invalid-input', 'None of these runs was trained by verdicts.', {
        hint: 'Compare with a run that was: train it with a verdict set.',
      })
    if (!hasVerdictSet(this.#db, verdicts.setId) && basis !== 'original')
      throw new SoundfoldError('not-found', `The verdict set “${verdicts.name}” is not there any more.`, {
        hint: 'The runs can be compared as they were scored, or on original labels.',
      })
    const given = new Map(clipsOfDataset(this.#db, datasetId).map(({ id, classId }) => [id, classId]))
    const outcomes = outcomesOf(verdictsInForce(this.#db, verdicts.setId, verdicts.upTo))
    return (clipId) => {
      const label = given.get(clipId)
      if (label === undefined || basis === 'original') return label ?? null
      const cleaned = cleanedLabel(outcomes.get(clipId), label)
      return basis === 'cleaned' || cleaned === label ? cleaned : null
    }
  }

  /** Labels, predictions and probabilities themselves. */
  predictions(runId: string, filter: SliceFilter): Predictions {
    const predictions = predictionsOfRun(this.#db, runId, filter)
    if (predictions.truth.length === 0) throw this.#noPredictions(runId, filter)
    return predictions
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
          `What “${name}” excludes (${plural(excluded, 'clip')}) is in no figure: a run that was trained by it did not predict it.`,
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

/** @throws SoundfoldError invalid-input for runs whose probabilities are not of the same classes */
export function checkClasses(
  first: Pick<Run, 'id'>,
  a: Predictions,
  second: Pick<Run, 'id'>,
  b: Predictions,
): void {
  const same =
    a.classes.length === b.classes.length && a.classes.every(({ id }, at) => id === b.classes[at]?.id)
  if (!same)
    throw new SoundfoldError(
      'invalid-input',
      `Runs ${first.id} and ${second.id} were trained on different lists of classes.`,
      { hint: 'Train one of them again: the dataset was imported anew between them.' },
    )
}

function summaryOf(
  { id, settings, createdAt }: Run,
  predictions: Predictions,
): RunComparison['runs'][number] {
  const { clips, folds, pooledAccuracy, meanAccuracy, macro } = pointFigures(predictions)
  return {
    runId: id,
    preset: settings.preset,
    createdAt,
    verdicts: comparedVerdicts(settings.verdicts),
    clips,
    meanAccuracy,
    pooledAccuracy,
    macroF1: macro.f1,
    folds: folds.map(({ fold, accuracy }) => ({ fold, accuracy })),
  }
}
