declare module 'fft.js' {
  /** Radix-4 FFT of a power-of-two size, float64, interleaved complex output. */
  export default class FFT {
    constructor(size: number)
    createComplexArray(): number[]
    /** Fills the first half of the spectrum: `out[2k]`, `out[2k + 1]` for k ≤ size / 2. */
    realTransform(out: number[], input: ArrayLike<number>): void
  }
}
