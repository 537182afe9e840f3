import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import {
  COLOUR_MAP_NAMES,
  colourMap,
  colourTable,
} from '../../src-renderer/lib/components/colour/colour-map.ts'
import {
  contrast,
  oklabToRgb,
  oklchToRgb,
  type Rgb,
  rgbToOklab,
} from '../../src-renderer/lib/components/colour/oklab.ts'
import { cellColours } from '../../src-renderer/lib/components/confusion/confusion.ts'

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

describe('OKLab', () => {
  // The same primaries in OKLab: CSS Color 4's OKLCH values above, as lightness, a and b.
  it.each([
    [
      [255, 255, 255],
      [1, 0, 0],
    ],
    [
      [255, 0, 0],
      [0.628, 0.2249, 0.1258],
    ],
    [
      [0, 255, 0],
      [0.8664, -0.2339, 0.1795],
    ],
    [
      [0, 0, 255],
      [0.452, -0.0325, -0.3115],
    ],
  ] as const)('of %j is %j, and back', (rgb, expected) => {
    const lab = rgbToOklab(rgb)
    lab.forEach((value, index) => {
      expect(value).toBeCloseTo(expected[index] ?? Number.NaN, 3)
    })
    expect(oklabToRgb(...lab)).toEqual(rgb)
  })
})

/**
 * Some colours of the originals, each after its place. Made with matplotlib 3.11.2:
 * [[i, *(round(255 * c) for c in colormaps[name](i)[:3])] for i in (0, 25, 51, 102, 128, 153, 204, 240, 255)]
 */
const ORIGINALS = {
  magma: [
    [0, 0, 0, 4],
    [25, 20, 14, 54],
    [51, 59, 15, 112],
    [102, 140, 41, 129],
    [128, 183, 55, 121],
    [153, 222, 73, 104],
    [204, 254, 159, 109],
    [240, 253, 226, 163],
    [255, 252, 253, 191],
  ],
  viridis: [
    [0, 68, 1, 84],
    [25, 72, 36, 117],
    [51, 65, 68, 135],
    [102, 42, 120, 142],
    [128, 33, 145, 140],
    [153, 34, 168, 132],
    [204, 122, 209, 81],
    [240, 216, 226, 25],
    [255, 253, 231, 37],
  ],
} as const

it.each(['magma', 'viridis'] as const)('%s is the original within 7 of 255', (name) => {
  const colours = colourMap(name)
  for (const [step, ...rgb] of ORIGINALS[name])
    rgb.forEach((channel, index) => {
      const off = Math.abs(channel - (colours[step]?.[index] ?? Number.NaN))
      expect(off, `${step}`).toBeLessThanOrEqual(7)
    })
})

describe.each(COLOUR_MAP_NAMES)('colour map %s', (name) => {
  const colours = colourMap(name)
  const falls = name === 'inverted'
  const lightness = colours.map((colour) => rgbToOklab(colour)[0])

  it(`has 256 colours whose lightness in OKLab only ${falls ? 'falls' : 'rises'}`, () => {
    expect(colours).toHaveLength(256)
    const rising = falls ? lightness.toReversed() : lightness
    // Eight bits a channel: rounding may take back half a step.
    for (let step = 1; step < rising.length; step++)
      expect(rising[step]).toBeGreaterThanOrEqual((rising[step - 1] ?? 0) - 1e-3)
    expect((rising[255] ?? 0) - (rising[0] ?? 0)).toBeGreaterThan(0.6)
  })

  it('changes by about the same lightness in each eighth', () => {
    const eighths = Array.from({ length: 9 }, (_, n) => lightness[Math.round((n * 255) / 8)] ?? Number.NaN)
    // Magma was made even in CAM02-UCS, which is another measure near black: the first eighth is left out.
    const steps = eighths.slice(2).map((value, n) => Math.abs(value - (eighths[n + 1] ?? Number.NaN)))
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
