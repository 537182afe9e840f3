import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  type ColourMapName,
  colourMap,
  colourTable,
} from '../../src-renderer/lib/components/colour/colour-map.ts'
import { contrast, oklchToRgb, type Rgb } from '../../src-renderer/lib/components/colour/oklab.ts'
import { cellColours } from '../../src-renderer/lib/components/confusion/confusion.ts'

const names: readonly ColourMapName[] = ['ember', 'lagoon', 'grey']

/** CIE L* (D65), another lightness than the one the maps are built from. */
function cieLightness([red, green, blue]: Rgb): number {
  const linear = (channel: number) =>
    channel <= 10.31475 ? channel / 3294.6 : ((channel / 255 + 0.055) / 1.055) ** 2.4
  const y = 0.212639 * linear(red) + 0.715169 * linear(green) + 0.072192 * linear(blue)
  return y > (6 / 29) ** 3 ? 116 * Math.cbrt(y) - 16 : (y * 24389) / 27
}

describe('OKLCH', () => {
  // Values of the CSS Color 4 sample conversions: white, black, and the sRGB primaries.
  it.each([
    [1, 0, 0, [255, 255, 255]],
    [0, 0, 0, [0, 0, 0]],
    [0.62796, 0.25768, 29.234, [255, 0, 0]],
    [0.86644, 0.29483, 142.495, [0, 255, 0]],
    [0.45201, 0.31321, 264.052, [0, 0, 255]],
  ] as const)('L %f C %f h %f is %j', (lightness, chroma, hue, expected) => {
    oklchToRgb(lightness, chroma, hue).forEach((channel, index) => {
      expect(Math.abs(channel - (expected[index] ?? Number.NaN))).toBeLessThanOrEqual(2)
    })
  })

  it('agrees with WCAG on contrast', () => {
    expect(contrast([255, 255, 255], [0, 0, 0])).toBeCloseTo(21, 5)
    // #767676 on white is the textbook grey that just passes AA.
    expect(contrast([118, 118, 118], [255, 255, 255])).toBeCloseTo(4.54, 2)
  })
})

describe.each(names)('colour map %s', (name) => {
  const colours = colourMap(name)

  it('has 256 colours that only get lighter', () => {
    expect(colours).toHaveLength(256)
    const lightness = colours.map(cieLightness)
    for (let step = 1; step < lightness.length; step++)
      expect(lightness[step]).toBeGreaterThanOrEqual((lightness[step - 1] ?? 0) - 0.25)
    expect(lightness[0]).toBeLessThan(8)
    expect(lightness[255]).toBeGreaterThan(90)
  })

  it('rises by about the same lightness in each eighth', () => {
    const eighths = Array.from({ length: 9 }, (_, n) =>
      cieLightness(colours[Math.round((n * 255) / 8)] ?? [0, 0, 0]),
    )
    // CIE L* and OKLab disagree in the dark, so the first eighth is left out.
    const steps = eighths.slice(2).map((value, n) => value - (eighths[n + 1] ?? 0))
    expect(Math.max(...steps) / Math.min(...steps)).toBeLessThan(1.6)
  })

  it('is the table in the byte order of ImageData', () => {
    const bytes = new Uint8ClampedArray(colourTable(name).buffer)
    expect([...bytes.slice(400, 404)]).toEqual([...(colours[100] ?? []), 255])
  })
})

describe('contrast of text', () => {
  const css = readFileSync(new URL('../../src-renderer/app.css', import.meta.url), 'utf8')
  const theme = (selector: string): Map<string, Rgb> => {
    const block = css.slice(
      css.indexOf('--bg:', css.indexOf(selector)),
      css.indexOf('}', css.indexOf(selector)),
    )
    return new Map(
      [...block.matchAll(/--([\w-]+): #(\w\w)(\w\w)(\w\w);/g)].map(
        ([, token = '', red = '', green = '', blue = '']) => [
          token,
          [Number.parseInt(red, 16), Number.parseInt(green, 16), Number.parseInt(blue, 16)],
        ],
      ),
    )
  }
  const pairs: [string, string][] = [
    ...['bg', 'surface', 'surface-2', 'hover', 'selected'].flatMap((ground): [string, string][] => [
      ['text', ground],
      ['text-muted', ground],
    ]),
    ['accent', 'surface'],
    ['on-accent', 'accent'],
    ['on-accent', 'accent-hover'],
    ['danger', 'surface'],
    ['danger', 'danger-soft'],
    ['warning', 'surface'],
    ['warning', 'bg'],
    ['warning', 'warning-soft'],
    ['success', 'surface'],
    ['success', 'success-soft'],
    ['text', 'danger-soft'],
    ['text-muted', 'danger-soft'],
  ]

  it.each(['[data-theme="light"] {', '[data-theme="dark"] {'])('is at least 4.5 in %s', (selector) => {
    const colours = theme(selector)
    for (const [text, ground] of pairs) {
      const [one, other] = [colours.get(text), colours.get(ground)]
      if (!one || !other) throw new Error(`${selector} lacks ${text} or ${ground}`)
      expect(contrast(one, other), `${text} on ${ground}`).toBeGreaterThanOrEqual(4.5)
    }
  })

  it.each([true, false])('is at least 4.5 in every cell of the matrix (dark: %s)', (dark) => {
    for (let share = 0; share <= 1; share += 0.01)
      for (const diagonal of [true, false]) {
        const { background, text } = cellColours(share, diagonal, dark)
        expect(contrast(background, text)).toBeGreaterThanOrEqual(4.5)
      }
  })
})
