import { resample } from '../audio/resample.ts'
import { Floats, RealFft } from '../audio/simd.ts'
import { PowerSpectrum } from './power-spectrum.ts'
import { windowOf } from './stft.ts'

/** librosa's frames: 2048 samples under a Hann window, 512 apart, centred. */
const LENGTH = 2048
const HOP = 512
const BINS = LENGTH / 2 + 1
const window = windowOf('hann', LENGTH)
const SEMITONES_PER_OCTAVE = 12
/** Largest of the two numbers that stand for a ratio of rates: right to 4e-6 at worst (0.01 cents), mostly to 1e-7, and the resampler's filters stay small. */
const LARGEST_TERM = 8192

/**
 * Makes a signal faster or slower at the same pitch, as `librosa.effects.time_stretch(samples, rate=rate)`: a phase vocoder
 * (Flanagan & Golden 1966; this simple form is Ellis 2002). Each output frame lies between two frames of the input: its
 * magnitudes are interpolated, its phases advance as they do between those two.
 * @param rate - how many times as fast
 * @returns round(n / rate) samples
 */
export function timeStretch(samples: Float32Array, rate: number): Float32Array {
  const length = roundHalfEven(samples.length / rate)
  if (rate === 1 || samples.length === 0) return samples.subarray(0, length)
  const frames = 1 + Math.floor(samples.length / HOP)
  const outFrames = Math.min(Math.ceil(frames / rate), Math.ceil((length + LENGTH) / HOP))
  const fft = new RealFft(LENGTH)
  const spectra = new InputSpectra(samples, frames)
  const sum = new Float64Array(LENGTH + outFrames * HOP)
  const weight = new Float64Array(sum.length)
  // Turn of each bin's phase so far, as a number of magnitude 1.
  const turnRe = new Float64Array(BINS)
  const turnIm = new Float64Array(BINS)
  for (let frame = 0; frame < outFrames; frame++) {
    const place = frame * rate
    const [left, right] = spectra.pair(Math.floor(place))
    if (frame === 0) {
      turnRe.set(left.re)
      turnIm.set(left.im)
    }
    const share = place % 1
    writeSpectrum(fft, (bin) => {
      const magnitude = (1 - share) * (left.magnitude[bin] ?? 0) + share * (right.magnitude[bin] ?? 0)
      return [magnitude * (turnRe[bin] ?? 0), magnitude * (turnIm[bin] ?? 0)]
    })
    fft.inverse()
    const made = fft.signal.view
    for (let at = 0; at < LENGTH; at++) {
      const w = window[at] ?? 0
      sum[frame * HOP + at] = (sum[frame * HOP + at] ?? 0) + (w * (made[at] ?? 0)) / LENGTH
      weight[frame * HOP + at] = (weight[frame * HOP + at] ?? 0) + w * w
    }
    for (let bin = 0; bin < BINS; bin++) advance(turnRe, turnIm, left, right, bin)
  }
  fft.free()
  return Float32Array.from({ length }, (_, at) => {
    const w = weight[at + LENGTH / 2] ?? 0
    const value = sum[at + LENGTH / 2] ?? 0
    return w > SMALLEST_WEIGHT ? value / w : value
  })
}

/**
 * Makes a signal higher or lower at the same length, as `librosa.effects.pitch_shift(samples, sr=…, n_steps=semitones)`:
 * stretched, then resampled.
 */
export function shiftPitch(samples: Float32Array, semitones: number): Float32Array {
  if (semitones === 0) return samples
  const rate = 2 ** (-semitones / SEMITONES_PER_OCTAVE)
  const [up, down] = nearestFraction(rate, LARGEST_TERM)
  const shifted = resample(timeStretch(samples, rate), down, up)
  const out = new Float32Array(samples.length)
  out.set(shifted.subarray(0, out.length))
  return out
}

/** librosa divides by every weight above the smallest normal float32. */
const SMALLEST_WEIGHT = 2 ** -126

/** A frame's bins: magnitudes, and phases as numbers of magnitude 1. */
interface Frame {
  magnitude: Float64Array
  re: Float64Array
  im: Float64Array
}

const emptyFrame = (): Frame => ({
  magnitude: new Float64Array(BINS),
  re: new Float64Array(BINS),
  im: new Float64Array(BINS),
})

let transform: { spectrum: PowerSpectrum; input: Floats } | undefined

