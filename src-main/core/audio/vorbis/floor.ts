import { type BitReader, bitsFor } from './bit-reader.ts'
import { bookAt, type Codebook } from './codebook.ts'
import { ensure } from './irregular.ts'
import type { Tables } from './tables.ts'

/** Of a floor, as libvorbis has it. */
export const MOST_POSTS = 65
/** By the header's multiplier (Vorbis I, 7.2.3). */
const RANGES = [256, 128, 86, 64]

/** Reads a floor of type 1 (7.2.2) and lays it out. @returns its address @throws Irregular */
export function readFloor(bits: BitReader, codebooks: readonly Codebook[], tables: Tables): number {
  ensure(bits.read(16) === 1, 'a floor is not of type 1')
  const classOf = Array.from({ length: bits.read(5) }, () => bits.read(4))
  const classes = Array.from({ length: Math.max(-1, ...classOf) + 1 }, () =>
    readClass(bits, codebooks, tables),
  )
  const multiplier = bits.read(2) + 1
  const rangeBits = bits.read(4)
  const posts = [0, 2 ** rangeBits]
  for (const index of classOf)
    for (let i = classes[index]?.dimensions ?? 0; i > 0; i--) posts.push(bits.read(rangeBits))
  ensure(posts.length <= MOST_POSTS, 'a floor has too many posts')
  ensure(new Set(posts).size === posts.length, 'two posts of a floor are one')
  const order = posts.map((_, post) => post).sort((a, b) => (posts[a] ?? 0) - (posts[b] ?? 0))
  const range = RANGES[multiplier - 1] ?? 0
  return tables.ints([
    posts.length,
    classOf.length,
    tables.ints(classOf.map((index) => classes[index]?.address ?? 0)),
    multiplier,
    range,
    bitsFor(range - 1),
    tables.ints(posts),
    tables.ints(posts.map((_, post) => neighbour(posts, post, -1))),
    tables.ints(posts.map((_, post) => neighbour(posts, post, 1))),
    tables.ints(order),
  ])
}

function readClass(bits: BitReader, codebooks: readonly Codebook[], tables: Tables) {
  const dimensions = bits.read(3) + 1
  const subclassBits = bits.read(2)
  const master = subclassBits > 0 ? bookAt(codebooks, bits.read(8)).address : 0
  const books = Array.from({ length: 2 ** subclassBits }, () => {
    const book = bits.read(8)
    return book === 0 ? 0 : bookAt(codebooks, book - 1).address
  })
  return { dimensions, address: tables.ints([dimensions, subclassBits, master, tables.ints(books)]) }
}

/** Of the posts before one, the nearest on one side (9.2.4, 9.2.5). */
function neighbour(posts: readonly number[], post: number, side: 1 | -1): number {
  const distance = (other: number) => side * ((posts[other] ?? 0) - (posts[post] ?? 0))
  let nearest = 0
  for (let other = 0; other < post; other++)
    if (distance(other) > 0 && (distance(nearest) <= 0 || distance(other) < distance(nearest)))
      nearest = other
  return nearest
}
