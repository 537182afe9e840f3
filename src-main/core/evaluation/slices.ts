import type { EvaluationSlices, SliceFilter } from '../../contract/evaluation.ts'
import { wilsonInterval } from './intervals.ts'
import { clipPlaces, fittingRows, type Known, type RunTable, type TagColumns } from './run-table.ts'

/** Seconds at which slices by duration begin; the last has no end. */
const DURATION_EDGES = [0, 0.5, 1, 2, 3, 4, 8, 16]
/** Recordings that are listed at the most. */
const RECORDINGS_SHOWN = 100

interface Counts {
  clips: number
  correct: number
}

/** Clips and right predictions by the values of one property; of recordings and tags, by their numbers. */
export interface SliceCounts {
  clips: number
  folds: (Counts & { value: number })[]
  saliences: (Counts & { value: number })[]
  sampleRatesHz: (Counts & { value: number })[]
  channels: (Counts & { value: number })[]
  durations: (Counts & { value: number })[]
  tags: (Counts & { value: number })[]
  /** Those with the most errors, most first; of equals, the first imported. */
  recordings: (Counts & { value: number })[]
  recordingCount: number
}

/** Counts by everything that is known of clips. Clips of which a property isn't known are counted nowhere. */
export function countSlices(table: RunTable<Known>): SliceCounts {
  const { run } = table
  const { facts, tags } = table.known
  const places = clipPlaces(run, facts)
  const rows = fittingRows(table)
  const isRight = (row: number) => (run.truth[row] === run.predicted[row] ? 1 : 0)
  /** @param of - value by row and by place of its clip; −1 where it isn't known */
  const counted = (of: (row: number, place: number) => number) => {
    const counts = new Map<number, Counts>()
    let [last, own] = [Number.NaN, { clips: 0, correct: 0 }]
    for (let at = 0; at < rows.length; at++) {
      const row = rows[at] ?? 0
      const value = of(row, places[row] ?? 0)
      if (value < 0) continue
      if (value !== last) {
        own = countsOf(counts, value)
        last = value
      }
      own.clips += 1
      own.correct += isRight(row)
    }
    return rising(counts)
  }
  const known = (value: number | undefined) => (value === undefined || value === 0 ? -1 : value)
  const recordings = new Uint32Array(table.recordings.recordingCount)
  const errors = new Uint32Array(table.recordings.recordingCount)
  const recorded = clipPlaces(run, table.recordings)
  for (const row of rows) {
    const number = table.recordings.recordings[recorded[row] ?? 0] ?? -1
    if (number < 0) continue
    recordings[number] = (recordings[number] ?? 0) + 1
    errors[number] = (errors[number] ?? 0) + 1 - isRight(row)
  }
  const heard = Uint32Array.from(recordings.keys()).filter((number) => (recordings[number] ?? 0) > 0)
  const worst = heard.toSorted((a, b) => (errors[b] ?? 0) - (errors[a] ?? 0) || a - b)
  return {
    clips: rows.length,
    folds: counted((row) => run.folds[row] ?? -1),
    saliences: counted((_, place) => known(facts.saliences[place])),
    sampleRatesHz: counted((_, place) => known(facts.sampleRatesHz[place])),
    channels: counted((_, place) => known(facts.channels[place])),
    durations: counted((_, place) => durationEdge(facts.durationsSeconds[place] ?? Number.NaN)),
    tags: tagCounts(rows, isRight, run.clipIds, tags),
    recordings: Array.from(worst.subarray(0, RECORDINGS_SHOWN), (value) => ({
      value,
      clips: recordings[value] ?? 0,
      correct: (recordings[value] ?? 0) - (errors[value] ?? 0),
    })),
    recordingCount: heard.length,
  }
}

function countsOf(counts: Map<number, Counts>, value: number): Counts {
  const known = counts.get(value)
  if (known) return known
  const own = { clips: 0, correct: 0 }
  counts.set(value, own)
  return own
}

const rising = (counts: ReadonlyMap<number, Counts>) =>
  [...counts].map(([value, own]) => ({ value, ...own })).sort((a, b) => a.value - b.value)

/** A clip with several tags is in several. Ids of both rise. */
function tagCounts(
  rows: Int32Array,
  isRight: (row: number) => number,
  clipIds: Int32Array,
  tags: TagColumns,
) {
  const counts = new Map<number, Counts>()
  let at = 0
  for (const row of rows) {
    const id = clipIds[row] ?? 0
    while (at < tags.clipIds.length && (tags.clipIds[at] ?? 0) < id) at += 1
    for (; tags.clipIds[at] === id; at += 1) {
      const own = countsOf(counts, tags.tags[at] ?? -1)
      own.clips += 1
      own.correct += isRight(row)
    }
  }
  return rising(counts)
}

/** Place among the edges; −1 where the duration isn't known. */
function durationEdge(seconds: number): number {
  if (Number.isNaN(seconds)) return -1
  let edge = 0
  while (edge + 1 < DURATION_EDGES.length && (DURATION_EDGES[edge + 1] ?? 0) <= seconds) edge += 1
  return edge
}

/**
 * Accuracy by what is known of clips.
 * @param filter - that was counted under; each slice narrows it
 * @param names - of recordings and tags, by their numbers
 */
export function slicesOf(
  runId: string,
  counts: SliceCounts,
  names: { recordings: readonly string[]; tags: readonly string[] },
  filter: SliceFilter,
): EvaluationSlices {
  const slice = ({ clips, correct }: Counts, own: SliceFilter) => ({
    clips,
    correct,
    accuracy: correct / clips,
    interval: wilsonInterval(correct, clips),
    filter: { ...filter, ...own },
  })
  const named = (all: readonly string[], number: number) => all[number] ?? ''
  return {
    runId,
    bySalience: counts.saliences.map(({ value, ...own }) => {
      const salience = value === 1 ? 1 : 2
      return { salience, ...slice(own, { saliences: [salience] }) }
    }),
    byDuration: counts.durations.map(({ value, ...own }) => {
      const [from = 0, below] = DURATION_EDGES.slice(value, value + 2)
      return {
        fromSeconds: from,
        belowSeconds: below ?? null,
        ...slice(own, { durationFromSeconds: from, durationBelowSeconds: below }),
      }
    }),
    bySampleRate: counts.sampleRatesHz.map(({ value, ...own }) => ({
      sampleRateHz: value,
      ...slice(own, { sampleRatesHz: [value] }),
    })),
    byChannels: counts.channels.map(({ value, ...own }) => ({
      channels: value,
      ...slice(own, { channels: [value] }),
    })),
    byFold: counts.folds.map(({ value, ...own }) => ({ fold: value, ...slice(own, { folds: [value] }) })),
    byTag: counts.tags
      .map(({ value, ...own }) => ({ tag: named(names.tags, value), ...own }))
      .sort((a, b) => (a.tag < b.tag ? -1 : 1))
      .map(({ tag, ...own }) => ({ tag, ...slice(own, { tags: [tag] }) })),
    byRecording: counts.recordings.map(({ value, ...own }) => {
      const recording = named(names.recordings, value)
      return { recording, ...slice(own, { recordings: [recording] }) }
    }),
    recordings: counts.recordingCount,
  }
}
