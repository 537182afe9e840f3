import { z } from 'zod'
import { jobSchema } from './job.ts'
import { epochSchema, foldStateSchema } from './run.ts'

/** What the core says unasked. A listener that missed some asks again by a method: events carry no state of their own. */
export const events = {
  /** A job's state or progress; at most ten a second for each job, and always its last. */
  job: jobSchema,
  /** An epoch of a fold has ended. */
  epoch: epochSchema.extend({ runId: z.string() }),
  /** How a fold trains, and how far it is within its epoch. */
  fold: foldStateSchema.extend({ runId: z.string() }),
  /** Something of this kind was added, changed or removed: ask again. */
  changed: z.object({
    topic: z.enum([
      'datasets',
      'clips',
      'features',
      'runs',
      'views',
      'history',
      'issues',
      'verdicts',
      'annotations',
    ]),
  }),
} as const

export type EventName = keyof typeof events
export type EventPayload<E extends EventName> = z.output<(typeof events)[E]>
export type CoreEvent = { [E in EventName]: { name: E; payload: EventPayload<E> } }[EventName]

export function isEventName(name: string): name is EventName {
  return Object.hasOwn(events, name)
}
