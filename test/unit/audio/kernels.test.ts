import { readFile } from 'node:fs/promises'
import { describe, expect, it } from 'vitest'
import { buildModule, modules } from '../../../scripts/build-wasm.mjs'
import { Floats, Scratch } from '../../../src-main/core/audio/simd.ts'
import { isTransformLength, PowerSpectrum } from '../../../src-main/core/features/power-spectrum.ts'
import { noise } from '../../parity/signals.ts'

describe('the WebAssembly modules', () => {
  it.each(modules)(
    'are what $source gives (else: npm run build:wasm)',
    async (module) => {
      const path = new URL(`../../../${module.target}`, import.meta.url)
      expect(await readFile(path, 'utf8')).toBe(await buildModule(module))
    },
    30_000,
  )
})

describe('the WebAssembly kernels', () => {
  // Every radix, at the first, a middle and the last stage.
  it.each([32, 36, 60, 96, 250, 360, 486, 512, 1000, 2048, 2560])(
    'give the power and the bins of %i windowed samples, as the sum of the definition',
    (length) => {
      const samples = noise(length)
      const window = Float64Array.from({ length }, (_, n) => 0.6 - 0.4 * Math.cos((2 * Math.PI * n) / length))
      const input = new Floats(length)
      input.view.set(samples)
      const spectrum = new PowerSpectrum(window)
      spectrum.compute(input.pointer)
      const bins = { re: new Float64Array(length / 2 + 1), im: new Float64Array(length / 2 + 1) }
      spectrum.bins(bins.re, bins.im)
      const largest = spectrum.power.view.reduce((high, value) => Math.max(high, value), 0)
      for (let bin = 0; bin <= length / 2; bin++) {
        let re = 0
        let im = 0
        for (let n = 0; n < length; n++) {
          const value = (samples[n] ?? 0) * (window[n] ?? 0)
          const angle = (2 * Math.PI * ((bin * n) % length)) / length
          re += value * Math.cos(angle)
          im -= value * Math.sin(angle)
        }
        const power = spectrum.power.view[bin] ?? Number.NaN
        expect(Math.abs(power - (re * re + im * im)), `bin ${bin}`).toBeLessThan(1e-7 * largest)
        const apart = Math.hypot((bins.re[bin] ?? Number.NaN) - re, (bins.im[bin] ?? Number.NaN) - im)
        expect(apart, `bin ${bin}`).toBeLessThan(1e-13 * Math.sqrt(largest))
      }
    },
  )

  it('know which lengths they can do', () => {
    expect([32, 2048, 2560, 4050].every(isTransformLength)).toBe(true)
    expect([0, 31, 33, 14 * 32, 2050, 64.5].some(isTransformLength)).toBe(false)
  })
})

describe('arrays on the kernels’ memory', () => {
  it('stay where they are when the memory grows', () => {
    const small = new Floats(5)
    small.view.set([1, 2, 3, 4, 5])
    const large = new Floats(40_000_000)
    expect(small.length).toBe(8)
    expect([...small.view]).toEqual([1, 2, 3, 4, 5, 0, 0, 0])
    large.free()
  })

  it('are kept between uses until more is asked for', () => {
    const scratch = new Scratch()
    const first = scratch.ofLength(10)
    expect(scratch.ofLength(8)).toBe(first)
    expect(scratch.ofLength(100).length).toBeGreaterThanOrEqual(100)
  })
})
