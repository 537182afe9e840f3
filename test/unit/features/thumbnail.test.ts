import { readFile } from 'node:fs/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { THUMBNAIL, thumbnailOf } from '../../../src-main/core/features/thumbnail.ts'
import { type TinyWorkspace, tinyWorkspace } from '../../support/tiny-workspace.ts'

const { rows, columns } = THUMBNAIL

/** The brightest band of a column. */
const peakOf = (picture: Uint8Array, column: number) => {
  const values = Array.from({ length: rows }, (_, row) => picture[row * columns + column] ?? 0)
  return values.indexOf(Math.max(...values))
}
/** Slaney's scale below 1 kHz is 3 mel per 200 Hz; above, 27 steps to a factor of 6.4. Bands lie evenly up to 11025 Hz. */
const melOf = (hertz: number) =>
  hertz < 1000 ? (3 * hertz) / 200 : 15 + Math.log(hertz / 1000) / (Math.log(6.4) / 27)
const bandOf = (hertz: number) => (melOf(hertz) / melOf(11_025)) * (rows + 1) - 1

describe('a thumbnail', () => {
  let tiny: TinyWorkspace
  beforeAll(async () => {
    tiny = await tinyWorkspace()
  })
  afterAll(() => tiny.close())

  it.each([
    [1, 220],
    [2, 1760],
  ])('of clip %i shows its tone of %i Hz, and is kept', async (clipId, hertz) => {
    const media = await tiny.core.media.open(`clips/${clipId}/thumbnail`)
    if (media.kind !== 'file') throw new Error('Not kept as a file.')
    const picture = await readFile(media.path)
    expect(picture).toHaveLength(rows * columns)
    for (const column of [10, 48, 85])
      expect(Math.abs(peakOf(picture, column) - bandOf(hertz))).toBeLessThan(1)
    expect(await tiny.core.media.open(`clips/${clipId}/thumbnail`)).toEqual(media)
  })

  it.each([0, 1, 50, 4000])('of %i samples of silence is dark', (length) => {
    const picture = thumbnailOf({ samples: new Float32Array(length), sampleRateHz: 8000 })
    expect(picture).toEqual(new Uint8Array(rows * columns))
  })

  it('of a click has it where it is, whatever the length', () => {
    const samples = new Float32Array(96_000).fill(0)
    samples.fill(1, 48_000, 48_400)
    const picture = thumbnailOf({ samples, sampleRateHz: 48_000 })
    const bright = Array.from({ length: columns }, (_, column) => picture[20 * columns + column] ?? 0)
    expect(Math.abs(bright.indexOf(Math.max(...bright)) - columns / 2)).toBeLessThanOrEqual(1)
    expect(thumbnailOf({ samples: samples.subarray(48_000, 48_003), sampleRateHz: 48_000 })).toHaveLength(
      4608,
    )
  })
})
