import { escapeXml } from '../../../../src-main/contract/escape-xml.ts'
import { cssColour, type Rgb } from '../colour/oklab.ts'
import type { AxisTick } from './axis-ticks.ts'

/** A spectrogram as a figure for a report: the picture with title, axes and colour bar. */
export interface Figure {
  readonly title: string
  readonly subtitle: string
  /** `data:image/png;base64,…` of the plot without its axes */
  readonly imageUrl: string
  readonly times: readonly AxisTick[]
  readonly frequencies: readonly AxisTick[]
  readonly frequencyTitle: string
  readonly levels: readonly AxisTick[]
  /** From the quietest to the loudest. */
  readonly colours: readonly Rgb[]
}

export const FIGURE = { width: 1000, height: 520 } as const
/** The plot within the figure. */
export const PLOT = { x: 76, y: 64, width: 808, height: 396 } as const

const BAR = { x: PLOT.x + PLOT.width + 20, width: 14 } as const
const TICK = 5
const STOPS = 32
/** Printed on white whatever the window's theme is. */
const INK = '#1a1f26'
const FAINT = '#545d6a'
const BOTTOM = PLOT.y + PLOT.height

/**
 * @returns one file that needs no other. Looks are attributes, not styles, so that a page's policy on styles, which
 * holds for an image of it as well, has nothing to refuse.
 */
export function figureSvg(figure: Figure): string {
  const { width, height } = FIGURE
  const middle = PLOT.y + PLOT.height / 2
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}"`,
    ` font-family="system-ui, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif" font-size="13" fill="${INK}">`,
    `<title>${escapeXml(figure.title)}</title>`,
    '<defs><linearGradient id="levels" x1="0" y1="1" x2="0" y2="0">',
    ...gradient(figure.colours),
    '</linearGradient></defs>',
    `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    text(PLOT.x, 28, figure.title, 'font-size="18" font-weight="600"'),
    text(PLOT.x, 49, figure.subtitle, `fill="${FAINT}"`),
    `<image ${box(PLOT.x, PLOT.y, PLOT.width, PLOT.height)} preserveAspectRatio="none" href="${escapeXml(figure.imageUrl)}"/>`,
    `<rect ${box(PLOT.x, PLOT.y, PLOT.width, PLOT.height)} fill="none" stroke="${INK}"/>`,
    ...figure.times.map((tick) => timeTick(tick)),
    text(PLOT.x + PLOT.width / 2, height - 14, 'Time (s)', 'text-anchor="middle"'),
    ...figure.frequencies.map((tick) => sideTick(tick, PLOT.x, -1)),
    upright(20, middle, figure.frequencyTitle),
    `<rect ${box(BAR.x, PLOT.y, BAR.width, PLOT.height)} fill="url(#levels)" stroke="${INK}"/>`,
    ...figure.levels.map((tick) => sideTick(tick, BAR.x + BAR.width, 1)),
    upright(width - 20, middle, 'Level (dB)'),
    '</svg>',
  ].join('\n')
}

function gradient(colours: readonly Rgb[]): string[] {
  return Array.from({ length: STOPS }, (_, stop) => {
    const share = stop / (STOPS - 1)
    const colour = colours[Math.round(share * (colours.length - 1))] ?? [0, 0, 0]
    return `<stop offset="${round(share)}" stop-color="${cssColour(colour).replaceAll(' ', ',')}"/>`
  })
}

function timeTick({ position, label }: AxisTick): string {
  const x = round(PLOT.x + position * PLOT.width)
  return line(x, BOTTOM, x, BOTTOM + TICK) + text(x, BOTTOM + 20, label, 'text-anchor="middle"')
}

function sideTick({ position, label }: AxisTick, x: number, side: 1 | -1): string {
  const y = round(BOTTOM - position * PLOT.height)
  const anchor = side === 1 ? 'start' : 'end'
  return line(x, y, x + side * TICK, y) + text(x + side * 9, y, label, `text-anchor="${anchor}" dy="0.35em"`)
}

function upright(x: number, y: number, label: string): string {
  return text(x, y, label, `text-anchor="middle" transform="rotate(-90 ${x} ${y})"`)
}

function text(x: number, y: number, value: string, attributes: string): string {
  return `<text x="${x}" y="${y}" ${attributes}>${escapeXml(value)}</text>`
}

function line(x1: number, y1: number, x2: number, y2: number): string {
  return `<line x1="${x1}" y1="${y1}" x2="${x2}" y2="${y2}" stroke="${INK}"/>`
}

function box(x: number, y: number, width: number, height: number): string {
  return `x="${x}" y="${y}" width="${width}" height="${height}"`
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}
