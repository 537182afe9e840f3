/**
 * Power of a windowed real signal's transform, in float64. Float32 would be wrong by 2e-3 dB where a bin lies 80 dB below its
 * frame's loudest.
 *
 * A transform here is Stockham's: each stage of radix 2, 3, 4 or 5 goes from one array to the other. Two complex numbers lie
 * side by side, as a vector of their real parts and a vector of their imaginary ones (a pair, 32 bytes), and pass through a
 * stage together, so that nothing but the first stage and the end moves a value between lanes.
 */

/** Re v·w */
function turnedRe(re: v128, im: v128, cos: v128, sin: v128): v128 {
  return f64x2.sub(f64x2.mul(re, cos), f64x2.mul(im, sin))
}

/** Im v·w */
function turnedIm(re: v128, im: v128, cos: v128, sin: v128): v128 {
  return f64x2.add(f64x2.mul(re, sin), f64x2.mul(im, cos))
}

/** Stores v·w, where one w is for both of the pair. */
function storeTurned(y: usize, re: v128, im: v128, twiddle: usize): void {
  const cos = v128.load64_splat(twiddle)
  const sin = v128.load64_splat(twiddle, 8)
  v128.store(y, turnedRe(re, im, cos, sin))
  v128.store(y, turnedIm(re, im, cos, sin), 16)
}

