import { type BitReader, bitsFor } from './bit-reader.ts'
import { huffmanTable } from './huffman.ts'
import { ensure } from './irregular.ts'
import type { Tables } from './tables.ts'

const SYNC = 0x56_43_42
/** Values of all vectors of a book; those of libvorbis' encoders have some ten thousand. */
const MOST_VALUES = 2 ** 20
/** What a residue can sensibly be; so that sums stay finite. */
const LARGEST_VALUE = 1e9

export interface Codebook {
  address: number
  dimensions: number
  entries: number
  hasVectors: boolean
}

/** Reads a codebook (Vorbis I, 3.2.1) and lays it out. @throws Irregular */
export function readCodebook(bits: BitReader, tables: Tables): Codebook {
  ensure(bits.read(24) === SYNC, 'a codebook does not begin as one')
  const dimensions = bits.read(16)
  const entries = bits.read(24)
  ensure(dimensions > 0 && entries > 0 && dimensions * entries <= MOST_VALUES, 'a codebook is too large')
  const lengths = bits.flag() ? orderedLengths(bits, entries) : plainLengths(bits, entries)
  const vectors = readVectors(bits, entries, dimensions)
  const { primaryBits, words } = huffmanTable(lengths)
  const table = tables.ints(words)
  const address = tables.ints([
    primaryBits,
    table,
    4 * dimensions,
    vectors === undefined ? 0 : tables.floats(vectors),
  ])
  return { address, dimensions, entries, hasVectors: vectors !== undefined }
}

function plainLengths(bits: BitReader, entries: number): Uint8Array {
  const isSparse = bits.flag()
  const lengths = new Uint8Array(entries)
  for (let entry = 0; entry < entries; entry++)
    if (!isSparse || bits.flag()) lengths[entry] = bits.read(5) + 1
  return lengths
}

function orderedLengths(bits: BitReader, entries: number): Uint8Array {
  const lengths = new Uint8Array(entries)
  let length = bits.read(5) + 1
  for (let entry = 0; entry < entries; length++) {
    const count = bits.read(bitsFor(entries - entry))
    ensure(length <= 32 && entry + count <= entries, 'a codebook has odd lengths')
    lengths.fill(length, entry, entry + count)
    entry += count
  }
  return lengths
}

/** @returns the entries' vectors one after another (3.3); undefined where the book is of plain numbers */
function readVectors(bits: BitReader, entries: number, dimensions: number): Float32Array | undefined {
  const kind = bits.read(4)
  if (kind === 0) return undefined
  ensure(kind <= 2, 'a codebook is of an unknown kind')
  const least = readFloat32(bits)
  const step = readFloat32(bits)
  const valueBits = bits.read(4) + 1
  const isSequence = bits.flag()
  const isLattice = kind === 1
  const count = isLattice ? latticeValues(entries, dimensions) : entries * dimensions
  const values = Float32Array.from({ length: count }, () => Math.fround(bits.read(valueBits) * step) + least)
  const vectors = new Float32Array(entries * dimensions)
  for (let entry = 0, at = 0; entry < entries; entry++) {
    let last = 0
    let rest = entry
    for (let dimension = 0; dimension < dimensions; dimension++, at++) {
      const value = (values[isLattice ? rest % count : at] ?? 0) + last
      rest = Math.floor(rest / count)
      vectors[at] = value
      if (isSequence) last = vectors[at] ?? 0
    }
  }
  ensure(
    vectors.every((value) => Math.abs(value) <= LARGEST_VALUE),
    'a codebook has huge values',
  )
  return vectors
}

/** The largest n with n^dimensions ≤ entries (9.2.3). */
function latticeValues(entries: number, dimensions: number): number {
  let values = Math.floor(entries ** (1 / dimensions))
  while ((values + 1) ** dimensions <= entries) values++
  while (values ** dimensions > entries) values--
  return values
}

/** 9.2.2; exponents are kept within ±63, as libvorbis does. */
function readFloat32(bits: BitReader): number {
  const word = bits.read(32)
  const mantissa = word & 0x1f_ffff
  const exponent = ((word >>> 21) & 0x3ff) - 788
  return (word >>> 31 ? -mantissa : mantissa) * 2 ** Math.max(-63, Math.min(63, exponent))
}

/** @throws Irregular where there is no such book */
export function bookAt(codebooks: readonly Codebook[], index: number): Codebook {
  const book = codebooks[index]
  ensure(book !== undefined, 'a codebook is missing')
  return book
}
