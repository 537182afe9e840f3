import { type BoxPlotStats, boxPlotGeometry } from '../../contract/chart/box-plot.ts'
import { type ChartPoint, chartFrame, seriesPath } from '../../contract/chart/line-chart.ts'
import type { Interval } from '../../contract/evaluation.ts'
import { interval, percent } from '../../contract/words.ts'
import { type Html, html } from './html.ts'

/** Drawings of a report as inline SVG; the tables beside them have the figures. */

const LINE_COLOURS = 10
/** Of the lines of a chart, by their place; from the second round on they are dashed. */
export const lineColour = (place: number) => `var(--line-${place % LINE_COLOURS})`
const dashes = (place: number) => (place < LINE_COLOURS ? '' : place < 2 * LINE_COLOURS ? '5 3' : '2 3')

/** Stands beside the name of a line in a table. */
export const swatch = (place: number) =>
  html`<span class="swatch" style="border-color: ${lineColour(place)}; border-top-style: ${dashes(place) ? 'dashed' : 'solid'}"></span>`

const SIZE = 270
const MARGIN = { top: 8, right: 10, bottom: 38, left: 46 }
const TICKS = [0, 0.25, 0.5, 0.75, 1]
const DOMAIN = [0, 1] as const

export interface ShareLine {
  name: string
  points: { x: readonly number[]; y: readonly number[] } | null
}

/** Two shares, each 0 … 1: lines, or dots that are larger with their share of clips. */
export function shareChart(chart: {
  title: string
  xTitle: string
  yTitle: string
  lines?: readonly ShareLine[]
  dots?: readonly (ChartPoint & { share: number; words: string })[]
  diagonal?: boolean
}): Html {
  const frame = chartFrame([], DOMAIN, SIZE, SIZE, DOMAIN)
  const width = SIZE + MARGIN.left + MARGIN.right
  const height = SIZE + MARGIN.top + MARGIN.bottom
  const points = ({ x, y }: NonNullable<ShareLine['points']>) =>
    x.map((value, place) => ({ x: value, y: y[place] ?? 0 }))
  return html`<figure><figcaption>${chart.title}</figcaption>
<svg width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" role="img" aria-label="${chart.title}: ${chart.yTitle} by ${chart.xTitle}. The table has its figures.">
<g transform="translate(${MARGIN.left} ${MARGIN.top})">
${TICKS.map(
  (
    tick,
  ) => html`<line x2="${SIZE}" y1="${frame.y(tick)}" y2="${frame.y(tick)}" stroke="var(--border)"/><line x1="${frame.x(tick)}" x2="${frame.x(tick)}" y2="${SIZE}" stroke="var(--border)"/><text x="-6" y="${frame.y(tick)}" dy="0.32em" text-anchor="end">${tick}</text><text x="${frame.x(tick)}" y="${SIZE + 14}" text-anchor="middle">${tick}</text>
`,
)}<text x="${SIZE / 2}" y="${SIZE + 32}" text-anchor="middle">${chart.xTitle}</text>
<text transform="translate(-34 ${SIZE / 2}) rotate(-90)" text-anchor="middle">${chart.yTitle}</text>
${chart.diagonal ? html`<line x1="0" y1="${SIZE}" x2="${SIZE}" y2="0" stroke="var(--muted)" stroke-dasharray="4 4"/>\n` : null}${(
  chart.lines ?? []
).map(({ name, points: line }, place) =>
  line === null
    ? null
    : html`<path d="${seriesPath(frame, points(line))}" fill="none" stroke="${lineColour(place)}" stroke-width="1.6" stroke-linejoin="round" stroke-dasharray="${dashes(place)}"><title>${name}</title></path>
`,
)}${(chart.dots ?? []).map(
  ({ x, y, share, words }) =>
    html`<circle cx="${frame.x(x)}" cy="${frame.y(y)}" r="${(3 + 9 * Math.sqrt(share)).toFixed(1)}" fill="var(--accent)" fill-opacity="0.6" stroke="var(--accent)"><title>${words}</title></circle>
`,
)}</g></svg></figure>`
}

