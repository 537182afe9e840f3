/** Distribution functions of the tests, to about 1e-12; held to scipy's numbers. */

/** Lanczos' approximation (g = 7, nine terms: P. Godfrey, 2001). @param x - above 0 */
function logGamma(x: number): number {
  const terms = [
    676.5203681218851, -1259.1392167224028, 771.3234287776531, -176.6150291621406, 12.507343278686905,
    -0.13857109526572012, 9.984369578019572e-6, 1.5056327351493116e-7,
  ]
  const series = terms.reduce((total, term, index) => total + term / (x + index), 0.9999999999998099)
  const t = x + 6.5
  return 0.5 * Math.log(2 * Math.PI) + (x - 0.5) * Math.log(t) - t + Math.log(series)
}

/**
 * Regularised incomplete beta function I_x(a, b), by its continued fraction (Numerical Recipes, 6.4).
 * @param x - 0 … 1. @param a - above 0. @param b - above 0
 */
function incompleteBeta(x: number, a: number, b: number): number {
  if (x <= 0) return 0
  if (x >= 1) return 1
  // The fraction converges fast below the mean only.
  if (x > (a + 1) / (a + b + 2)) return 1 - incompleteBeta(1 - x, b, a)
  const front = Math.exp(logGamma(a + b) - logGamma(a) - logGamma(b) + a * Math.log(x) + b * Math.log1p(-x))
  let c = 1
  let d = 1 / (1 - ((a + b) * x) / (a + 1))
  let fraction = d
  for (let m = 1; m < 10_000; m++) {
    for (const numerator of [
      (m * (b - m) * x) / ((a + 2 * m - 1) * (a + 2 * m)),
      (-(a + m) * (a + b + m) * x) / ((a + 2 * m) * (a + 2 * m + 1)),
    ]) {
      d = 1 / (1 + numerator * d)
      c = 1 + numerator / c
      fraction *= c * d
    }
    if (Math.abs(c * d - 1) < 1e-16) break
  }
  return (front * fraction) / a
}

/** P(T ≤ t) of Student's distribution. @param degrees - of freedom, above 0 */
export function studentCdf(t: number, degrees: number): number {
  const tail = incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5) / 2
  return t > 0 ? 1 - tail : tail
}

/** P(|T| ≥ |t|). */
export function studentTwoSided(t: number, degrees: number): number {
  return incompleteBeta(degrees / (degrees + t * t), degrees / 2, 0.5)
}

/** The t with P(T ≤ t) = share, by bisection. @param share - 0.5 … 1, below 1 */
export function studentQuantile(share: number, degrees: number): number {
  let [low, high] = [0, 1]
  while (studentCdf(high, degrees) < share) high *= 2
  for (let step = 0; step < 100; step++) {
    const middle = (low + high) / 2
    if (studentCdf(middle, degrees) < share) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** P(X ≤ successes) of a binomial distribution with share ½. */
export function fairBinomialCdf(successes: number, trials: number): number {
  return successes >= trials ? 1 : incompleteBeta(0.5, trials - successes, successes + 1)
}

/** P(X ≥ x) of the chi-square distribution with one degree of freedom. @param x - from 0 */
export function chiSquareTail(x: number): number {
  const half = x / 2
  if (half === 0) return 1
  const front = Math.exp(-half) * Math.sqrt(half / Math.PI)
  if (half < 1.5) {
    // Series of the lower incomplete gamma function at ½.
    let term = 2
    let total = term
    for (let n = 1.5; term > total * 1e-17; n++) {
      term *= half / n
      total += term
    }
    return 1 - front * total
  }
  // Continued fraction of the upper one, by Lentz' method.
  let b = half + 0.5
  let c = Number.MAX_VALUE
  let d = 1 / b
  let fraction = d
  for (let n = 1; n < 10_000; n++) {
    const numerator = -n * (n - 0.5)
    b += 2
    d = 1 / (numerator * d + b)
    c = b + numerator / c
    fraction *= c * d
    if (Math.abs(c * d - 1) < 1e-16) break
  }
  return front * fraction
}
