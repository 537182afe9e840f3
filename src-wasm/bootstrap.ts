/**
 * One replicate of a bootstrap: as many rows as there are, each drawn by chance, are added up. The chance is mulberry32, number for
 * number that of core/ml/random. Pointers are byte offsets, 16-byte aligned.
 * @param state - of the generator
 * @param table - int32, `rows` × `width`, row by row
 * @param width - a multiple of 4
 * @param sums - int32 × `width`, overwritten
 * @returns the generator's state
 */
export function sumDrawnRows(state: i32, table: usize, rows: i32, width: i32, sums: usize): i32 {
  const bytes = (<usize>width) << 2
  memory.fill(sums, 0, bytes)
  for (let draw = 0; draw < rows; draw++) {
    state += 0x6d2b79f5
    let mixed = <u32>state
    mixed = (mixed ^ (mixed >> 15)) * (mixed | 1)
    mixed = (mixed + (mixed ^ (mixed >> 7)) * (mixed | 61)) ^ mixed
    mixed ^= mixed >> 14
    const row = table + <usize>((<u64>mixed * <u64>rows) >> 32) * bytes
    for (let at: usize = 0; at < bytes; at += 16)
      v128.store(sums + at, i32x4.add(v128.load(sums + at), v128.load(row + at)))
  }
  return state
}
