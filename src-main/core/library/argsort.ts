import { inSteps } from '../steps.ts'

const DIGIT_BITS = 16
const DIGITS = 64 / DIGIT_BITS
const VALUES = 2 ** DIGIT_BITS

/**
 * The order of numbers by radix sort, 16 bits at a time: equal ones stay in their order, NaN is last in either direction.
 * @returns indices into `keys`
 */
export async function argsort(keys: Float64Array, descending: boolean): Promise<Uint32Array> {
  const rows = keys.length
  const bits = await orderedBits(keys, descending)
  let order = new Uint32Array(rows)
  for (let row = 0; row < rows; row++) order[row] = row
  let next = new Uint32Array(rows)
  for (let digit = 0; digit < DIGITS; digit++) {
    const half = digit >> 1
    const shift = (digit & 1) * DIGIT_BITS
    const starts = new Uint32Array(VALUES)
    await inSteps(rows, (first, end) => {
      for (let row = first; row < end; row++) {
        const value = ((bits[2 * row + half] ?? 0) >>> shift) & (VALUES - 1)
        starts[value] = (starts[value] ?? 0) + 1
      }
    })
    // A digit that all share moves nothing.
    if (starts.includes(rows)) continue
    let sum = 0
    for (let value = 0; value < VALUES; value++) {
      const here = starts[value] ?? 0
      starts[value] = sum
      sum += here
    }
    await inSteps(rows, (first, end) => {
      for (let place = first; place < end; place++) {
        const row = order[place] ?? 0
        const value = ((bits[2 * row + half] ?? 0) >>> shift) & (VALUES - 1)
        const target = starts[value] ?? 0
        starts[value] = target + 1
        next[target] = row
      }
    })
    ;[order, next] = [next, order]
  }
  return order
}

/** Each key as a 64-bit number in two halves, low first, that order as unsigned integers as the keys do. */
async function orderedBits(keys: Float64Array, descending: boolean): Promise<Uint32Array> {
  // Adding 0 makes 0 of −0.
  const bits = new Uint32Array(keys.map((key) => key + 0).buffer)
  await inSteps(keys.length, (first, end) => {
    for (let row = first; row < end; row++) {
      const key = keys[row] ?? 0
      const low = 2 * row
      const high = low + 1
      if (Number.isNaN(key)) {
        bits[low] = 0xffffffff
        bits[high] = 0xffffffff
      } else if (key < 0 !== descending) {
        // All bits turned round: for negative numbers ascending, for the others descending.
        bits[low] = ~(bits[low] ?? 0)
        bits[high] = ~(bits[high] ?? 0)
        if (descending) bits[high] = (bits[high] ?? 0) ^ 0x80000000
      } else if (!descending) bits[high] = (bits[high] ?? 0) ^ 0x80000000
    }
  })
  return bits
}
