import { filterAndDecimate } from './decimate.ts'

/**
 * Band-limited resampling by a polyphase Kaiser-windowed sinc, with the pass and stop band of soxr's HQ setting, which
 * `librosa.load` uses: flat to 0.9136 of the lower Nyquist frequency, −6 dB midway, at least 120 dB down from it on.
 * Linear phase, no delay.
 */

/** Shares of the lower of the two Nyquist frequencies: what soxr 0.1.3 derives from HQ's 20 bits. */
const PASS_BAND_END = 0.91363
const STOP_BAND_START = 1
/** Of the Kaiser window: soxr's for 21 bits of 6.02 dB. */
const BETA = 13.05
/** Taps × transition band in shares of the input's Nyquist frequency, × ½, that soxr takes for that β. */
const LENGTH_TIMES_BAND = 8.31

interface FilterBank {
  /** Input samples on each side of an output sample. */
  half: number
  /** [phases, 2 · half], row-major; float64, as the loop over them is faster without conversions. */
  taps: Float64Array
}

const banks = new Map<string, FilterBank>()
/** A handful of pairs occurs in any dataset, but odd rates make big banks: 0.5 MB for 48 kHz, 17 MB for 11 024 Hz. */
const MAX_KEPT_TAPS = 2 ** 23
let keptTaps = 0

/**
 * @param samples - one channel
 * @returns ceil(n · to / from) samples, as librosa; the input itself at equal rates
 */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  if (fromHz === toHz || samples.length === 0) return samples
  const divisor = greatestCommonDivisor(fromHz, toHz)
  const up = toHz / divisor
  const down = fromHz / divisor
  const { half, taps } = filterBank(up, down)
  const width = 2 * half
  const padded = new Float64Array(samples.length + width + down)
  padded.set(samples, half)
  const output = new Float32Array(Math.ceil((samples.length * up) / down))
  if (up === 1) {
    filterAndDecimate(padded.subarray(1), taps, down, output)
    return output
  }
  // Output m stands at input m · down / up: `base` whole samples and `phase` / up of one.
  let base = 0
  let phase = 0
  for (let m = 0; m < output.length; m++) {
    // padded[base + 1 …] are the samples base − half + 1 … base + half.
    let input = base + 1
    let tap = phase * width
    const end = tap + width
    let a = 0
    let b = 0
    // half is even, so the taps come in fours.
    for (; tap < end; tap += 4, input += 4) {
      a += (taps[tap] ?? 0) * (padded[input] ?? 0) + (taps[tap + 1] ?? 0) * (padded[input + 1] ?? 0)
      b += (taps[tap + 2] ?? 0) * (padded[input + 2] ?? 0) + (taps[tap + 3] ?? 0) * (padded[input + 3] ?? 0)
    }
    output[m] = a + b
    phase += down
    while (phase >= up) {
      phase -= up
      base += 1
    }
  }
  return output
}

function filterBank(up: number, down: number): FilterBank {
  const key = `${up}/${down}`
  const known = banks.get(key)
  if (known) return known
  const scale = Math.min(1, up / down)
  const half = 2 * Math.ceil((LENGTH_TIMES_BAND / ((STOP_BAND_START - PASS_BAND_END) * scale) + 1) / 2)
  const cutoff = ((PASS_BAND_END + STOP_BAND_START) / 2) * scale
  const width = 2 * half
  const taps = new Float64Array(up * width)
  const row = new Float64Array(width)
  for (let phase = 0; phase < up; phase++) {
    let sum = 0
    for (let tap = 0; tap < width; tap++) {
      const time = phase / up + half - 1 - tap
      const value = cutoff * sinc(cutoff * time) * kaiser(time / half)
      row[tap] = value
      sum += value
    }
    // Every phase passes DC at exactly 1, so that a constant stays one.
    for (let tap = 0; tap < width; tap++) taps[phase * width + tap] = (row[tap] ?? 0) / sum
  }
  const bank = { half, taps }
  if (keptTaps + taps.length > MAX_KEPT_TAPS) {
    banks.clear()
    keptTaps = 0
  }
  banks.set(key, bank)
  keptTaps += taps.length
  return bank
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

const BESSEL_I0_BETA = besselI0(BETA)

/** @param x - −1 … 1 */
function kaiser(x: number): number {
  return Math.abs(x) > 1 ? 0 : besselI0(BETA * Math.sqrt(1 - x * x)) / BESSEL_I0_BETA
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= (x / (2 * k)) ** 2
    sum += term
  }
  return sum
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
