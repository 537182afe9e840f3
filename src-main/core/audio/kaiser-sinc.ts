/**
 * The low-pass filter that resampling is made of: a sinc, cut to length by a Kaiser window. β = 13.05 is what soxr takes
 * for the 21 bits of its HQ setting: at least 120 dB down in the stop band, and flat to 1e-6 in the pass band.
 */

const BETA = 13.05
/** Taps on each side, times the transition band in shares of the Nyquist frequency: soxr's for that β. */
const SIDE_TIMES_BAND = 8.31

/** Taps on each side of the middle one for a transition of `band`, a share of the Nyquist frequency; even. */
export function tapsPerSide(band: number): number {
  return 2 * Math.ceil((SIDE_TIMES_BAND / band + 1) / 2)
}

/**
 * One value of the filter's impulse response.
 * @param time - in samples from its middle; 0 beyond `side`
 * @param cutoff - where it is 6 dB down, a share of the Nyquist frequency
 */
export function kaiserSinc(time: number, cutoff: number, side: number): number {
  return cutoff * sinc(cutoff * time) * kaiser(time / side)
}

const sinc = (x: number) => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x))

const BESSEL_I0_BETA = besselI0(BETA)

/** @param x - −1 … 1 */
function kaiser(x: number): number {
  return Math.abs(x) > 1 ? 0 : besselI0(BETA * Math.sqrt(1 - x * x)) / BESSEL_I0_BETA
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  const quarter = (x * x) / 4
  let term = 1
  let sum = 1
  for (let k = 1; term > sum * 1e-17; k++) {
    term *= quarter / (k * k)
    sum += term
  }
  return sum
}

/** Divides by the sum: such taps pass DC at exactly 1, so that a constant stays one. In place. */
export function scaleToOne(taps: Float64Array): Float64Array {
  const sum = taps.reduce((total, tap) => total + tap, 0)
  for (let index = 0; index < taps.length; index++) taps[index] = (taps[index] ?? 0) / sum
  return taps
}