function stage2(x: usize, y: usize, groups: usize, stride: usize, twiddle: usize): void {
  const far = groups * stride
  for (let group: usize = 0; group < groups; group++) {
    for (let end = x + stride; x < end; x += 32) {
      const aRe = v128.load(x)
      const aIm = v128.load(x, 16)
      const bRe = v128.load(x + far)
      const bIm = v128.load(x + far, 16)
      v128.store(y, f64x2.add(aRe, bRe))
      v128.store(y, f64x2.add(aIm, bIm), 16)
      storeTurned(y + stride, f64x2.sub(aRe, bRe), f64x2.sub(aIm, bIm), twiddle)
      y += 32
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
    for (let end = x + stride; x < end; x += 32) {
      const aRe = v128.load(x)
      const aIm = v128.load(x, 16)
      const bRe = v128.load(x + far)
      const bIm = v128.load(x + far, 16)
      const cRe = v128.load(x + 2 * far)
      const cIm = v128.load(x + 2 * far, 16)
      const sumRe = f64x2.add(bRe, cRe)
      const sumIm = f64x2.add(bIm, cIm)
      const middleRe = f64x2.add(aRe, f64x2.mul(sumRe, half))
      const middleIm = f64x2.add(aIm, f64x2.mul(sumIm, half))
      // −i · (b − c) · sine
      const turnRe = f64x2.mul(f64x2.sub(bIm, cIm), sine)
      const turnIm = f64x2.mul(f64x2.sub(cRe, bRe), sine)
      v128.store(y, f64x2.add(aRe, sumRe))
      v128.store(y, f64x2.add(aIm, sumIm), 16)
      storeTurned(y + stride, f64x2.add(middleRe, turnRe), f64x2.add(middleIm, turnIm), twiddle)
      storeTurned(y + 2 * stride, f64x2.sub(middleRe, turnRe), f64x2.sub(middleIm, turnIm), twiddle + 16)
      y += 32
    }
    y += 2 * stride
    twiddle += 32
  }
}

function stage4(x: usize, y: usize, groups: usize, stride: usize, twiddle: usize): void {
  const far = groups * stride
  for (let group: usize = 0; group < groups; group++) {
    const cos1 = v128.load64_splat(twiddle)
    const sin1 = v128.load64_splat(twiddle, 8)
    const cos2 = v128.load64_splat(twiddle, 16)
    const sin2 = v128.load64_splat(twiddle, 24)
    const cos3 = v128.load64_splat(twiddle, 32)
    const sin3 = v128.load64_splat(twiddle, 40)
    for (let end = x + stride; x < end; x += 32) {
      const aRe = v128.load(x)
      const cRe = v128.load(x + 2 * far)
      const bRe = v128.load(x + far)
      const dRe = v128.load(x + 3 * far)
      const aIm = v128.load(x, 16)
      const cIm = v128.load(x + 2 * far, 16)
      const bIm = v128.load(x + far, 16)
      const dIm = v128.load(x + 3 * far, 16)
      const acRe = f64x2.add(aRe, cRe)
      const acIm = f64x2.add(aIm, cIm)
      const bdRe = f64x2.add(bRe, dRe)
      const bdIm = f64x2.add(bIm, dIm)
      const acrossRe = f64x2.sub(aRe, cRe)
      const acrossIm = f64x2.sub(aIm, cIm)
      const downRe = f64x2.sub(bRe, dRe)
      const downIm = f64x2.sub(bIm, dIm)
      v128.store(y, f64x2.add(acRe, bdRe))
      v128.store(y, f64x2.add(acIm, bdIm), 16)
      const re2 = f64x2.sub(acRe, bdRe)
      const im2 = f64x2.sub(acIm, bdIm)
      v128.store(y + 2 * stride, turnedRe(re2, im2, cos2, sin2))
      v128.store(y + 2 * stride, turnedIm(re2, im2, cos2, sin2), 16)
      const re1 = f64x2.add(acrossRe, downIm)
      const im1 = f64x2.sub(acrossIm, downRe)
      v128.store(y + stride, turnedRe(re1, im1, cos1, sin1))
      v128.store(y + stride, turnedIm(re1, im1, cos1, sin1), 16)
      const re3 = f64x2.sub(acrossRe, downIm)
      const im3 = f64x2.add(acrossIm, downRe)
      v128.store(y + 3 * stride, turnedRe(re3, im3, cos3, sin3))
      v128.store(y + 3 * stride, turnedIm(re3, im3, cos3, sin3), 16)
      y += 32
    }
    y += 3 * stride
    twiddle += 48
  }
}

/** Two samples as one complex number, in a vector. */
function windowed(samples: usize, window: usize): v128 {
  return f64x2.mul(f64x2.promote_low_f32x4(v128.load64_zero(samples)), v128.load(window))
}

/** Stores a pair times that of the twiddles. */
function storePair(y: usize, re: v128, im: v128, twiddle: usize): void {
  const cos = v128.load(twiddle)
  const sin = v128.load(twiddle, 16)
  v128.store(y, turnedRe(re, im, cos, sin))
  v128.store(y, turnedIm(re, im, cos, sin), 16)
}

/** The first stage with the window on the way: `x` is the real signal. Outputs 0 and 1 are a pair, and 2 and 3. */
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
    const acRe = v128.shuffle<f64>(ac, across, 0, 2)
    const acIm = v128.shuffle<f64>(ac, across, 1, 3)
    const bdRe = v128.shuffle<f64>(bd, f64x2.sub(b, d), 0, 3)
    const bdIm = v128.shuffle<f64>(bd, f64x2.sub(d, b), 1, 2)
    storePair(y, f64x2.add(acRe, bdRe), f64x2.add(acIm, bdIm), twiddle)
    storePair(y + 32, f64x2.sub(acRe, bdRe), f64x2.sub(acIm, bdIm), twiddle + 32)
    window += 16
    y += 64
    twiddle += 64
  }
}

/** The last stage turns nothing. */
function lastStage4(x: usize, y: usize, stride: usize): void {
  for (let end = x + stride; x < end; x += 32) {
    const aRe = v128.load(x)
    const cRe = v128.load(x + 2 * stride)
    const bRe = v128.load(x + stride)
    const dRe = v128.load(x + 3 * stride)
    const aIm = v128.load(x, 16)
    const cIm = v128.load(x + 2 * stride, 16)
    const bIm = v128.load(x + stride, 16)
    const dIm = v128.load(x + 3 * stride, 16)
    const acRe = f64x2.add(aRe, cRe)
    const acIm = f64x2.add(aIm, cIm)
    const bdRe = f64x2.add(bRe, dRe)
    const bdIm = f64x2.add(bIm, dIm)
    const acrossRe = f64x2.sub(aRe, cRe)
    const acrossIm = f64x2.sub(aIm, cIm)
    const downRe = f64x2.sub(bRe, dRe)
    const downIm = f64x2.sub(bIm, dIm)
    v128.store(y, f64x2.add(acRe, bdRe))
    v128.store(y, f64x2.add(acIm, bdIm), 16)
    v128.store(y + stride, f64x2.add(acrossRe, downIm))
    v128.store(y + stride, f64x2.sub(acrossIm, downRe), 16)
    v128.store(y + 2 * stride, f64x2.sub(acRe, bdRe))
    v128.store(y + 2 * stride, f64x2.sub(acIm, bdIm), 16)
    v128.store(y + 3 * stride, f64x2.sub(acrossRe, downIm))
    v128.store(y + 3 * stride, f64x2.add(acrossIm, downRe), 16)
    y += 32
  }
}

