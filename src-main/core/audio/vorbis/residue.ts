import type { BitReader } from './bit-reader.ts'
import { bookAt, type Codebook } from './codebook.ts'
import { ensure } from './irregular.ts'
import type { Tables } from './tables.ts'

const STAGES = 8

export interface Residue {
  address: number
  /** All channels in one vector, in turns. */
  isInterleaved: boolean
  begin: number
  partitionSize: number
}

/** Reads a residue of type 1 or 2 (Vorbis I, 8.6.1) and lays it out. No encoder of Vorbis 1.0 or later writes type 0. @throws Irregular */
export function readResidue(bits: BitReader, codebooks: readonly Codebook[], tables: Tables): Residue {
  const kind = bits.read(16)
  ensure(kind === 1 || kind === 2, 'a residue is neither of type 1 nor 2')
  const isInterleaved = kind === 2
  const begin = bits.read(24)
  const end = bits.read(24)
  const partitionSize = bits.read(24) + 1
  const classes = bits.read(6) + 1
  const classBook = bookAt(codebooks, bits.read(8))
  const cascades = Array.from({ length: classes }, () => bits.read(3) | (bits.flag() ? bits.read(5) << 3 : 0))
  const books = cascades.flatMap((cascade) =>
    Array.from({ length: STAGES }, (_, stage) => {
      if (!((cascade >> stage) & 1)) return 0
      const { address, hasVectors, dimensions } = bookAt(codebooks, bits.read(8))
      ensure(hasVectors && partitionSize % dimensions === 0, 'a residue has an odd book')
      return address
    }),
  )
  const stages = 32 - Math.clz32(cascades.reduce((all, cascade) => all | cascade, 0))
  const words = tables.bytes(classWords(classBook, classes))
  const address = tables.ints([
    Number(isInterleaved),
    begin,
    end,
    partitionSize,
    stages,
    classBook.address,
    classBook.dimensions,
    words,
    tables.ints(books),
  ])
  return { address, isInterleaved, begin, partitionSize }
}

/** Of each entry the digits to the base of `classes`, the highest first: the classes of as many partitions (8.6.2). */
function classWords({ entries, dimensions }: Codebook, classes: number): Uint8Array {
  ensure(classes ** dimensions === entries, 'a residue classifies by an odd book')
  const words = new Uint8Array(entries * dimensions)
  for (let entry = 0; entry < entries; entry++) {
    let rest = entry
    for (let at = (entry + 1) * dimensions - 1; at >= entry * dimensions; at--) {
      words[at] = rest % classes
      rest = Math.floor(rest / classes)
    }
  }
  return words
}
