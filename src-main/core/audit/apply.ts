import type { Applied, Outcome } from '../../contract/verdict.ts'
import type { ClipRecord } from '../db/clips.ts'
import { sameOutcome } from './outcomes.ts'
import type { VerdictState } from './verdict-kind.ts'

/** A line of a patch or verdict file, in the same words. */
export interface Entry {
  clip: string
  sha256: string | null
  /** Name of the class that the clip had where the file was made. */
  label: string
  author: string
  /** `to` by the name of a class. */
  state: Omit<VerdictState, 'classId'> & { to: string | null }
}

type Conflict = Applied['conflicts'][number]

export interface ApplyPlan {
  items: { clipId: number; author: string; after: VerdictState }[]
  same: number
  conflicts: Conflict[]
}

/**
 * Which verdicts a file's lines are in this copy of the dataset. A clip is the one at the same path, or the only one with the
 * same audio. What is not as it was where the file was made is a conflict, and so is what the set has decided otherwise.
 * @param outcomes - what the set says now
 */
export function planApply(
  entries: readonly Entry[],
  clips: readonly ClipRecord[],
  classes: readonly { id: number; name: string }[],
  outcomes: ReadonlyMap<number, Outcome>,
): ApplyPlan {
  const byPath = new Map(clips.map((clip) => [clip.relativePath, clip]))
  const byHash = Map.groupBy(
    clips.filter(({ contentHash }) => contentHash !== null),
    ({ contentHash }) => contentHash,
  )
  const idOf = new Map(classes.map(({ id, name }) => [name, id]))
  const nameOf = new Map(classes.map(({ id, name }) => [id, name]))
  const plan: ApplyPlan = { items: [], same: 0, conflicts: [] }

  for (const entry of entries) {
    const refuse = (kind: Conflict['kind'], message: string) =>
      plan.conflicts.push({ kind, clip: entry.clip, message })
    const there = byPath.get(entry.clip)
    const alike = entry.sha256 ? (byHash.get(entry.sha256) ?? []) : []
    const differs = there && entry.sha256 && there.contentHash && there.contentHash !== entry.sha256
    const clip = there && !differs ? there : alike.length === 1 ? alike[0] : undefined
    if (!clip) {
      if (alike.length > 1) refuse('ambiguous', `${alike.length} clips have this audio, and none this path.`)
      else if (there) refuse('other-audio', 'The clip at this path has other audio.')
      else refuse('missing', 'This copy has no such clip.')
      continue
    }
    const label = nameOf.get(clip.classId) ?? ''
    if (entry.state.to !== null && label === entry.state.to) {
      plan.same += 1
      continue
    }
    if (label !== entry.label) {
      refuse(
        'other-label',
        `It is labelled “${label}” here; the file was made where it was “${entry.label}”.`,
      )
      continue
    }
    const { to, ...state } = entry.state
    const classId = to === null ? null : idOf.get(to)
    if (classId === undefined) {
      refuse('unknown-class', `This dataset has no class “${to}”.`)
      continue
    }
    const now = outcomes.get(clip.id)
    const after = { ...state, classId }
    if (now && after.decision !== null && now.decision !== 'disputed') {
      if (sameOutcome(now, after)) plan.same += 1
      else
        refuse(
          'already-decided',
          `The set says ${wordsOf(now, nameOf)}; the file, ${wordsOf(after, nameOf)}.`,
        )
      continue
    }
    plan.items.push({ clipId: clip.id, author: entry.author, after })
  }
  return plan
}

const wordsOf = (
  { decision, classId }: { decision: string | null; classId: number | null },
  nameOf: ReadonlyMap<number, string>,
) => (classId === null ? (decision ?? 'nothing') : `“${nameOf.get(classId) ?? classId}”`)
