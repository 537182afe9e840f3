import { ensure } from './irregular.ts'

/** All tables of one stream; those of libvorbis' encoders have less than one MiB. */
const MOST_BYTES = 16 * 2 ** 20

/** The next multiple of 16. */
export const aligned = (bytes: number) => Math.ceil(bytes / 16) * 16

/**
 * Tables as they will lie on WebAssembly's memory; the fields of each are those of src-wasm/vorbis/tables.ts. Each begins at a
 * multiple of 16 bytes.
 */
export class Tables {
  readonly start: number
  #bytes = new Uint8Array(2 ** 18)
  #length = 0

  /** @param start - where on the memory the first one will lie */
  constructor(start: number) {
    this.start = start
  }

  /** All of them, to be laid at `start`. */
  get image(): Uint8Array {
    return this.#bytes.slice(0, this.#length)
  }

  /** @returns their address */
  ints(values: ArrayLike<number>): number {
    return this.bytes(new Uint8Array(new Int32Array(values).buffer))
  }

  floats(values: ArrayLike<number>): number {
    return this.bytes(new Uint8Array(new Float32Array(values).buffer))
  }

  bytes(values: Uint8Array): number {
    const at = this.#length
    this.#length = aligned(at + values.length)
    ensure(this.#length <= MOST_BYTES, 'its tables are too large')
    if (this.#length > this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length)
      larger.set(this.#bytes)
      this.#bytes = larger
    }
    this.#bytes.set(values, at)
    return this.start + at
  }
}
