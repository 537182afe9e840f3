/**
 * The inverse MDCT (4.3.6) of n/2 values and its windowed overlap. Of the n values that come out, the first and last quarters are
 * mirror images of the middle half, so only that is made: n/2 values m, by a complex transform of n/4.
 *
 * P[k] = T[k] · Σ_j (X[n/2 − 1 − 2j] + i X[2j]) T[j] e^(2πi jk / (n/4)), T[k] = e^(2πi (k + 1/8) / n);
 * m[2k] = Re P[k], m[2k + 1] = −Im P[n/4 − 1 − k].
 *
 * The transform is Stockham's of radix 4, with a last stage of 2 where needed; real and imaginary parts lie apart.
 */
import { Block } from './tables'

/** (re, im) · (cos, sin): real part */
function re(re: v128, im: v128, cos: v128, sin: v128): v128 {
  return f32x4.sub(f32x4.mul(re, cos), f32x4.mul(im, sin))
}

function im(re: v128, im: v128, cos: v128, sin: v128): v128 {
  return f32x4.add(f32x4.mul(re, sin), f32x4.mul(im, cos))
}

function reversed(v: v128): v128 {
  return v128.shuffle<f32>(v, v, 3, 2, 1, 0)
}

function evens(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 0, 2, 4, 6)
}

function odds(a: v128, b: v128): v128 {
  return v128.shuffle<f32>(a, b, 1, 3, 5, 7)
}

/** The values that the transform begins with. */
function turnIn(spectrum: usize, turns: usize, m: usize, out: usize): void {
  const far = m << 2
  let back = spectrum + (far << 1) - 32
  for (const end = out + far; out < end; out += 16, turns += 16, spectrum += 32, back -= 32) {
    const i = evens(v128.load(spectrum), v128.load(spectrum, 16))
    const r = reversed(odds(v128.load(back), v128.load(back, 16)))
    const cos = v128.load(turns)
    const sin = v128.load(turns + far)
    v128.store(out, re(r, i, cos, sin))
    v128.store(out + far, im(r, i, cos, sin))
  }
}

/** Stores four vectors so that their lanes take turns. */
function storeTurns(out: usize, a: v128, b: v128, c: v128, d: v128): void {
  const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5)
  const cd = v128.shuffle<f32>(c, d, 0, 4, 1, 5)
  const abHigh = v128.shuffle<f32>(a, b, 2, 6, 3, 7)
  const cdHigh = v128.shuffle<f32>(c, d, 2, 6, 3, 7)
  v128.store(out, v128.shuffle<f32>(ab, cd, 0, 1, 4, 5))
  v128.store(out, v128.shuffle<f32>(ab, cd, 2, 3, 6, 7), 16)
  v128.store(out, v128.shuffle<f32>(abHigh, cdHigh, 0, 1, 4, 5), 32)
  v128.store(out, v128.shuffle<f32>(abHigh, cdHigh, 2, 3, 6, 7), 48)
}

