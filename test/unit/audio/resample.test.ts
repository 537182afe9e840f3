import { describe, expect, it } from 'vitest'
import { BlockFilter } from '../../../src-main/core/audio/block-filter.ts'
import { resample } from '../../../src-main/core/audio/resample.ts'
import { chirp, noise, sine } from '../../parity/signals.ts'

const decibels = (ratio: number) => 20 * Math.log10(ratio)
/** Away from the ends, where the filter reaches beyond the signal. */
const middle = (samples: Float32Array) => samples.subarray(samples.length / 4, (samples.length * 3) / 4)
const rms = (samples: Float32Array) =>
  Math.sqrt(samples.reduce((sum, sample) => sum + sample * sample, 0) / samples.length)

function gainDb(fromHz: number, toHz: number, hz: number): number {
  return decibels(rms(middle(resample(sine(fromHz, fromHz, hz), fromHz, toHz))) * Math.SQRT2)
}

describe.each([
  [44_100, 22_050],
  [48_000, 22_050],
  [96_000, 22_050],
  [192_000, 22_050],
  [32_000, 22_050],
  [24_000, 22_050],
  [16_000, 22_050],
  [11_025, 22_050],
  [11_024, 22_050],
  [44_100, 16_000],
])('resampling from %i to %i Hz', (fromHz, toHz) => {
  const nyquist = Math.min(fromHz, toHz) / 2

  it.each([0.02, 0.25, 0.5, 0.75, 0.85, 0.91])('passes %f of the lower Nyquist frequency', (share) => {
    expect(Math.abs(gainDb(fromHz, toHz, share * nyquist))).toBeLessThan(0.1)
  })

  it.each([1.001, 1.01, 1.03, 1.1, 1.3, 1.7])('stops %f of it', (share) => {
    const hz = share * nyquist
    if (hz < fromHz / 2) expect(gainDb(fromHz, toHz, hz)).toBeLessThan(-100)
  })

  it('keeps nothing of a sine that sweeps through the stop band, and all of one through the pass band', () => {
    const sweep = (low: number, high: number) => {
      const swept = middle(resample(chirp(2 * fromHz, fromHz, low, high), fromHz, toHz))
      return decibels(rms(swept) / rms(middle(chirp(2 * fromHz, fromHz, low, high))))
    }
    const passed = sweep(50, 0.91 * nyquist)
    expect(Math.abs(passed)).toBeLessThan(0.01)
    if (toHz >= fromHz) return
    const stopped = sweep(nyquist, fromHz / 2)
    console.info(
      `${fromHz} → ${toHz} Hz: pass band ${passed.toFixed(4)} dB, stop band ${stopped.toFixed(0)} dB`,
    )
    expect(stopped).toBeLessThan(-100)
  })

  it('has no images of what it passes', () => {
    const hz = 0.4 * nyquist
    const resampled = resample(sine(fromHz, fromHz, hz), fromHz, toHz)
    const wanted = sine(resampled.length, toHz, hz)
    const rest = resampled.map((sample, index) => sample - (wanted[index] ?? 0))
    expect(decibels(rms(middle(rest)))).toBeLessThan(-100)
  })
})

describe('resampling', () => {
  it.each([
    [44_100, 22_050, 44_100],
    [44_100, 22_050, 28_601],
    [11_025, 22_050, 1000],
    [11_024, 22_050, 5000],
    [192_000, 22_050, 20_000],
    [22_050, 44_100, 333],
    [8000, 22_050, 1],
    [44_100, 22_050, 1],
    [192_000, 22_050, 1],
  ])('from %i to %i Hz gives ceil(n · ratio) of %i samples', (fromHz, toHz, frames) => {
    const resampled = resample(noise(frames), fromHz, toHz)
    expect(resampled.length).toBe(Math.ceil((frames * toHz) / fromHz))
    expect(resampled.every(Number.isFinite)).toBe(true)
  })

  it('leaves equal rates and empty clips alone', () => {
    const samples = noise(10)
    expect(resample(samples, 22_050, 22_050)).toBe(samples)
    expect(resample(new Float32Array(), 44_100, 22_050).length).toBe(0)
  })

  it.each([11_025, 11_024, 44_100, 48_000, 192_000])('keeps a constant at %i Hz', (fromHz) => {
    const flat = middle(resample(new Float32Array(fromHz).fill(0.5), fromHz, 22_050))
    expect(Math.max(...flat) - Math.min(...flat)).toBeLessThan(1e-6)
    expect(flat[0]).toBeCloseTo(0.5, 6)
  })

  it('keeps every sound where it was', () => {
    const click = new Float32Array(44_100)
    click[20_000] = 1
    const resampled = resample(click, 44_100, 22_050)
    expect(resampled.indexOf(Math.max(...resampled))).toBe(10_000)
    expect(resampled[9990]).toBeCloseTo(resampled[10_010] ?? Number.NaN, 6)
  })

  it('gives the same whatever it resampled before', () => {
    const samples = noise(2000)
    const first = resample(samples, 48_000, 22_050)
    for (let rateHz = 30_000; rateHz < 30_020; rateHz++) resample(samples.subarray(0, 20), rateHz, 22_050)
    expect(resample(samples, 48_000, 22_050)).toEqual(first)
  })
})

describe('filtering by transforms', () => {
  it.each([
    [5000, 97, 1, 2],
    [200, 389, 1, 2],
    [3001, 33, 1, 3],
    [3001, 33, 1, 21],
    [700, 65, 2, 1],
    [5000, 201, 2, 2],
    [5000, 201, 2, 5],
    [1, 9, 1, 4],
  ])(
    'equals the sum over %i samples and %i taps, with rates times %i and every %i',
    (frames, length, stuff, step) => {
      const samples = noise(frames)
      const half = Float64Array.from(noise((length + 1) / 2))
      const taps = Float64Array.from({ length }, (_, t) => half[Math.abs(t - (length - 1) / 2)] ?? 0)
      const before = 40
      const input = new Float64Array((before + frames) * stuff)
      samples.forEach((sample, index) => {
        input[(before + index) * stuff] = sample * stuff
      })
      const count = Math.ceil(input.length / step) + 5
      const output = { view: new Float32Array(count) }
      new BlockFilter({ taps, stuff, step }).apply(samples, before, output, count)
      output.view.forEach((value, m) => {
        const sum = taps.reduce((total, tap, t) => total + tap * (input[m * step + t] ?? 0), 0)
        expect(Math.abs(value - sum), `output ${m}`).toBeLessThan(2e-6)
      })
    },
  )

  it('keeps nothing of the signal before', () => {
    const taps = Float64Array.from(noise(51))
    const filter = new BlockFilter({ taps, stuff: 1, step: 3 })
    const [first, second] = [{ view: new Float32Array(900) }, { view: new Float32Array(900) }]
    filter.apply(noise(3000), 0, first, 900)
    filter.apply(new Float32Array(10_000).fill(1), 0, { view: new Float32Array(4000) }, 4000)
    filter.apply(noise(3000), 0, second, 900)
    expect(second).toEqual(first)
  })
})