function stage5(x: usize, y: usize, groups: usize, stride: usize, twiddle: usize): void {
  const far = groups * stride
  const c1 = f64x2.splat(0.30901699437494745)
  const c2 = f64x2.splat(-0.8090169943749475)
  const s1 = f64x2.splat(0.9510565162951535)
  const s2 = f64x2.splat(0.5877852522924731)
  for (let group: usize = 0; group < groups; group++) {
    for (let end = x + stride; x < end; x += 32) {
      const aRe = v128.load(x)
      const aIm = v128.load(x, 16)
      const bRe = v128.load(x + far)
      const bIm = v128.load(x + far, 16)
      const cRe = v128.load(x + 2 * far)
      const cIm = v128.load(x + 2 * far, 16)
      const dRe = v128.load(x + 3 * far)
      const dIm = v128.load(x + 3 * far, 16)
      const eRe = v128.load(x + 4 * far)
      const eIm = v128.load(x + 4 * far, 16)
      const beRe = f64x2.add(bRe, eRe)
      const beIm = f64x2.add(bIm, eIm)
      const cdRe = f64x2.add(cRe, dRe)
      const cdIm = f64x2.add(cIm, dIm)
      v128.store(y, f64x2.add(aRe, f64x2.add(beRe, cdRe)))
      v128.store(y, f64x2.add(aIm, f64x2.add(beIm, cdIm)), 16)
      const even1Re = f64x2.add(aRe, f64x2.add(f64x2.mul(beRe, c1), f64x2.mul(cdRe, c2)))
      const even1Im = f64x2.add(aIm, f64x2.add(f64x2.mul(beIm, c1), f64x2.mul(cdIm, c2)))
      const even2Re = f64x2.add(aRe, f64x2.add(f64x2.mul(beRe, c2), f64x2.mul(cdRe, c1)))
      const even2Im = f64x2.add(aIm, f64x2.add(f64x2.mul(beIm, c2), f64x2.mul(cdIm, c1)))
      // −i · (b − e) and −i · (c − d)
      const acrossRe = f64x2.sub(bIm, eIm)
      const acrossIm = f64x2.sub(eRe, bRe)
      const downRe = f64x2.sub(cIm, dIm)
      const downIm = f64x2.sub(dRe, cRe)
      const odd1Re = f64x2.add(f64x2.mul(acrossRe, s1), f64x2.mul(downRe, s2))
      const odd1Im = f64x2.add(f64x2.mul(acrossIm, s1), f64x2.mul(downIm, s2))
      const odd2Re = f64x2.sub(f64x2.mul(acrossRe, s2), f64x2.mul(downRe, s1))
      const odd2Im = f64x2.sub(f64x2.mul(acrossIm, s2), f64x2.mul(downIm, s1))
      storeTurned(y + stride, f64x2.add(even1Re, odd1Re), f64x2.add(even1Im, odd1Im), twiddle)
      storeTurned(y + 2 * stride, f64x2.add(even2Re, odd2Re), f64x2.add(even2Im, odd2Im), twiddle + 16)
      storeTurned(y + 3 * stride, f64x2.sub(even2Re, odd2Re), f64x2.sub(even2Im, odd2Im), twiddle + 32)
      storeTurned(y + 4 * stride, f64x2.sub(even1Re, odd1Re), f64x2.sub(even1Im, odd1Im), twiddle + 48)
      y += 32
    }
    y += 4 * stride
    twiddle += 64
  }
}

/** |v|² of a pair, as two float32 at the low end. */
function squares(re: v128, im: v128): v128 {
  return f32x4.demote_f64x2_zero(f64x2.add(f64x2.mul(re, re), f64x2.mul(im, im)))
}

