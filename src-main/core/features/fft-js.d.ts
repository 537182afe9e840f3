declare module 'fft.js' {
  /** Radix-4 FFT of a power-of-two size, float64, complex numbers as re, im, re, im, …; `out` is never the input. */
  export default class FFT {
    constructor(size: number)
    transform(out: Float64Array, complex: Float64Array): void
    /** Divides by the size. */
    inverseTransform(out: Float64Array, complex: Float64Array): void
    /** Fills the first half of the spectrum: `out[2k]`, `out[2k + 1]` for k ≤ size / 2. */
    realTransform(out: Float64Array, input: Float64Array): void
  }
}
