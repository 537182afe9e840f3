import { describe, expect, it } from 'vitest'
import {
  frequencyTicks,
  levelTicks,
  timeTicks,
} from '../../src-renderer/lib/components/spectrogram/axis-ticks.ts'
import { binAxis } from '../../src-renderer/lib/components/spectrogram/bin-axis.ts'
import {
  describeReadout,
  readCursor,
  stepCursor,
} from '../../src-renderer/lib/components/spectrogram/cursor.ts'
import {
  bandAtHz,
  bandsOnAxis,
  FREQUENCY_AXES,
  frequencyAxis,
  hzAtBand,
} from '../../src-renderer/lib/components/spectrogram/frequency-axis.ts'
import {
  followRange,
  panRange,
  SHORTEST_RANGE_SECONDS,
  secondsAt,
  shareOf,
  zoomRange,
} from '../../src-renderer/lib/components/spectrogram/time-range.ts'

const centres = [500, 950, 1700, 2800, 4800]

it('time ticks of long recordings are minutes, of short stretches of them seconds', () => {
  expect(timeTicks({ from: 0, to: 7200 }, 8).map(({ label }) => label)).toEqual([
    '0:00',
    '15:00',
    '30:00',
    '45:00',
    '1:00:00',
    '1:15:00',
    '1:30:00',
    '1:45:00',
    '2:00:00',
  ])
  expect(timeTicks({ from: 3590, to: 3620 }, 6).map(({ label }) => label)).toEqual([
    '59:50',
    '59:55',
    '1:00:00',
    '1:00:05',
    '1:00:10',
    '1:00:15',
    '1:00:20',
  ])
  expect(timeTicks({ from: 3600, to: 3602 }, 4).map(({ label }) => label)[0]).toBe('3600.0')
})

describe('time range', () => {
  const whole = { from: 0, to: 4 }

  it.each([0, 1, 2.7, 4])('keeps the time under the pointer where it is: %f s', (at) => {
    let range = zoomRange(whole, 2, at, 4)
    expect(range.to - range.from).toBeCloseTo(2, 10)
    expect(shareOf(range, at)).toBeCloseTo(at / 4, 10)
    range = zoomRange(range, 0.5, at, 4)
    expect([range.from, range.to].map((value) => Math.round(value * 1e9) / 1e9)).toEqual([0, 4])
  })

  it('never shows more than the clip, nor less than there is to see', () => {
    expect(zoomRange({ from: 1, to: 2 }, 0.01, 1.5, 4)).toEqual(whole)
    const closest = zoomRange(whole, 1e6, 2, 4)
    expect(closest.to - closest.from).toBeCloseTo(SHORTEST_RANGE_SECONDS, 10)
    expect(zoomRange({ from: 0, to: 0.05 }, 2, 0, 0.05)).toEqual({ from: 0, to: 0.05 })
    expect(zoomRange({ from: 0, to: 0 }, 2, 0, 0)).toEqual({ from: 0, to: 0 })
  })

  it('pans as far as the ends of the clip', () => {
    expect(panRange({ from: 1, to: 2 }, 0.5, 4)).toEqual({ from: 1.5, to: 2.5 })
    expect(panRange({ from: 1, to: 2 }, -9, 4)).toEqual({ from: 0, to: 1 })
    expect(panRange({ from: 1, to: 2 }, 9, 4)).toEqual({ from: 3, to: 4 })
    expect(panRange(whole, 1, 4)).toEqual(whole)
  })

  it('turns the page when the playhead leaves it, but not when a person has looked elsewhere', () => {
    const page = { from: 1, to: 2 }
    expect(followRange(page, 1.9, 1.99, 4)).toBe(page)
    expect(followRange(page, 1.99, 2.01, 4).from).toBeCloseTo(1.96, 10)
    expect(followRange(page, 1.01, 0.5, 4).to).toBeCloseTo(0.55 + 0.45, 10)
    expect(followRange(page, 3, 3.1, 4)).toBe(page)
  })

  it('goes from times to places and back', () => {
    expect(secondsAt({ from: 1, to: 3 }, 0.25)).toBe(1.5)
    expect(shareOf({ from: 1, to: 3 }, 1.5)).toBe(0.25)
    expect(shareOf({ from: 0, to: 0 }, 1)).toBe(0)
  })
})

describe('frequency axis', () => {
  it('finds the band of a frequency and back', () => {
    expect(bandAtHz(centres, 500)).toBe(0)
    expect(bandAtHz(centres, (950 + 1700) / 2)).toBeCloseTo(1.5, 10)
    for (const band of [-0.5, 0, 0.25, 1.5, 3.99, 4, 4.5])
      expect(bandAtHz(centres, hzAtBand(centres, band))).toBeCloseTo(band, 9)
  })

  it('has a logarithm everywhere', () => {
    expect(hzAtBand([10, 40], -0.5)).toBe(1)
  })

  it.each(FREQUENCY_AXES)('goes from end to end, and back: %s', (name) => {
    const axis = frequencyAxis(centres, name)
    expect(axis.hzAt(0)).toBeCloseTo(275, 9)
    expect(axis.hzAt(1)).toBeCloseTo(5800, 9)
    for (const share of [0.01, 0.3, 0.5, 0.99]) {
      expect(axis.shareOf(axis.hzAt(share))).toBeCloseTo(share, 9)
      expect(axis.bandAt(share)).toBeCloseTo(bandAtHz(centres, axis.hzAt(share)), 9)
    }
    expect(axis.shareOf(274)).toBeNaN()
    expect(axis.shareOf(5801)).toBeNaN()
  })

  it('has the middle where its scale has it', () => {
    expect(frequencyAxis(centres, 'mel').hzAt(0.5)).toBe(1700)
    expect(frequencyAxis(centres, 'linear').hzAt(0.5)).toBeCloseTo((275 + 5800) / 2, 9)
    expect(frequencyAxis(centres, 'log').hzAt(0.5)).toBeCloseTo(Math.sqrt(275 * 5800), 9)
  })
})

