import { readFileSync } from 'node:fs'
import { inflateSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import { csvText } from '../../../src-main/core/export/csv.ts'
import { npyFloats, npyIntegers, npyTexts } from '../../../src-main/core/export/npy.ts'
import { encodePng } from '../../../src-main/core/export/png.ts'

const byNumpy = (name: string) =>
  readFileSync(new URL(`../../parity/data/export/${name}.npy`, import.meta.url))

describe('arrays for NumPy are the bytes that NumPy writes', () => {
  const sevenths = Float32Array.from({ length: 24 }, (_, index) => index / 7)
  it.each([
    ['floats', npyFloats(sevenths, [2, 3, 4])],
    ['integers', npyIntegers([0, -1, 2 ** 40, 7])],
    ['texts', npyTexts(['dog_bark', '', 'Ä🔔'])],
    ['text', npyTexts('one')],
  ])('%s', (name, bytes) => {
    expect(Buffer.from(bytes)).toEqual(byNumpy(name))
  })
})

describe('CSV', () => {
  it('comes back as it was, whatever the texts hold', () => {
    const rows = [
      ['file', 'value'],
      ['a "b", c\nd.wav', '1.5'],
      ['ü', '-2'],
    ]
    expect(
      parse(csvText(rows.map(([a = '', b = '']) => [a, Number.isNaN(Number(b)) ? b : Number(b)]))),
    ).toEqual(rows)
  })

  it('lets no spreadsheet run a name as a formula', () => {
    expect(csvText([['=1+1', '@x', '+3', '-3', -3]])).toBe("'=1+1,'@x,'+3,'-3,-3\r\n")
  })
})

describe('PNG', () => {
  it('holds the rows behind a filter byte each', () => {
    const png = Buffer.from(encodePng(Uint8Array.of(0, 1, 2, 253, 254, 255), 3, 2))
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([3, 2, 8, 0])
    const start = png.indexOf('IDAT') + 4
    const data = inflateSync(png.subarray(start, start + png.readUInt32BE(start - 8)))
    expect([...data]).toEqual([0, 0, 1, 2, 0, 253, 254, 255])
  })
})
