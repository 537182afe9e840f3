import type { SliceFilter } from '../../contract/evaluation.ts'
import type { SqlParameters } from './query.ts'

const among = (column: string, key: keyof SliceFilter) =>
  `${column} IN (SELECT value FROM json_each(@${key}))`

/** Each filter as a condition on `predictions` and `clips`; its values are bound. */
const CONDITIONS: Record<keyof SliceFilter, string> = {
  // In a run, a fold means the one that it held out.
  folds: among('predictions.fold', 'folds'),
  saliences: among('clips.salience', 'saliences'),
  recordings: among('clips.recording', 'recordings'),
  sampleRatesHz: among('clips.sample_rate_hz', 'sampleRatesHz'),
  channels: among('clips.channels', 'channels'),
  durationFromSeconds: 'clips.duration_seconds >= @durationFromSeconds',
  durationBelowSeconds: 'clips.duration_seconds < @durationBelowSeconds',
  tags: `predictions.clip_id IN (SELECT clip_id FROM clip_tags WHERE ${among('tag', 'tags')})`,
}
const KEYS = [
  'folds',
  'saliences',
  'recordings',
  'sampleRatesHz',
  'channels',
  'durationFromSeconds',
  'durationBelowSeconds',
  'tags',
] as const satisfies (keyof SliceFilter)[]

/** The part of a run's predictions that a slice is, in SQL; `core/library` answers the same filters for the clips. */
export function conditionsOf(filter: SliceFilter): { conditions: string[]; parameters: SqlParameters } {
  const parameters: SqlParameters = {}
  const conditions: string[] = []
  for (const key of KEYS) {
    const value = filter[key]
    if (value === undefined) continue
    parameters[key] = Array.isArray(value) ? JSON.stringify(value) : value
    conditions.push(CONDITIONS[key])
  }
  return { conditions, parameters }
}
