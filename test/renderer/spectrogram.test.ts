import { describe, expect, it } from 'vitest'
import { frequencyAxis } from '../../src-renderer/lib/components/spectrogram/frequency-axis.ts'
import { paintSpectrogram } from '../../src-renderer/lib/components/spectrogram/paint.ts'
import {
  decibelExtent,
  levelAt,
  readSpectrogram,
  shownLevels,
} from '../../src-renderer/lib/components/spectrogram/spectrogram-data.ts'
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
    expect([levelAt(data, 1, 2), levelAt(data, 1, 3), levelAt(data, -1, 0)]).toEqual([
      -6,
      undefined,
      undefined,
    ])
  })

  it('is refused when its length does not agree with its header', () => {
    expect(() => readSpectrogram(message(2, 3, [0, 0, 0]))).toThrow('2 × 3')
    expect(() => readSpectrogram(new ArrayBuffer(3))).toThrow('no header')
  })
})

describe('levels', () => {
  it('go from the loudest point down by the range', () => {
    expect(decibelExtent(Float32Array.of(-120, -30, -5))).toEqual({ low: -120, high: -5 })
    expect(shownLevels({ low: -120, high: -5 }, 80, 0)).toEqual({ low: -85, high: -5 })
  })

  it('move down by the gain, so that everything looks louder', () => {
    expect(shownLevels({ low: -120, high: 0 }, 60, 10)).toEqual({ low: -70, high: -10 })
  })

  it('put silence at the bottom', () => {
    expect(shownLevels({ low: -80, high: -80 }, 80, 0)).toEqual({ low: -80, high: 0 })
    expect(shownLevels(decibelExtent(new Float32Array(0)), 80, 0)).toEqual({ low: 0, high: 80 })
  })
})

describe('painting', () => {
  // Colour n is the number n, and a level of n dB is colour n.
  const table = Uint32Array.from({ length: 256 }, (_, step) => step)
  const levels = { low: 0, high: 255 }
  const centres = [100, 300, 500]
  const scale = { sampleRateHz: 1000, hopLength: 100, melCentresHz: centres }
  const axis = frequencyAxis(centres, 'mel')
  const data = readSpectrogram(message(3, 2, [10, 20, 30, 40, 50, 60]))
  const paint = (width: number, height: number, range: { from: number; to: number }, of = data) => {
    const pixels = paintSpectrogram(of, scale, { range, axis, levels, table, width, height })
    return Array.from({ length: height }, (_, y) => [
      ...new Uint32Array(pixels.buffer).slice(y * width, (y + 1) * width),
    ])
  }

  it('puts the highest band at the top, and each frame around its own time', () => {
    // Frame 0 is centred on 0 s, frame 1 on 0.1 s.
    expect(paint(2, 3, { from: -0.05, to: 0.15 })).toEqual([
      [50, 60],
      [30, 40],
      [10, 20],
    ])
  })

  it('mixes levels between two values, and holds the outer ones', () => {
    expect(paint(4, 3, { from: 0, to: 0.1 })[1]).toEqual([31, 34, 36, 39])
    expect(paint(1, 6, { from: -0.05, to: 0.05 }).flat()).toEqual([50, 45, 35, 25, 15, 10])
  })

  it('keeps the loudest of what shares a pixel', () => {
    const frames = 50
    const click = readSpectrogram(
      message(
        3,
        frames,
        Array.from({ length: 3 * frames }, (_, n) => (n === 60 ? 200 : 5)),
      ),
    )
    expect(paint(5, 3, { from: 0, to: 5 }, click)[1]).toEqual([5, 200, 5, 5, 5])
  })

  it('clips at both ends and leaves what lies beyond the data empty', () => {
    const loud = readSpectrogram(message(3, 1, [-100, 100, 400]))
    expect(paint(1, 3, { from: -0.05, to: 0.05 }, loud).flat()).toEqual([255, 100, 0])
    expect(paint(4, 3, { from: -0.05, to: 0.35 })[0]).toEqual([50, 60, 0, 0])
  })

  it.each(['linear', 'log'] as const)('puts each band where a %s axis has it', (name) => {
    const curved = frequencyAxis([100, 200, 400, 800], name)
    const bands = readSpectrogram(message(4, 1, [10, 20, 40, 80]))
    const height = 1400
    const pixels = new Uint32Array(
      paintSpectrogram(
        bands,
        { ...scale, melCentresHz: [100, 200, 400, 800] },
        { range: { from: 0, to: 0.04 }, axis: curved, levels, table, width: 1, height },
      ).buffer,
    )
    for (const hz of [100, 200, 300, 400, 600, 800]) {
      const row = Math.round((1 - curved.shareOf(hz)) * height - 0.5)
      // Levels are a tenth of the frequencies here, so a mix of them is as well.
      expect(Math.abs((pixels[row] ?? 0) - hz / 10), `${hz} Hz`).toBeLessThanOrEqual(1)
    }
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
