import {
  type AnnotationFileFormat,
  blank,
  checked,
  decimal,
  type FileAnnotation,
  inTime,
  losses,
  malformed,
  type ReadAnnotation,
} from './format.ts'

const NAME = 'A TextGrid'
/** The field that keeps the name of the tier an annotation came from. */
export const TIER = 'tier'
const FIRST_TIER = 'annotations'
/** Those that we name: they say nothing of an annotation. */
const OWN_TIER = /^annotations( \(\d+\))?$/

type Token =
  | { kind: 'number'; value: number; line: number }
  | { kind: 'string'; value: string; line: number }
  | { kind: 'flag'; value: string; line: number }

/**
 * TextGrids of Praat, long or short: Praat's text files are numbers, texts in quotes and flags in angle brackets, each
 * standing free; all other words are there for people and are passed over. Intervals with a text become annotations, as do
 * points; an interval without is a gap. The name of the tier is kept.
 */
export const textGrid: AnnotationFileFormat = {
  ending: '.TextGrid',

  read(text, name) {
    const tokens = new Tokens(text, name)
    const kind = tokens.next('string')
    const object = tokens.next('string')
    if (!kind.value.startsWith('ooTextFile') || object.value !== 'TextGrid')
      throw malformed(
        name,
        object.line,
        `it is a Praat file of ${object.value || 'something else'}, not a TextGrid`,
      )
    tokens.next('number')
    tokens.next('number')
    const annotations: ReadAnnotation[] = []
    if (tokens.next('flag').value !== 'exists') return { annotations, notes: [] }
    for (let left = tokens.count(); left > 0; left--) readTier(tokens, annotations, name)
    return { annotations, notes: [] }
  },

  write(annotations, media) {
    const sayable = inTime(annotations).filter(
      ({ label, startSeconds, endSeconds }) => label || startSeconds === endSeconds,
    )
    const silent = annotations.length - sayable.length
    const end = Math.max(media.durationSeconds ?? 0, ...sayable.map(({ endSeconds }) => endSeconds))
    const tiers = tiersOf(sayable)
    return {
      text: [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        '',
        'xmin = 0',
        `xmax = ${end}`,
        'tiers? <exists>',
        `size = ${tiers.length}`,
        'item []:',
        ...tiers.flatMap((tier, index) => [`    item [${index + 1}]:`, ...tierLines(tier, end)]),
        '',
      ].join('\n'),
      notes: [
        ...losses(annotations, ['frequencies', 'salience', 'confidence', 'note', 'author'], NAME),
        ...losses(
          annotations.map((annotation) => ({ ...annotation, extra: without(annotation.extra, TIER) })),
          ['further fields'],
          NAME,
        ),
        ...(silent > 0
          ? [`${silent} without a label are left out: a TextGrid takes an empty interval for a gap.`]
          : []),
      ],
    }
  },
}

function readTier(tokens: Tokens, annotations: ReadAnnotation[], name: string): void {
  const kind = tokens.next('string')
  const tier = tokens.next('string').value
  tokens.next('number')
  tokens.next('number')
  const extra: Record<string, string> = OWN_TIER.test(tier) ? {} : { [TIER]: tier }
  if (kind.value !== 'IntervalTier' && kind.value !== 'TextTier')
    throw malformed(name, kind.line, `"${kind.value.slice(0, 40)}" is no kind of tier that a TextGrid has`)
  for (let left = tokens.count(); left > 0; left--) {
    const start = tokens.next('number')
    const endSeconds = kind.value === 'IntervalTier' ? tokens.next('number').value : start.value
    const label = tokens.next('string').value
    const annotation = { ...blank, startSeconds: start.value, endSeconds, label, extra, line: start.line }
    checked(annotation, name)
    if (kind.value === 'TextTier' || label.trim() !== '') annotations.push(annotation)
  }
}

/** Praat's tokens, one after another. */
class Tokens {
  readonly #text: string
  readonly #name: string
  #at = 0
  #line = 1

  constructor(text: string, name: string) {
    this.#text = text
    this.#name = name
  }

