import { z } from 'zod'
import { saidSchema } from '../../../src-main/contract/said.ts'

/**
 * The part of JSON schema by which settings are described: what a value may be, where a form asks for it. Both the
 * contract's own schema and a network's `networkSettings` are read by it.
 */
export interface ValueSchema {
  type?: string | string[] | undefined
  const?: unknown
  enum?: unknown[] | undefined
  default?: unknown
  description?: string | undefined
  minimum?: number | undefined
  maximum?: number | undefined
  exclusiveMinimum?: number | undefined
  exclusiveMaximum?: number | undefined
  minItems?: number | undefined
  maxItems?: number | undefined
  properties?: Record<string, ValueSchema> | undefined
  /** Of a list whose members are alike. */
  items?: ValueSchema | false | undefined
  prefixItems?: ValueSchema[] | undefined
  anyOf?: ValueSchema[] | undefined
  oneOf?: ValueSchema[] | undefined
}

const bound = z.number().optional()
const valueSchema: z.ZodType<ValueSchema> = z.lazy(() =>
  z.object({
    type: z.union([z.string(), z.array(z.string())]).optional(),
    const: z.unknown().optional(),
    enum: z.array(z.unknown()).optional(),
    default: z.unknown().optional(),
    description: saidSchema.optional(),
    minimum: bound,
    maximum: bound,
    exclusiveMinimum: bound,
    exclusiveMaximum: bound,
    minItems: bound,
    maxItems: bound,
    properties: z.record(z.string(), valueSchema).optional(),
    items: z.union([valueSchema, z.literal(false)]).optional(),
    prefixItems: z.array(valueSchema).optional(),
    anyOf: z.array(valueSchema).optional(),
    oneOf: z.array(valueSchema).optional(),
  }),
)

export function readValueSchema(jsonSchema: unknown): ValueSchema {
  return valueSchema.safeParse(jsonSchema).data ?? {}
}

/** The schema without its null, and whether it had one. */
export function nullableParts(schema: ValueSchema): { value: ValueSchema; nullable: boolean } {
  const { type, anyOf } = schema
  if (Array.isArray(type)) {
    const [only, ...others] = type.filter((name) => name !== 'null')
    return {
      value: { ...schema, type: others.length > 0 ? type : only },
      nullable: type.includes('null'),
    }
  }
  const others = anyOf?.filter((option) => option.type !== 'null')
  const [only, ...more] = others ?? []
  if (anyOf && only && more.length === 0 && anyOf.length > 1)
    return { value: { ...only, description: schema.description ?? only.description }, nullable: true }
  return { value: schema, nullable: false }
}

/** Values of a choice; undefined for anything else. */
export function choicesOf({ enum: values, anyOf, oneOf }: ValueSchema): string[] | undefined {
  const options = values ?? (anyOf ?? oneOf)?.map((option) => option.const)
  return options?.every((option) => typeof option === 'string') ? options : undefined
}

/**
 * The schema of the value at a path; where a part has several forms, of the form that the value's own `name` says.
 * @param value - the whole that the schema describes
 */
export function schemaAt(schema: ValueSchema, path: readonly string[], value: unknown): ValueSchema {
  const [key, ...rest] = path
  if (key === undefined) return schema
  const { value: own } = nullableParts(schema)
  const forms = own.oneOf ?? own.anyOf ?? [own]
  const name = memberOf(value, 'name')
  const form =
    forms.find(({ properties }) => {
      const named = properties?.name
      return named !== undefined && (named.const === name || named.enum?.includes(name))
    }) ?? forms.find(({ properties }) => properties?.[key])
  return schemaAt(form?.properties?.[key] ?? {}, rest, memberOf(value, key))
}

export function memberOf(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null
    ? Object.entries(value).find(([k]) => k === key)?.[1]
    : undefined
}

/** Beyond it a whole number has no bound that a person should read. */
const UNBOUNDED = Number.MAX_SAFE_INTEGER

/** What to enter, in words: `Enter a whole number from 1 to 10,000, or nothing.` */
export function rangeText(schema: ValueSchema): string {
  const { value, nullable } = nullableParts(schema)
  const choices = choicesOf(value)
  if (choices) return `Choose one of ${choices.join(', ')}.`
  if (value.type === 'array') return listText(value)
  return `Enter ${numberText(value)}${nullable ? ', or nothing' : ''}.`
}

function listText({ minItems, maxItems, items, prefixItems }: ValueSchema): string {
  const length = minItems !== undefined && minItems === maxItems ? `${minItems} numbers` : 'numbers'
  const member = (items || prefixItems?.[0]) ?? {}
  return `Enter ${length} with commas between, each ${numberText(member)}.`
}

function numberText(schema: ValueSchema): string {
  const { type, minimum, maximum, exclusiveMinimum: above, exclusiveMaximum: below } = schema
  const words = [type === 'integer' ? 'a whole number' : 'a number']
  const low = minimum !== undefined && minimum > -UNBOUNDED ? minimum : undefined
  const high = maximum !== undefined && maximum < UNBOUNDED ? maximum : undefined
  if (low !== undefined && high !== undefined) words.push(`from ${number(low)} to ${number(high)}`)
  else {
    if (low !== undefined) words.push(`from ${number(low)}`)
    if (above !== undefined) words.push(`above ${number(above)}`)
    if (below !== undefined)
      words.push(
        low === undefined && above === undefined ? `below ${number(below)}` : `and below ${number(below)}`,
      )
    if (high !== undefined)
      words.push(above === undefined ? `at most ${number(high)}` : `and at most ${number(high)}`)
  }
  return words.join(' ')
}

const number = (value: number) => value.toLocaleString('en-GB', { useGrouping: value >= 10_000 })