describe('ticks', () => {
  it.each([
    ['mel', 0.15, ['500', '1k', '2k', '3k', '5k']],
    ['log', 0.2, ['500', '1k', '2k', '5k']],
    ['linear', 0.15, ['2k', '4k']],
  ] as const)('of a %s axis are round frequencies with room between them', (name, gap, labels) => {
    const axis = frequencyAxis(centres, name)
    const ticks = frequencyTicks(axis, name, gap)
    for (const [index, tick] of ticks.entries())
      if (index > 0) expect(tick.position - (ticks[index - 1]?.position ?? 0)).toBeGreaterThanOrEqual(gap)
    expect(ticks.map(({ label }) => label)).toEqual(labels)
  })

  it('lie at their frequency', () => {
    const axis = frequencyAxis(centres, 'mel')
    const tick = frequencyTicks(axis, 'mel', 0.05).find(({ label }) => label === '1k')
    expect(tick?.position).toBeCloseTo((bandAtHz(centres, 1000) + 0.5) / 5, 10)
  })

  it.each([
    [0, 4, 5, ['0', '1', '2', '3', '4']],
    [0, 0.35, 4, ['0.0', '0.1', '0.2', '0.3']],
    [0, 1.97, 5, ['0.0', '0.5', '1.0', '1.5']],
    [0.61, 0.89, 6, ['0.65', '0.70', '0.75', '0.80', '0.85']],
    [2.503, 2.603, 5, ['2.52', '2.54', '2.56', '2.58', '2.60']],
    [0, 0, 4, []],
  ])('mark %f to %f s with about %i', (from, to, wanted, labels) => {
    expect(timeTicks({ from, to }, wanted).map(({ label }) => label)).toEqual(labels)
  })

  it('of levels have a true minus', () => {
    expect(levelTicks({ low: -80, high: 0 }, 4)).toEqual([
      { position: 0, label: '−80' },
      { position: 0.25, label: '−60' },
      { position: 0.5, label: '−40' },
      { position: 0.75, label: '−20' },
      { position: 1, label: '0' },
    ])
  })
})

describe('bands over a picture with another axis', () => {
  /** As of a recipe to 5 kHz over a clip to 24 kHz. */
  it.each(FREQUENCY_AXES)('lie at their own frequencies of a %s axis', (name) => {
    const picture = binAxis(48_000, 513, name)
    const place = bandsOnAxis(picture, centres)
    if (!place) throw new Error('they share frequencies')
    for (const [band, hz] of centres.entries()) {
      const share = picture.shareOf(hz)
      expect(place.axis.bandAt((share - place.bottom) / (place.top - place.bottom))).toBeCloseTo(band, 6)
    }
    expect(picture.hzAt(place.top)).toBeCloseTo(hzAtBand(centres, 4.5), 3)
    expect(picture.hzAt(place.bottom)).toBeCloseTo(Math.max(picture.lowHz, hzAtBand(centres, -0.5)), 3)
  })

  it('end where the picture does, and are nowhere where it has none of them', () => {
    const low = binAxis(4000, 513, 'linear')
    expect(bandsOnAxis(low, centres)).toMatchObject({ top: 1 })
    expect(bandsOnAxis(low, [3000, 4000, 5000])).toBeUndefined()
  })
})

describe('cursor', () => {
  const scale = { sampleRateHz: 1000, hopLength: 100, melCentresHz: centres }
  const axis = frequencyAxis(centres, 'log')
  const data = { nMels: 5, frames: 3, decibels: Float32Array.from({ length: 15 }, (_, n) => -n) }

  it('reads the cell that it is in', () => {
    const height = axis.shareOf(1750)
    const readout = readCursor({ seconds: 0.12, height, by: 'pointer' }, data, scale, axis)
    expect(readout.decibels).toBe(-(2 * 3 + 1))
    expect(readout.hz).toBeCloseTo(1750, 6)
    expect(describeReadout(readout)).toBe('0.120 s · 1750 Hz · −7.0 dB')
  })

  it('has no level beyond the data, and no frequency over the waveform', () => {
    const beyond = readCursor({ seconds: 0.9, height: 0.5, by: 'pointer' }, data, scale, axis)
    expect(beyond.decibels).toBeUndefined()
    const wave = readCursor({ seconds: 0.1, height: null, by: 'pointer' }, data, scale, axis)
    expect(describeReadout(wave)).toBe('0.100 s')
  })

  it('goes from cell to cell by keys, and stays on the picture', () => {
    const start = { seconds: 0.12, height: axis.shareOf(1750), by: 'pointer' } as const
    const step = (by: { byFrames?: number; byBands?: number }) => {
      const { seconds, height } = stepCursor(start, by, scale, axis, 0.25)
      return [seconds, Math.round(axis.hzAt(height ?? 0))]
    }
    expect(step({ byFrames: 1 })).toEqual([0.2, 1700])
    expect(step({ byFrames: 9 })).toEqual([0.2, 1700])
    expect(step({ byFrames: -9 })).toEqual([0, 1700])
    expect(step({ byBands: 1 })).toEqual([0.1, 2800])
    expect(step({ byBands: 9 })).toEqual([0.1, 4800])
    expect(step({ byBands: -9 })).toEqual([0.1, 500])
  })
})
