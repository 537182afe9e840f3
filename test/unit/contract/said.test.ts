import { globSync, readFileSync } from 'node:fs'
import ts from 'typescript'
import { describe, expect, it } from 'vitest'
import { errorShapeSchema } from '../../../src-main/contract/job.ts'
import { type Catalogue, hearIn, translator } from '../../../src-main/contract/said.ts'

/** As wuchale compiles them: a text, parts around places, forms of a noun. */
const english: Catalogue = {
  c: [
    'Waiting',
    ['There is no ', 0, ' ', 1, ' in this workspace.'],
    'run',
    [0, ' is not there.'],
    ['Import ', 0],
    ['clip', 'clips'],
    ['Tagged ', 0, ': ', 1],
    ['The verdict set “', 0, '” is not there any more.'],
    [0, ' left out: ', 1, '.'],
    'they have no label',
    ['they are shorter than ', 0, ' s'],
    [0, ' to ', 1],
    ['Neither can be called better', 0, '; that does not show that they are equal.'],
    [' (corrected t-test over folds, ', 0, ')'],
    'Try again.',
    ['A trial can’t be trained, with ', 0, ': ', 1],
  ],
}
const german: Catalogue = {
  c: [
    'Wartet',
    ['Diese Mappe hat nicht: ', 0, ' ', 1],
    'Lauf',
    ['Nicht da ist ', 0, '.'],
    [0, ' einlesen'],
    ['Ausschnitt', 'Ausschnitte'],
    [1, ' angehängt an ', 0],
    ['Den Satz „', 0, '“ gibt es nicht mehr.'],
    ['Ohne ', 0, ', denn ', 1, '.'],
    'sie haben keine Bezeichnung',
    ['sie sind kürzer als ', 0, ' s'],
    [0, ' bis ', 1],
    ['Keiner ist besser', 0, '; gleich sind sie darum nicht.'],
    [' (t-Test über Teile, ', 0, ')'],
    'Noch einmal versuchen.',
    ['Mit ', 0, ' lernt nichts: ', 1],
  ],
  p: (n) => (n === 1 ? 0 : 1),
}
const said = translator(english, german)

describe('what the core says, in another language', () => {
  it.each([
    ['Waiting', 'Wartet'],
    ['There is no run 20-ab in this workspace.', 'Diese Mappe hat nicht: Lauf 20-ab'],
    ['Tagged 1 clip: loud, near', 'loud, near angehängt an 1 Ausschnitt'],
    ['Tagged 1,204 clips: loud', 'loud angehängt an 1,204 Ausschnitte'],
    ['2 clips left out: they have no label.', 'Ohne 2 Ausschnitte, denn sie haben keine Bezeichnung.'],
    [
      '2 clips left out: they have no label, they are shorter than 0.5 s.',
      'Ohne 2 Ausschnitte, denn sie haben keine Bezeichnung, sie sind kürzer als 0.5 s.',
    ],
    [
      'Neither can be called better (corrected t-test over folds, p = 0.2); that does not show that they are equal.',
      'Keiner ist besser (t-Test über Teile, p = 0.2); gleich sind sie darum nicht.',
    ],
    ['a.wav is not there. Try again.', 'Nicht da ist a.wav. Noch einmal versuchen.'],
    [
      'A trial can’t be trained, with seed 7: a.wav is not there. Try again.',
      'Mit seed 7 lernt nichts: Nicht da ist a.wav. Noch einmal versuchen.',
    ],
  ])('says “%s”', (text, expected) => expect(said(text)).toBe(expected))

  it.each([
    // Names that look like texts, patterns, replacements and regular expressions.
    ['Import Waiting for “rain”', 'Waiting for “rain” einlesen'],
    ['Import {0} $& \\1 (.*)+$', '{0} $& \\1 (.*)+$ einlesen'],
    ['Import birds to bats', 'birds to bats einlesen'],
    ['Dr. No.wav is not there.', 'Dr. Nicht da ist No.wav.'],
    ['The verdict set “Waiting” is not there any more.', 'Den Satz „Waiting“ gibt es nicht mehr.'],
    ['The verdict set “” is not there any more.', 'Den Satz „“ gibt es nicht mehr.'],
    ['There is no   in this workspace.', 'Diese Mappe hat nicht:  '],
  ])('keeps the names in “%s”', (text, expected) => expect(said(text)).toBe(expected))

  it.each(['', ' ', '42', 'ENOENT: no such file', 'birds to bats', 'waiting', 'Importer', 'Waiting room'])(
    'leaves “%s” as it is',
    (text) => expect(said(text)).toBe(text),
  )

  it('keeps spaces around a text', () => expect(said(' Waiting\n')).toBe(' Wartet\n'))

  it('takes no longer for texts that were made to be slow', () => {
    const before = process.cpuUsage()
    for (const text of [
      `Tagged ${'a: '.repeat(1300)}`,
      '. '.repeat(2000),
      `${'There is no '.repeat(330)}`,
      `${', (“'.repeat(900)} left out: x`,
      'is not there. '.repeat(280),
    ])
      expect(said(text).length).toBeGreaterThan(100)
    expect(said('Import '.repeat(1e6))).toHaveLength(7e6)
    expect(process.cpuUsage(before).user / 1e6).toBeLessThan(1)
  })

  it('is heard where the window parses it, and nowhere in English', async () => {
    const load = async (_: 'core', language: string) => (language === 'en' ? english : german)
    const error = { code: 'not-found', message: 'a.wav is not there.', hint: 'Try again.' }
    await hearIn('en-XA', load)
    expect(errorShapeSchema.parse(error)).toEqual({
      code: 'not-found',
      message: 'Nicht da ist a.wav.',
      hint: 'Noch einmal versuchen.',
    })
    await hearIn('en', load)
    expect(errorShapeSchema.parse(error)).toEqual(error)
  })
})

