/**
 * The inner loops of feature extraction and of comparing clips as WebAssembly SIMD: four float32 values at a time, on memory that the caller
 * owns (PFFFT's). Written in AssemblyScript; `npm run build:wasm` makes src-main/core/audio/kernels.wasm.ts of it and its neighbours.
 * Pointers are byte offsets, 16-byte aligned unless said otherwise; `count` counts float32 values.
 */
export { powerSpectrum } from './power-spectrum'
export { products, squaredDistances } from './similarity'

/** 16-bit samples to −1 … 1. @param samples - rounded up to 8 */
export function mono16(source: usize, samples: i32, out: usize): void {
  const scale = f32x4.splat(1.0 / 32768)
  for (let end = source + ((<usize>samples) << 1); source < end; source += 16, out += 32) {
    const eight = v128.load(source)
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_low_i16x8_s(eight)), scale))
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extend_high_i16x8_s(eight)), scale), 16)
  }
}

/** Pairs of 16-bit samples to their mean, −1 … 1. @param frames - rounded up to 4 */
export function stereo16(source: usize, frames: i32, out: usize): void {
  const scale = f32x4.splat(1.0 / 65536)
  for (let end = source + ((<usize>frames) << 2); source < end; source += 16, out += 16)
    v128.store(out, f32x4.mul(f32x4.convert_i32x4_s(i32x4.extadd_pairwise_i16x8_s(v128.load(source))), scale))
}

/** values[i] = √values[i]. @param count - rounded up to 4 */
export function squareRoot(values: usize, count: i32): void {
  for (let i: usize = 0, end = (<usize>count) << 2; i < end; i += 16)
    v128.store(values + i, f32x4.sqrt(v128.load(values + i)))
}

/**
 * Weighted sums of bins: out[band · stride] for each band.
 * @param table - for each band two int32: first bin, and number of weights (divided by 4; padded with zeros)
 * @param weights - of all bands in turn
 */
export function weightedBands(
  bins: usize,
  table: usize,
  weights: usize,
  bands: i32,
  out: usize,
  stride: i32,
): void {
  let weight = weights
  const step = (<usize>stride) << 2
  for (let band: i32 = 0; band < bands; band++) {
    let bin = bins + ((<usize>load<i32>(table)) << 2)
    const end = weight + ((<usize>load<i32>(table, 4)) << 2)
    let sum = f32x4.splat(0)
    for (; weight < end; weight += 16, bin += 16)
      sum = f32x4.add(sum, f32x4.mul(v128.load(weight), v128.load(bin)))
    store<f32>(out, lanes(sum))
    table += 8
    out += step
  }
}

function lanes(sum: v128): f32 {
  return (
    f32x4.extract_lane(sum, 0) +
    f32x4.extract_lane(sum, 1) +
    (f32x4.extract_lane(sum, 2) + f32x4.extract_lane(sum, 3))
  )
}

/** The largest value, at least `least`; the rest up to a multiple of 4 must not be larger. */
export function largest(values: usize, count: i32, least: f32): f32 {
  let high = f32x4.splat(least)
  for (let i: usize = 0, end = (<usize>count) << 2; i < end; i += 16)
    high = f32x4.pmax(high, v128.load(values + i))
  return max(
    max(f32x4.extract_lane(high, 0), f32x4.extract_lane(high, 1)),
    max(f32x4.extract_lane(high, 2), f32x4.extract_lane(high, 3)),
  )
}

/**
 * values[i] = max(floor, scale · log2(max(least, values[i])) − reference). The logarithm is right to 1.5e-7 relative to its
 * largest term: log2(m · 2^e) = e + s · (c0 + c1 s² + …), s = (m − 1) / (m + 1), m in √½ … √2 (the atanh series).
 */
export function logarithm(
  values: usize,
  count: i32,
  least: f32,
  scale: f32,
  reference: f32,
  floor: f32,
): void {
  const one = f32x4.splat(1)
  for (let i: usize = 0, end = (<usize>count) << 2; i < end; i += 16) {
    const x = f32x4.pmax(f32x4.splat(least), v128.load(values + i))
    // Subtracting the bits of √½ moves the exponent's step there.
    const shifted = i32x4.sub(x, i32x4.splat(0x3f3504f3))
    const exponent = f32x4.convert_i32x4_s(i32x4.shr_s(shifted, 23))
    const mantissa = i32x4.add(v128.and(shifted, i32x4.splat(0x007fffff)), i32x4.splat(0x3f3504f3))
    const s = f32x4.div(f32x4.sub(mantissa, one), f32x4.add(mantissa, one))
    const s2 = f32x4.mul(s, s)
    let sum = f32x4.splat(0.320598897964346)
    sum = f32x4.add(f32x4.mul(sum, s2), f32x4.splat(0.412198583111132))
    sum = f32x4.add(f32x4.mul(sum, s2), f32x4.splat(0.577078016355585))
    sum = f32x4.add(f32x4.mul(sum, s2), f32x4.splat(0.961796693925976))
    sum = f32x4.add(f32x4.mul(sum, s2), f32x4.splat(2.885390081777927))
    const log2 = f32x4.add(exponent, f32x4.mul(sum, s))
    const level = f32x4.sub(f32x4.mul(log2, f32x4.splat(scale)), f32x4.splat(reference))
    v128.store(values + i, f32x4.pmax(f32x4.splat(floor), level))
  }
}

