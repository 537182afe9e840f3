import type { Random } from './random.ts'

/**
 * The logarithm of a draw from Gamma(shape, 1), by Marsaglia & Tsang, "A simple method for generating gamma variables", ACM
 * TOMS 2000; below shape 1 by their U^(1/shape), which as a number would be 0 for small shapes.
 */
function logGamma(shape: number, random: Random): number {
  if (shape < 1) return logGamma(shape + 1, random) + Math.log(1 - random.uniform()) / shape
  const d = shape - 1 / 3
  const c = 1 / Math.sqrt(9 * d)
  for (;;) {
    const x = random.normal()
    const v = (1 + c * x) ** 3
    if (v <= 0) continue
    const u = 1 - random.uniform()
    if (Math.log(u) < 0.5 * x * x + d - d * v + d * Math.log(v)) return Math.log(d * v)
  }
}

/** A draw from Beta(a, b), both above 0, as the share of one gamma variable in two. @returns 0 … 1 */
export function drawBeta(a: number, b: number, random: Random): number {
  const first = logGamma(a, random)
  const second = logGamma(b, random)
  return 1 / (1 + Math.exp(second - first))
}
