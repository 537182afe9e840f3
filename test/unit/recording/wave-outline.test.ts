import { describe, expect, it } from 'vitest'
import { WAVE_BUCKET_SAMPLES } from '../../../src-main/contract/recording.ts'
import { WaveOutlineBuilder } from '../../../src-main/core/recording/wave-outline.ts'
import { noise } from '../../parity/signals.ts'

const RATE_HZ = 8000

function outlineOf(channels: Float32Array[], blockSamples: number, bitsPerSample: number | null = 16) {
  const builder = new WaveOutlineBuilder(RATE_HZ, bitsPerSample)
  const length = channels[0]?.length ?? 0
  for (let start = 0; start < length; start += blockSamples)
    builder.add(channels.map((samples) => samples.subarray(start, start + blockSamples)))
  return builder.finish()
}

describe('the outline of a recording', () => {
  const left = noise(200_003)
  const right = noise(200_003).map((value) => 0.5 * value + 0.3)

  it('has the lowest and highest sample of each bucket at every level, however it comes', () => {
    const { data, levels, frames, peak } = outlineOf([left, right], 1000)
    expect(frames).toBe(left.length)
    expect(levels.length).toBeGreaterThan(2)
    expect(levels[0]?.bucketSamples).toBe(WAVE_BUCKET_SAMPLES)
    for (const { bucketSamples, offsetBytes, buckets } of levels) {
      expect(buckets).toBe(Math.ceil(left.length / bucketSamples))
      for (const bucket of [0, 1, Math.floor(buckets / 2), buckets - 1]) {
        const part = [left, right].flatMap((samples) => [
          ...samples.subarray(bucket * bucketSamples, (bucket + 1) * bucketSamples),
        ])
        const at = offsetBytes / 2 + 2 * bucket
        expect(data[at]).toBe(Math.round(Math.min(...part) * 32767))
        expect(data[at + 1]).toBe(Math.round(Math.max(...part) * 32767))
      }
    }
    expect(peak).toBe([...left, ...right].reduce((most, value) => Math.max(most, Math.abs(value)), 0))
    for (const blockSamples of [1, 63, 64, 99_999])
      expect(outlineOf([left, right], blockSamples).data).toEqual(data)
  })

  it('marks three samples in a row at full scale, over the edge of blocks and buckets too, and not two', () => {
    const samples = new Float32Array(4000).fill(0.1)
    samples.fill(1, 62, 66)
    samples.fill(-1, 1000, 1003)
    samples.fill(1, 2000, 2002)
    const marks = outlineOf([samples], 64).clipped
    expect(marks.count).toBe(2)
    expect(marks.stretches).toEqual([
      { from: 62 / RATE_HZ, to: 66 / RATE_HZ },
      { from: 1000 / RATE_HZ, to: 1003 / RATE_HZ },
    ])
    expect(outlineOf([samples], 4000).clipped).toEqual(marks)
    // Full scale upwards is 127/128 there.
    const eight = new Float32Array(4000)
    eight.fill(127 / 128, 100, 110)
    expect(outlineOf([eight], 500, 8).clipped.count).toBe(1)
    expect(outlineOf([eight], 500, 16).clipped.count).toBe(0)
  })

  it('marks half a second of silence, also at the end', () => {
    const samples = noise(5 * RATE_HZ)
    samples.fill(0.0005, RATE_HZ, 2 * RATE_HZ)
    samples.fill(0, 3 * RATE_HZ, 3.4 * RATE_HZ)
    samples.fill(0, 4 * RATE_HZ)
    const { count, stretches } = outlineOf([samples], 777).silent
    expect(count).toBe(2)
    expect(stretches[0]?.from).toBeCloseTo(1, 1)
    expect(stretches[0]?.to).toBeCloseTo(2, 1)
    expect(stretches[1]?.to).toBe(5)
  })

  it('has one bucket of a single sample', () => {
    const { levels, frames } = outlineOf([Float32Array.of(0.5)], 10)
    expect([frames, levels]).toEqual([1, [{ bucketSamples: 64, offsetBytes: 0, buckets: 1 }]])
  })
})
