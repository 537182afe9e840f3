import type { RunComparison, RunPair } from './evaluation.ts'
import { className, shortRunId } from './words.ts'

/** What a run is called beside another: its preset and the part of its id that tells it from others. */
export function pairName(runs: RunComparison['runs'], runId: string): string {
  return `${runs.find((run) => run.runId === runId)?.preset ?? ''} ${shortRunId(runId)}`
}

export interface DifferenceGroup {
  title: string
  rows: (RunPair['accuracy'] & { name: string })[]
}

/** Differences of all clips, of folds and of classes; a group may be empty. */
export function differenceGroups(pair: RunPair): DifferenceGroup[] {
  return [
    {
      title: 'All clips',
      rows: [
        { name: 'Accuracy', ...pair.accuracy },
        { name: 'Macro F1', ...pair.macroF1 },
      ],
    },
    { title: 'Accuracy by fold', rows: pair.folds.map((row) => ({ name: `Fold ${row.fold}`, ...row })) },
    {
      title: 'Recall by class',
      rows: pair.classes.map((row) => ({ name: className(row.className), ...row })),
    },
  ]
}

/** The end of one scale for all rows, symmetric about 0: a share, 0.05 at the least. */
export function widestDifference(groups: readonly DifferenceGroup[]): number {
  const ends = groups.flatMap(({ rows }) =>
    rows.flatMap(({ interval, difference }) => [interval?.low ?? difference, interval?.high ?? difference]),
  )
  return Math.max(0.05, ...ends.map(Math.abs))
}
