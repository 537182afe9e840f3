import { extent } from 'd3-array'
import { type ScaleLinear, scaleLinear } from 'd3-scale'
import { line } from 'd3-shape'

export interface ChartPoint {
  readonly x: number
  readonly y: number
}

/** One line of a chart. `name` is unique within it. */
export interface Series {
  readonly name: string
  readonly points: readonly ChartPoint[]
  /** A CSS colour. */
  readonly colour: string
  readonly emphasis: 'main' | 'faint'
  readonly dashed?: boolean
}

/** A point that is named in the chart itself. */
export interface ChartMark extends ChartPoint {
  readonly label: string
  readonly colour: string
}

export interface ChartFrame {
  readonly x: ScaleLinear<number, number>
  readonly y: ScaleLinear<number, number>
}

/**
 * Scales over all series. Of one x alone, which is in the middle, half a step is seen to either side.
 * @param yDomain - fixed ends of the value axis; the data's own, from 0, when left out
 */
export function chartFrame(
  series: readonly Series[],
  xDomain: readonly [number, number],
  width: number,
  height: number,
  yDomain?: readonly [number, number],
): ChartFrame {
  const [, highest = 1] = extent(series.flatMap(({ points }) => points.map(({ y }) => y)))
  const [from, to] = xDomain
  return {
    x: scaleLinear()
      .domain(to > from ? [from, to] : [from - 0.5, from + 0.5])
      .range([0, width]),
    y: scaleLinear()
      .domain(yDomain ?? [0, highest > 0 ? highest : 1])
      .nice(4)
      .range([height, 0]),
  }
}

/** An SVG path; a single point becomes a dot as wide as the line, which a round line cap draws. */
export function seriesPath({ x, y }: ChartFrame, points: readonly ChartPoint[]): string {
  const draw = line<ChartPoint>(
    (point) => x(point.x),
    (point) => y(point.y),
  )
  return draw(points.filter((point) => Number.isFinite(point.y))) ?? ''
}

/** Mean over several series at each x that at least one of them has. */
export function meanSeries(all: readonly (readonly ChartPoint[])[]): ChartPoint[] {
  const sums = new Map<number, { sum: number; n: number }>()
  for (const { x, y } of all.flat()) {
    const entry = sums.get(x) ?? { sum: 0, n: 0 }
    sums.set(x, { sum: entry.sum + y, n: entry.n + 1 })
  }
  return [...sums].map(([x, { sum, n }]) => ({ x, y: sum / n })).sort((a, b) => a.x - b.x)
}

/** Whole numbers along an axis of epochs, about `wanted` of them. */
export function wholeTicks(scale: ScaleLinear<number, number>, wanted: number): number[] {
  return scale.ticks(wanted).filter(Number.isInteger)
}

/** The x of the series' points that is nearest to a position. */
export function nearestX(series: readonly Series[], x: number): number | null {
  let nearest: number | null = null
  for (const { points } of series)
    for (const point of points)
      if (nearest === null || Math.abs(point.x - x) < Math.abs(nearest - x)) nearest = point.x
  return nearest
}
