import type { EvaluationSlices, SliceFilter } from '../../contract/evaluation.ts'
import type { sliceColumnsOfRun, tagCountsOfRun } from '../db/predictions.ts'
import { wilsonInterval } from './intervals.ts'

/** Seconds at which slices by duration begin; the last has no end. */
const DURATION_EDGES = [0, 0.5, 1, 2, 3, 4, 8, 16]
/** Recordings that are listed at the most. */
const RECORDINGS_SHOWN = 100

/** Clips and right predictions by the values of one property. */
class Counts<V> {
  readonly #rights = new Map<V, { clips: number; correct: number }>()

  /** Clips of which the property isn't known are counted nowhere. */
  add(values: readonly (V | null)[], correct: readonly number[]): void {
    values.forEach((value, row) => {
      if (value === null) return
      const counts = this.#rights.get(value)
      if (counts) {
        counts.clips += 1
        counts.correct += correct[row] ?? 0
      } else this.#rights.set(value, { clips: 1, correct: correct[row] ?? 0 })
    })
  }

  get size(): number {
    return this.#rights.size
  }

  list(): { value: V; clips: number; correct: number }[] {
    return [...this.#rights].map(([value, counts]) => ({ value, ...counts }))
  }
}

/**
 * Accuracy by what is known of clips.
 * @param filter - that `pages` and `tags` were read under; each slice narrows it
 * @returns null where there is no prediction
 */
export function slices(
  runId: string,
  pages: ReturnType<typeof sliceColumnsOfRun>,
  tags: ReturnType<typeof tagCountsOfRun>,
  filter: SliceFilter,
): EvaluationSlices | null {
  const folds = new Counts<number>()
  const saliences = new Counts<1 | 2>()
  const rates = new Counts<number>()
  const channelCounts = new Counts<number>()
  const durations = new Counts<number>()
  const recordings = new Counts<string>()
  for (const { correct, ...page } of pages) {
    folds.add(page.folds, correct)
    saliences.add(page.saliences, correct)
    rates.add(page.sampleRatesHz, correct)
    channelCounts.add(page.channels, correct)
    durations.add(page.durationsSeconds.map(durationStart), correct)
    recordings.add(page.recordings, correct)
  }
  if (folds.size === 0) return null
  const rising = <V extends number>(counts: Counts<V>) => counts.list().sort((a, b) => a.value - b.value)
  const slice = ({ clips, correct }: { clips: number; correct: number }, own: SliceFilter) => ({
    clips,
    correct,
    accuracy: correct / clips,
    interval: wilsonInterval(correct, clips),
    filter: { ...filter, ...own },
  })
  return {
    runId,
    bySalience: rising(saliences).map(({ value, ...counts }) => ({
      salience: value,
      ...slice(counts, { saliences: [value] }),
    })),
    byDuration: rising(durations).map(({ value, ...counts }) => {
      const below = DURATION_EDGES[DURATION_EDGES.indexOf(value) + 1]
      return {
        fromSeconds: value,
        belowSeconds: below ?? null,
        ...slice(counts, { durationFromSeconds: value, durationBelowSeconds: below }),
      }
    }),
    bySampleRate: rising(rates).map(({ value, ...counts }) => ({
      sampleRateHz: value,
      ...slice(counts, { sampleRatesHz: [value] }),
    })),
    byChannels: rising(channelCounts).map(({ value, ...counts }) => ({
      channels: value,
      ...slice(counts, { channels: [value] }),
    })),
    byFold: rising(folds).map(({ value, ...counts }) => ({
      fold: value,
      ...slice(counts, { folds: [value] }),
    })),
    byTag: tags.map(({ value, ...counts }) => ({ tag: value, ...slice(counts, { tags: [value] }) })),
    byRecording: recordings
      .list()
      .sort((a, b) => b.clips - b.correct - (a.clips - a.correct) || (a.value < b.value ? -1 : 1))
      .slice(0, RECORDINGS_SHOWN)
      .map(({ value, ...counts }) => ({ recording: value, ...slice(counts, { recordings: [value] }) })),
    recordings: recordings.size,
  }
}

function durationStart(seconds: number | null): number | null {
  return seconds === null ? null : (DURATION_EDGES.findLast((edge) => edge <= seconds) ?? 0)
}
