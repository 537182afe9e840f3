import type { z } from 'zod'
import { SoundfoldError } from './errors.ts'

/**
 * Parses what came over a border.
 * @param what - names the thing in the message: `settings of the run`
 * @throws SoundfoldError invalid-input, naming each field at fault
 */
export function parseInput<S extends z.ZodType>(schema: S, value: unknown, what: string): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const faults = parsed.error.issues.map((issue) => {
    const field = issue.path.join('.')
    return field ? `${field}: ${issue.message}` : issue.message
  })
  throw new SoundfoldError('invalid-input', `Bad ${what}. ${faults.join('; ')}.`)
}
