import { numberOf } from '../../lib/number-of.ts'
import { OFF, ON, type SettingField, type SettingTexts } from './setting-fields.ts'
import { choicesOf, memberOf, nullableParts, readValueSchema, type ValueSchema } from './value-schema.ts'

/** Between settings as they are recorded and the texts of a form. */

/** Fields of a network's own settings, made from their JSON schema. What is no simple value is typed as JSON. */
export function networkFields(jsonSchema: unknown): SettingField[] {
  const { properties = {} } = readValueSchema(jsonSchema)
  return Object.entries(properties).map(([path, schema]) => ({
    path,
    group: 'Network',
    label: schema.description ?? wordsOf(path),
    ...kindOf(schema),
  }))
}

function kindOf(schema: ValueSchema): Pick<SettingField, 'kind' | 'options' | 'empty'> {
  const { value, nullable } = nullableParts(schema)
  const choices = choicesOf(value)
  if (choices)
    return { kind: 'choice', options: choices.map((choice) => ({ value: choice, title: wordsOf(choice) })) }
  if (value.type === 'boolean') return { kind: 'flag' }
  if (value.type === 'number' || value.type === 'integer')
    return nullable ? { kind: 'number', empty: /* @wc-include */ 'none' } : { kind: 'number' }
  const members = value.items || value.prefixItems?.[0]
  if (members && (members.type === 'number' || members.type === 'integer')) return { kind: 'numbers' }
  return { kind: 'json' }
}

/** `kernelSize` and `max-pool` as words: `Kernel size`, `Max pool`. */
function wordsOf(name: string): string {
  const words = name
    .replaceAll(/[-_]/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
  return words.charAt(0).toUpperCase() + words.slice(1)
}

/** The defaults that a JSON schema states. */
export function defaultsOf(jsonSchema: unknown): Record<string, unknown> {
  const { properties = {} } = readValueSchema(jsonSchema)
  return Object.fromEntries(Object.entries(properties).map(([key, schema]) => [key, schema.default]))
}

/** Every field's text; a path that the value lacks has none. */
export function textsOf(fields: readonly SettingField[], value: unknown): Record<string, string> {
  const texts: Record<string, string> = {}
  for (const { path, kind } of fields) {
    const own = path.split('.').reduce<unknown>(memberOf, value)
    if (own !== undefined) texts[path] = textOf(kind, own)
  }
  return texts
}

function textOf(kind: SettingField['kind'], value: unknown): string {
  if (kind === 'part') return value === null ? OFF : ON
  if (kind === 'json') return JSON.stringify(value)
  if (value === null) return ''
  return Array.isArray(value) ? value.join(', ') : String(value)
}

export function shownFields(fields: readonly SettingField[], texts: SettingTexts): SettingField[] {
  return fields.filter(({ when }) => when?.(texts) ?? true)
}

/** The settings that the texts say, of shown fields; to be checked by a schema, since a text can say anything. */
export function settingsOf(fields: readonly SettingField[], texts: SettingTexts): Record<string, unknown> {
  const settings: Record<string, unknown> = {}
  for (const field of fields) {
    const shown = field.when?.(texts) ?? true
    if (shown) put(settings, field.path.split('.'), parseText(field, texts[field.path] ?? ''))
    else if (field.otherwise !== undefined) put(settings, field.path.split('.'), field.otherwise)
  }
  return settings
}

function parseText({ kind, empty }: SettingField, text: string): unknown {
  switch (kind) {
    case 'number':
      return empty !== undefined && text.trim() === '' ? null : numberOf(text)
    case 'numbers':
      return listOf(text).map(numberOf)
    case 'recipes':
      return listOf(text)
    case 'flag':
      return text === ON
    case 'part':
      // Its members are fields of their own, which come after it.
      return text === ON ? {} : null
    case 'choice':
      return text
    case 'json':
      return jsonOf(text)
  }
}

function put(target: Record<string, unknown>, [key, ...rest]: readonly string[], value: unknown): void {
  if (key === undefined) return
  if (rest.length === 0) {
    target[key] = value
    return
  }
  const inner: Record<string, unknown> = { ...(isObject(target[key]) ? target[key] : {}) }
  put(inner, rest, value)
  target[key] = inner
}

const isObject = (value: unknown): value is object => typeof value === 'object' && value !== null

export const listOf = (text: string) =>
  text
    .split(',')
    .map((part) => part.trim())
    .filter(Boolean)

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** Whether two texts say the same: `0.10` is `0.1`. */
export function sameText(kind: SettingField['kind'], a: string, b: string): boolean {
  if (a.trim() === b.trim()) return true
  return kind === 'number' && numberOf(a) === numberOf(b)
}

/** A value as a list of facts shows it, in the form's own words. */
export function readableText({ kind, options, empty }: SettingField, text: string): string {
  if (kind === 'flag' || kind === 'part')
    return text === ON ? /* @wc-include */ 'yes' : /* @wc-include */ 'no'
  if (kind === 'recipes') return text || /* @wc-include */ 'none'
  return options?.find(({ value }) => value === text)?.title ?? (text.trim() || empty || '')
}
