import type { ClassInfo } from '../../../src-main/contract/model.ts'
import type { Outcome, OutcomeCounts } from '../../../src-main/contract/verdict.ts'
import { className, count } from '../../lib/format.ts'

const TITLES = {
  keep: 'label kept',
  exclude: /* @wc-include */ 'excluded',
  unsure: 'not sure',
  disputed: /* @wc-include */ 'disputed',
} as const

/** What was decided: `label kept`, `→ dog bark`. */
export function verdictWords(
  { decision, classId }: { decision: Outcome['decision'] | null; classId: number | null },
  classes: readonly ClassInfo[],
): string {
  if (decision === null) return 'a note'
  if (decision !== 'relabel') return TITLES[decision]
  return `→ ${className(classes.find(({ id }) => id === classId)?.name ?? String(classId))}`
}

/** `12 kept, 3 relabelled, 1 excluded`: what there is none of is left out. */
export function countWords(counts: OutcomeCounts): string {
  const named = [
    [counts.keep, /* @wc-include */ 'kept'],
    [counts.relabel, /* @wc-include */ 'relabelled'],
    [counts.exclude, /* @wc-include */ 'excluded'],
    [counts.unsure, 'not sure'],
    [counts.disputed, /* @wc-include */ 'disputed'],
  ] as const
  const words = named.filter(([clips]) => clips > 0).map(([clips, what]) => `${count(clips)} ${what}`)
  return words.join(', ') || 'nothing decided'
}
