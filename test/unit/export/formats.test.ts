import { readFileSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { inflateSync } from 'node:zlib'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { csvText } from '../../../src-main/contract/csv.ts'
import { featureRecipeSchema } from '../../../src-main/contract/recipe.ts'
import { npyFloats, npyHeader, npyIntegers, npyTexts } from '../../../src-main/core/export/npy.ts'
import { writeNpz } from '../../../src-main/core/export/npz.ts'
import { pictureOf } from '../../../src-main/core/export/picture.ts'
import { encodePng } from '../../../src-main/core/export/png.ts'
import { unzip } from '../../support/unzip.ts'

const madeByNumpy = (file: string) =>
  readFileSync(new URL(`../../parity/data/export/${file}`, import.meta.url))

describe('arrays for NumPy are the bytes that NumPy writes', () => {
  const sevenths = Float32Array.from({ length: 24 }, (_, index) => index / 7)
  it.each([
    ['floats', npyFloats(sevenths, [2, 3, 4])],
    ['integers', npyIntegers([0, -1, 2 ** 40, 7])],
    ['texts', npyTexts(['dog_bark', '', 'Ä🔔'])],
    ['text', npyTexts('one')],
  ])('%s', (name, bytes) => {
    expect(Buffer.from(bytes)).toEqual(madeByNumpy(`${name}.npy`))
  })
})

describe('archives for NumPy', () => {
  let folder: string
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'soundfold-npz-'))
  })
  afterAll(() => rm(folder, { recursive: true }))

  const values = Float32Array.from({ length: 6 }, (_, index) => index)
  async function* inPieces(...pieces: Uint8Array[]) {
    yield* pieces
  }

  it.each(['whole', 'in pieces'])('hold the files that np.savez_compressed writes, given %s', async (way) => {
    const array = npyFloats(values, [2, 3])
    const pieces = inPieces(npyHeader('<f4', [2, 3]), new Uint8Array(values.buffer))
    const path = join(folder, 'several.npz')
    await writeNpz(
      path,
      {
        arr_0: way === 'whole' ? array : { sizeBytes: array.length, pieces },
        labels: npyIntegers([3, 1]),
        recipe: npyTexts('{"name": "one"}'),
      },
      new AbortController().signal,
    )
    const ours = unzip(readFileSync(path))
    const numpys = unzip(madeByNumpy('several.npz'))
    expect([...ours.keys()].sort()).toEqual([...numpys.keys()].sort())
    for (const [name, bytes] of numpys) expect(ours.get(name)).toEqual(bytes)
  })

  it('fail with their source, and with its size', async () => {
    async function* broken() {
      yield Uint8Array.of(1)
      throw new Error('the source broke')
    }
    const write = (pieces: AsyncIterable<Uint8Array>) =>
      writeNpz(join(folder, 'broken.npz'), { a: { sizeBytes: 2, pieces } }, new AbortController().signal)
    await expect(write(broken())).rejects.toThrow('the source broke')
    await expect(write(inPieces(Uint8Array.of(1, 2, 3)))).rejects.toThrow('unexpected number of bytes')
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

describe('pictures', () => {
  const settings = { sampleRateHz: 8000, durationSeconds: 1, nFft: 256, hopLength: 256, nMels: 4 }
  const matrix = { data: Float32Array.of(-80, -40, 0, -20), rows: 2, frames: 2 }
  const pixelsOf = (png: Uint8Array) => {
    const bytes = Buffer.from(png)
    return [...inflateSync(bytes.subarray(bytes.indexOf('IDAT') + 4))]
  }

  it('of decibels have one scale, the highest band at the top', async () => {
    const recipe = featureRecipeSchema.parse({ kind: 'log-mel', ...settings })
    expect(pixelsOf(await pictureOf(matrix, recipe))).toEqual([0, 255, 191, 0, 0, 128])
    // Not stretched to what this clip happens to span.
    const quiet = { data: Float32Array.of(-80, -60, -60, -60), rows: 2, frames: 2 }
    expect(pixelsOf(await pictureOf(quiet, recipe))).toEqual([0, 64, 64, 0, 0, 64])
  })

  it('of other values span each clip’s own range; an even one is black', async () => {
    const recipe = featureRecipeSchema.parse({ kind: 'pcen', power: 1, ...settings })
    const values = { data: Float32Array.of(1, 2, 3, 2), rows: 2, frames: 2 }
    expect(pixelsOf(await pictureOf(values, recipe))).toEqual([0, 255, 128, 0, 0, 128])
    const even = { data: new Float32Array(4).fill(7), rows: 2, frames: 2 }
    expect(pixelsOf(await pictureOf(even, recipe))).toEqual([0, 0, 0, 0, 0, 0])
  })
})

describe('PNG', () => {
  it('holds the rows behind a filter byte each', async () => {
    const png = Buffer.from(await encodePng(Uint8Array.of(0, 1, 2, 253, 254, 255), 3, 2))
    expect(png.subarray(0, 8)).toEqual(Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'))
    expect([png.readUInt32BE(16), png.readUInt32BE(20), png[24], png[25]]).toEqual([3, 2, 8, 0])
    const start = png.indexOf('IDAT') + 4
    const data = inflateSync(png.subarray(start, start + png.readUInt32BE(start - 8)))
    expect([...data]).toEqual([0, 0, 1, 2, 0, 253, 254, 255])
  })
})
