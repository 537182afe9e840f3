import { describe, expect, it } from 'vitest'
import { clipPlaces, exportName, safePart } from '../../../src-main/core/export/names.ts'

describe('a part of a path from an untrusted text', () => {
  it.each([
    ['100032-3-0-0', '100032-3-0-0'],
    ['a_b__c', 'a_b__c'],
    ['..', '_'],
    ['../../etc/passwd', '__.._etc_passwd'],
    ['..\\..\\x', '__.._x'],
    ['a/b:c*d', 'a_b_c_d'],
    ['.hidden', '_hidden'],
    ['ends.', 'ends'],
    ['con', '_con'],
    ['LPT1.tar', '_LPT1.tar'],
    ['\0', '_'],
    ['\ud800', '_'],
    ['e\u0301', '\u00e9'],
    ['', 'clip'],
  ])('%j becomes %j', (text, part) => {
    expect(safePart(text, 'clip')).toBe(part)
  })

  it('fits every file system, cut between characters', () => {
    const part = safePart('字'.repeat(300), 'clip')
    expect(Buffer.byteLength(part)).toBe(99)
    expect(part).toBe('字'.repeat(33))
  })
})

describe('places of clips', () => {
  const clip = (fileName: string, className = 'dog', classId = 0) => ({
    fileName,
    className,
    classId,
    fold: 1,
  })

  it('are never shared, as file systems compare names', () => {
    const places = clipPlaces(
      [clip('a.wav'), clip('A.flac'), clip('a-2.wav'), clip('x/a.ogg'), clip('a?.wav'), clip('a*.wav')],
      '.npz',
    )
    expect(places).toEqual([
      'fold1/a.npz',
      'fold1/A-2.npz',
      'fold1/a-2-2.npz',
      'fold1/a-3.npz',
      'fold1/a_.npz',
      'fold1/a_-2.npz',
    ])
  })

  it('keep classes of like names apart', () => {
    const places = clipPlaces(
      [clip('a.wav', 'car/horn', 3), clip('b.wav', 'car_horn', 4), clip('c.wav', 'car/horn', 3)],
      '.png',
      { byClass: true },
    )
    expect(places).toEqual(['fold1/car_horn/a.png', 'fold1/car_horn-2/b.png', 'fold1/car_horn/c.png'])
  })

  it('take ten thousand clips of one name', () => {
    const places = clipPlaces(
      Array.from({ length: 10_000 }, () => clip('same.wav')),
      '.npz',
    )
    expect(new Set(places).size).toBe(10_000)
  })
})

it('an export’s folder tells set, recipe, format and time', () => {
  expect(exportName(['Demo 2020', 'article', 'npz'], new Date(2026, 10, 3, 9, 5, 7))).toBe(
    'Demo_2020-article-npz-20261103-090507',
  )
})
