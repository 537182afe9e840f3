import { SoundfoldError } from '../../contract/errors.ts'
import type { EvaluationCurves, RunComparison, RunPair } from '../../contract/evaluation.ts'
import type { LabelBasis } from '../../contract/label-basis.ts'
import type { Outcome } from '../../contract/verdict.ts'
import { type DoubtedLabels, doubtedLabels, type FindingParts, partsOf } from '../audit/doubted-labels.ts'
import { averageRuns, type Ensemble } from '../audit/ensemble.ts'
import { cleanedLabel } from '../audit/outcomes.ts'
import { suspectsOf } from '../audit/suspects.ts'
import { calibration } from './calibration.ts'
import { clipsByRights, comparePair, pairPredictions } from './compare.ts'
import { classCurves } from './curves.ts'
import { evaluate, pointFigures } from './evaluate.ts'
import type { Predictions, RunColumns } from './predictions.ts'
import { rescored } from './rescore.ts'
import { clipPlaces, type FactColumns, type Known, predictionsOf, type RunTable } from './run-table.ts'
import { countSlices, type SliceCounts } from './slices.ts'
import { mean } from './summary.ts'

/**
 * What the evaluation's threads do, so that the core goes on answering: a million predictions take up to a second. Columns come in
 * memory that is shared. Where a filter lets nothing through, the answer is null.
 */

interface OfTable {
  runId: string
  table: RunTable
}

export async function evaluateTable({
  runId,
  table,
  expectedFolds,
}: OfTable & { expectedFolds: readonly number[] }): Promise<ReturnType<typeof evaluate> | null> {
  const predictions = predictionsOf(table)
  return predictions.truth.length === 0 ? null : evaluate(runId, predictions, expectedFolds)
}

