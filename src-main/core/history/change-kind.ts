import type { z } from 'zod'
import type { EventPayload } from '../../contract/events.ts'
import type { Database } from '../db/open.ts'

/**
 * What of a workspace people change with a history: an area makes one of these and names it in `kinds.ts`. A subject names
 * one thing (`{ clipId, tag }`), a state says all that is to be known of it; null is its absence. Both are plain JSON.
 * A subject with a `clipId` is found in the history of that clip. Names of things are made by who records the change, not
 * by the database, so that a thing can come back under its own.
 */
export interface ChangeKind<Subject, State> {
  /** Never changed once released: it is in people's histories. */
  readonly name: string
  readonly subject: z.ZodType<Subject>
  readonly state: z.ZodType<State>
  /** What the window asks for again after such a change. */
  readonly topics: readonly EventPayload<'changed'>['topic'][]
  /** The present states, in the order of the subjects. */
  read(db: Database, subjects: readonly Subject[]): (State | null)[]
  /** Brings each subject to a state that it does not have. */
  write(db: Database, items: readonly { subject: Subject; state: State | null }[]): void
}
