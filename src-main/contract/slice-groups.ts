import type { EvaluationSlices } from './evaluation.ts'
import { channels, durationRange, hertz, salience } from './words.ts'

type Slice = Omit<EvaluationSlices['byFold'][number], 'fold'>
export interface SliceGroup {
  title: string
  rows: (Slice & { name: string })[]
  /** That the list is cut. */
  note?: string
}

/** Slices by each property that parts the clips at all; a single tag does. */
export function sliceGroups(slices: EvaluationSlices): SliceGroup[] {
  const named = <S extends Slice>(rows: readonly S[], name: (row: S) => string) =>
    rows.map((row) => ({ ...row, name: name(row) }))
  const recordings = named(slices.byRecording, ({ recording }) => recording)
  const groups: SliceGroup[] = [
    { title: 'Salience', rows: named(slices.bySalience, (row) => salience(row.salience)) },
    {
      title: 'Duration',
      rows: named(slices.byDuration, (row) => durationRange(row.fromSeconds, row.belowSeconds)),
    },
    { title: 'Sample rate', rows: named(slices.bySampleRate, (row) => hertz(row.sampleRateHz)) },
    { title: 'Channels', rows: named(slices.byChannels, (row) => channels(row.channels)) },
    { title: 'Tag', rows: named(slices.byTag, ({ tag }) => tag) },
    { title: 'Fold', rows: named(slices.byFold, ({ fold }) => `fold ${fold}`) },
    {
      title: 'Recording',
      rows: recordings,
      ...(recordings.length < slices.recordings && {
        note: `The ${recordings.length} with the most errors, of ${slices.recordings}.`,
      }),
    },
  ]
  return groups.filter(({ title, rows }) => rows.length > (title === 'Tag' ? 0 : 1))
}
