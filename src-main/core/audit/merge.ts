import type { MergeSide, Outcome } from '../../contract/verdict.ts'
import type { StoredVerdict } from '../db/verdicts.ts'
import { outcomesOf, sameOutcome } from './outcomes.ts'
import { stateOf, type VerdictState, type VerdictSubject } from './verdict-kind.ts'

export interface MergePlan {
  /** Clips that only theirs says something of. */
  added: number[]
  same: number[]
  conflicts: { clipId: number; ours: Outcome; theirs: Outcome }[]
}

/** What bringing theirs into ours would do, clip by clip. What theirs leaves in dispute, ours has settled. */
export function planMerge(ours: readonly StoredVerdict[], theirs: readonly StoredVerdict[]): MergePlan {
  const own = outcomesOf(ours)
  const plan: MergePlan = { added: [], same: [], conflicts: [] }
  for (const [clipId, other] of outcomesOf(theirs)) {
    const mine = own.get(clipId)
    if (!mine) plan.added.push(clipId)
    else if (sameOutcome(mine, other) || other.decision === 'disputed') plan.same.push(clipId)
    else plan.conflicts.push({ clipId, ours: mine, theirs: other })
  }
  return plan
}

/**
 * The states that ours is brought to: theirs where ours says nothing, also of authors who say the same; where they differ,
 * what `take` chooses, theirs as a final verdict of whoever said it last.
 */
export function mergedItems(
  setId: number,
  plan: MergePlan,
  ours: readonly StoredVerdict[],
  theirs: readonly StoredVerdict[],
  take: (clipId: number) => MergeSide,
): { subject: VerdictSubject; after: VerdictState }[] {
  const known = new Set(ours.filter((row) => stateOf(row)).map(({ clipId, author }) => `${clipId}/${author}`))
  const outcomes = outcomesOf(ours)
  const wanted = new Set([...plan.added, ...plan.same])
  const copied = theirs.flatMap((row) => {
    const after = stateOf(row)
    const outcome = outcomes.get(row.clipId)
    const fits = wanted.has(row.clipId) && (!outcome || sameOutcome(row, outcome))
    if (!after || !fits || known.has(`${row.clipId}/${row.author}`)) return []
    return [{ subject: { setId, clipId: row.clipId, author: row.author }, after }]
  })
  const settled = plan.conflicts.flatMap(({ clipId, theirs: outcome }) => {
    if (take(clipId) === 'ours') return []
    const said = theirs.findLast((row) => row.clipId === clipId && sameOutcome(row, outcome))
    const after = said && stateOf(said)
    return said && after
      ? [{ subject: { setId, clipId, author: said.author }, after: { ...after, final: true } }]
      : []
  })
  return [...copied, ...settled]
}
