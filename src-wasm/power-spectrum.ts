/**
 * Power of a windowed real signal's transform, in float64: a complex number is one vector. Float32 would be wrong by 2e-3 dB
 * where a bin lies 80 dB below its frame's loudest.
 *
 * A real transform of n values is a complex one of n/2 (even samples real, odd ones imaginary) and one step that takes the two
 * apart. The complex transform is Stockham's: each stage of radix 2, 3, 4 or 5 goes from one array to the other.
 */

/** v · w, where `re` holds Re w twice, and `im` −Im w and Im w. */
function rotate(v: v128, re: v128, im: v128): v128 {
  return f64x2.add(f64x2.mul(v, re), f64x2.mul(v128.shuffle<f64>(v, v, 1, 0), im))
}

/** Im w of a twiddle as `rotate` wants it. */
function imaginary(twiddle: usize): v128 {
  return v128.xor(v128.load64_splat(twiddle, 8), i64x2(0x8000000000000000, 0))
}

/** −i · v */
function minusI(v: v128): v128 {
  return v128.xor(v128.shuffle<f64>(v, v, 1, 0), i64x2(0, 0x8000000000000000))
}

function rotated(v: v128, twiddle: usize): v128 {
  return rotate(v, v128.load64_splat(twiddle), imaginary(twiddle))
}

function stage2(x: usize, y: usize, groups: usize, stride: usize, twiddle: usize): void {
  const far = groups * stride
  for (let group: usize = 0; group < groups; group++) {
    for (let end = x + stride; x < end; x += 16) {
      const a = v128.load(x)
      const b = v128.load(x + far)
      v128.store(y, f64x2.add(a, b))
      v128.store(y + stride, rotated(f64x2.sub(a, b), twiddle))
      y += 16
    }
    y += stride
    twiddle += 16
  }
}

function stage3(x: usize, y: usize, groups: usize, stride: usize, twiddle: usize): void {
  const far = groups * stride
  const half = f64x2.splat(-0.5)
  const sine = f64x2.splat(0.8660254037844386)
  for (let group: usize = 0; group < groups; group++) {
    for (let end = x + stride; x < end; x += 16) {
      const a = v128.load(x)
      const b = v128.load(x + far)
      const c = v128.load(x + 2 * far)
      const sum = f64x2.add(b, c)
      const middle = f64x2.add(a, f64x2.mul(sum, half))
      const turn = f64x2.mul(minusI(f64x2.sub(b, c)), sine)
      v128.store(y, f64x2.add(a, sum))
      v128.store(y + stride, rotated(f64x2.add(middle, turn), twiddle))
      v128.store(y + 2 * stride, rotated(f64x2.sub(middle, turn), twiddle + 16))
      y += 16
    }
    y += 2 * stride
    twiddle += 32
  }
}

function stage4(x: usize, y: usize, groups: usize, stride: usize, twiddle: usize): void {
  const far = groups * stride
  for (let group: usize = 0; group < groups; group++) {
    const re1 = v128.load64_splat(twiddle)
    const im1 = imaginary(twiddle)
    const re2 = v128.load64_splat(twiddle, 16)
    const im2 = imaginary(twiddle + 16)
    const re3 = v128.load64_splat(twiddle, 32)
    const im3 = imaginary(twiddle + 32)
    for (let end = x + stride; x < end; x += 16) {
      const a = v128.load(x)
      const b = v128.load(x + far)
      const c = v128.load(x + 2 * far)
      const d = v128.load(x + 3 * far)
      const ac = f64x2.add(a, c)
      const bd = f64x2.add(b, d)
      const across = f64x2.sub(a, c)
      const turn = minusI(f64x2.sub(b, d))
      v128.store(y, f64x2.add(ac, bd))
      v128.store(y + stride, rotate(f64x2.add(across, turn), re1, im1))
      v128.store(y + 2 * stride, rotate(f64x2.sub(ac, bd), re2, im2))
      v128.store(y + 3 * stride, rotate(f64x2.sub(across, turn), re3, im3))
      y += 16
    }
    y += 3 * stride
    twiddle += 48
  }
}

/** The first stage with the window on the way: `x` is the real signal. */
function firstStage4(x: usize, window: usize, y: usize, groups: usize, twiddle: usize): void {
  const far = groups << 3
  const windowFar = groups << 4
  for (let end = x + far; x < end; x += 8) {
    const a = windowed(x, window)
    const b = windowed(x + far, window + windowFar)
    const c = windowed(x + 2 * far, window + 2 * windowFar)
    const d = windowed(x + 3 * far, window + 3 * windowFar)
    const ac = f64x2.add(a, c)
    const bd = f64x2.add(b, d)
    const across = f64x2.sub(a, c)
    const turn = minusI(f64x2.sub(b, d))
    v128.store(y, f64x2.add(ac, bd))
    v128.store(y, rotated(f64x2.add(across, turn), twiddle), 16)
    v128.store(y, rotated(f64x2.sub(ac, bd), twiddle + 16), 32)
    v128.store(y, rotated(f64x2.sub(across, turn), twiddle + 32), 48)
    window += 16
    y += 64
    twiddle += 48
  }
}

/** The last stage turns nothing. */
function lastStage4(x: usize, y: usize, stride: usize): void {
  for (let end = x + stride; x < end; x += 16) {
    const a = v128.load(x)
    const b = v128.load(x + stride)
    const c = v128.load(x + 2 * stride)
    const d = v128.load(x + 3 * stride)
    const ac = f64x2.add(a, c)
    const bd = f64x2.add(b, d)
    const across = f64x2.sub(a, c)
    const turn = minusI(f64x2.sub(b, d))
    v128.store(y, f64x2.add(ac, bd))
    v128.store(y + stride, f64x2.add(across, turn))
    v128.store(y + 2 * stride, f64x2.sub(ac, bd))
    v128.store(y + 3 * stride, f64x2.sub(across, turn))
    y += 16
  }
}

