import { defined } from '../defined.ts'

/** How one thing is said in an address, by one parameter or several. What is missing or malformed is left out. */
export interface Part<T> {
  read(params: URLSearchParams): T | undefined
  write(value: T, params: URLSearchParams): void
}
/** Of what an address always tells, if only by its silence. */
interface Always<T> extends Part<T> {
  read(params: URLSearchParams): T
}
/** A part for each member of an object, in the order in which the address has them. */
export type Parts<T> = {
  readonly [K in keyof T]-?: Record<never, never> extends Pick<T, K>
    ? Part<Exclude<T[K], undefined>>
    : Always<T[K]>
}

export function readParts<T extends object>(parts: Parts<T>, params: URLSearchParams): T {
  const read = Object.entries<Part<unknown>>(parts).map(([key, part]) => [key, part.read(params)])
  // Each member is what the part of the same name gives.
  return defined(Object.fromEntries(read)) as T
}

/** @returns the parameters, with these */
export function writeParts<T extends object>(
  parts: Parts<T>,
  value: T,
  params = new URLSearchParams(),
): URLSearchParams {
  for (const key of Object.keys(parts) as (keyof T)[]) {
    const member = value[key]
    if (member !== undefined) parts[key].write(member as Exclude<T[keyof T], undefined>, params)
  }
  return params
}

/** An object whose members stand among those around it. */
export const nested = <T extends object>(parts: Parts<T>): Always<T> => ({
  read: (params) => readParts(parts, params),
  write: (value, params) => void writeParts(parts, value, params),
})

/** A text by one parameter; an empty one is left out. */
function one<T>(
  name: string,
  read: (text: string) => T | undefined,
  write: (value: T) => string = String,
): Part<T> {
  return {
    read: (params) => read(params.get(name) ?? ''),
    write(value, params) {
      const text = write(value)
      if (text !== '') params.append(name, text)
    },
  }
}

/** @param most - characters */
export const text = (name: string, most?: number): Part<string> =>
  one(name, (written) => written.slice(0, most) || undefined)

/** A whole number. */
export const number = (name: string): Part<number> => one(name, integer)

/** Zero or above, with up to nine decimals. */
export const decimal = (name: string, most = Number.POSITIVE_INFINITY): Part<number> =>
  one(name, (written) =>
    /^\d{1,9}(\.\d{1,9})?$/.test(written) && Number(written) <= most ? Number(written) : undefined,
  )

export const flag = (name: string): Part<boolean> =>
  one(
    name,
    (written) => (written === '1' ? true : written === '0' ? false : undefined),
    (value) => (value ? '1' : '0'),
  )

export const oneOf = <T extends string>(name: string, known: readonly T[]): Part<T> =>
  one(name, (written) => known.find((value) => value === written))

export const someOf = <T extends string>(name: string, known: readonly T[]): Part<T[]> =>
  one(name, (written) => someOrNone(known.filter((value) => written.split(',').includes(value))), commas)

export const numbers = (name: string): Part<number[]> =>
  one(name, (written) => someOrNone(integers(written)), commas)

export const numbersOf = <T extends number>(name: string, known: readonly T[]): Part<T[]> =>
  one(
    name,
    (written) => someOrNone(integers(written).flatMap((value) => known.find((one) => one === value) ?? [])),
    commas,
  )

/** For texts that may hold commas: a parameter for each. */
export const texts = (name: string): Part<string[]> => ({
  read: (params) => someOrNone(params.getAll(name)),
  write(values, params) {
    for (const value of values) if (value !== '') params.append(name, value)
  },
})

/** For texts without commas, none of them as well. */
export const list = (name: string): Always<readonly string[]> => ({
  read: (params) => params.get(name)?.split(',').filter(Boolean) ?? [],
  write: one<readonly string[]>(name, () => undefined, commas).write,
})

/** @param most - those beyond it are left out */
export const numberList = (name: string, most: number): Always<readonly number[]> => ({
  read: (params) => integers(params.get(name) ?? '').slice(0, most),
  write: one<readonly number[]>(name, () => undefined, commas).write,
})

export function integer(written: string): number | undefined {
  return /^-?\d{1,15}$/.test(written) ? Number(written) : undefined
}
const integers = (written: string): number[] => written.split(',').flatMap((value) => integer(value) ?? [])
const someOrNone = <T>(values: T[]): T[] | undefined => (values.length > 0 ? values : undefined)
const commas = (values: readonly (string | number)[]): string => values.join(',')
