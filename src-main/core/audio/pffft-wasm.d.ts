/** @echogarden/pffft-wasm ships no types; what is used of its Emscripten module. Pointers are byte offsets. */
declare module '@echogarden/pffft-wasm/simd' {
  export interface Pffft {
    readonly HEAPF32: Float32Array<ArrayBuffer>
    /** @returns 0 for a length that it can't do */
    _pffft_new_setup(length: number, kind: 0): number
    _pffft_transform_ordered(
      setup: number,
      input: number,
      output: number,
      work: number,
      direction: 0 | 1,
    ): void
    _pffft_aligned_malloc(bytes: number): number
    _pffft_aligned_free(pointer: number): void
    _pffft_destroy_setup(setup: number): void
  }
  export default function load(options: {
    instantiateWasm(
      imports: WebAssembly.Imports,
      done: (instance: WebAssembly.Instance) => void,
    ): WebAssembly.Exports
  }): Promise<Pffft>
}
