import type { SliceFilter } from '../../contract/evaluation.ts'
import { numberAnew, type Predictions, pickColumns, type RunColumns } from './predictions.ts'

/** The recordings of a dataset's clips, in columns that threads share: an entry for each clip, clip ids ascending. */
export interface RecordingColumns {
  readonly clipIds: Int32Array
  /** Numbered from 0 as they come; −1 for a clip without one. */
  readonly recordings: Int32Array
  readonly recordingCount: number
}

/** What else is known of them, likewise. Read by itself: a run's figures go without it, and a million clips take a second. */
export interface FactColumns {
  readonly clipIds: Int32Array
  /** As imported. */
  readonly classIds: Int32Array
  /** 0: not known. */
  readonly saliences: Uint8Array
  /** 0: not known. */
  readonly sampleRatesHz: Int32Array
  /** 0: not known. */
  readonly channels: Uint16Array
  /** NaN: not known. */
  readonly durationsSeconds: Float64Array
}

/** Tags of clips: an entry for each tag of a clip, clip ids ascending. */
export interface TagColumns {
  readonly clipIds: Int32Array
  /** Numbered from 0. */
  readonly tags: Int32Array
  readonly tagCount: number
}

/** What is known of clips, and a filter by it: of recordings and tags, by their numbers in the columns. */
export interface Known {
  readonly facts: FactColumns
  readonly tags: TagColumns
  readonly filter: Omit<SliceFilter, 'folds' | 'recordings' | 'tags'> & {
    recordings?: number[]
    tags?: number[]
  }
}

/** A run's predictions, of which some count, beside what is known of their clips. */
export interface RunTable<K extends Known | null = Known | null> {
  readonly run: RunColumns
  readonly recordings: RecordingColumns
  /** That count; null: all. */
  readonly folds: readonly number[] | null
  readonly known: K
}

/** Whether all of the run's predictions count. */
export const isWhole = ({ folds, known }: RunTable) =>
  folds === null && Object.keys(known?.filter ?? {}).length === 0

/** Place in `clips` of each of a run's clips; ids of both rise. */
export function clipPlaces(run: RunColumns, clips: { readonly clipIds: Int32Array }): Int32Array {
  const places = new Int32Array(run.clipIds.length)
  let place = 0
  for (let row = 0; row < places.length; row++) {
    const id = run.clipIds[row] ?? 0
    while (place < clips.clipIds.length && (clips.clipIds[place] ?? 0) < id) place += 1
    places[row] = place
  }
  return places
}

/** Rows of the run that count, rising. `core/library` answers the same filters for the clips. */
export function fittingRows({ run, recordings, folds, known }: RunTable): Int32Array {
  const fits = new Uint8Array(run.clipIds.length).fill(1)
  const narrow = (passes: (row: number) => boolean) => {
    for (let row = 0; row < fits.length; row++) if (fits[row] === 1 && !passes(row)) fits[row] = 0
  }
  /** @param places - where to look in the column, by row; the row itself where left out */
  const among = (
    chosen: readonly number[] | null | undefined,
    of: ArrayLike<number>,
    places?: Int32Array,
  ) => {
    if (!chosen) return
    const has = new Set(chosen)
    narrow((row) => has.has(of[places ? (places[row] ?? -1) : row] ?? Number.NaN))
  }
  among(folds, run.folds)
  if (known && Object.keys(known.filter).length > 0) {
    const { facts, tags, filter } = known
    const places = clipPlaces(run, facts)
    among(filter.saliences, facts.saliences, places)
    among(filter.sampleRatesHz, facts.sampleRatesHz, places)
    among(filter.channels, facts.channels, places)
    if (filter.recordings) among(filter.recordings, recordings.recordings, clipPlaces(run, recordings))
    const { durationFromSeconds: from, durationBelowSeconds: below } = filter
    const seconds = (row: number) => facts.durationsSeconds[places[row] ?? -1] ?? Number.NaN
    if (from !== undefined) narrow((row) => seconds(row) >= from)
    if (below !== undefined) narrow((row) => seconds(row) < below)
    if (filter.tags) among([...taggedClips(tags, filter.tags)], run.clipIds)
  }
  const rows = new Int32Array(fits.reduce((sum, fit) => sum + fit, 0))
  let count = 0
  for (let row = 0; row < fits.length; row++) if (fits[row] === 1) rows[count++] = row
  return rows
}

function taggedClips({ clipIds, tags }: TagColumns, wanted: readonly number[]): Set<number> {
  const has = new Set(wanted)
  const tagged = new Set<number>()
  for (let at = 0; at < clipIds.length; at++) if (has.has(tags[at] ?? -1)) tagged.add(clipIds[at] ?? -1)
  return tagged
}

/** The predictions that count. */
export function predictionsOf(table: RunTable): Predictions {
  const { run, recordings } = table
  const places = clipPlaces(run, recordings)
  const recordingAt = (place: number) => recordings.recordings[place] ?? -1
  if (isWhole(table)) return { ...run, ...numberAnew(places, recordings.recordingCount, recordingAt) }
  const rows = fittingRows(table)
  return {
    ...pickColumns(run, rows),
    ...numberAnew(rows, recordings.recordingCount, (row) => recordingAt(places[row] ?? -1)),
  }
}