const PLOT = { width: 460, side: 24, top: 6, height: 30, lane: 9 }

/** Shares over folds: box, whiskers to both ends, median, the mean as a diamond, a dot a fold. */
export function boxPlot(
  stats: BoxPlotStats,
  values: readonly { name: string; value: number }[],
  mean: number,
): Html {
  const geometry = boxPlotGeometry(
    stats,
    values.map(({ value }) => value),
    mean,
    PLOT.width,
  )
  const { box, whiskers } = geometry
  const dots = PLOT.top + PLOT.height + 12
  const axis = dots + PLOT.lane * (Math.max(...geometry.points.map(({ lane }) => lane), 0) + 1)
  const middle = PLOT.top + PLOT.height / 2
  const width = PLOT.width + 2 * PLOT.side
  const words = `Accuracy of folds: from ${percent(stats.minimum)} to ${percent(stats.maximum)}, quartiles ${percent(stats.lowerQuartile)} and ${percent(stats.upperQuartile)}, median ${percent(stats.median)}, mean ${percent(mean)}.`
  const end = (x: number) =>
    html`<line x1="${x}" x2="${x}" y1="${PLOT.top + 8}" y2="${PLOT.top + PLOT.height - 8}" stroke="var(--muted)" stroke-width="1.5"/>`
  return html`<figure><figcaption>Accuracy of folds</figcaption>
<svg width="${width}" height="${axis + 24}" viewBox="0 0 ${width} ${axis + 24}" role="img" aria-label="${words}">
<g transform="translate(${PLOT.side} 0)">
${geometry.ticks.map(
  ({ x, value }) =>
    html`<line x1="${x}" x2="${x}" y2="${axis}" stroke="var(--border)"/><text x="${x}" y="${axis + 15}" text-anchor="middle">${percent(value, 0)}</text>
`,
)}<line x1="${whiskers.from}" x2="${whiskers.to}" y1="${middle}" y2="${middle}" stroke="var(--muted)" stroke-width="1.5"/>${end(whiskers.from)}${end(whiskers.to)}
<rect x="${box.x}" width="${Math.max(1, box.width)}" y="${PLOT.top}" height="${PLOT.height}" rx="2" fill="var(--soft)" stroke="var(--accent)" stroke-width="1.5"/>
<line x1="${geometry.median}" x2="${geometry.median}" y1="${PLOT.top}" y2="${PLOT.top + PLOT.height}" stroke="var(--accent)" stroke-width="2.5"/>
<path transform="translate(${geometry.mean} ${middle})" d="M0-5L5 0 0 5-5 0Z" fill="var(--text)"><title>Mean ${percent(mean)}</title></path>
${values.map(({ name, value }, index) => {
  const { x = 0, lane = 0 } = geometry.points[index] ?? {}
  return html`<circle cx="${x}" cy="${dots + lane * PLOT.lane}" r="3.5" fill="var(--accent)"><title>${name}: ${percent(value)}</title></circle>
`
})}</g></svg></figure>`
}

const BAR = 130

/** A value with its interval on a line, beside the figures themselves. */
export function intervalBar(
  value: number,
  ends: Interval | null,
  [from, to]: readonly [number, number] = DOMAIN,
): Html {
  const at = (share: number) =>
    ((BAR * (Math.min(to, Math.max(from, share)) - from)) / (to - from)).toFixed(1)
  const zero =
    from < 0 ? html`<line x1="${at(0)}" x2="${at(0)}" y1="1" y2="13" stroke="var(--muted)"/>` : null
  const range = ends
    ? html`<line x1="${at(ends.low)}" x2="${at(ends.high)}" y1="7" y2="7" stroke="var(--accent)" stroke-width="3" stroke-opacity="0.5"/>`
    : null
  return html`<svg width="${BAR + 8}" height="14" viewBox="-4 0 ${BAR + 8} 14" role="img" aria-label="${interval(ends)}"><line x2="${BAR}" y1="7" y2="7" stroke="var(--border)"/>${zero}${range}<circle cx="${at(value)}" cy="7" r="3.2" fill="var(--accent)"/></svg>`
}
