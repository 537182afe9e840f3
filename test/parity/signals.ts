/** The test signals of test/parity/generate/features.py, by the same formulas. */

/** A sine of amplitude 0.5 whose frequency rises evenly. */
export function chirp(frames: number, rateHz: number, fromHz: number, toHz: number): Float32Array {
  const slope = (toHz - fromHz) / ((2 * frames) / rateHz)
  return Float32Array.from({ length: frames }, (_, index) => {
    const t = index / rateHz
    return 0.5 * Math.sin(2 * Math.PI * (fromHz * t + slope * t * t))
  })
}

/** Even noise, ±0.25, from the linear congruential generator of Numerical Recipes with seed 1. */
export function noise(frames: number): Float32Array {
  let state = 1
  return Float32Array.from({ length: frames }, () => {
    state = (Math.imul(1664525, state) + 1013904223) >>> 0
    return 0.25 * (state / 2 ** 31 - 1)
  })
}

export function impulse(frames: number): Float32Array {
  const signal = new Float32Array(frames)
  signal[Math.floor(frames / 2)] = 1
  return signal
}

export function sine(frames: number, rateHz: number, hz: number): Float32Array {
  return Float32Array.from({ length: frames }, (_, index) => Math.sin((2 * Math.PI * hz * index) / rateHz))
}
