import { SoundfoldError } from '../../../contract/errors.ts'
import type { RunSettings } from '../../../contract/run.ts'
import { RANDOM_SPLIT_LEAK, type Split, type SplitPreview } from '../../../contract/split.ts'
import { groupedFolds, randomFolds } from './assign-folds.ts'
import { crossingOf, type SplitClip, withoutCrossing } from './crossing.ts'

/**
 * The clips with the folds of a split; always the same ones for the same clips, labels and settings.
 * @throws SoundfoldError invalid-input where the split can't be made of these clips
 */
export function splitClips<C extends SplitClip>(clips: readonly C[], split: Split): C[] {
  if (split.kind === 'predefined') return [...clips]
  const { folds, seed } = split
  if (split.kind === 'grouped') checkRecordings(clips, folds)
  else if (clips.length < folds)
    throw new SoundfoldError('invalid-input', `${clips.length} clips can't be dealt to ${folds} folds.`, {
      hint: 'Choose fewer folds.',
    })
  const dealt = (split.kind === 'grouped' ? groupedFolds : randomFolds)(clips, folds, seed)
  return clips.map((clip, place) => ({ ...clip, fold: dealt[place] ?? 1 }))
}

/**
 * @throws SoundfoldError invalid-input unless the leak of a random split is accepted; for one that is to leave out again what it
 * cuts apart
 */
export function checkSplit({ split, excludeCrossing }: Pick<RunSettings, 'split' | 'excludeCrossing'>): void {
  if (split.kind !== 'random') return
  if (!split.acceptLeak)
    throw new SoundfoldError('invalid-input', RANDOM_SPLIT_LEAK, {
      hint: 'Use the dataset’s folds, or a split by recording. If you want the random one all the same, accept its leak; its figures are then labelled.',
    })
  if (excludeCrossing)
    throw new SoundfoldError(
      'invalid-input',
      'A random split cuts recordings apart: leaving them out of training again would undo it.',
      {
        hint: 'Split by recording instead: then none crosses and none is left out.',
      },
    )
}

/** @throws SoundfoldError invalid-input where no network can learn anything from the clips */
export function checkTrainable(datasetName: string, clips: readonly SplitClip[]): void {
  if (clips.length === 0)
    throw new SoundfoldError('invalid-input', `${datasetName} has no clip whose audio can be read.`, {
      hint: 'See its validation report; if the folder was moved, relink it.',
    })
  if (new Set(clips.map(({ classId }) => classId)).size < 2)
    throw new SoundfoldError(
      'invalid-input',
      `All clips of ${datasetName} have one class: there is nothing to tell apart.`,
      {
        hint: 'Label them first: annotate recordings and cut them to a dataset, or import a CSV with classes.',
      },
    )
}

function checkRecordings(clips: readonly SplitClip[], folds: number): void {
  const unknown = clips.filter(({ recording }) => recording === null).length
  if (unknown > 0)
    throw new SoundfoldError(
      'invalid-input',
      `${unknown === clips.length ? 'No clip' : `Not every clip`} names its recording (${unknown} of ${clips.length} do not), so none can be kept in one fold.`,
      {
        hint: 'Import the CSV with a column of recordings (--group-column); a clip cut from nothing else is its own.',
      },
    )
  const recordings = new Set(clips.map(({ recording }) => recording)).size
  if (recordings < folds)
    throw new SoundfoldError('invalid-input', `${recordings} recordings can't be dealt to ${folds} folds.`, {
      hint: 'Choose fewer folds.',
    })
}

/** @param clips - with the folds of the split */
export function previewSplit(clips: readonly SplitClip[]): SplitPreview {
  const folds = [...Map.groupBy(clips, ({ fold }) => fold)].sort(([a], [b]) => a - b)
  return {
    folds: folds.map(([fold, own]) => ({
      fold,
      clips: own.length,
      recordings: new Set(own.flatMap(({ recording }) => recording ?? [])).size,
      excluded: clips.length - withoutCrossing(clips, [fold]).length,
    })),
    crossing: crossingOf(clips),
    clipsWithoutRecording: clips.filter(({ recording }) => recording === null).length,
  }
}
