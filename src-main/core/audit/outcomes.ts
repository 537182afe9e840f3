import { createHash } from 'node:crypto'
import type { Outcome, OutcomeCounts, Verdict } from '../../contract/verdict.ts'

type Said = Pick<Verdict, 'clipId' | 'author' | 'decision' | 'classId' | 'final'>

/**
 * What all authors together say of each clip. A final verdict settles it, the last of several. Otherwise it is what those say who
 * are sure, where they say the same; `disputed` where they differ. Clips of which nobody says anything are not in it.
 * @param verdicts - what each author says now, clip by clip, the earlier said first
 */
export function outcomesOf(verdicts: Iterable<Said>): Map<number, Outcome> {
  const outcomes = new Map<number, Outcome>()
  for (const [clipId, said] of Map.groupBy(verdicts, (verdict) => verdict.clipId)) {
    const outcome = outcomeOf(said)
    if (outcome) outcomes.set(clipId, outcome)
  }
  return outcomes
}

function outcomeOf(said: readonly Said[]): Outcome | undefined {
  const settled = said.findLast(({ final, decision }) => final && decision !== null)
  const decided = settled ? [settled] : said.filter(({ decision }) => decision !== null)
  const sure = decided.filter(({ decision }) => decision !== 'unsure')
  const [first, ...others] = sure.length > 0 ? sure : decided.slice(0, 1)
  if (!first?.decision) return undefined
  return others.every((other) => sameOutcome(other, first))
    ? { decision: first.decision, classId: first.classId }
    : { decision: 'disputed', classId: null }
}

export const sameOutcome = (
  a: { decision: string | null; classId: number | null },
  b: { decision: string | null; classId: number | null },
) => a.decision === b.decision && a.classId === b.classId

export function countOutcomes(outcomes: Iterable<Outcome>): OutcomeCounts {
  const counts: OutcomeCounts = { keep: 0, relabel: 0, exclude: 0, unsure: 0, disputed: 0 }
  for (const { decision } of outcomes) counts[decision] += 1
  return counts
}

/**
 * The label that a clip has after the audit: null where it is excluded. Unsure and disputed clips keep theirs.
 * @param given - as imported
 */
export function cleanedLabel(outcome: Outcome | undefined, given: number): number | null {
  if (outcome?.decision === 'exclude') return null
  return outcome?.decision === 'relabel' && outcome.classId !== null ? outcome.classId : given
}

/** What an audit does to a dataset's labels. */
export interface Cleaned<C> {
  /** Without those that are excluded; `classId` is the label after the audit. */
  clips: C[]
  excluded: number
  relabelled: number
}

export function cleanedClips<C extends { clipId: number; classId: number }>(
  clips: readonly C[],
  outcomes: ReadonlyMap<number, Outcome>,
): Cleaned<C> {
  let [excluded, relabelled] = [0, 0]
  const cleaned = clips.flatMap((clip) => {
    const classId = cleanedLabel(outcomes.get(clip.clipId), clip.classId)
    if (classId === null) {
      excluded += 1
      return []
    }
    if (classId === clip.classId) return [clip]
    relabelled += 1
    return [{ ...clip, classId }]
  })
  return { clips: cleaned, excluded, relabelled }
}

/** Equal for sets that say the same of the same clips, in any copy of the dataset. */
export function outcomesFingerprint(
  outcomes: ReadonlyMap<number, Outcome>,
  pathOf: (clipId: number) => string,
): string {
  const lines = [...outcomes].map(
    ([clipId, { decision, classId }]) => `${pathOf(clipId)}\t${decision}\t${classId ?? ''}`,
  )
  return createHash('sha256').update(lines.sort().join('\n')).digest('hex').slice(0, 16)
}
