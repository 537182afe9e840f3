import { Floats, kernels } from '../audio/simd.ts'

/** True for even lengths made of 2, 3 and 5 alone. */
export function isTransformLength(length: number): boolean {
  return Number.isInteger(length) && length >= 32 && length % 2 === 0 && radicesOf(length / 2) !== undefined
}

/** @returns undefined when there is another prime factor */
function radicesOf(length: number): number[] | undefined {
  const radices: number[] = []
  let rest = length
  for (const radix of [4, 2, 3, 5]) for (; rest % radix === 0; rest /= radix) radices.push(radix)
  // Fours at both ends are the fastest.
  if (radices.lastIndexOf(4) > 0) radices.push(...radices.splice(radices.lastIndexOf(4), 1))
  return rest === 1 ? radices : undefined
}

/** |X|² of a windowed stretch of a signal, and X, computed in float64 by the kernel. */
export class PowerSpectrum {
  /** n/2 + 1 bins of the last stretch. */
  readonly power: Floats
  readonly #length: number
  readonly #window: Floats
  readonly #plan: Floats
  readonly #twiddles: Floats
  readonly #work: Floats
  /** Where on the work space a transform ends, and where e^(−2πik/n) begins among the twiddles: both in float64. */
  readonly #end: number
  readonly #turns: number

  /** @param window - as long as the stretch; see `isTransformLength` */
  constructor(window: Float64Array) {
    const radices = radicesOf(window.length / 2)
    if (!radices) throw new RangeError(`There is no transform of ${window.length} values.`)
    this.#length = window.length
    this.power = new Floats(window.length / 2 + 1)
    this.#window = doubles(window)
    this.#plan = new Floats(radices.length + 1)
    new Int32Array(this.#plan.view.buffer, this.#plan.pointer, radices.length).set(radices)
    const twiddles = twiddlesOf(window.length, radices)
    this.#twiddles = doubles(twiddles)
    // Each stage goes from one half to the other, but a first one of radix 4 from the samples.
    const crossings = radices.length - (radices[0] === 4 ? 1 : 0)
    this.#end = crossings % 2 === 0 ? 0 : window.length
    this.#turns = twiddles.length - 2 * (Math.floor(window.length / 4) + 1)
    this.#work = new Floats(4 * window.length)
  }

  /** @param samples - pointer to the stretch on the kernels' memory */
  compute(samples: number): void {
    kernels.powerSpectrum(
      samples,
      this.#window.pointer,
      this.#length,
      this.#plan.pointer,
      this.#twiddles.pointer,
      this.#work.pointer,
      this.power.pointer,
    )
  }

  /**
   * The bins themselves of the last stretch, in float64. The kernel leaves the transform of n/2 complex numbers, even samples
   * real and odd ones imaginary, which is taken apart here.
   * @param re, im - n/2 + 1 values each
   */
  bins(re: Float64Array, im: Float64Array): void {
    const half = this.#length / 2
    const { buffer } = this.#work.view
    const z = new Float64Array(buffer, this.#work.pointer + 8 * this.#end, this.#length)
    const turns = new Float64Array(
      buffer,
      this.#twiddles.pointer + 8 * this.#turns,
      2 * (Math.floor(half / 2) + 1),
    )
    const evens = z[0] ?? 0
    const odds = z[1] ?? 0
    re[0] = evens + odds
    re[half] = evens - odds
    im[0] = 0
    im[half] = 0
    for (let low = 1; 2 * low <= half; low++) {
      const high = half - low
      const [a, b, c, d] = [z[2 * low] ?? 0, z[2 * low + 1] ?? 0, z[2 * high] ?? 0, z[2 * high + 1] ?? 0]
      const evenRe = (a + c) / 2
      const evenIm = (b - d) / 2
      const [x, y] = [(b + d) / 2, (c - a) / 2]
      const [cos, sin] = [turns[2 * low] ?? 0, turns[2 * low + 1] ?? 0]
      const oddRe = x * cos - y * sin
      const oddIm = x * sin + y * cos
      re[high] = evenRe - oddRe
      im[high] = oddIm - evenIm
      re[low] = evenRe + oddRe
      im[low] = evenIm + oddIm
    }
  }
}

function doubles(values: ArrayLike<number>): Floats {
  const floats = new Floats(2 * values.length)
  new Float64Array(floats.view.buffer, floats.pointer, values.length).set(values)
  return floats
}

/** As src-wasm/power-spectrum.ts wants them. */
function twiddlesOf(length: number, radices: readonly number[]): number[] {
  const values: number[] = []
  const push = (turn: number) => {
    const re = Math.cos(2 * Math.PI * turn)
    const im = -Math.sin(2 * Math.PI * turn)
    values.push(re, im)
  }
  let rest = length / 2
  for (const radix of radices) {
    const groups = rest / radix
    for (let group = 0; group < groups; group++)
      for (let output = 1; output < radix; output++) push((group * output) / rest)
    rest = groups
  }
  for (let bin = 0; bin <= length / 4; bin++) push(bin / length)
  return values
}