/**
 * Frames of the input, zeros beyond its ends; made in turn, the last two kept. In float64, as librosa's: where a bin holds next
 * to nothing, its phase still decides how it sounds once a tone comes there.
 */
class InputSpectra {
  readonly #samples: Float32Array
  readonly #count: number
  #at = -2
  #left = emptyFrame()
  #right = emptyFrame()

  constructor(samples: Float32Array, count: number) {
    this.#samples = samples
    this.#count = count
  }

  /** Frame `index` and the one after it; `index` never falls from call to call. */
  pair(index: number): readonly [Frame, Frame] {
    if (index === this.#at + 1) {
      const kept = this.#left
      this.#left = this.#right
      this.#right = kept
      this.#make(index + 1, this.#right)
    } else if (index !== this.#at) {
      this.#make(index, this.#left)
      this.#make(index + 1, this.#right)
    }
    this.#at = index
    return [this.#left, this.#right]
  }

  #make(index: number, { magnitude, re, im }: Frame): void {
    re.fill(0)
    im.fill(0)
    if (index < this.#count) {
      transform ??= { spectrum: new PowerSpectrum(window), input: new Floats(LENGTH) }
      const { spectrum, input } = transform
      const start = index * HOP - LENGTH / 2
      const from = Math.max(0, start)
      const inside = this.#samples.subarray(from, Math.max(from, start + LENGTH))
      input.view.fill(0).set(inside, from - start)
      spectrum.compute(input.pointer)
      spectrum.bins(re, im)
    }
    for (let bin = 0; bin < BINS; bin++) {
      const a = re[bin] ?? 0
      const b = im[bin] ?? 0
      const size = Math.sqrt(a * a + b * b)
      magnitude[bin] = size
      // The phase of nothing is 0.
      re[bin] = size > 0 ? a / size : 1
      im[bin] = size > 0 ? b / size : 0
    }
  }
}

/**
 * Turns on by the phase from the left frame to the right one. The advance that a bin's own frequency would make needs no
 * account: what is added to it is taken modulo 2π.
 */
function advance(turnRe: Float64Array, turnIm: Float64Array, left: Frame, right: Frame, bin: number): void {
  const [a, b] = [right.re[bin] ?? 0, right.im[bin] ?? 0]
  const [c, d] = [left.re[bin] ?? 0, left.im[bin] ?? 0]
  const stepRe = a * c + b * d
  const stepIm = b * c - a * d
  const re = (turnRe[bin] ?? 0) * stepRe - (turnIm[bin] ?? 0) * stepIm
  const im = (turnRe[bin] ?? 0) * stepIm + (turnIm[bin] ?? 0) * stepRe
  // Rounding must not make it grow over thousands of frames.
  const scale = 1 / Math.sqrt(re * re + im * im)
  turnRe[bin] = re * scale
  turnIm[bin] = im * scale
}

function writeSpectrum(fft: RealFft, at: (bin: number) => [number, number]): void {
  const bins = fft.spectrum.view
  bins[0] = at(0)[0]
  bins[1] = at(BINS - 1)[0]
  for (let bin = 1; bin < BINS - 1; bin++) {
    const [re, im] = at(bin)
    bins[2 * bin] = re
    bins[2 * bin + 1] = im
  }
}

/** As Python's round. */
function roundHalfEven(value: number): number {
  const rounded = Math.round(value)
  return Math.abs(value % 1) === 0.5 && rounded % 2 !== 0 ? rounded - 1 : rounded
}

/** The best fraction by continued fractions. @returns numerator and denominator, both at most `largest` */
export function nearestFraction(value: number, largest: number): [number, number] {
  let [p0, q0, p1, q1] = [0, 1, 1, 0]
  let rest = value
  for (;;) {
    const whole = Math.floor(rest)
    // Part of the last step may be nearer than none of it.
    const fits = Math.min(
      whole,
      Math.floor((largest - p0) / p1),
      q1 > 0 ? Math.floor((largest - q0) / q1) : whole,
    )
    const [p, q] = [fits * p1 + p0, fits * q1 + q0]
    if (fits < whole) return Math.abs(p / q - value) < Math.abs(p1 / q1 - value) ? [p, q] : [p1, q1]
    if (rest - whole < 1e-12) return [p, q]
    ;[p0, q0, p1, q1] = [p1, q1, p, q]
    rest = 1 / (rest - whole)
  }
}