/** The first stage, groups of one value: the lanes are four groups. */
function firstStage(x: usize, y: usize, m: usize, twiddles: usize): void {
  const im0 = m << 2
  const arm = m
  for (const end = x + arm; x < end; x += 16, y += 64, twiddles += 16) {
    const ar = v128.load(x)
    const br = v128.load(x + arm)
    const cr = v128.load(x + 2 * arm)
    const dr = v128.load(x + 3 * arm)
    const ai = v128.load(x + im0)
    const bi = v128.load(x + im0 + arm)
    const ci = v128.load(x + im0 + 2 * arm)
    const di = v128.load(x + im0 + 3 * arm)
    const acr = f32x4.add(ar, cr)
    const aci = f32x4.add(ai, ci)
    const bdr = f32x4.add(br, dr)
    const bdi = f32x4.add(bi, di)
    const minusR = f32x4.sub(ar, cr)
    const minusI = f32x4.sub(ai, ci)
    // i (b − d)
    const turnR = f32x4.sub(di, bi)
    const turnI = f32x4.sub(br, dr)
    const r1 = f32x4.add(minusR, turnR)
    const i1 = f32x4.add(minusI, turnI)
    const r2 = f32x4.sub(acr, bdr)
    const i2 = f32x4.sub(aci, bdi)
    const r3 = f32x4.sub(minusR, turnR)
    const i3 = f32x4.sub(minusI, turnI)
    const cos1 = v128.load(twiddles)
    const sin1 = v128.load(twiddles + arm)
    const cos2 = v128.load(twiddles + 2 * arm)
    const sin2 = v128.load(twiddles + 3 * arm)
    const cos3 = v128.load(twiddles + 4 * arm)
    const sin3 = v128.load(twiddles + 5 * arm)
    storeTurns(y, f32x4.add(acr, bdr), re(r1, i1, cos1, sin1), re(r2, i2, cos2, sin2), re(r3, i3, cos3, sin3))
    storeTurns(
      y + im0,
      f32x4.add(aci, bdi),
      im(r1, i1, cos1, sin1),
      im(r2, i2, cos2, sin2),
      im(r3, i3, cos3, sin3),
    )
  }
}

/** @param stride - bytes of a group @param groups - of each of the four arms */
function stage4(x: usize, y: usize, m: usize, groups: usize, stride: usize, twiddles: usize): void {
  const im0 = m << 2
  const arm = m
  for (let group: usize = 0; group < groups; group++, twiddles += 24) {
    const cos1 = v128.load32_splat(twiddles)
    const sin1 = v128.load32_splat(twiddles, 4)
    const cos2 = v128.load32_splat(twiddles, 8)
    const sin2 = v128.load32_splat(twiddles, 12)
    const cos3 = v128.load32_splat(twiddles, 16)
    const sin3 = v128.load32_splat(twiddles, 20)
    for (const end = x + stride; x < end; x += 16, y += 16) {
      const ar = v128.load(x)
      const br = v128.load(x + arm)
      const cr = v128.load(x + 2 * arm)
      const dr = v128.load(x + 3 * arm)
      const ai = v128.load(x + im0)
      const bi = v128.load(x + im0 + arm)
      const ci = v128.load(x + im0 + 2 * arm)
      const di = v128.load(x + im0 + 3 * arm)
      const acr = f32x4.add(ar, cr)
      const aci = f32x4.add(ai, ci)
      const bdr = f32x4.add(br, dr)
      const bdi = f32x4.add(bi, di)
      const minusR = f32x4.sub(ar, cr)
      const minusI = f32x4.sub(ai, ci)
      const turnR = f32x4.sub(di, bi)
      const turnI = f32x4.sub(br, dr)
      const r1 = f32x4.add(minusR, turnR)
      const i1 = f32x4.add(minusI, turnI)
      const r2 = f32x4.sub(acr, bdr)
      const i2 = f32x4.sub(aci, bdi)
      const r3 = f32x4.sub(minusR, turnR)
      const i3 = f32x4.sub(minusI, turnI)
      v128.store(y, f32x4.add(acr, bdr))
      v128.store(y + im0, f32x4.add(aci, bdi))
      v128.store(y + stride, re(r1, i1, cos1, sin1))
      v128.store(y + stride + im0, im(r1, i1, cos1, sin1))
      v128.store(y + 2 * stride, re(r2, i2, cos2, sin2))
      v128.store(y + 2 * stride + im0, im(r2, i2, cos2, sin2))
      v128.store(y + 3 * stride, re(r3, i3, cos3, sin3))
      v128.store(y + 3 * stride + im0, im(r3, i3, cos3, sin3))
    }
    y += 3 * stride
  }
}

/** A last stage of radix 2. */
function stage2(x: usize, y: usize, m: usize): void {
  const half = m << 1
  for (let part = 0; part < 2; part++, x += half, y += half) {
    for (const end = x + half; x < end; x += 16, y += 16) {
      const a = v128.load(x)
      const b = v128.load(x + half)
      v128.store(y, f32x4.add(a, b))
      v128.store(y + half, f32x4.sub(a, b))
    }
  }
}