/** What a person reads: of an error, a job, a change, a preset, an issue. */
const SAID = new Set(['hint', 'message', 'title', 'description', 'conclusion', 'reason'])
/** Files that stay English, and names of columns in them. */
const ELSEWHERE = /\/report\/|audit-(export|report)|model-card|formats\/jams|fold-journal|workspace-file/

describe('the catalogue of the core', () => {
  it('has all that errors, jobs, changes, presets and issues say', () => {
    const catalogue = new Set(
      [...readFileSync('locales/core/en.po', 'utf8').matchAll(/^msgid ((?:".*"\n)+)/gm)].map(
        ([, lines = '']) =>
          lines
            .trim()
            .split('\n')
            .map((line) => String(JSON.parse(line)))
            .join(''),
      ),
    )
    const files = globSync('src-main/{core,contract,host,electron}/**/*.ts').filter(
      (file) => !ELSEWHERE.test(file),
    )
    const texts = files.flatMap(textsOf)
    expect(texts.filter(({ kind }) => kind === 'error').length).toBeGreaterThan(300)
    expect(texts.filter(({ kind }) => kind === 'progress').length).toBeGreaterThan(20)
    expect(
      texts.filter(({ text }) => !catalogue.has(text)).map(({ file, text }) => `${file}: ${text}`),
    ).toEqual([])
  })
})

interface FoundText {
  file: string
  kind: 'error' | 'progress' | 'property'
  text: string
}

/** Read by TypeScript's own parser: not by what writes the catalogue. */
function textsOf(file: string): FoundText[] {
  const found: FoundText[] = []
  const source = ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true)
  const take = (kind: FoundText['kind'], node: ts.Node | undefined) => {
    for (const text of node ? literals(node) : [])
      if (/\p{L}{2}.*\s|^\p{Lu}\p{Ll}/u.test(text.replaceAll(/\{\d+\}/g, '')))
        found.push({ file, kind, text })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isNewExpression(node) && node.expression.getText() === 'SoundfoldError')
      take('error', node.arguments?.[1])
    if (ts.isCallExpression(node) && /(^|\.)progress$/.test(node.expression.getText()))
      take('progress', node.arguments[0])
    if (ts.isPropertyAssignment(node) && SAID.has(node.name.getText()))
      take(node.name.getText() === 'hint' ? 'error' : 'property', node.initializer)
    ts.forEachChild(node, visit)
  }
  visit(source)
  return found
}

/** Of an expression whose value one of them is. */
function literals(node: ts.Node): string[] {
  if (ts.isStringLiteralLike(node)) return [node.text]
  if (ts.isTemplateExpression(node))
    return [
      node.head.text + node.templateSpans.map(({ literal }, index) => `{${index}}${literal.text}`).join(''),
    ]
  if (ts.isConditionalExpression(node)) return [node.whenTrue, node.whenFalse].flatMap(literals)
  if (ts.isBinaryExpression(node)) return [node.left, node.right].flatMap(literals)
  if (ts.isParenthesizedExpression(node)) return literals(node.expression)
  return []
}
