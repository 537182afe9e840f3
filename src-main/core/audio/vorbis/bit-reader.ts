import { Irregular } from './irregular.ts'

/** Bits from the low end of each byte (Vorbis I, 2.1.4). */
export class BitReader {
  readonly #bytes: Uint8Array
  #position = 0

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /**
   * @param count - 0 … 32
   * @returns unsigned
   * @throws Irregular behind the end
   */
  read(count: number): number {
    if (this.#position + count > 8 * this.#bytes.length) throw new Irregular('a header ends early')
    let value = 0
    for (let got = 0; got < count; ) {
      const shift = this.#position & 7
      const taken = Math.min(8 - shift, count - got)
      const bits = ((this.#bytes[this.#position >> 3] ?? 0) >> shift) & ((1 << taken) - 1)
      value += bits * 2 ** got
      got += taken
      this.#position += taken
    }
    return value
  }

  flag(): boolean {
    return this.read(1) === 1
  }
}

/** Bits that hold 0 … value (9.2.1). */
export const bitsFor = (value: number) => 32 - Math.clz32(value)
