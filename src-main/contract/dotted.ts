import { z } from 'zod'

/** Settings by dotted names, `training.optimizer.name`: on the command line and in the space of a sweep. */

const objectSchema = z.record(z.string(), z.unknown())
type Settings = Readonly<Record<string, unknown>>

/**
 * Settings with some changed; what is on the way and not there is made. A changed `name` begins its object anew, since the
 * other members belong to what was named before; so names come first.
 * @param changes - dotted name → value
 */
export function withChanges(settings: Settings, changes: Settings): Record<string, unknown> {
  const isName = (path: string) => path.endsWith('.name')
  const paths = Object.keys(changes).sort((a, b) => Number(isName(b)) - Number(isName(a)))
  return paths.reduce<Record<string, unknown>>(
    (result, path) => withChange(result, path.split('.'), changes[path]),
    { ...settings },
  )
}

function withChange(
  settings: Settings,
  [key = '', ...rest]: string[],
  value: unknown,
): Record<string, unknown> {
  if (rest.length === 0) return { ...settings, [key]: value }
  const inner =
    rest.length === 1 && rest[0] === 'name' ? {} : (objectSchema.safeParse(settings[key]).data ?? {})
  return { ...settings, [key]: withChange(inner, rest, value) }
}

/** Every setting by its dotted name, as text; lists in one. */
export function flattened(settings: object, before = ''): Record<string, string> {
  return Object.fromEntries(
    Object.entries(settings).flatMap(([key, value]) => {
      const inner = objectSchema.safeParse(value)
      if (inner.success) return Object.entries(flattened(inner.data, `${before}${key}.`))
      return [
        [before + key, typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)],
      ]
    }),
  )
}
