import { BlockFilter } from './block-filter.ts'
import { kaiserSinc, scaleToOne, tapsPerSide } from './kaiser-sinc.ts'
import { Floats, kernels, Scratch } from './simd.ts'

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
  /** Samples of the input on each side that the sharp filter reaches. */
  side: number
  sharp: BlockFilter
  interpolation: Interpolation | undefined
}

/** From the middle rate to the wanted one: output m stands at middle sample m · down / up. */
interface Interpolation {
  up: number
  down: number
  /** Middle samples on each side of an output sample; even. */
  side: number
  /** [up, 2 · side], row-major: one row a phase. */
  taps: Floats
}

const plans = new Map<string, Plan>()
/** A handful of rates occurs in any dataset; odd ones have many phases (11 024 Hz: 0.9 MB). */
const MAX_KEPT_BYTES = 2 ** 25
const middleScratch = new Scratch()
const outputScratch = new Scratch()

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
  const count = Math.ceil((samples.length * up) / down)
  const output = outputScratch.ofLength(count)
  if (!interpolation) {
    sharp.apply(samples, side, output, count)
    return output.view.slice(0, count)
  }
  // The second step reaches beyond both ends of the clip, where the sharp filter still rings.
  const lead = interpolation.side
  const last = Math.floor(((count - 1) * interpolation.down) / interpolation.up)
  const middleCount = last + 2 * lead + 1
  const middle = middleScratch.ofLength(middleCount)
  sharp.apply(samples, side + (lead * step) / stuff, middle, middleCount)
  kernels.interpolate(
    middle.pointer,
    interpolation.taps.pointer,
    2 * lead,
    interpolation.up,
    interpolation.down,
    output.pointer,
    count,
  )
  return output.view.slice(0, count)
}

function planFor(up: number, down: number): Plan {
  const key = `${up}/${down}`
  const known = plans.get(key)
  if (known) return known
  const plan = makePlan(up, down)
  const others = [...plans.values()].reduce((sum, other) => sum + keptBytes(other), 0)
  if (others + keptBytes(plan) > MAX_KEPT_BYTES) {
    for (const { sharp, interpolation } of plans.values()) {
      sharp.free()
      interpolation?.taps.free()
    }
    plans.clear()
  }
  plans.set(key, plan)
  return plan
}

const keptBytes = ({ sharp, interpolation }: Plan) => sharp.kept + 4 * (interpolation?.taps.length ?? 0)

/** All frequencies and rates here are in the input's rate. */
function makePlan(up: number, down: number): Plan {
  const lowerNyquist = Math.min(1, up / down) / 2
  const stuff = up > 1 && 1 < LEAST_MIDDLE_RATE * lowerNyquist ? 2 : 1
  const step = up === 1 ? down : Math.max(1, Math.floor(stuff / (ENOUGH_MIDDLE_RATE * lowerNyquist)))
  const taps = sharpTaps(2 * lowerNyquist, stuff)
  return {
    stuff,
    step,
    side: (taps.length - 1) / 2 / stuff,
    sharp: new BlockFilter({ taps, stuff, step }),
    interpolation: interpolationFor(stuff / step, lowerNyquist, up * step, down * stuff),
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
  const taps = new Floats(up * 2 * side)
  const row = new Float64Array(2 * side)
  for (let phase = 0; phase < up; phase++) {
    for (let tap = 0; tap < row.length; tap++) row[tap] = kaiserSinc(phase / up + side - 1 - tap, 1, side)
    taps.view.set(scaleToOne(row), phase * row.length)
  }
  return { up, down: downTimes / divisor, side, taps }
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b)
}
