import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { correctedCsv } from '../../../src-main/core/audit/corrected-csv.ts'
import { parsePatch, patchText } from '../../../src-main/core/audit/label-changes.ts'

const METADATA = resolve(import.meta.dirname, '../../../../shared/data', 'UrbanSound8K.csv')
const US8K = { classId: 'classID', className: 'class' }

describe('corrected metadata', () => {
  it.skipIf(!existsSync(METADATA))(
    'of the whole UrbanSound8K.csv differs in the cells of the labels alone',
    () => {
      const bytes = readFileSync(METADATA)
      const lines = bytes.toString('latin1').split('\n')
      // Lines from 1, the header's being 1; the last one too.
      const changes = new Map([
        [2, { classId: 8, className: 'siren' }],
        [4000, null],
        [8733, { classId: 0, className: 'air_conditioner' }],
      ])
      const after = correctedCsv(bytes, US8K, changes).toString('latin1').split('\n')
      const expected = lines.flatMap((line, index) => {
        if (index + 1 === 2) return line.replace(/,3,dog_bark/, ',8,siren')
        if (index + 1 === 4000) return []
        return index + 1 === 8733 ? line.replace(/,\d,\w+(\r?)$/, ',0,air_conditioner$1') : line
      })
      expect(after).toEqual(expected)
      expect(after.filter((line, index) => line !== lines[index < 3999 ? index : index + 1])).toHaveLength(2)
      expect(correctedCsv(bytes, US8K, new Map()).equals(bytes)).toBe(true)
    },
  )

  it('keeps byte order mark, line ends, quotes, spaces and blank lines', () => {
    const text =
      '\ufefflabel,"file name",note\r\nsiren, a.wav ,"one, two\r\nthree"\r\n\r\n "dog ""x""" ,b.wav,é\r\ncar,c.wav,'
    const labels = { className: 'label' }
    const corrected = (changes: [number, string | null][]) =>
      correctedCsv(
        Buffer.from(text),
        labels,
        new Map(
          changes.map(([line, className]) => [line, className === null ? null : { classId: 0, className }]),
        ),
      ).toString()
    const [, siren = 0, dog = 0, car = 0] = z
      .array(z.object({ info: z.object({ lines: z.int() }) }).transform(({ info }) => info.lines))
      .parse(parse(text, { bom: true, info: true, skip_empty_lines: true, trim: true }))
    expect(corrected([[siren, 'a,b']])).toBe(text.replace('siren', '"a,b"'))
    expect(corrected([[dog, 'cat']])).toBe(text.replace('"dog ""x"""', '"cat"'))
    expect(corrected([[car, 'gun']])).toBe(text.replace('car,c', 'gun,c'))
    expect(corrected([[car, null]])).toBe(text.slice(0, text.indexOf('car')))
    expect(corrected([[dog, null]])).toBe(text.replace('\r\n "dog ""x""" ,b.wav,é\r\n', ''))
  })
})

describe('a patch', () => {
  const change = {
    clip: '-odd,name"s.wav',
    sha256: 'a'.repeat(64),
    action: 'relabel' as const,
    old: '=cmd',
    to: "'@dog",
    reason: 'two\r\nlines',
  }
  const excluded = { ...change, clip: join('audio', 'x.wav'), action: 'exclude' as const, to: '', reason: '' }

  it('is read as it was written, also what a spreadsheet would run', () => {
    const text = patchText([change, excluded])
    expect(text).not.toMatch(/(^|,)[=+@-]/m)
    expect(parsePatch(text, 'p.csv')).toEqual([change, excluded])
    expect(parsePatch('clip,old,new,action\na.wav,x,y,relabel\n', 'p.csv')).toEqual([
      { clip: 'a.wav', sha256: '', action: 'relabel', old: 'x', to: 'y', reason: '' },
    ])
  })

  it.each([
    ['clip,action,old,new\na.wav,relabel,x,\n', 'line 2: new must be the new label'],
    ['clip,action,old,new\n\na.wav,remove,x,y\n', 'line 3: action'],
    ['clip,action,old\n,exclude,x\n', 'line 2: clip names no clip'],
    ['clip,action,old,new\n"a.wav,relabel\n', 'is not a CSV file'],
    ['clip,action,old,new,sha256\na.wav,relabel,x,y,12\n', 'sha256 is no sha256'],
  ])('that is damaged is refused with its line: %j', (text, message) => {
    expect(() => parsePatch(text, 'p.csv')).toThrow(message)
  })
})
