/** Steps that are remembered; as SciPy. */
const MEMORY = 10
/** Share of the decrease that the slope promises which a step must bring (Armijo). */
const SUFFICIENT = 1e-4
/** Share of the value by which rounding may hide a decrease: near the minimum only the gradient tells. */
const ROUNDING = 1e-12

export interface Minimum {
  point: Float64Array
  iterations: number
  /** False when iterations or precision were used up before the gradient was small enough. */
  converged: boolean
}

/**
 * Limited-memory BFGS (Liu & Nocedal 1989; Nocedal & Wright 2006, algorithm 7.4), with backtracking, for smooth convex
 * functions: there a step always finds positive curvature, so no more of a line search is needed.
 * @param evaluate - value at a point; writes the gradient there into its second argument
 * @param onIteration - awaited before each
 */
export async function minimise(
  evaluate: (point: Float64Array, gradient: Float64Array) => number,
  start: Float64Array,
  options: { gradientTolerance: number; maxIterations: number; onIteration: () => Promise<void> },
): Promise<Minimum> {
  let point = start.slice()
  let gradient = new Float64Array(start.length)
  let value = evaluate(point, gradient)
  const pairs: { step: Float64Array; change: Float64Array; curvature: number }[] = []
  for (let iteration = 0; iteration < options.maxIterations; iteration++) {
    if (largest(gradient) <= options.gradientTolerance)
      return { point, iterations: iteration, converged: true }
    await options.onIteration()
    const direction = descent(gradient, pairs)
    const slope = dot(direction, gradient)
    let size = pairs.length === 0 ? Math.min(1, 1 / Math.sqrt(dot(gradient, gradient))) : 1
    const nextGradient = new Float64Array(point.length)
    let next = moved(point, direction, size)
    let nextValue = evaluate(next, nextGradient)
    while (!(nextValue <= value + SUFFICIENT * size * slope + ROUNDING * Math.abs(value))) {
      size /= 2
      if (size < 1e-10) return { point, iterations: iteration, converged: false }
      next = moved(point, direction, size)
      nextValue = evaluate(next, nextGradient)
    }
    const step = difference(next, point)
    const change = difference(nextGradient, gradient)
    const curvature = dot(step, change)
    if (curvature > 0) pairs.push({ step, change, curvature })
    if (pairs.length > MEMORY) pairs.shift()
    point = next
    gradient = nextGradient
    value = nextValue
  }
  return { point, iterations: options.maxIterations, converged: false }
}

/** Minus the gradient times the inverse Hessian, as far as the pairs tell it (two-loop recursion). */
function descent(
  gradient: Float64Array,
  pairs: readonly { step: Float64Array; change: Float64Array; curvature: number }[],
): Float64Array {
  const direction = gradient.map((value) => -value)
  const shares: number[] = []
  for (const { step, change, curvature } of pairs.toReversed()) {
    const share = dot(step, direction) / curvature
    shares.push(share)
    addScaled(direction, change, -share)
  }
  const last = pairs.at(-1)
  if (last) {
    const scale = last.curvature / dot(last.change, last.change)
    direction.forEach((value, at) => {
      direction[at] = value * scale
    })
  }
  for (const { step, change, curvature } of pairs) {
    const share = (shares.pop() ?? 0) - dot(change, direction) / curvature
    addScaled(direction, step, share)
  }
  return direction
}

const moved = (point: Float64Array, direction: Float64Array, size: number) =>
  point.map((value, at) => value + size * (direction[at] ?? 0))
const difference = (a: Float64Array, b: Float64Array) => a.map((value, at) => value - (b[at] ?? 0))
const largest = (values: Float64Array) => values.reduce((most, value) => Math.max(most, Math.abs(value)), 0)

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0
  for (let at = 0; at < a.length; at++) sum += (a[at] ?? 0) * (b[at] ?? 0)
  return sum
}

function addScaled(target: Float64Array, values: Float64Array, factor: number): void {
  for (let at = 0; at < target.length; at++) target[at] = (target[at] ?? 0) + factor * (values[at] ?? 0)
}
