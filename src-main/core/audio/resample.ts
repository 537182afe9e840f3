import { BlockFilter } from './block-filter.ts'
import { kaiserSinc, scaleToOne, tapsPerSide } from './kaiser-sinc.ts'

/**
 * Band-limited resampling with the pass and stop band of soxr's HQ setting, which `librosa.load` uses: flat to 0.9136 of
 * the lower Nyquist frequency, −6 dB midway, at least 120 dB down from it on. Linear phase, no delay.
 *
 * In two steps, since a sharp filter needs hundreds of taps and a gentle one sixteen:
 * 1. the sharp low-pass, by transforms, at the input's rate times `stuff` (zeros put between the samples), of which
 *    every `step`-th value is kept: what is left is far below its own Nyquist frequency;
 * 2. polyphase interpolation from there to the wanted rate, where its images are far off. Whole ratios don't need it.
 */

/** Shares of the lower of the two Nyquist frequencies: what soxr 0.1.3 derives from HQ's 20 bits. */
const PASS_BAND_END = 0.91363
const STOP_BAND_START = 1
/** The rate between the steps is at least this many times the lower Nyquist frequency (2 would leave no room). */
const LEAST_MIDDLE_RATE = 3.5
/** More gains the second step nothing. */
const ENOUGH_MIDDLE_RATE = 4

interface Plan {
  stuff: number
  step: number
  /** Samples at the stuffed rate on each side that the sharp filter reaches. */
  side: number
  sharp: BlockFilter
  interpolation: Interpolation | undefined
  /** Numbers that it keeps. */
  kept: number
}

/** From the middle rate to the wanted one: output m stands at middle sample m · down / up. */
interface Interpolation {
  up: number
  down: number
  /** Middle samples on each side of an output sample; even. */
  side: number
  /** [up, 2 · side], row-major: one row a phase. */
  taps: Float64Array
}

const plans = new Map<string, Plan>()
/** A handful of rates occurs in any dataset; odd ones have many phases (11 024 Hz: 1.8 MB). */
const MAX_KEPT = 2 ** 22
let kept = 0

/**
 * @param samples - one channel
 * @returns ceil(n · to / from) samples, as librosa; the input itself at equal rates
 */
export function resample(samples: Float32Array, fromHz: number, toHz: number): Float32Array {
  if (fromHz === toHz || samples.length === 0) return samples
  const divisor = greatestCommonDivisor(fromHz, toHz)
  const up = toHz / divisor
  const down = fromHz / divisor
  const { stuff, step, side, sharp, interpolation } = planFor(up, down)
  const output = new Float32Array(Math.ceil((samples.length * up) / down))
  // The second step reaches beyond both ends of the clip, where the sharp filter still rings.
  const lead = interpolation ? interpolation.side : 0
  const before = side + lead * step
  const stuffed = new Float64Array(before + samples.length * stuff)
  if (stuff === 1) stuffed.set(samples, before)
  else
    for (let index = 0; index < samples.length; index++)
      stuffed[before + index * stuff] = (samples[index] ?? 0) * stuff
  if (!interpolation) {
    sharp.apply(stuffed, step, output)
    return output
  }
  const last = Math.floor(((output.length - 1) * interpolation.down) / interpolation.up)
  const middle = new Float64Array(last + 2 * lead + 1)
  sharp.apply(stuffed, step, middle)
  interpolate(middle, interpolation, output)
  return output
}

/** @param middle - `side` samples before the clip, the clip, and `side` after it */
function interpolate(middle: Float64Array, { up, down, side, taps }: Interpolation, output: Float32Array) {
  const width = 2 * side
  const wholeStep = Math.floor(down / up)
  const phaseStep = down % up
  let base = 0
  let phase = 0
  for (let m = 0; m < output.length; m++) {
    // middle[base + 1 …] are the samples from side − 1 before the output's place to side after it.
    let input = base + 1
    let tap = phase * width
    const end = tap + width
    let a = 0
    let b = 0
    // The width is a multiple of four.
    for (; tap < end; tap += 4, input += 4) {
      a += (taps[tap] ?? 0) * (middle[input] ?? 0) + (taps[tap + 1] ?? 0) * (middle[input + 1] ?? 0)
      b += (taps[tap + 2] ?? 0) * (middle[input + 2] ?? 0) + (taps[tap + 3] ?? 0) * (middle[input + 3] ?? 0)
    }
    output[m] = a + b
    base += wholeStep
    phase += phaseStep
    if (phase >= up) {
      phase -= up
      base += 1
    }
  }
}

function planFor(up: number, down: number): Plan {
  const key = `${up}/${down}`
  const known = plans.get(key)
  if (known) return known
  const plan = makePlan(up, down)
  if (kept + plan.kept > MAX_KEPT) {
    plans.clear()
    kept = 0
  }
  plans.set(key, plan)
  kept += plan.kept
  return plan
}

/** All frequencies and rates here are in the input's rate. */
function makePlan(up: number, down: number): Plan {
  const lowerNyquist = Math.min(1, up / down) / 2
  const stuff = up > 1 && 1 < LEAST_MIDDLE_RATE * lowerNyquist ? 2 : 1
  const step = up === 1 ? down : Math.max(1, Math.floor(stuff / (ENOUGH_MIDDLE_RATE * lowerNyquist)))
  const sharp = sharpTaps(2 * lowerNyquist, stuff)
  const filter = new BlockFilter(sharp)
  const interpolation = interpolationFor(stuff / step, lowerNyquist, up * step, down * stuff)
  return {
    stuff,
    step,
    side: (sharp.length - 1) / 2,
    sharp: filter,
    interpolation,
    kept: filter.kept + (interpolation?.taps.length ?? 0),
  }
}

/** @param share - the lower of the two Nyquist frequencies, as a share of the input's */
function sharpTaps(share: number, stuff: number): Float64Array {
  const side = stuff * tapsPerSide((STOP_BAND_START - PASS_BAND_END) * share)
  const cutoff = (((PASS_BAND_END + STOP_BAND_START) / 2) * share) / stuff
  const taps = Float64Array.from({ length: 2 * side + 1 }, (_, tap) => kaiserSinc(tap - side, cutoff, side))
  return scaleToOne(taps)
}

/** @param upTimes, downTimes - the remaining ratio, not yet in lowest terms */
function interpolationFor(
  middleRate: number,
  lowerNyquist: number,
  upTimes: number,
  downTimes: number,
): Interpolation | undefined {
  if (upTimes === downTimes) return undefined
  const divisor = greatestCommonDivisor(upTimes, downTimes)
  const up = upTimes / divisor
  // From the lower Nyquist frequency to its first image, and so around the middle rate's own.
  const side = tapsPerSide(2 - (4 * lowerNyquist) / middleRate)
  const taps = new Float64Array(up * 2 * side)
  for (let phase = 0; phase < up; phase++) {
    const row = taps.subarray(phase * 2 * side, (phase + 1) * 2 * side)
    for (let tap = 0; tap < row.length; tap++) row[tap] = kaiserSinc(phase / up + side - 1 - tap, 1, side)
    scaleToOne(row)
  }
  return { up, down: downTimes / divisor, side, taps }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
