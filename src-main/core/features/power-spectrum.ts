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

/** |X|² of a windowed stretch of a signal, computed in float64 by the kernel. */
export class PowerSpectrum {
  /** n/2 + 1 bins of the last stretch. */
  readonly power: Floats
  readonly #length: number
  readonly #window: Floats
  readonly #plan: Floats
  readonly #twiddles: Floats
  readonly #work: Floats

  /** @param window - as long as the stretch; see `isTransformLength` */
  constructor(window: Float64Array) {
    const radices = radicesOf(window.length / 2)
    if (!radices) throw new RangeError(`There is no transform of ${window.length} values.`)
    this.#length = window.length
    this.power = new Floats(window.length / 2 + 1)
    this.#window = doubles(window)
    this.#plan = new Floats(radices.length + 1)
    new Int32Array(this.#plan.view.buffer, this.#plan.pointer, radices.length).set(radices)
    this.#twiddles = doubles(twiddlesOf(window.length, radices))
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
