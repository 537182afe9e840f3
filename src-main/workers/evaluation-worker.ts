import {
  clipsOfTables,
  compareTables,
  curvesOfTable,
  doubtTables,
  evaluateTable,
  predictionsOfTable,
  slicesOfTable,
  suspectsOfRun,
} from '../core/evaluation/evaluation-tasks.ts'
import { outcomeOf } from '../core/features/outcome.ts'

/** What an evaluation thread can do; the pool calls these by name. The work itself is in the core. */
export const evaluation = outcomeOf(evaluateTable)
export const curves = outcomeOf(curvesOfTable)
export const slices = outcomeOf(slicesOfTable)
export const predictions = outcomeOf(predictionsOfTable)
export const doubted = outcomeOf(doubtTables)
export const suspects = outcomeOf(suspectsOfRun)
export const comparison = outcomeOf(compareTables)
export const comparedClips = outcomeOf(clipsOfTables)
/** Nothing: a thread that is asked for it has started when a question comes. */
export const ready = outcomeOf(async (_: null) => null)
