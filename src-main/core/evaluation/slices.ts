import type { EvaluationSlices, SliceFilter } from '../../contract/evaluation.ts'
import type { countsBySlice } from '../db/predictions.ts'
import { wilsonInterval } from './intervals.ts'
import { sum } from './summary.ts'

type Counts = ReturnType<typeof countsBySlice>
type Cell = Counts['cells'][number]

/** Accuracy by what is known of clips. @param filter - that is in force already; each slice narrows it */
export function slices(runId: string, counts: Counts, filter: SliceFilter): EvaluationSlices {
  const { cells, durationEdges, byRecording, recordings } = counts
  const slice = (clips: number, correct: number, own: SliceFilter) => ({
    clips,
    correct,
    accuracy: correct / clips,
    interval: wilsonInterval(correct, clips),
    filter: { ...filter, ...own },
  })
  /** Slices by one property, ascending; clips of which it isn't known are in none. */
  function by<V extends number, T extends object>(
    property: (cell: Cell) => V | null,
    name: (value: V) => T,
    narrow: (value: V) => SliceFilter,
  ) {
    return [...Map.groupBy(cells, property)]
      .flatMap(([value, some]) => (value === null ? [] : [{ value, some }]))
      .sort((a, b) => a.value - b.value)
      .map(({ value, some }) => ({
        ...name(value),
        ...slice(sum(some.map(({ clips }) => clips)), sum(some.map(({ correct }) => correct)), narrow(value)),
      }))
  }
  const durationEnd = (from: number) => durationEdges[durationEdges.indexOf(from) + 1] ?? null
  return {
    runId,
    bySalience: by(
      (cell) => cell.salience,
      (salience) => ({ salience }),
      (salience) => ({ saliences: [salience] }),
    ),
    byDuration: by(
      (cell) => cell.durationFromSeconds,
      (fromSeconds) => ({ fromSeconds, belowSeconds: durationEnd(fromSeconds) }),
      (from) => ({ durationFromSeconds: from, durationBelowSeconds: durationEnd(from) ?? undefined }),
    ),
    bySampleRate: by(
      (cell) => cell.sampleRateHz,
      (sampleRateHz) => ({ sampleRateHz }),
      (sampleRateHz) => ({ sampleRatesHz: [sampleRateHz] }),
    ),
    byChannels: by(
      (cell) => cell.channels,
      (channels) => ({ channels }),
      (channels) => ({ channels: [channels] }),
    ),
    byFold: by(
      (cell) => cell.fold,
      (fold) => ({ fold }),
      (fold) => ({ folds: [fold] }),
    ),
    byRecording: byRecording.map(({ recording, clips, correct }) => ({
      recording,
      ...slice(clips, correct, { recordings: [recording] }),
    })),
    recordings,
  }
}