/** Two samples as one complex number. */
function windowed(samples: usize, window: usize): v128 {
  return f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(samples)), v128.load(window))
}

function stage5(x: usize, y: usize, groups: usize, stride: usize, twiddle: usize): void {
  const far = groups * stride
  const c1 = f64x2.splat(0.30901699437494745)
  const c2 = f64x2.splat(-0.8090169943749475)
  const s1 = f64x2.splat(0.9510565162951535)
  const s2 = f64x2.splat(0.5877852522924731)
  for (let group: usize = 0; group < groups; group++) {
    for (let end = x + stride; x < end; x += 16) {
      const a = v128.load(x)
      const b = v128.load(x + far)
      const c = v128.load(x + 2 * far)
      const d = v128.load(x + 3 * far)
      const e = v128.load(x + 4 * far)
      const be = f64x2.add(b, e)
      const cd = f64x2.add(c, d)
      const bMinusE = minusI(f64x2.sub(b, e))
      const cMinusD = minusI(f64x2.sub(c, d))
      const even1 = f64x2.add(a, f64x2.add(f64x2.mul(be, c1), f64x2.mul(cd, c2)))
      const even2 = f64x2.add(a, f64x2.add(f64x2.mul(be, c2), f64x2.mul(cd, c1)))
      const odd1 = f64x2.add(f64x2.mul(bMinusE, s1), f64x2.mul(cMinusD, s2))
      const odd2 = f64x2.sub(f64x2.mul(bMinusE, s2), f64x2.mul(cMinusD, s1))
      v128.store(y, f64x2.add(a, f64x2.add(be, cd)))
      v128.store(y + stride, rotated(f64x2.add(even1, odd1), twiddle))
      v128.store(y + 2 * stride, rotated(f64x2.add(even2, odd2), twiddle + 16))
      v128.store(y + 3 * stride, rotated(f64x2.sub(even2, odd2), twiddle + 32))
      v128.store(y + 4 * stride, rotated(f64x2.sub(even1, odd1), twiddle + 48))
      y += 16
    }
    y += 4 * stride
    twiddle += 64
  }
}

/**
 * @param samples - n float32, at any place
 * @param window - n float64
 * @param plan - int32: the radices of the stages, then 0
 * @param twiddles - for each stage, each group and each output but the first: Re w, Im w (float64); then, for
 *   bins 0 … n/4, the same of e^(−2πi k / n)
 * @param work - two arrays of n float64
 * @param out - n/2 + 1 float32
 */
export function powerSpectrum(
  samples: usize,
  window: usize,
  n: i32,
  plan: usize,
  twiddles: usize,
  work: usize,
  out: usize,
): void {
  const half = <usize>n >> 1
  let x = work
  let y = work + ((<usize>n) << 3)
  let groups = half
  let stride: usize = 16
  let radix = load<i32>(plan)
  if (radix === 4) {
    groups >>= 2
    firstStage4(samples, window, x, groups, twiddles)
    twiddles += (groups * 3) << 4
    stride = 64
    plan += 4
    radix = load<i32>(plan)
  } else {
    for (let k: usize = 0; k < half; k++)
      v128.store(x + (k << 4), windowed(samples + (k << 3), window + (k << 4)))
  }
  while (radix !== 0) {
    groups /= radix
    if (radix === 4) {
      if (groups === 1) lastStage4(x, y, stride)
      else stage4(x, y, groups, stride, twiddles)
    } else if (radix === 2) stage2(x, y, groups, stride, twiddles)
    else if (radix === 5) stage5(x, y, groups, stride, twiddles)
    else stage3(x, y, groups, stride, twiddles)
    twiddles += (groups * <usize>(radix - 1)) << 4
    stride *= radix
    const other = x
    x = y
    y = other
    plan += 4
    radix = load<i32>(plan)
  }
  // Bin 0 holds the sums of the even and of the odd samples.
  const evens = load<f64>(x)
  const odds = load<f64>(x, 8)
  store<f32>(out, <f32>((evens + odds) * (evens + odds)))
  store<f32>(out + (half << 2), <f32>((evens - odds) * (evens - odds)))
  const halves = f64x2.splat(0.5)
  const conjugate = i64x2(0, 0x8000000000000000)
  let low = x + 16
  let high = x + ((half - 1) << 4)
  let outLow = out + 4
  let outHigh = out + ((half - 1) << 2)
  for (; low <= high; low += 16, high -= 16, outLow += 4, outHigh -= 4) {
    twiddles += 16
    const a = v128.load(low)
    const b = v128.xor(v128.load(high), conjugate)
    const even = f64x2.mul(f64x2.add(a, b), halves)
    const odd = rotated(minusI(f64x2.mul(f64x2.sub(a, b), halves)), twiddles)
    const sum = f64x2.add(even, odd)
    const difference = f64x2.sub(even, odd)
    const sumSquares = f64x2.mul(sum, sum)
    const differenceSquares = f64x2.mul(difference, difference)
    store<f32>(outLow, <f32>(f64x2.extract_lane(sumSquares, 0) + f64x2.extract_lane(sumSquares, 1)))
    store<f32>(
      outHigh,
      <f32>(f64x2.extract_lane(differenceSquares, 0) + f64x2.extract_lane(differenceSquares, 1)),
    )
  }
}