/** What the transform ends with, from both ends to the middle. */
function turnOut(x: usize, turns: usize, m: usize, out: usize): void {
  const far = m << 2
  const minus = i32x4.splat(0x80000000)
  let high = x + far - 16
  let turnsHigh = turns + far - 16
  let outHigh = out + (far << 1) - 32
  for (; x < high; x += 16, high -= 16, turns += 16, turnsHigh -= 16, out += 32, outHigh -= 32) {
    const r = v128.load(x)
    const i = v128.load(x + far)
    const cos = v128.load(turns)
    const sin = v128.load(turns + far)
    const rHigh = v128.load(high)
    const iHigh = v128.load(high + far)
    const cosHigh = v128.load(turnsHigh)
    const sinHigh = v128.load(turnsHigh + far)
    const even = re(r, i, cos, sin)
    const odd = v128.xor(reversed(im(rHigh, iHigh, cosHigh, sinHigh)), minus)
    const evenHigh = re(rHigh, iHigh, cosHigh, sinHigh)
    const oddHigh = v128.xor(reversed(im(r, i, cos, sin)), minus)
    v128.store(out, v128.shuffle<f32>(even, odd, 0, 4, 1, 5))
    v128.store(out, v128.shuffle<f32>(even, odd, 2, 6, 3, 7), 16)
    v128.store(outHigh, v128.shuffle<f32>(evenHigh, oddHigh, 0, 4, 1, 5))
    v128.store(outHigh, v128.shuffle<f32>(evenHigh, oddHigh, 2, 6, 3, 7), 16)
  }
}

/** @param work - n float32 @param out - n/2: the middle half */
export function middleHalf(spectrum: usize, block: Block, work: usize, out: usize): void {
  const m = <usize>block.n >> 2
  let x = work
  let y = work + (m << 3)
  turnIn(spectrum, block.turnsAt, m, x)
  let twiddles = block.twiddlesAt
  firstStage(x, y, m, twiddles)
  twiddles += 6 * m
  let groups = m >> 2
  let stride: usize = 16
  while (groups > 1) {
    const other = x
    x = y
    y = other
    if (groups === 2) {
      stage2(x, y, m)
      break
    }
    groups >>= 2
    stage4(x, y, m, groups, stride, twiddles)
    twiddles += 24 * groups
    stride <<= 2
  }
  turnOut(y, block.turnsAt, m, out)
}

/**
 * The samples between the middles of two blocks (4.3.8).
 * @param past, now - the middle halves of blocks of `pastLength` and `nowLength` values
 * @param window - of the shorter one
 * @returns their number, pastLength/4 + nowLength/4
 */
export function overlap(
  past: usize,
  pastLength: i32,
  now: usize,
  nowLength: i32,
  window: usize,
  out: usize,
): i32 {
  const quarter = <usize>min(pastLength, nowLength)
  const plainPast = <usize>pastLength - quarter
  const plainNow = <usize>nowLength - quarter
  past += <usize>pastLength
  memory.copy(out, past, plainPast)
  out += plainPast
  past += plainPast
  let end = now + quarter - 16
  let windowEnd = window + 2 * quarter - 16
  let outEnd = out + 2 * quarter - 16
  for (const stop = past + quarter; past < stop; past += 16, window += 16, out += 16) {
    const p = v128.load(past)
    const c = reversed(v128.load(end))
    const rising = v128.load(window)
    const falling = reversed(v128.load(windowEnd))
    v128.store(out, f32x4.sub(f32x4.mul(p, falling), f32x4.mul(c, rising)))
    v128.store(outEnd, reversed(f32x4.add(f32x4.mul(p, rising), f32x4.mul(c, falling))))
    end -= 16
    windowEnd -= 16
    outEnd -= 16
  }
  memory.copy(out + quarter, now + quarter, plainNow)
  return (pastLength >> 2) + (nowLength >> 2)
}
