/**
 * Marks the rows of a text that have a part: 1 in `marks`. Sixteen places at a time are held against the part's first and last
 * byte (W. Muła, SIMD-friendly substring search); only where both stand, the bytes between are compared.
 * @param text - rows, each ended by a newline; `length` + 15 bytes more can be read behind it
 * @param ends - int32 by row: the place of its newline
 * @param first - row
 * @param end - row, exclusive
 * @param part - without a newline
 * @param length - of the part, at least 1 byte
 */
export function markRows(
  text: usize,
  ends: usize,
  first: i32,
  end: i32,
  part: usize,
  length: i32,
  marks: usize,
): void {
  const head = i8x16.splat(load<u8>(part))
  const tail = i8x16.splat(load<u8>(part + length - 1))
  const stop = text + load<u32>(ends + ((end - 1) << 2))
  let row = ends + (first << 2)
  let at = first === 0 ? text : text + load<u32>(row - 4) + 1
  while (at < stop) {
    let places = i8x16.bitmask(
      v128.and(i8x16.eq(v128.load(at), head), i8x16.eq(v128.load(at + length - 1), tail)),
    )
    let next = at + 16
    while (places !== 0) {
      const place = at + ctz(places)
      places &= places - 1
      if (place >= stop) return
      if (!isSame(place + 1, part + 1, length - 2)) continue
      while (text + load<u32>(row) < place) row += 4
      store<u8>(marks + ((row - ends) >> 2), 1)
      // On with the next row.
      next = text + load<u32>(row) + 1
      break
    }
    at = next
  }
}

function isSame(a: usize, b: usize, bytes: i32): bool {
  for (let i = 0; i < bytes; i++) if (load<u8>(a + i) !== load<u8>(b + i)) return false
  return true
}
