/** A stream of pseudo-random numbers: the same keys give the same stream on every machine. */
export interface Rng {
  /** Uniform in [0, 1). */
  next(): number
  /** Uniform in [low, high). */
  range(low: number, high: number): number
  /** Log-uniform in [low, high); both above 0. For frequencies, rates and times. */
  log(low: number, high: number): number
  /** A whole number, low and high included. */
  int(low: number, high: number): number
  /** True with the given probability, 0 to 1. */
  chance(probability: number): boolean
  pick<T>(items: readonly [T, ...T[]]): T
  /** Fills the array with white noise, uniform in [-1, 1). */
  noise(out: Float32Array): void
  /** A shuffled copy. */
  shuffle<T>(items: readonly T[]): T[]
}

/**
 * A stream named by its keys, e.g. `createRng(2020, 'recording', 17)`. Streams of different keys are independent,
 * so that a clip sounds the same in whichever order clips are made.
 * Generator: sfc32 (Chris Doty-Humphrey, PractRand), seeded with two 32-bit FNV-1a hashes of the keys.
 */
export function createRng(...keys: readonly (string | number)[]): Rng {
  const name = keys.join('/')
  const state = Int32Array.of(fnv1a(name, 0x811c9dc5), fnv1a(name, 0x1b873593), 0x9e3779b9, 1)

  // The state is taken into local variables for a whole array: that is several times faster than a call per sample.
  function fill(out: Float32Array | Float64Array, factor: number, offset: number): void {
    let a = state[0] ?? 0
    let b = state[1] ?? 0
    let c = state[2] ?? 0
    let counter = state[3] ?? 0
    for (let i = 0; i < out.length; i++) {
      const sum = (((a + b) | 0) + counter) | 0
      counter = (counter + 1) | 0
      a = b ^ (b >>> 9)
      b = (c + (c << 3)) | 0
      c = (c << 21) | (c >>> 11)
      c = (c + sum) | 0
      out[i] = (sum >>> 0) * factor + offset
    }
    state[0] = a
    state[1] = b
    state[2] = c
    state[3] = counter
  }
  const one = new Float64Array(1)
  function next(): number {
    fill(one, 1 / 4294967296, 0)
    return one[0] ?? 0
  }
  fill(new Float64Array(15), 1, 0)

  const int = (low: number, high: number) => low + Math.floor(next() * (high - low + 1))
  return {
    next,
    range: (low, high) => low + next() * (high - low),
    log: (low, high) => low * Math.exp(next() * Math.log(high / low)),
    int,
    chance: (probability) => next() < probability,
    pick: (items) => items[Math.floor(next() * items.length)] ?? items[0],
    noise: (out) => fill(out, 2 / 4294967296, -1),
    shuffle: (items) => {
      const left = [...items]
      return items.flatMap(() => left.splice(int(0, left.length - 1), 1))
    },
  }
}

function fnv1a(text: string, basis: number): number {
  let hash = basis
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193)
  return hash | 0
}
