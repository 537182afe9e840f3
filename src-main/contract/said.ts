import { z } from 'zod'
import type { Language } from './language.ts'

/**
 * What the core says to people is English, here as on the command line and in logs. A window in another language finds the text of the
 * catalogue that it was made of, and says that text's translation with the same values. In English, and in the core, nothing is done.
 */

/** As the catalogue has it: a whole text; its parts around numbered places for values; the forms of a noun. */
type CatalogueText = string | readonly (string | number)[]

/** The core's texts in one language, as wuchale compiles them: at the same place in each. */
export interface Catalogue {
  readonly c: readonly (CatalogueText | null | undefined)[]
  /** Which form of a noun goes with a number. */
  readonly p?: (n: number) => number
}

interface Pattern {
  /** What stands before, between and behind the values. */
  readonly parts: readonly string[]
  readonly places: readonly number[]
  readonly translated: readonly (string | number)[]
}

/** Texts can name files of anybody's: longer ones are left as they are, and what of one is not found in so many steps. */
const LONGEST = 4000
const MOST_STEPS = 300
const MOST_KEPT = 2000

const SENTENCES = /((?<=[.!?])\s+|\n+)/
/** Between what is joined in a sentence: never within a number. */
const JOINTS = /([;:,]\s+|\s(?=[(“]))/
/** What joins a text to one before it. */
const LEADING = /^[\s,;:]+/

const isNumber = (element: string | number) => typeof element === 'number'
const letters = (parts: readonly string[]) => parts.join('').replaceAll(/\P{L}/gu, '').length

/**
 * @param english - what the core says
 * @param own - the same in another language
 * @returns a function that puts a text of the core into that language, and leaves all others as they are
 */
export function translator(english: Catalogue, own: Catalogue): (text: string) => string {
  const whole = new Map<string, string>()
  const nouns = new Map<string, readonly string[]>()
  const patterns: Pattern[] = []
  for (const [index, text] of english.c.entries()) {
    const translated = own.c[index]
    if (typeof text === 'string') {
      if (typeof translated === 'string') whole.set(bared(text), bared(translated))
    } else if (text && translated && typeof translated !== 'string') {
      if (text.some(isNumber)) patterns.push(patternOf(text, translated))
      else for (const form of text) nouns.set(String(form), translated.map(String))
    }
  }
  // The most literal one first: it says most of the text.
  const ordered = patterns
    // One of signs and small words would take anything for its own.
    .filter(({ parts }) => parts.some((part) => /\p{L}{3}/u.test(part)))
    .sort((a, b) => letters(b.parts) - letters(a.parts))
  const kept = new Map<string, string>()
  let steps = 0

  /** Whole, else by sentences, else what of its pieces is known. */
  function say(text: string): string {
    const bare = bared(text)
    if (!/\p{L}/u.test(bare) || ++steps > MOST_STEPS) return text
    const said =
      whole.get(bare) ??
      counted(bare) ??
      // A value that has the end of a sentence in it is likely to be more than one.
      filled(bare, (values) => !values.some((value) => /[.!?]\s/.test(value))) ??
      joined(bare, SENTENCES) ??
      filled(bare) ??
      joined(bare, JOINTS) ??
      bare
    return text.replace(bare, () => said)
  }

  function counted(text: string): string | undefined {
    const [, count, noun] = /^(\d[\d,]*) (.+)$/.exec(text) ?? []
    const forms = noun && nouns.get(noun)
    if (!count || !forms) return undefined
    const form = own.p?.(Number(count.replaceAll(',', ''))) ?? 0
    return `${count} ${forms[form] ?? noun}`
  }

  function filled(text: string, fits = (_values: readonly string[]) => true): string | undefined {
    for (const { parts, places, translated } of ordered) {
      const values = valuesIn(text, parts)
      if (!values || !fits(values)) continue
      const said = values.map((value, place) => {
        // What is in quotes is a name.
        const quoted = /[“"]$/.test(parts[place] ?? '') && /^[”"]/.test(parts[place + 1] ?? '')
        return quoted ? value : say(value)
      })
      return translated.map((part) => (typeof part === 'string' ? part : said[places.indexOf(part)])).join('')
    }
    return undefined
  }

  /** Undefined where nothing of it is known. */
  function joined(text: string, joints: RegExp): string | undefined {
    const pieces = text.split(joints)
    if (pieces.length === 1) return undefined
    const said = pieces.map(say).join('')
    return said === text ? undefined : said
  }

  return (text) => {
    if (text.length > LONGEST) return text
    const before = kept.get(text)
    if (before !== undefined) return before
    steps = 0
    const said = say(text)
    if (kept.size >= MOST_KEPT) kept.clear()
    kept.set(text, said)
    return said
  }
}

const bared = (text: string) => text.replace(LEADING, '').trimEnd()

function patternOf(text: readonly (string | number)[], translated: readonly (string | number)[]): Pattern {
  const parts = ['']
  const places: number[] = []
  for (const element of text)
    if (typeof element === 'number') {
      places.push(element)
      parts.push('')
    } else parts[parts.length - 1] += element
  return { parts: trimmedEnds(parts), places, translated: trimmedEnds(translated) }
}

function trimmedEnds<T extends string | number>(parts: readonly T[]): (T | string)[] {
  return parts.map((part, index) => {
    if (typeof part !== 'string') return part
    const start = index === 0 ? part.replace(LEADING, '') : part
    return index === parts.length - 1 ? start.trimEnd() : start
  })
}

/** What stands in the places of a pattern, each as short as can be; undefined where the text is none of its. One pass: it never goes back. */
function valuesIn(text: string, parts: readonly string[]): string[] | undefined {
  const first = parts[0] ?? ''
  const last = parts.at(-1) ?? ''
  let from = first.length
  const end = text.length - last.length
  if (end < from || !text.startsWith(first) || !text.endsWith(last)) return undefined
  const values: string[] = []
  for (const part of parts.slice(1, -1)) {
    const at = text.indexOf(part, from)
    if (at < 0 || at + part.length > end) return undefined
    values.push(text.slice(from, at))
    from = at + part.length
  }
  return [...values, text.slice(from, end)]
}

let translate: ((text: string) => string) | undefined

/** From now on, what the core says is put into this language. */
export async function hearIn(
  language: Language,
  load: (catalogue: 'core', language: Language) => Promise<Catalogue>,
): Promise<void> {
  if (language === 'en') translate = undefined
  else translate = translator(...(await Promise.all([load('core', 'en'), load('core', language)])))
}

/** A text of the core in the language of the window. */
export const translated = (text: string): string => translate?.(text) ?? text

/** What the core says to people: whoever shows it parses it, and has it in the window's language. */
export const saidSchema = z.string().overwrite(translated)
