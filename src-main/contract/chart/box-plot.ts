import { scaleLinear } from 'd3-scale'

/** Five numbers of a box plot, in any unit. */
export interface BoxPlotStats {
  readonly minimum: number
  readonly lowerQuartile: number
  readonly median: number
  readonly upperQuartile: number
  readonly maximum: number
}

export interface BoxPlotGeometry {
  /** Pixels from the left. */
  readonly box: { x: number; width: number }
  readonly median: number
  readonly mean: number
  readonly whiskers: { from: number; to: number }
  readonly points: readonly { x: number; lane: number }[]
  readonly ticks: readonly { x: number; value: number }[]
}

/** A point this near to another one, in pixels, goes to the next lane. */
const POINT_SPACING = 9
/** The axis shows at least this share, so that folds that agree look alike. */
const MINIMUM_SPAN = 0.1

/**
 * Positions of a horizontal box plot of shares (0..1), one point per value.
 * @param mean - of the values, as it is to be stated
 * @param width - pixels of the axis
 */
export function boxPlotGeometry(
  stats: BoxPlotStats,
  values: readonly number[],
  mean: number,
  width: number,
): BoxPlotGeometry {
  const scale = scaleLinear().domain(shareDomain(stats.minimum, stats.maximum)).nice(5).range([0, width])
  const x = (value: number) => scale(value)
  const laneEnds: number[] = []
  const byValue = values.map((value, index) => ({ index, at: x(value) })).sort((a, b) => a.at - b.at)
  const points = values.map((value) => ({ x: x(value), lane: 0 }))
  for (const { index, at } of byValue) {
    const free = laneEnds.findIndex((end) => at - end >= POINT_SPACING)
    const lane = free >= 0 ? free : laneEnds.length
    laneEnds[lane] = at
    points[index] = { x: at, lane }
  }
  return {
    box: { x: x(stats.lowerQuartile), width: x(stats.upperQuartile) - x(stats.lowerQuartile) },
    median: x(stats.median),
    mean: x(mean),
    whiskers: { from: x(stats.minimum), to: x(stats.maximum) },
    points,
    ticks: scale.ticks(5).map((value) => ({ x: x(value), value })),
  }
}

/** Widens a range of shares to `MINIMUM_SPAN` around its middle, within 0..1. */
function shareDomain(low: number, high: number): [number, number] {
  const missing = Math.max(0, MINIMUM_SPAN - (high - low)) / 2
  const from = Math.max(0, low - missing)
  const to = Math.min(1, high + missing)
  return to - from >= MINIMUM_SPAN ? [from, to] : from === 0 ? [0, MINIMUM_SPAN] : [1 - MINIMUM_SPAN, 1]
}
