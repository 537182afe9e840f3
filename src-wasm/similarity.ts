/**
 * One vector against many that lie one after another. Pointers are byte offsets, 16-byte aligned; `width` counts float32 values, a
 * multiple of 4 (padded with zeros); `out` has room for `count` rounded up to 4.
 */

/** out[i] = vector · others[i] */
export function products(vector: usize, others: usize, count: i32, width: i32, out: usize): void {
  const row = (<usize>width) << 2
  for (let at: i32 = 0; at < count; at += 4, out += 16, others += row << 2) {
    let first = f32x4.splat(0)
    let second = f32x4.splat(0)
    let third = f32x4.splat(0)
    let fourth = f32x4.splat(0)
    for (let column: usize = 0; column < row; column += 16) {
      const own = v128.load(vector + column)
      const other = others + column
      first = f32x4.add(first, f32x4.mul(own, v128.load(other)))
      second = f32x4.add(second, f32x4.mul(own, v128.load(other + row)))
      third = f32x4.add(third, f32x4.mul(own, v128.load(other + (row << 1))))
      fourth = f32x4.add(fourth, f32x4.mul(own, v128.load(other + (row << 1) + row)))
    }
    v128.store(out, sums(first, second, third, fourth))
  }
}

/** out[i] = |vector − others[i]|² */
export function squaredDistances(vector: usize, others: usize, count: i32, width: i32, out: usize): void {
  const row = (<usize>width) << 2
  for (let at: i32 = 0; at < count; at += 4, out += 16, others += row << 2) {
    let first = f32x4.splat(0)
    let second = f32x4.splat(0)
    let third = f32x4.splat(0)
    let fourth = f32x4.splat(0)
    for (let column: usize = 0; column < row; column += 16) {
      const own = v128.load(vector + column)
      const other = others + column
      const a = f32x4.sub(own, v128.load(other))
      const b = f32x4.sub(own, v128.load(other + row))
      const c = f32x4.sub(own, v128.load(other + (row << 1)))
      const d = f32x4.sub(own, v128.load(other + (row << 1) + row))
      first = f32x4.add(first, f32x4.mul(a, a))
      second = f32x4.add(second, f32x4.mul(b, b))
      third = f32x4.add(third, f32x4.mul(c, c))
      fourth = f32x4.add(fourth, f32x4.mul(d, d))
    }
    v128.store(out, sums(first, second, third, fourth))
  }
}

/** The sum of each one's lanes. */
function sums(a: v128, b: v128, c: v128, d: v128): v128 {
  const ab = f32x4.add(v128.shuffle<f32>(a, b, 0, 4, 2, 6), v128.shuffle<f32>(a, b, 1, 5, 3, 7))
  const cd = f32x4.add(v128.shuffle<f32>(c, d, 0, 4, 2, 6), v128.shuffle<f32>(c, d, 1, 5, 3, 7))
  return f32x4.add(v128.shuffle<f32>(ab, cd, 0, 1, 4, 5), v128.shuffle<f32>(ab, cd, 2, 3, 6, 7))
}
