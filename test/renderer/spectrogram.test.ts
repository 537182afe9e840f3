import { describe, expect, it } from 'vitest'
import {
  decibelRange,
  paintSpectrogram,
  readSpectrogram,
} from '../../src-renderer/lib/components/spectrogram/spectrogram-data.ts'
import {
  bandAtHz,
  frequencyTicks,
  hzAtBand,
  readPoint,
  timeTicks,
  visibleFrames,
} from '../../src-renderer/lib/components/spectrogram/spectrogram-geometry.ts'
import { readPeaks } from '../../src-renderer/lib/components/waveform/peaks.ts'

function message(nMels: number, frames: number, values: number[]): ArrayBuffer {
  const buffer = new ArrayBuffer(8 + 4 * values.length)
  const view = new DataView(buffer)
  view.setUint32(0, nMels, true)
  view.setUint32(4, frames, true)
  for (const [index, value] of values.entries()) view.setFloat32(8 + 4 * index, value, true)
  return buffer
}

describe('spectrogram data', () => {
  it('is read from the media route’s bytes', () => {
    const data = readSpectrogram(message(2, 3, [-1, -2, -3, -4, -5, -6]))
    expect([data.nMels, data.frames, [...data.decibels]]).toEqual([2, 3, [-1, -2, -3, -4, -5, -6]])
  })

  it('is refused when its length does not agree with its header', () => {
    expect(() => readSpectrogram(message(2, 3, [0, 0, 0]))).toThrow('2 × 3')
    expect(() => readSpectrogram(new ArrayBuffer(3))).toThrow('no header')
  })

  it('shows 80 dB below its loudest point, or less where there is less', () => {
    expect(decibelRange(Float32Array.of(-120, -30, -5))).toEqual({ low: -85, high: -5 })
    expect(decibelRange(Float32Array.of(-20, -5))).toEqual({ low: -20, high: -5 })
    expect(decibelRange(Float32Array.of(-7, -7))).toEqual({ low: -8, high: -7 })
  })

  it('puts the highest band at the top and clips at both ends', () => {
    const table = Uint32Array.from({ length: 256 }, (_, step) => step)
    const data = readSpectrogram(message(2, 2, [-200, -80, 0, 10]))
    const pixels = new Uint32Array(paintSpectrogram(data, { low: -80, high: 0 }, table).buffer)
    expect([...pixels]).toEqual([255, 255, 0, 0])
  })
})

describe('axes of a spectrogram', () => {
  const centres = [500, 950, 1700, 2800, 4800]
  const scale = { sampleRateHz: 22_050, hopLength: 512, melCentresHz: centres }

  it('finds the band of a frequency and back', () => {
    expect(bandAtHz(centres, 500)).toBe(0)
    expect(bandAtHz(centres, (950 + 1700) / 2)).toBeCloseTo(1.5, 10)
    expect(bandAtHz(centres, 400)).toBeNaN()
    expect(bandAtHz(centres, 5000)).toBeNaN()
    for (const band of [0, 0.25, 1.5, 3.99, 4])
      expect(bandAtHz(centres, hzAtBand(centres, band))).toBeCloseTo(band, 9)
  })

  it('labels round frequencies at the middle of their band, with room between them', () => {
    const ticks = frequencyTicks(centres, 0.05)
    expect(ticks.map(({ label }) => label)).toEqual(['500', '1k', '2k', '3k'])
    expect(ticks[1]?.position).toBeCloseTo((bandAtHz(centres, 1000) + 0.5) / 5, 10)
    expect(frequencyTicks(centres, 0.5).map(({ label }) => label)).toEqual(['500', '3k'])
  })

  it.each([
    [4, 5, ['0', '1', '2', '3', '4']],
    [0.35, 4, ['0.0', '0.1', '0.2', '0.3']],
    [1.97, 5, ['0.0', '0.5', '1.0', '1.5']],
    [0.04, 4, ['0.00', '0.01', '0.02', '0.03', '0.04']],
    [0, 4, []],
  ])('marks %f s with about %i ticks', (duration, wanted, labels) => {
    expect(timeTicks(duration, wanted).map(({ label }) => label)).toEqual(labels)
  })

  it('shows only the frames over the clip, and how far the picture reaches', () => {
    // 173 frames of 512 samples at 22050 Hz are 4 s and a frame's half.
    expect(visibleFrames(scale, 173, 2)).toEqual({ from: 0.5, to: 2 / (512 / 22_050) + 0.5, coverage: 1 })
    const long = visibleFrames(scale, 173, 5)
    expect(long.to).toBe(173)
    expect(long.coverage).toBeCloseTo((172.5 * 512) / 22_050 / 5, 10)
  })

  it('reads time and frequency below a point', () => {
    expect(readPoint(scale, 2, 0.5, 0.5)).toMatchObject({ seconds: 1, band: 2, frame: 43, hz: 1700 })
    expect(readPoint(scale, 2, -1, 2)).toMatchObject({ seconds: 0, band: 0, hz: 500 })
    expect(readPoint(scale, 2, 2, -1)).toMatchObject({ seconds: 2, band: 4, hz: 4800 })
  })
})

describe('peaks', () => {
  it('come as maxima above and minima below', () => {
    const [maxima, minima] = readPeaks(Float32Array.of(-0.5, 0.25, -1, 1).buffer)
    expect([[...maxima], [...minima]]).toEqual([
      [0.25, 1],
      [-0.5, -1],
    ])
  })

  it('leave out half a pair at the end', () => {
    expect(readPeaks(Float32Array.of(-0.5, 0.25, -1).buffer)[0]).toHaveLength(1)
  })
})
