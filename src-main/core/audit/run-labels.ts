import { SoundfoldError } from '../../contract/errors.ts'
import type { RunVerdicts } from '../../contract/run.ts'
import { clipsById } from '../db/clips.ts'
import type { Database } from '../db/open.ts'
import { lastVerdictId, verdictSetRow, verdictsInForce } from '../db/verdicts.ts'
import { cleanedClips, outcomesFingerprint, outcomesOf } from './outcomes.ts'

type Labelled = { clipId: number; classId: number }

/**
 * A set of verdicts as it is now, for a run to be trained by: what is decided later does not change the run.
 * @param clips - that the run would have without
 * @throws SoundfoldError not-found | invalid-input where it is of another dataset or changes nothing
 */
export function verdictsForRun(
  db: Database,
  datasetId: number,
  setId: number,
  clips: readonly Labelled[],
): RunVerdicts {
  const set = verdictSetRow(db, setId)
  if (set.datasetId !== datasetId)
    throw new SoundfoldError('invalid-input', `The verdict set “${set.name}” is of another dataset.`)
  const upTo = lastVerdictId(db, setId)
  const outcomes = outcomesOf(verdictsInForce(db, setId, upTo))
  const { excluded, relabelled } = cleanedClips(clips, outcomes)
  if (excluded + relabelled === 0)
    throw new SoundfoldError(
      'invalid-input',
      `The verdict set “${set.name}” changes no label: it would be the same run.`,
      { hint: 'Decide on some clips first, or train with the labels as imported.' },
    )
  const paths = clipsById(db, outcomes.keys())
  const fingerprint = outcomesFingerprint(outcomes, (clipId) => paths.get(clipId)?.relativePath ?? '')
  return { setId, name: set.name, upTo, fingerprint, excluded, relabelled }
}

/** The clips that a run trains and is scored on: with the labels of its verdicts, without what they exclude. */
export function clipsOfRun<C extends Labelled>(
  db: Database,
  clips: readonly C[],
  verdicts: Pick<RunVerdicts, 'setId' | 'upTo'> | undefined,
): readonly C[] {
  if (!verdicts) return clips
  return cleanedClips(clips, outcomesOf(verdictsInForce(db, verdicts.setId, verdicts.upTo))).clips
}
