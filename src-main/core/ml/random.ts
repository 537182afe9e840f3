/** Seeded numbers for weights, order, dropout and augmentation: the same seed gives the same run. */
export interface Random {
  /** 0 ≤ x < 1. */
  uniform(): number
  /** Mean 0, standard deviation 1 (Box–Muller). */
  normal(): number
  /** 0 ≤ n < limit. */
  whole(limit: number): number
  /** A generator made of it draws the same numbers from here on. */
  readonly state: number
}

/** mulberry32 (T. Ettinger, public domain). @param seed - whole, or a generator's state; other bits than the lowest 32 are dropped */
export function createRandom(seed: number): Random {
  let state = seed | 0
  const uniform = () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
  return {
    uniform,
    normal: () => Math.sqrt(-2 * Math.log(1 - uniform())) * Math.cos(2 * Math.PI * uniform()),
    whole: (limit) => Math.floor(uniform() * limit),
    get state() {
      return state
    },
  }
}

/** The numbers 0 … length − 1 in random order (Fisher–Yates). */
export function shuffled(length: number, random: Random): Uint32Array {
  const order = Uint32Array.from({ length }, (_, index) => index)
  for (let last = length - 1; last > 0; last--) {
    const other = random.whole(last + 1)
    const kept = order[last] ?? 0
    order[last] = order[other] ?? 0
    order[other] = kept
  }
  return order
}
