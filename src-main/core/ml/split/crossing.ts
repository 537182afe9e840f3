import type { Crossing, CrossingRecording } from '../../../contract/split.ts'

/** A clip with the fold that the run's split gave it. */
export interface SplitClip {
  readonly fold: number
  readonly classId: number
  readonly recording: string | null
}

/** Recordings with clips in more than one fold, those of most folds and then most clips first. */
export function crossingRecordings(clips: readonly SplitClip[]): CrossingRecording[] {
  const known = clips.filter(({ recording }) => recording !== null)
  const found = [...Map.groupBy(known, ({ recording }) => recording ?? '')].flatMap(([recording, group]) => {
    const byFold = [...Map.groupBy(group, ({ fold }) => fold)].sort(([a], [b]) => a - b)
    if (byFold.length < 2) return []
    const folds = byFold.map(([fold, own]) => ({
      fold,
      clips: own.length,
      classIds: [...new Set(own.map(({ classId }) => classId))].sort((a, b) => a - b),
    }))
    return [{ recording, folds }]
  })
  return found.sort((a, b) => b.folds.length - a.folds.length || clipsOf(b) - clipsOf(a))
}

const FIRST = 50
const clipsOf = ({ folds }: CrossingRecording) => folds.reduce((sum, { clips }) => sum + clips, 0)

export function crossingOf(clips: readonly SplitClip[]): Crossing {
  const all = crossingRecordings(clips)
  return {
    recordings: all.length,
    clips: all.reduce((sum, recording) => sum + clipsOf(recording), 0),
    first: all.slice(0, FIRST),
  }
}

/**
 * Clips without those that share a recording with what they must know nothing of: none outside `heldOut` shares one with a
 * clip inside it. Clips inside stay, and so do those whose recording is unknown.
 */
export function withoutCrossing<C extends Pick<SplitClip, 'fold' | 'recording'>>(
  clips: readonly C[],
  heldOut: readonly number[],
): C[] {
  const isHeldOut = ({ fold }: Pick<SplitClip, 'fold'>) => heldOut.includes(fold)
  const unseen = new Set(clips.filter(isHeldOut).map(({ recording }) => recording))
  return clips.filter((clip) => isHeldOut(clip) || clip.recording === null || !unseen.has(clip.recording))
}
