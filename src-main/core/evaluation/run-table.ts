import type { SliceFilter } from '../../contract/evaluation.ts'
import { numberAnew, type Predictions, pickColumns, type RunColumns } from './predictions.ts'

/** What is known of a dataset's clips, in columns that threads share: an entry for each clip, clip ids ascending. */
export interface ClipColumns {
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
  /** Numbered from 0 as they come; −1 for a clip without one. */
  readonly recordings: Int32Array
  readonly recordingCount: number
}

/** Tags of clips: an entry for each tag of a clip, clip ids ascending. */
export interface TagColumns {
  readonly clipIds: Int32Array
  /** Numbered from 0. */
  readonly tags: Int32Array
  readonly tagCount: number
}

/** A filter by numbers: of recordings and tags, theirs in the columns. */
export type NumberedFilter = Omit<SliceFilter, 'recordings' | 'tags'> & {
  recordings?: number[]
  tags?: number[]
}

/** A run's predictions beside what is known of their clips. */
export interface RunTable {
  readonly run: RunColumns
  readonly clips: ClipColumns
  readonly tags: TagColumns
  readonly filter: NumberedFilter
}

/** Place in `clips` of each of a run's clips; ids of both rise. */
export function clipPlaces(run: RunColumns, clips: ClipColumns): Int32Array {
  const places = new Int32Array(run.clipIds.length)
  let place = 0
  for (let row = 0; row < places.length; row++) {
    const id = run.clipIds[row] ?? 0
    while (place < clips.clipIds.length && (clips.clipIds[place] ?? 0) < id) place += 1
    places[row] = place
  }
  return places
}

/** Rows of the run that the filter lets through, rising. `core/library` answers the same filters for the clips. */
export function fittingRows({ run, clips, tags, filter }: RunTable, places: Int32Array): Int32Array {
  const { durationFromSeconds, durationBelowSeconds } = filter
  const fits = new Uint8Array(places.length).fill(1)
  const narrow = (passes: (row: number, place: number) => boolean) => {
    for (let row = 0; row < fits.length; row++)
      if (fits[row] === 1 && !passes(row, places[row] ?? 0)) fits[row] = 0
  }
  /** @param of - by row, or by place of the clip */
  const among = (chosen: readonly number[] | undefined, of: ArrayLike<number>, by: 'row' | 'place') => {
    if (!chosen) return
    const has = new Set(chosen)
    narrow((row, place) => has.has(of[by === 'row' ? row : place] ?? Number.NaN))
  }
  among(filter.folds, run.folds, 'row')
  among(filter.saliences, clips.saliences, 'place')
  among(filter.sampleRatesHz, clips.sampleRatesHz, 'place')
  among(filter.channels, clips.channels, 'place')
  among(filter.recordings, clips.recordings, 'place')
  const { durationsSeconds } = clips
  if (durationFromSeconds !== undefined)
    narrow((_, place) => (durationsSeconds[place] ?? Number.NaN) >= durationFromSeconds)
  if (durationBelowSeconds !== undefined)
    narrow((_, place) => (durationsSeconds[place] ?? Number.NaN) < durationBelowSeconds)
  if (filter.tags) {
    const has = new Set(filter.tags)
    const tagged = new Set<number>()
    for (let at = 0; at < tags.clipIds.length; at++)
      if (has.has(tags.tags[at] ?? -1)) tagged.add(tags.clipIds[at] ?? -1)
    narrow((row) => tagged.has(run.clipIds[row] ?? -1))
  }
  const rows = new Int32Array(fits.reduce((sum, fit) => sum + fit, 0))
  let count = 0
  for (let row = 0; row < fits.length; row++) if (fits[row] === 1) rows[count++] = row
  return rows
}

/** The predictions that the table's filter lets through. */
export function predictionsOf(table: RunTable): Predictions {
  const { run, clips } = table
  const places = clipPlaces(run, clips)
  const isWhole = Object.keys(table.filter).length === 0
  const rows = isWhole ? null : fittingRows(table, places)
  const recordingAt = (place: number) => clips.recordings[place] ?? -1
  return rows
    ? {
        ...pickColumns(run, rows),
        ...numberAnew(rows, clips.recordingCount, (row) => recordingAt(places[row] ?? -1)),
      }
    : { ...run, ...numberAnew(places, clips.recordingCount, recordingAt) }
}
