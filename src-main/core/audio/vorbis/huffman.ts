import { ensure } from './irregular.ts'

const PRIMARY_BITS = 10
const MOST_WORDS = 2 ** 18
const SECOND = 0x8000_0000

/** See `Codebook` in src-wasm/vorbis/tables.ts. */
export interface HuffmanTable {
  primaryBits: number
  words: Uint32Array
}

/**
 * A codebook's codewords (Vorbis I, 3.2.1), as what the next bits of the stream say at once.
 * @param lengths - of each entry's codeword in bits, 1 … 32; 0: unused
 * @throws Irregular unless the codewords are a whole tree
 */
export function huffmanTable(lengths: Uint8Array): HuffmanTable {
  const longest = lengths.reduce((most, length) => Math.max(most, length), 0)
  ensure(longest > 0, 'a codebook has no codewords')
  if (longest === 1 && isAlone(lengths)) return alone(lengths.indexOf(1))
  const primaryBits = Math.min(PRIMARY_BITS, longest)
  const mask = 2 ** primaryBits - 1
  const codes = codewords(lengths)
  const longestBehind = new Uint8Array(2 ** primaryBits)
  lengths.forEach((length, entry) => {
    const prefix = (codes[entry] ?? 0) & mask
    if (length > primaryBits) longestBehind[prefix] = Math.max(longestBehind[prefix] ?? 0, length)
  })
  const places = new Uint32Array(2 ** primaryBits)
  let end = 2 ** primaryBits
  longestBehind.forEach((length, prefix) => {
    places[prefix] = end
    if (length > 0) end += 2 ** (length - primaryBits)
    ensure(end <= MOST_WORDS, 'a codebook has too many long codewords')
  })
  const words = new Uint32Array(end)
  longestBehind.forEach((length, prefix) => {
    if (length > 0) words[prefix] = SECOND + ((places[prefix] ?? 0) << 5) + (length - primaryBits)
  })
  lengths.forEach((length, entry) => {
    const code = codes[entry] ?? 0
    const word = (entry << 6) | length
    if (length > primaryBits) {
      const prefix = code & mask
      const bits = (longestBehind[prefix] ?? 0) - primaryBits
      fill(words, places[prefix] ?? 0, code >>> primaryBits, length - primaryBits, bits, word)
    } else if (length > 0) fill(words, 0, code, length, primaryBits, word)
  })
  return { primaryBits, words }
}

const isAlone = (lengths: Uint8Array) => lengths.indexOf(1) === lengths.lastIndexOf(1)

/** The one tree that need not be whole: an entry that either bit gives. */
const alone = (entry: number) => ({ primaryBits: 1, words: new Uint32Array(2).fill((entry << 6) | 1) })

/** Sets each word of a table of 2^bits whose index begins (at its low end) with the code. */
function fill(
  words: Uint32Array,
  at: number,
  code: number,
  length: number,
  bits: number,
  word: number,
): void {
  for (let index = code; index < 2 ** bits; index += 2 ** length) words[at + index] = word
}

/** @returns each entry's codeword, its first bit lowest */
function codewords(lengths: Uint8Array): Uint32Array {
  const codes = new Uint32Array(lengths.length)
  // Of each depth the free node, if any, its first bit highest; the tree is filled from the left.
  const free = new Float64Array(33).fill(-1)
  free[0] = 0
  lengths.forEach((length, entry) => {
    if (length === 0) return
    let depth = length
    while (depth > 0 && free[depth] === -1) depth--
    const node = free[depth] ?? -1
    ensure(node !== -1, 'a codebook has too many codewords')
    free[depth] = -1
    for (let below = depth + 1; below <= length; below++) free[below] = node + 2 ** (32 - below)
    codes[entry] = reversed(node)
  })
  ensure(
    free.every((node) => node === -1),
    'a codebook has too few codewords',
  )
  return codes
}

/** The 32 bits from the other end. */
function reversed(value: number): number {
  let bits = value
  bits = ((bits >>> 1) & 0x5555_5555) | ((bits & 0x5555_5555) << 1)
  bits = ((bits >>> 2) & 0x3333_3333) | ((bits & 0x3333_3333) << 2)
  bits = ((bits >>> 4) & 0x0f0f_0f0f) | ((bits & 0x0f0f_0f0f) << 4)
  bits = ((bits >>> 8) & 0x00ff_00ff) | ((bits & 0x00ff_00ff) << 8)
  return ((bits >>> 16) | (bits << 16)) >>> 0
}
