/** The bits of a packet, from the low end of each byte (2.1.4). Behind the packet lie zeros. */
import { Codebook } from './tables'

let packet: usize = 0
let position: u32 = 0
let limit: u32 = 0

export function openPacket(address: usize, bytes: i32): void {
  packet = address
  position = 0
  limit = (<u32>bytes) << 3
}

/** True as soon as more was read than there is: what came last is not to be used. */
export function isPastEnd(): bool {
  return position > limit
}

/** @param count - up to 32 */
export function readBits(count: u32): u32 {
  const bits = load<u64>(packet + (position >> 3)) >> (position & 7)
  position += count
  return <u32>(bits & (((<u64>1) << count) - 1))
}

/** The next codeword's entry. */
export function readEntry(book: Codebook): u32 {
  const bits = load<u64>(packet + (position >> 3)) >> (position & 7)
  const word = lookUp(bits, book.tableAt, book.primaryBits)
  position += word & 63
  return word >> 6
}

function lookUp(bits: u64, table: usize, primaryBits: u32): u32 {
  const word = load<u32>(table + ((<u32>bits & ((1 << primaryBits) - 1)) << 2))
  if (!(word & 0x80000000)) return word
  const second = (word >> 5) & 0x3ffffff
  const index = second + (<u32>(bits >> primaryBits) & ((1 << (word & 31)) - 1))
  return load<u32>(table + (index << 2))
}

/** Adds the vectors of the next codewords to `count` values, as far as the packet goes. @returns whether it went to the end */
export function addVectors(book: Codebook, target: usize, count: i32): bool {
  const table = book.tableAt
  const primaryBits = book.primaryBits
  const vectors = book.vectorsAt
  const bytes = <usize>book.vectorBytes
  const from = packet
  const last = limit
  let at = position
  for (const end = target + ((<usize>count) << 2); target < end; target += bytes) {
    const word = lookUp(load<u64>(from + (at >> 3)) >> (at & 7), table, primaryBits)
    at += word & 63
    if (at > last) break
    const vector = vectors + <usize>(word >> 6) * bytes
    if (bytes === 8)
      v128.store64_lane(target, f32x4.add(v128.load64_zero(target), v128.load64_zero(vector)), 0)
    else if (bytes & 15)
      for (let i: usize = 0; i < bytes; i += 4)
        store<f32>(target + i, load<f32>(target + i) + load<f32>(vector + i))
    else
      for (let i: usize = 0; i < bytes; i += 16)
        v128.store(target + i, f32x4.add(v128.load(target + i), v128.load(vector + i)))
  }
  position = at
  return at <= last
}
