import { Floats, isTransformLength, kernels, RealFft } from './simd.ts'

/** Blocks of this many filter lengths and more: longer ones gain little. */
const BLOCK_LENGTHS = 8

export interface BlockFilterSettings {
  /** Of odd length and symmetric, at the input's rate times `stuff`. */
  taps: Float64Array
  /** Zeros are put between the samples, so that there are this many times as many; 1 or 2. */
  stuff: number
  /** Every `step`-th value of the filtered signal is kept. */
  step: number
}

/**
 * A long filter by overlap-save, with the change of rate done on the spectrum: zeros between samples repeat it, and keeping
 * every n-th value folds it, so both transforms are no longer than the signals. Holds scratch space: one signal at a time.
 */
export class BlockFilter {
  readonly #full: number
  /** Output values of the shorter transform that make one wanted value: the part of `step` that can't be folded. */
  readonly #skip: number
  readonly #outputsPerBlock: number
  readonly #hop: number
  readonly #forward: RealFft
  readonly #inverse: RealFft
  readonly #response: Floats

  constructor({ taps, stuff, step }: BlockFilterSettings) {
    const folded = smoothPart(step)
    this.#skip = step / folded
    this.#full = blockLength(taps.length * BLOCK_LENGTHS, stuff, folded)
    const valid = Math.floor((this.#full - taps.length) / step) + 1
    // The next block must start at a sample of the input, not at a zero.
    this.#outputsPerBlock = valid - ((valid * step) % stuff)
    this.#hop = (this.#outputsPerBlock * step) / stuff
    this.#forward = new RealFft(this.#full / stuff)
    this.#inverse = new RealFft(this.#full / folded)
    this.#response = responseOf(taps, this.#full, stuff / this.#full)
  }

  /** Bytes that it keeps, about. */
  get kept(): number {
    return 4 * (this.#full + 3 * this.#forward.length + 3 * this.#inverse.length)
  }

  /**
   * Fills `output[m]` with the sum over t of `taps[t] · input[m · step + t]`.
   * @param samples - the input before zeros are put between
   * @param before - zeros before it, in samples of the input; those behind it are as many as are needed
   */
  apply(samples: Float32Array, before: number, output: { readonly view: Float32Array }, count: number): void {
    const { signal } = this.#forward
    const blockSamples = this.#forward.length
    let start = -before
    for (let first = 0; first < count; first += this.#outputsPerBlock) {
      const from = Math.max(0, start)
      const inside = samples.subarray(from, Math.max(from, start + blockSamples))
      const lead = Math.min(blockSamples, from - start)
      const block = signal.view
      block.fill(0, 0, lead)
      block.set(inside, lead)
      block.fill(0, lead + inside.length)
      this.#filterBlock()
      const made = this.#inverse.signal.view
      const wanted = Math.min(this.#outputsPerBlock, count - first)
      const target = output.view
      if (this.#skip === 1) target.set(made.subarray(0, wanted), first)
      else for (let m = 0; m < wanted; m++) target[first + m] = made[m * this.#skip] ?? 0
      start += this.#hop
    }
  }

  #filterBlock(): void {
    const { spectrum, length } = this.#forward
    this.#forward.forward()
    const folded = this.#inverse.length
    kernels.filterBins(
      spectrum.pointer,
      length,
      this.#response.pointer,
      this.#full,
      this.#inverse.spectrum.pointer,
      folded,
    )
    this.#inverse.inverse()
  }

  free(): void {
    this.#forward.free()
    this.#inverse.free()
    this.#response.free()
  }
}

/** The largest divisor of `step` made of 2, 3 and 5 alone. */
function smoothPart(step: number): number {
  let part = 1
  for (const factor of [2, 3, 5]) while (step % (part * factor) === 0) part *= factor
  return part
}

function blockLength(least: number, stuff: number, folded: number): number {
  let length = 32 * stuff * folded
  while (length < least) length *= 2
  while (!isTransformLength(length / folded) || !isTransformLength(length / stuff)) length *= 2
  return length
}

/** Spectrum of the taps, conjugated (a sum over input[n + t], not input[n − t]) and scaled. */
function responseOf(taps: Float64Array, length: number, scale: number): Floats {
  const fft = new RealFft(length)
  taps.forEach((tap, index) => {
    fft.signal.view[index] = tap * scale
  })
  fft.forward()
  const response = new Floats(length)
  const bins = response.view
  bins.set(fft.spectrum.view)
  for (let im = 3; im < length; im += 2) bins[im] = -(bins[im] ?? 0)
  fft.free()
  return response
}