export async function curvesOfTable({ runId, table }: OfTable): Promise<EvaluationCurves | null> {
  const predictions = predictionsOf(table)
  if (predictions.truth.length === 0) return null
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

export async function slicesOfTable({ table }: { table: RunTable<Known> }): Promise<SliceCounts> {
  return countSlices(table)
}

export async function predictionsOfTable({ table }: OfTable): Promise<Predictions> {
  return predictionsOf(table)
}

export async function suspectsOfRun({
  run,
  only,
}: {
  run: RunColumns
  only: Parameters<typeof suspectsOf>[1]
}): Promise<Int32Array> {
  return suspectsOf(run, only)
}

export interface DoubtTask {
  runs: { id: string; table: RunTable }[]
  settings: Parameters<typeof doubtedLabels>[1]
}

export interface DoubtedInParts {
  noise: DoubtedLabels['noise']
  /** Findings. */
  count: { clips: number; recordings: number }
  clips: FindingParts
  recordings: FindingParts
  /** Left out. */
  ensemble: Pick<Ensemble, 'unshared' | 'relabelled'>
}

/** What the runs' mean doubts, and what was left out of it. @throws SoundfoldError invalid-input */
export async function doubtTables({ runs, settings }: DoubtTask): Promise<DoubtedInParts> {
  const [first, ...others] = runs.map(({ id, table }) => ({ id, predictions: predictionsOf(table) }))
  if (!first) throw new Error('Label issues take a run.')
  for (const other of others) checkClasses(first, first.predictions, other, other.predictions)
  const ensemble = averageRuns([first.predictions, ...others.map(({ predictions }) => predictions)])
  if (ensemble.labels.length === 0)
    throw new SoundfoldError(
      'invalid-input',
      'These runs have predicted no clip in common under the same label.',
      { hint: 'Name runs that were trained on the same folds.' },
    )
  if (ensemble.classes < 2)
    throw new SoundfoldError('invalid-input', 'With a single class no label can be doubted.')
  const { unshared, relabelled } = ensemble
  const { noise, clips, recordings } = doubtedLabels(ensemble, settings)
  return {
    noise,
    count: { clips: clips.length, recordings: recordings.length },
    clips: partsOf(clips),
    recordings: partsOf(recordings),
    ensemble: { unshared, relabelled },
  }
}

/** Labels that count in place of those that runs were scored on. */
export interface OtherLabels {
  basis: Exclude<LabelBasis, 'scored'>
  facts: FactColumns
  outcomes: ReadonlyMap<number, Outcome>
}

export interface ComparisonTask {
  runs: { id: string; name: string; table: RunTable }[]
  labels: OtherLabels | null
  /** Into how many the first run's split parts the dataset. */
  foldCount: number
}

export interface ComparedRuns {
  classes: RunComparison['classes']
  runs: Pick<
    RunComparison['runs'][number],
    'clips' | 'meanAccuracy' | 'pooledAccuracy' | 'macroF1' | 'folds'
  >[]
  /** Of each later run with the first. */
  pairs: RunPair[]
}

/** @throws SoundfoldError invalid-input for runs of other classes, or without a clip in common */
export async function compareTables({ runs, labels, foldCount }: ComparisonTask): Promise<ComparedRuns> {
  const read = runs.map(({ table, ...run }) => {
    const predictions = predictionsOf(table)
    return {
      ...run,
      predictions: labels ? rescored(predictions, labelsOf(predictions, labels)) : predictions,
    }
  })
  const [first, ...others] = read
  if (!first) throw new Error('A comparison takes runs.')
  return {
    classes: first.predictions.classes,
    runs: read.map(({ predictions }) => {
      const { clips, folds, pooledAccuracy, meanAccuracy, macro } = pointFigures(predictions)
      return {
        clips,
        meanAccuracy,
        pooledAccuracy,
        macroF1: macro.f1,
        folds: folds.map(({ fold, accuracy }) => ({ fold, accuracy })),
      }
    }),
    pairs: others.map((other) => {
      checkClasses(first, first.predictions, other, other.predictions)
      const paired = pairPredictions(first.predictions, other.predictions)
      if (paired.first.clipIds.length === 0)
        throw new SoundfoldError(
          'invalid-input',
          `Runs ${first.id} and ${other.id} have predicted no clip in common under the same label.`,
          { hint: 'Train them on the same folds.' },
        )
      return comparePair(paired, { first: first.name, second: other.name }, foldCount)
    }),
  }
}

/** Clips that two runs predicted, by which got them right. @returns ids, ascending */
export async function clipsOfTables({
  runs,
  labels,
  right,
}: Pick<DoubtTask, 'runs'> &
  Pick<ComparisonTask, 'labels'> & { right: Parameters<typeof clipsByRights>[1] }): Promise<Int32Array> {
  const [first, second] = runs
  if (!first || !second) throw new Error('A comparison takes two runs.')
  const [a, b] = [underLabels(first.table, labels), underLabels(second.table, labels)]
  checkClasses(first, a, second, b)
  return clipsByRights(pairPredictions(a, b), right)
}

function underLabels(table: RunTable, labels: OtherLabels | null): Predictions {
  const predictions = predictionsOf(table)
  return labels ? rescored(predictions, labelsOf(predictions, labels)) : predictions
}

/** The id of the class that each clip counts as; null leaves it out. */
function labelsOf(predictions: RunColumns, { basis, facts, outcomes }: OtherLabels): (number | null)[] {
  const places = clipPlaces(predictions, facts)
  return Array.from(places, (place, row) => {
    const given = facts.classIds[place]
    if (given === undefined || basis === 'original') return given ?? null
    const cleaned = cleanedLabel(outcomes.get(predictions.clipIds[row] ?? 0), given)
    return basis === 'cleaned' || cleaned === given ? cleaned : null
  })
}

/** @throws SoundfoldError invalid-input for runs whose probabilities are not of the same classes */
export function checkClasses(
  first: { id: string },
  a: Pick<RunColumns, 'classes'>,
  second: { id: string },
  b: Pick<RunColumns, 'classes'>,
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
