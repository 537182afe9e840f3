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
  /** Where on the work space a transform ends, and where `turnsOf` begins among the twiddles: both in float64. */
  readonly #end: number
  readonly #turns: number

  /** @param window - as long as the stretch; see `isTransformLength` */
  constructor(window: Float64Array) {
    const { length } = window
    const radices = radicesOf(length / 2)
    if (!radices) throw new RangeError(`There is no transform of ${length} values.`)
    this.#length = length
    this.power = new Floats(length / 2 + 1)
    const paired = isPaired(length)
    this.#window = doubles(paired ? window.map((value) => value / 2) : window)
    this.#plan = new Floats(radices.length + 1)
    new Int32Array(this.#plan.view.buffer, this.#plan.pointer, radices.length).set(radices)
    const twiddles = stageTwiddles(length, radices)
    this.#turns = twiddles.length
    this.#twiddles = doubles([...twiddles, ...turnsOf(length)])
    const workLength = (paired ? length : 2 * length) + 4
    // Each stage goes from one half to the other, but a first one from the samples.
    const crossings = radices.length - (paired ? 1 : 0)
    this.#end = crossings % 2 === 0 ? 0 : workLength
    this.#work = new Floats(4 * workLength)
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
   * The bins themselves of the last stretch, in float64: made of the transform that the kernel leaves, as it makes their powers.
   * @param re, im - n/2 + 1 values each
   */
  bins(re: Float64Array, im: Float64Array): void {
    const half = this.#length / 2
    const { buffer } = this.#work.view
    const z = new Float64Array(buffer, this.#work.pointer + 8 * this.#end)
    const turns = new Float64Array(buffer, this.#twiddles.pointer + 8 * this.#turns)
    if (!isPaired(this.#length)) {
      for (let bin = 0; bin <= half; bin++) {
        const [evenRe = 0, oddRe = 0, evenIm = 0, oddIm = 0] = z.subarray(4 * bin, 4 * bin + 4)
        const [cos = 0, sin = 0] = turns.subarray(2 * bin, 2 * bin + 2)
        re[bin] = evenRe + oddRe * cos - oddIm * sin
        im[bin] = evenIm + oddRe * sin + oddIm * cos
      }
      return
    }
    for (let low = 0; 2 * low <= half; low++) {
      const high = half - low
      const [at, end] = [realAt(low), realAt(high)]
      const [a, b, c, d] = [z[at] ?? 0, z[at + 2] ?? 0, z[end] ?? 0, z[end + 2] ?? 0]
      const [cos, sin] = [turns[at] ?? 0, turns[at + 2] ?? 0]
      const oddRe = (a - c) * cos - (b + d) * sin
      const oddIm = (a - c) * sin + (b + d) * cos
      re[high] = a + c - oddRe
      im[high] = oddIm - (b - d)
      re[low] = a + c + oddRe
      im[low] = b - d + oddIm
    }
  }
}

/** Where n values are transformed as n/2 complex numbers in pairs; see the kernel. */
const isPaired = (length: number) => length % 8 === 0

/** Where a complex number's real part lies among pairs; the imaginary one lies two further. */
const realAt = (index: number) => 4 * Math.floor(index / 2) + (index % 2)

function doubles(values: ArrayLike<number>): Floats {
  const floats = new Floats(2 * values.length)
  new Float64Array(floats.view.buffer, floats.pointer, values.length).set(values)
  return floats
}

/** e^(−2πi · turn), as real and imaginary part */
const twiddle = (turn: number): [number, number] => [
  Math.cos(2 * Math.PI * turn),
  -Math.sin(2 * Math.PI * turn),
]

/**
 * For each stage, each group and each output but the first one twiddle, but in a first stage of pairs for each two outputs the real
 * parts of both and the imaginary ones.
 */
function stageTwiddles(length: number, radices: readonly number[]): number[] {
  const values: number[] = []
  let rest = length / 2
  radices.forEach((radix, stage) => {
    const groups = rest / radix
    for (let group = 0; group < groups; group++) {
      const turned = Array.from({ length: radix }, (_, output) => twiddle((group * output) / rest))
      values.push(...(stage === 0 && isPaired(length) ? pairs(turned) : turned.slice(1).flat()))
    }
    rest = groups
  })
  return values
}

/** What takes the bins apart: e^(−2πi k / n) for each k, or in pairs −i times that, up to the middle. */
function turnsOf(length: number): number[] {
  const turns = Array.from({ length: length / 2 + 1 }, (_, bin) => twiddle(bin / length))
  if (!isPaired(length)) return turns.flat()
  return pairs(turns.slice(0, length / 4 + 2).map(([re, im]) => [im, -re]))
}

function pairs(values: readonly (readonly [number, number])[]): number[] {
  return values.flatMap(([re, im], index) => {
    const [nextRe, nextIm] = values[index + 1] ?? [0, 0]
    return index % 2 === 0 ? [re, nextRe, im, nextIm] : []
  })
}
