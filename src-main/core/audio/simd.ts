import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
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

/** What is used of PFFFT; pointers are byte offsets. By the names that Emscripten gave them in the version that `package.json` names. */
interface Pffft {
  /** Memory. */
  readonly d: WebAssembly.Memory
  /** Has to be called first. */
  e(): void
  /** `pffft_aligned_malloc` */
  f(bytes: number): number
  /** `pffft_aligned_free` */
  h(pointer: number): void
  /** `pffft_new_setup`. @returns 0 for a length that it can't do */
  k(length: number, kind: 0): number
  /** `pffft_destroy_setup` */
  l(setup: number): void
  /** `pffft_transform_ordered` */
  p(setup: number, input: number, output: number, work: number, direction: 0 | 1): void
}

// Not named `require`: the build gives each module that calls one its own.
const requireModule = createRequire(import.meta.url)
const PAGE_BYTES = 65_536
const LEAST_GROWTH = 1.2

const pffft = instantiatePffft()
const memory = pffft.d
export const kernels: Kernels = instantiateKernels()

/**
 * Not by the package's own loader, which has to be awaited: a thread that is ended while it waits for a module takes the whole process
 * with it (https://github.com/nodejs/node/issues/53238), and threads are ended whenever somebody goes on to another clip.
 */
function instantiatePffft(): Pffft {
  const folder = dirname(requireModule.resolve('@echogarden/pffft-wasm/simd'))
  const module = new WebAssembly.Module(readFileSync(join(folder, 'pffft.wasm')))
  const { exports } = new WebAssembly.Instance(module, {
    a: {
      a: () => {
        throw new Error('PFFFT found an assertion of its own broken')
      },
      /** A larger heap. @returns whether there is one */
      b: (bytes: number) => grow(bytes >>> 0),
      /** memcpy */
      c: (to: number, from: number, bytes: number) =>
        new Uint8Array(memory.buffer).copyWithin(to, from, from + bytes),
    },
  })
  if (!isPffft(exports)) throw new Error('PFFFT is of another version than its names here')
  exports.e()
  return exports
}

/** Somewhat more than is asked for, as it takes a copy of everything. */
function grow(bytes: number): boolean {
  const held = memory.buffer.byteLength
  const pages = (wanted: number) => Math.ceil((wanted - held) / PAGE_BYTES)
  for (const wanted of [Math.max(bytes, held * LEAST_GROWTH), bytes]) {
    try {
      memory.grow(pages(wanted))
      return true
    } catch {
      // Then with less, or not at all: the caller is told that there is no memory.
    }
  }
  return false
}

function isPffft(exports: object): exports is Pffft {
  return (
    'd' in exports &&
    exports.d instanceof WebAssembly.Memory &&
    ['e', 'f', 'h', 'k', 'l', 'p'].every((name) => name in exports)
  )
}

function instantiateKernels(): Kernels {
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
    this.pointer = pffft.f(4 * (this.length + 4))
    if (this.pointer === 0) throw new RangeError(`There is no memory for ${length} values.`)
    new Float32Array(memory.buffer, this.pointer, this.length + 4).fill(0)
  }

  /** Not to be kept: allocating may move the memory. */
  get view(): Float32Array {
    if (this.#view?.buffer !== memory.buffer)
      this.#view = new Float32Array(memory.buffer, this.pointer, this.length)
    return this.#view
  }

  free(): void {
    pffft.h(this.pointer)
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
    this.#setup = pffft.k(length, 0)
    if (this.#setup === 0) throw new RangeError(`There is no transform of ${length} values.`)
    this.length = length
    this.signal = new Floats(length)
    this.spectrum = new Floats(length)
    this.#work = new Floats(length)
  }

  /** signal → spectrum */
  forward(): void {
    const { pointer } = this.signal
    pffft.p(this.#setup, pointer, this.spectrum.pointer, this.#work.pointer, 0)
  }

  /** spectrum → signal */
  inverse(): void {
    const { pointer } = this.spectrum
    pffft.p(this.#setup, pointer, this.signal.pointer, this.#work.pointer, 1)
  }

  free(): void {
    for (const array of [this.signal, this.spectrum, this.#work]) array.free()
    pffft.l(this.#setup)
  }
}