/**
 * Polyphase interpolation: out[m] = Σ taps[phase · width + t] · middle[base + 1 + t], where m · down = base · up + phase.
 * @param width - divided by 4
 */
export function interpolate(
  middle: usize,
  taps: usize,
  width: i32,
  up: i32,
  down: i32,
  out: usize,
  count: i32,
): void {
  const wholeStep = (<usize>(down / up)) << 2
  const phaseStep = down % up
  const row = (<usize>width) << 2
  let input = middle + 4
  let phase: i32 = 0
  for (let m: i32 = 0; m < count; m++) {
    const filter = taps + <usize>phase * row
    let sum = f32x4.splat(0)
    for (let t: usize = 0; t < row; t += 16)
      sum = f32x4.add(sum, f32x4.mul(v128.load(filter + t), v128.load(input + t)))
    store<f32>(out + ((<usize>m) << 2), lanes(sum))
    input += wholeStep
    phase += phaseStep
    if (phase >= up) {
      phase -= up
      input += 4
    }
  }
}

/** The product of two complex numbers, in the first two lanes. */
function product(x: usize, y: usize): v128 {
  const a = v128.load64_zero(x)
  const b = v128.load64_zero(y)
  const re = v128.shuffle<f32>(b, b, 0, 0, 0, 0)
  const im = f32x4.mul(v128.shuffle<f32>(b, b, 1, 1, 1, 1), f32x4(-1, 1, 0, 0))
  return f32x4.add(f32x4.mul(a, re), f32x4.mul(v128.shuffle<f32>(a, a, 1, 0, 3, 2), im))
}

/**
 * Spectrum of a filtered signal at another rate: the signal's n/2 + 1 bins repeat `stuff` times (zeros between the samples),
 * are multiplied by the response's, and fold onto `kept`/2 + 1 bins (every `step`-th sample of the result).
 * All spectra are in PFFFT's order.
 * @param n - length of the signal's transform
 * @param response - n · stuff long
 * @param kept - n · stuff / step; length of the result's transform
 */
export function filterBins(signal: usize, n: i32, response: usize, full: i32, out: usize, kept: i32): void {
  memory.fill(out, 0, (<usize>kept) << 2)
  const half = full >> 1
  if (n === full && (kept === full || kept << 1 === full)) {
    // The usual cases in vectors: plain filtering, and every second sample.
    store<f32>(out, load<f32>(signal) * load<f32>(response))
    const middle = kept >> 1
    for (let bin: i32 = 1; bin < middle; bin++) {
      const at = (<usize>bin) << 3
      v128.store64_lane(out + at, product(signal + at, response + at), 0)
    }
    if (kept === full) {
      store<f32>(out, load<f32>(signal, 4) * load<f32>(response, 4), 4)
      return
    }
    // The upper half, mirrored and conjugate, onto the lower.
    for (let bin: i32 = 1; bin < middle; bin++) {
      const at = (<usize>bin) << 3
      const far = (<usize>(half - bin)) << 3
      const mirrored = f32x4.mul(product(signal + far, response + far), f32x4(1, -1, 0, 0))
      v128.store64_lane(out + at, f32x4.add(v128.load64_zero(out + at), mirrored), 0)
    }
    store<f32>(out, load<f32>(out) + load<f32>(signal, 4) * load<f32>(response, 4))
    const at = (<usize>middle) << 3
    store<f32>(out, 2 * f32x4.extract_lane(product(signal + at, response + at), 0), 4)
    return
  }
  // Bins run up and down through the mirrored halves: `from` over the signal's, `to` over the result's.
  const lastFrom = n >> 1
  const lastTo = kept >> 1
  let from: i32 = 0
  let fromUp = true
  let to: i32 = 0
  let toUp = true
  for (let bin: i32 = 0; bin <= half; bin++) {
    let a: f32
    let b: f32
    if (from === 0) {
      a = load<f32>(signal)
      b = 0
    } else if (from === lastFrom) {
      a = load<f32>(signal, 4)
      b = 0
    } else {
      const at = signal + ((<usize>from) << 3)
      a = load<f32>(at)
      b = load<f32>(at, 4)
      // The mirrored half is conjugate.
      if (!fromUp) b = -b
    }
    let c: f32
    let d: f32
    if (bin === 0) {
      c = load<f32>(response)
      d = 0
    } else if (bin === half) {
      c = load<f32>(response, 4)
      d = 0
    } else {
      const at = response + ((<usize>bin) << 3)
      c = load<f32>(at)
      d = load<f32>(at, 4)
    }
    const re = a * c - b * d
    const im = a * d + b * c
    // Bin k and its mirror image fold onto the same pair; at the pair's own ends both count once more.
    if (to === 0 || to === lastTo) {
      const at = to === 0 ? out : out + 4
      const twice: f32 = bin === 0 || bin === half ? 1 : 2
      store<f32>(at, load<f32>(at) + re * twice)
    } else {
      const at = out + ((<usize>to) << 3)
      store<f32>(at, load<f32>(at) + re)
      store<f32>(at, load<f32>(at, 4) + (toUp ? im : -im), 4)
    }
    if (fromUp) {
      if (++from === lastFrom) fromUp = false
    } else if (--from === 0) fromUp = true
    if (toUp) {
      if (++to === lastTo) toUp = false
    } else if (--to === 0) toUp = true
  }
}
