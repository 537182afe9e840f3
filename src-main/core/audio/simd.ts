import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import loadPffft from '@echogarden/pffft-wasm/simd'
import { KERNELS } from './kernels.wasm.ts'

/**
 * PFFFT (J. Pommier) and our own kernels (src-wasm/kernels.ts), both WebAssembly SIMD on one memory. Float32 throughout:
 * a transform's error is about 1e-7 of its largest bin.
 */

/** See src-wasm/kernels.ts. */
interface Kernels {
  mono16(source: number, samples: number, out: number): void
  stereo16(source: number, frames: number, out: number): void
  powerSpectrum(
    samples: number,
    window: number,
    n: number,
    plan: number,
    twiddles: number,
    work: number,
    out: number,
  ): void
  squareRoot(values: number, count: number): void
  weightedBands(
    bins: number,
    table: number,
    weights: number,
    bands: number,
    out: number,
    stride: number,
  ): void
  largest(values: number, count: number, least: number): number
  logarithm(
    values: number,
    count: number,
    least: number,
    scale: number,
    reference: number,
    floor: number,
  ): void
  interpolate(
    middle: number,
    taps: number,
    width: number,
    up: number,
    down: number,
    out: number,
    count: number,
  ): void
  filterBins(signal: number, n: number, response: number, full: number, out: number, kept: number): void
  products(vector: number, others: number, count: number, width: number, out: number): void
  squaredDistances(vector: number, others: number, count: number, width: number, out: number): void
}

let memory: WebAssembly.Memory | undefined

// Not named `require`: the build gives each module that calls one its own.
const requireModule = createRequire(import.meta.url)

const pffft = await loadPffft({
  instantiateWasm(imports, done) {
    const folder = dirname(requireModule.resolve('@echogarden/pffft-wasm/simd'))
    const module = new WebAssembly.Module(readFileSync(join(folder, 'pffft.wasm')))
    const instance = new WebAssembly.Instance(module, imports)
    memory = Object.values(instance.exports).find((part) => part instanceof WebAssembly.Memory)
    done(instance)
    return instance.exports
  },
})

export const kernels: Kernels = instantiateKernels()

function instantiateKernels(): Kernels {
  if (!memory) throw new Error('PFFFT exports no memory')
  const module = new WebAssembly.Module(Buffer.from(KERNELS, 'base64'))
  const { exports } = new WebAssembly.Instance(module, { env: { memory } })
  if (!isKernels(exports)) throw new Error('the kernels are not those of src-wasm/kernels.ts')
  return exports
}

function isKernels(exports: object): exports is Kernels {
  return 'filterBins' in exports && 'weightedBands' in exports && 'products' in exports
}

/** An array on the shared memory, zeros at first; to be freed by hand. */
export class Floats {
  readonly pointer: number
  /** Rounded up to whole vectors of four. */
  readonly length: number
  #view: Float32Array | undefined

  constructor(length: number) {
    this.length = Math.ceil(length / 4) * 4
    // One vector more: a kernel that starts unaligned may read beyond the end.
    this.pointer = pffft._pffft_aligned_malloc(4 * (this.length + 4))
    if (this.pointer === 0) throw new RangeError(`There is no memory for ${length} values.`)
    new Float32Array(pffft.HEAPF32.buffer, this.pointer, this.length + 4).fill(0)
  }

  /** Not to be kept: allocating may move the memory. */
  get view(): Float32Array {
    if (this.#view?.buffer !== pffft.HEAPF32.buffer)
      this.#view = new Float32Array(pffft.HEAPF32.buffer, this.pointer, this.length)
    return this.#view
  }

  free(): void {
    pffft._pffft_aligned_free(this.pointer)
  }
}

/** Scratch space that grows when more is asked for. What it held is lost then. */
export class Scratch {
  #floats: Floats | undefined

  ofLength(length: number): Floats {
    if (this.#floats && this.#floats.length >= length) return this.#floats
    this.#floats?.free()
    this.#floats = new Floats(length)
    return this.#floats
  }
}

/** True for 2^a · 3^b · 5^c with a ≥ 5. */
export function isTransformLength(length: number): boolean {
  let rest = length
  for (const factor of [2, 3, 5]) while (rest > 0 && rest % factor === 0) rest /= factor
  return rest === 1 && length % 32 === 0
}

/** Transforms of one length, from and to its own arrays. Unscaled: there and back multiplies by the length. */
export class RealFft {
  readonly length: number
  /** Real values. */
  readonly signal: Floats
  /** Bins in PFFFT's order: re 0, re n/2, then re and im of bins 1 … n/2 − 1. */
  readonly spectrum: Floats
  readonly #work: Floats
  readonly #setup: number

  /** @param length - see `isTransformLength` */
  constructor(length: number) {
    this.#setup = pffft._pffft_new_setup(length, 0)
    if (this.#setup === 0) throw new RangeError(`There is no transform of ${length} values.`)
    this.length = length
    this.signal = new Floats(length)
    this.spectrum = new Floats(length)
    this.#work = new Floats(length)
  }

  /** signal → spectrum */
  forward(): void {
    const { pointer } = this.signal
    pffft._pffft_transform_ordered(this.#setup, pointer, this.spectrum.pointer, this.#work.pointer, 0)
  }

  /** spectrum → signal */
  inverse(): void {
    const { pointer } = this.spectrum
    pffft._pffft_transform_ordered(this.#setup, pointer, this.signal.pointer, this.#work.pointer, 1)
  }

  free(): void {
    for (const array of [this.signal, this.spectrum, this.#work]) array.free()
    pffft._pffft_destroy_setup(this.#setup)
  }
}