  next<K extends Token['kind']>(kind: K): Extract<Token, { kind: K }> {
    const token = this.#read()
    const wanted = { number: 'a number', string: 'a text in quotes', flag: 'a flag in angle brackets' }[kind]
    if (!token) throw malformed(this.#name, this.#line, `the file ends where ${wanted} must follow`)
    if (!isKind(token, kind))
      throw malformed(
        this.#name,
        token.line,
        `"${String(token.value).slice(0, 40)}" stands where ${wanted} must be`,
      )
    return token
  }

  /** A whole number from 0 up. */
  count(): number {
    const { value, line } = this.next('number')
    if (!Number.isSafeInteger(value) || value < 0)
      throw malformed(this.#name, line, `${value} is no number of things`)
    return value
  }

  #read(): Token | undefined {
    const text = this.#text
    while (this.#at < text.length) {
      const character = text[this.#at] ?? ''
      if (/\s/.test(character)) this.#step()
      else if (character === '"') return this.#quoted()
      else if (character === '!') while (this.#at < text.length && text[this.#at] !== '\n') this.#at++
      else {
        const begin = this.#at
        while (this.#at < text.length && !/\s/.test(text[this.#at] ?? '')) this.#at++
        const word = text.slice(begin, this.#at)
        const value = decimal(word)
        if (value !== undefined) return { kind: 'number', value, line: this.#line }
        if (/^<\w+>$/.test(word)) return { kind: 'flag', value: word.slice(1, -1), line: this.#line }
        if (/^[+-]?(nan|inf(inity)?|--undefined--)$/i.test(word))
          throw malformed(this.#name, this.#line, `${word} is not a number`)
      }
    }
    return undefined
  }

  #step(): void {
    if (this.#text[this.#at] === '\n') this.#line++
    this.#at++
  }

  /** A quote within is written twice; a text may go over lines. */
  #quoted(): Token {
    const line = this.#line
    const parts: string[] = []
    this.#at++
    for (;;) {
      const close = this.#text.indexOf('"', this.#at)
      if (close < 0) throw malformed(this.#name, line, 'a text in quotes has no end')
      const part = this.#text.slice(this.#at, close)
      this.#line += part.split('\n').length - 1
      parts.push(part)
      this.#at = close + 1
      if (this.#text[this.#at] !== '"') return { kind: 'string', value: parts.join('"'), line }
      this.#at++
    }
  }
}

function isKind<K extends Token['kind']>(token: Token, kind: K): token is Extract<Token, { kind: K }> {
  return token.kind === kind
}

interface Tier {
  name: string
  kind: 'IntervalTier' | 'TextTier'
  annotations: FileAnnotation[]
}

/** Annotations in tiers in which none overlaps another: each goes to the first with room of its name. @param sorted - by time */
function tiersOf(sorted: readonly FileAnnotation[]): Tier[] {
  const tiers: Tier[] = []
  const copies = new Map<string, number>()
  for (const annotation of sorted) {
    const kind = annotation.startSeconds === annotation.endSeconds ? 'TextTier' : 'IntervalTier'
    const base = annotation.extra[TIER] || FIRST_TIER
    const room = tiers.find(
      (tier) =>
        tier.kind === kind &&
        (tier.name === base || tier.name.startsWith(`${base} (`)) &&
        (tier.annotations.at(-1)?.endSeconds ?? 0) <= annotation.startSeconds &&
        (kind === 'IntervalTier' || tier.annotations.at(-1)?.startSeconds !== annotation.startSeconds),
    )
    if (room) room.annotations.push(annotation)
    else {
      const copy = (copies.get(base) ?? 0) + 1
      copies.set(base, copy)
      tiers.push({ name: copy === 1 ? base : `${base} (${copy})`, kind, annotations: [annotation] })
    }
  }
  return tiers
}

function tierLines({ name, kind, annotations }: Tier, end: number): string[] {
  const head = [`class = "${kind}"`, `name = ${quoted(name)}`, 'xmin = 0', `xmax = ${end}`]
  if (kind === 'TextTier')
    return [
      ...head,
      `points: size = ${annotations.length}`,
      ...annotations.flatMap(({ startSeconds, label }, index) => [
        `points [${index + 1}]:`,
        `    number = ${startSeconds}`,
        `    mark = ${quoted(label)}`,
      ]),
    ].map(indented)
  const intervals: { from: number; to: number; label: string }[] = []
  let at = 0
  for (const { startSeconds, endSeconds, label } of annotations) {
    if (startSeconds > at) intervals.push({ from: at, to: startSeconds, label: '' })
    intervals.push({ from: startSeconds, to: endSeconds, label })
    at = endSeconds
  }
  if (at < end || intervals.length === 0) intervals.push({ from: at, to: end, label: '' })
  return [
    ...head,
    `intervals: size = ${intervals.length}`,
    ...intervals.flatMap(({ from, to, label }, index) => [
      `intervals [${index + 1}]:`,
      `    xmin = ${from}`,
      `    xmax = ${to}`,
      `    text = ${quoted(label)}`,
    ]),
  ].map(indented)
}

const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`
const indented = (line: string) => `        ${line}`

function without(extra: Record<string, string>, key: string): Record<string, string> {
  return Object.fromEntries(Object.entries(extra).filter(([name]) => name !== key))
}
