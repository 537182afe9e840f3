import { SoundfoldError } from '../../../contract/errors.ts'
import type { Dimension, Search, Space } from '../../../contract/sweep.ts'
import { createRandom, type Random } from '../random.ts'

/** Dotted name → value. */
export type Changes = Record<string, unknown>

const MOST_TRIALS = 1000
/** Draws in a row that bring nothing new before a space counts as exhausted. */
const MOST_REPEATS = 200

/**
 * What each trial changes. Random ones are all different: where a space has fewer, it gives fewer.
 * @throws SoundfoldError invalid-input for a grid of a range without points, or of more than 1000 trials
 */
export function drawTrials(space: Space, search: Search): Changes[] {
  const dimensions = Object.entries(space)
  if (search.method === 'grid') return grid(dimensions)
  const random = createRandom(search.seed)
  const found = new Map<string, Changes>()
  for (let repeats = 0; found.size < search.trials && repeats < MOST_REPEATS; ) {
    const drawn = Object.fromEntries(dimensions.map(([name, dimension]) => [name, draw(dimension, random)]))
    const key = JSON.stringify(drawn)
    repeats = found.has(key) ? repeats + 1 : 0
    found.set(key, drawn)
  }
  return [...found.values()]
}

function grid(dimensions: readonly (readonly [string, Dimension])[]): Changes[] {
  const all = dimensions.reduce<Changes[]>(
    (before, [name, dimension]) => {
      const values = gridValues(name, dimension)
      if (before.length * values.length > MOST_TRIALS)
        throw new SoundfoldError('invalid-input', `The grid has more than ${MOST_TRIALS} trials.`, {
          hint: 'Leave values out, or draw trials at random.',
        })
      return before.flatMap((changes) => values.map((value) => ({ ...changes, [name]: value })))
    },
    [{}],
  )
  return all
}

function gridValues(name: string, dimension: Dimension): unknown[] {
  if ('choice' in dimension) return dimension.choice
  const { points } = dimension
  if (points === undefined)
    throw new SoundfoldError('invalid-input', `A grid needs the points of ${name}.`, {
      hint: 'Add "points": 3 to it, or name its values as a choice.',
    })
  const values = Array.from({ length: points }, (_, point) => valueAt(dimension, point / (points - 1)))
  return [...new Set(values)]
}

function draw(dimension: Dimension, random: Random): unknown {
  if ('choice' in dimension) return dimension.choice[random.whole(dimension.choice.length)]
  return valueAt(dimension, random.uniform())
}

/** Four digits are more than a score can tell apart, and can be typed. */
const DIGITS = 4

/** @param share - of the way from the lower end, on the dimension's own scale */
function valueAt(dimension: Exclude<Dimension, { choice: unknown }>, share: number): number {
  const isLog = 'logUniform' in dimension
  const [low, high] = isLog ? dimension.logUniform : dimension.uniform
  const value = isLog ? low * (high / low) ** share : low + (high - low) * share
  if (dimension.integer) return Math.min(Math.floor(high), Math.max(Math.ceil(low), Math.round(value)))
  return Math.min(high, Math.max(low, Number(value.toPrecision(DIGITS))))
}
