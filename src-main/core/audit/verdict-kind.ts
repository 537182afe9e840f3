import { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import { type Verdict, verdictSchema } from '../../contract/verdict.ts'
import type { Database } from '../db/open.ts'
import { addVerdict, hasVerdictSet, type StoredVerdict, verdictsOfClips } from '../db/verdicts.ts'
import type { ChangeKind } from '../history/change-kind.ts'

const subjectSchema = z.strictObject({ setId: z.int(), clipId: z.int(), author: z.string() })
export type VerdictSubject = z.infer<typeof subjectSchema>
const stateSchema = verdictSchema.pick({
  decision: true,
  classId: true,
  note: true,
  final: true,
  decidedAt: true,
})
export type VerdictState = z.infer<typeof stateSchema>

/** What an author says of a clip in a set. Each state that it is brought to is one more row. */
export const verdictKind: ChangeKind<VerdictSubject, VerdictState> = {
  name: 'verdicts',
  subject: subjectSchema,
  state: stateSchema,
  topics: ['verdicts'],
  read(db, subjects) {
    const present = presentRows(db, subjects)
    return subjects.map((subject) => stateOf(present.get(keyOf(subject))))
  },
  write(db, items) {
    const present = presentRows(
      db,
      items.map(({ subject }) => subject),
    )
    const now = new Date().toISOString()
    const sets = new Set(items.map(({ subject }) => subject.setId))
    for (const setId of sets)
      if (!hasVerdictSet(db, setId))
        throw new SoundfoldError('conflict', 'The verdict set of this change is not there any more.')
    for (const { subject, state } of items) {
      const { setId, ...of } = subject
      const nothing = { decision: null, classId: null, note: '', final: false, decidedAt: now }
      addVerdict(db, setId, { ...of, ...(state ?? nothing) }, present.get(keyOf(subject))?.id ?? null)
    }
  },
}

const keyOf = ({ setId, clipId, author }: VerdictSubject) => `${setId}/${clipId}/${author}`

/** A row that says nothing stands for what was taken back. */
export function stateOf(verdict: Verdict | undefined): VerdictState | null {
  if (!verdict || (verdict.decision === null && verdict.note === '')) return null
  const { decision, classId, note, final, decidedAt } = verdict
  return { decision, classId, note, final, decidedAt }
}

function presentRows(db: Database, subjects: readonly VerdictSubject[]): Map<string, StoredVerdict> {
  const found = new Map<string, StoredVerdict>()
  for (const [setId, own] of Map.groupBy(subjects, (subject) => subject.setId)) {
    const clipIds = [...new Set(own.map(({ clipId }) => clipId))]
    for (const row of verdictsOfClips(db, setId, clipIds)) found.set(keyOf({ ...row, setId }), row)
  }
  return found
}
