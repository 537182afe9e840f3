import type { Tables } from './tables.ts'

/** Window and factors of the transform of a block (see src-wasm/vorbis/imdct.ts). @returns their address */
export function layBlock(tables: Tables, length: number): number {
  const quarter = length / 4
  const turn = (k: number) => (2 * Math.PI * (k + 1 / 8)) / length
  const turns = [...cosines(quarter, turn), ...cosines(quarter, (k) => turn(k) - Math.PI / 2)]
  return tables.ints([
    length,
    tables.floats(window(length)),
    tables.floats(turns),
    tables.floats(twiddles(quarter)),
  ])
}

/** The rising half (Vorbis I, 4.3.1). */
function window(length: number): Float64Array {
  return Float64Array.from({ length: length / 2 }, (_, i) =>
    Math.sin((Math.PI / 2) * Math.sin((Math.PI * (i + 0.5)) / length) ** 2),
  )
}

function cosines(count: number, angle: (index: number) => number): number[] {
  return Array.from({ length: count }, (_, index) => Math.cos(angle(index)))
}

/** Of Stockham's stages of radix 4 for a transform of `length` complex values. */
function twiddles(length: number): number[] {
  const values: number[] = []
  for (let factor = 1; factor <= 3; factor++)
    for (const shift of [0, Math.PI / 2])
      values.push(...cosines(length / 4, (p) => (2 * Math.PI * p * factor) / length - shift))
  for (let left = length / 4; left >= 4; left /= 4)
    for (let p = 0; p < left / 4; p++)
      for (let factor = 1; factor <= 3; factor++) {
        const angle = (2 * Math.PI * p * factor) / left
        values.push(Math.cos(angle), Math.sin(angle))
      }
  return values
}
