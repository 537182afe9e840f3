import type { Dataset } from '../contract/model.ts'
import type { RunSettings } from '../contract/run.ts'
import { type CrossingRecording, RANDOM_SPLIT_LEAK, type SplitPreview } from '../contract/split.ts'

const SHOWN = 10

/** What a person should know of a split before a run on it begins; nothing where there is nothing to say. */
export function describeSplit(
  { crossing, folds, clipsWithoutRecording }: SplitPreview,
  { split, excludeCrossing }: Pick<RunSettings, 'split' | 'excludeCrossing'>,
  { classes }: Pick<Dataset, 'classes'>,
): string[] {
  const lines: string[] = []
  if (split.kind === 'random') lines.push(`Warning: ${RANDOM_SPLIT_LEAK}`)
  if (split.kind === 'grouped')
    lines.push(
      `Folds by recording: ${folds.map(({ fold, clips }) => `${fold} (${clips} clips)`).join(', ')}.`,
    )
  if (crossing.recordings > 0) {
    const nameOf = new Map(classes.map(({ id, name }) => [id, name]))
    const shown = split.kind === 'random' ? [] : crossing.first.slice(0, SHOWN)
    const rest = split.kind === 'random' ? 0 : crossing.recordings - shown.length
    const excluded = folds.map(({ fold, excluded: clips }) => `${clips} for fold ${fold}`).join(', ')
    lines.push(
      `${crossing.recordings} recordings have clips in more than one fold (${crossing.clips} clips)${shown.length > 0 ? ':' : '.'}`,
      ...shown.map((recording) => `  ${recordingInWords(recording, nameOf)}`),
      ...(rest > 0 ? [`  and ${rest} more`] : []),
      ...(split.kind === 'random'
        ? []
        : [
            excludeCrossing
              ? `Left out of training: ${excluded}. The held-out folds stay whole.`
              : 'They train all the same; --exclude-crossing leaves them out where their recording is held out.',
          ]),
    )
  }
  if (clipsWithoutRecording > 0 && split.kind === 'predefined' && excludeCrossing)
    lines.push(`${clipsWithoutRecording} clips name no recording: whether theirs cross nobody can say.`)
  return lines
}

function recordingInWords(
  { recording, folds }: CrossingRecording,
  nameOf: ReadonlyMap<number, string>,
): string {
  const parts = folds.map(
    ({ fold, clips, classIds }) =>
      `fold ${fold} ${clips} × ${classIds.map((id) => nameOf.get(id) ?? id).join(', ')}`,
  )
  return `${recording}: ${parts.join('; ')}`
}