/** Takes apart the transforms of the even and the odd samples, which are the real and the imaginary numbers of z: two bins from each end at a time. */
function untangle(z: usize, half: usize, turns: usize, out: usize): void {
  let high = z + (half << 4)
  // Bin n/2 is as bin 0.
  store<f64>(high, load<f64>(z))
  store<f64>(high, load<f64>(z, 16), 16)
  let nextRe = v128.load(high)
  let nextIm = v128.load(high, 16)
  let outHigh = out + ((half - 1) << 2)
  for (const end = z + (half << 3); z <= end; z += 32) {
    const lowRe = v128.load(z)
    const lowIm = v128.load(z, 16)
    high -= 32
    const beforeRe = v128.load(high)
    const beforeIm = v128.load(high, 16)
    const highRe = v128.shuffle<f64>(nextRe, beforeRe, 0, 3)
    const highIm = v128.shuffle<f64>(nextIm, beforeIm, 0, 3)
    nextRe = beforeRe
    nextIm = beforeIm
    const evenRe = f64x2.add(lowRe, highRe)
    const evenIm = f64x2.sub(lowIm, highIm)
    const restRe = f64x2.sub(lowRe, highRe)
    const restIm = f64x2.add(lowIm, highIm)
    const cos = v128.load(turns)
    const sin = v128.load(turns, 16)
    const oddRe = turnedRe(restRe, restIm, cos, sin)
    const oddIm = turnedIm(restRe, restIm, cos, sin)
    v128.store64_lane(out, squares(f64x2.add(evenRe, oddRe), f64x2.add(evenIm, oddIm)), 0)
    const back = squares(f64x2.sub(evenRe, oddRe), f64x2.sub(evenIm, oddIm))
    v128.store64_lane(outHigh, v128.shuffle<f32>(back, back, 1, 0, 2, 3), 0)
    out += 8
    outHigh -= 8
    turns += 32
  }
}

/** Adds the transforms of the odd samples, turned, to those of the even ones: the lanes of z. */
function join(z: usize, half: usize, turns: usize, out: usize): void {
  v128.store(z + (half << 5), v128.load(z))
  v128.store(z + (half << 5), v128.load(z, 16), 16)
  for (const end = z + (half << 5); z <= end; z += 32) {
    const cos = load<f64>(turns)
    const sin = load<f64>(turns, 8)
    const re = load<f64>(z) + (load<f64>(z, 8) * cos - load<f64>(z, 24) * sin)
    const im = load<f64>(z, 16) + (load<f64>(z, 8) * sin + load<f64>(z, 24) * cos)
    store<f32>(out, <f32>(re * re + im * im))
    out += 4
    turns += 16
  }
}

/**
 * Where n divides by 8, the n real values are n/2 complex ones (even samples real, odd ones imaginary); else the even and the odd
 * samples are transformed side by side as real numbers, which takes twice as long but has no need of pairs.
 * @param samples - n float32, at any place
 * @param window - n float64, halved where n divides by 8
 * @param plan - int32: the radices of the stages, then 0; where n divides by 8 a 4 first
 * @param twiddles - `stageTwiddles` and `turnsOf` of core/features/power-spectrum.ts
 * @param work - two arrays, each of n + 4 float64 where n divides by 8, else of 2n + 4
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
  const paired = (n & 7) === 0
  let x = work
  let y = work + ((paired ? <usize>n + 4 : 2 * <usize>n + 4) << 3)
  let groups = half
  let stride: usize = 32
  if (paired) {
    groups >>= 2
    firstStage4(samples, window, x, groups, twiddles)
    twiddles += groups << 6
    stride = 64
    plan += 4
  } else {
    for (let k: usize = 0; k < half; k++) {
      v128.store(x + (k << 5), windowed(samples + (k << 3), window + (k << 4)))
      v128.store(x + (k << 5), f64x2.splat(0), 16)
    }
  }
  for (let radix = load<i32>(plan); radix !== 0; radix = load<i32>(plan)) {
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
  }
  if (paired) untangle(x, half, twiddles, out)
  else join(x, half, twiddles, out)
}
