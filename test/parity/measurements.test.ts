import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { TILE_FLOOR_DB, TILE_STEP_DB } from '../../src-main/contract/recording.ts'
import { measureSource } from '../../src-main/core/recording/measure.ts'
import { spectrogramTile } from '../../src-main/core/recording/tile.ts'
import { memorySource } from '../support/memory-source.ts'
import { chirp, noise } from './signals.ts'

/** Values of test/parity/generate/measurements.py: NumPy, SciPy and librosa. */
const range = z.tuple([z.number(), z.number()])
const reference = z
  .object({
    rate: z.number(),
    cases: z.array(
      z.object({
        signal: z.string(),
        from: z.number(),
        to: z.number(),
        band: range.nullable(),
        measured: z.object({
          peakDbfs: z.number(),
          rmsDbfs: z.number(),
          bandDbfs: z.number(),
          peakHz: z.number(),
          resolutionHz: z.number(),
          halfPower: range,
          tenthPower: range,
          ninety: range,
          centroidHz: z.number(),
          snrDb: z.number().nullable(),
        }),
      }),
    ),
    tile: z.array(z.array(z.number())),
  })
  .parse(JSON.parse(await readFile(new URL('data/measurements.json', import.meta.url), 'utf8')))

const RATE_HZ = reference.rate
const floor = noise(2 * RATE_HZ)
const SIGNALS: Record<string, Float32Array> = {
  chirp: chirp(2 * RATE_HZ, RATE_HZ, 500, 8000).map((value, index) => value * Math.exp(-index / RATE_HZ)),
  noise: floor,
  burst: floor.map((value, index) => {
    const t = index / RATE_HZ
    return 0.04 * value + (t >= 0.8 && t < 1.2 ? 0.3 * Math.sin(2 * Math.PI * 3000 * t) : 0)
  }),
}
const signal = (name: string) => SIGNALS[name] ?? new Float32Array()

describe('measurements against NumPy, SciPy and librosa', () => {
  it.each(reference.cases)(
    '$signal, $from to $to s, band $band',
    ({ signal: name, from, to, band, measured }) => {
      const [lowHz, highHz] = band ?? [undefined, undefined]
      const ours = measureSource(memorySource([signal(name)], RATE_HZ), {
        fromSeconds: from,
        toSeconds: to,
        ...(lowHz === undefined ? {} : { lowHz }),
        ...(highHz === undefined ? {} : { highHz }),
      })
      for (const key of ['peakDbfs', 'rmsDbfs', 'bandDbfs'] as const)
        expect(ours[key], key).toBeCloseTo(measured[key], 4)
      expect(ours.peakHz).toBeCloseTo(measured.peakHz, 6)
      expect(ours.resolutionHz).toBeCloseTo(measured.resolutionHz, 9)
      expect(ours.centroidHz).toBeCloseTo(measured.centroidHz, 1)
      for (const key of ['halfPower', 'tenthPower', 'ninety'] as const) {
        expect(ours[key]?.lowHz, key).toBeCloseTo(measured[key][0], 1)
        expect(ours[key]?.highHz, key).toBeCloseTo(measured[key][1], 1)
      }
      if (measured.snrDb === null) expect(ours.snrDb).toBeNull()
      else expect(ours.snrDb).toBeCloseTo(measured.snrDb, 3)
    },
  )
})

it('the columns of a tile are librosa’s frames, to half a step', () => {
  const bytes = spectrogramTile(memorySource([signal('chirp')], RATE_HZ), { window: 512, level: 2, index: 0 })
  const header = new DataView(bytes.buffer, bytes.byteOffset)
  const [bins, columns] = [header.getUint32(0, true), header.getUint32(4, true)]
  expect(bins).toBe(reference.tile.length)
  reference.tile.forEach((row, bin) => {
    row.forEach((decibels, place) => {
      const ours = (bytes[8 + bin * columns + 20 + 8 * place] ?? 0) * TILE_STEP_DB + TILE_FLOOR_DB
      expect(Math.abs(ours - Math.max(TILE_FLOOR_DB, decibels))).toBeLessThan(TILE_STEP_DB / 2 + 0.01)
    })
  })
})
