import { describe, expect, it } from 'vitest'
import {
  TILE_COLUMNS,
  TILE_FLOOR_DB,
  TILE_STEP_DB,
  type TileWindow,
  tileCount,
  tileHop,
  tileLevel,
} from '../../../src-main/contract/recording.ts'
import { spectrogramTile } from '../../../src-main/core/recording/tile.ts'
import { sine } from '../../parity/signals.ts'
import { memorySource } from '../../support/memory-source.ts'

const RATE_HZ = 8000

function tileOf(samples: Float32Array, level: number, index: number, window: TileWindow = 256) {
  const bytes = spectrogramTile(memorySource([samples], RATE_HZ), { window, level, index })
  const header = new DataView(bytes.buffer, bytes.byteOffset)
  const [bins, columns] = [header.getUint32(0, true), header.getUint32(4, true)]
  const decibels = (bin: number, column: number) =>
    (bytes[8 + bin * columns + column] ?? Number.NaN) * TILE_STEP_DB + TILE_FLOOR_DB
  return { bins, columns, decibels, length: bytes.length }
}

describe('tiles of a spectrogram', () => {
  it('say 0 dB of a sine at full scale, and the floor of silence', () => {
    const { bins, decibels } = tileOf(sine(RATE_HZ, RATE_HZ, 1000), 0, 0)
    expect(bins).toBe(129)
    expect(decibels(32, 60)).toBe(0)
    expect(tileOf(new Float32Array(RATE_HZ), 0, 0).decibels(32, 60)).toBe(TILE_FLOOR_DB)
  })

  it('have a column for each hop, the last tile fewer, and none beyond', () => {
    const samples = new Float32Array(100_000)
    const columns = Math.floor(samples.length / tileHop(0)) + 1
    expect(tileCount(samples.length, 0)).toBe(7)
    expect(tileOf(samples, 0, 0).columns).toBe(TILE_COLUMNS)
    expect(tileOf(samples, 0, 6).columns).toBe(columns - 6 * TILE_COLUMNS)
    expect(tileOf(samples, 0, 7)).toMatchObject({ columns: 0, length: 8 })
    expect(tileOf(new Float32Array(1), 12, 0).columns).toBe(1)
  })

  it('go on where the one before ends', () => {
    const samples = Float32Array.from({ length: 60_000 }, (_, index) => Math.sin(index * index * 1e-5))
    const whole = tileOf(samples, 1, 0)
    const next = tileOf(samples, 1, 1)
    const shifted = tileOf(samples.subarray(TILE_COLUMNS * tileHop(1) - 1024 * 8), 1, 0)
    for (const bin of [3, 40, 100]) {
      expect(next.decibels(bin, 5)).toBe(shifted.decibels(bin, 5 + (1024 * 8) / tileHop(1)))
      expect(whole.decibels(bin, 250)).not.toBeNaN()
    }
  })

  it('show a click wherever it is in a column, up to four windows wide', () => {
    for (const level of [2, 3, 4])
      for (let at = 20_000; at < 20_000 + tileHop(level); at += 37) {
        const samples = new Float32Array(40_000)
        samples[at] = 1
        const { decibels, columns } = tileOf(samples, level, 0)
        const loudest = Math.max(...Array.from({ length: columns }, (_, column) => decibels(64, column)))
        // Between two windows it has a half of each, at the least.
        expect(loudest).toBeGreaterThan(-50)
      }
  })

  it('take the level whose columns are not closer than pixels', () => {
    expect(tileLevel(10)).toBe(0)
    expect(tileLevel(64)).toBe(0)
    expect(tileLevel(65)).toBe(1)
    expect(tileHop(tileLevel(1000))).toBe(1024)
    expect(tileLevel(1e12)).toBe(17)
  })
})
