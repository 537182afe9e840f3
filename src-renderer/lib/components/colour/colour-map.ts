import { oklabToRgb, type Rgb, rgbToOklab } from './oklab.ts'

/**
 * Colour maps for spectrograms, each from the quietest colour to the loudest. Lightness only rises (or only falls), so
 * that equal steps in dB look equal and a picture printed in grey still reads.
 *
 * Magma and Viridis are those of N. Smith, S. van der Walt and E. Firing (2015, CC0): every seventeenth of their 256
 * colours, the rest by straight lines in OKLab, which stays within 7 of 255 of the originals.
 */
export const COLOUR_MAPS = {
  magma: {
    title: 'Magma',
    knots:
      '000004 0b0924 20114b 3b0f70 57157e 721f81 8c2981 a8327d c43c75 de4968 f1605d fa7f5e fe9f6d febf84 fddea0 fcfdbf',
  },
  viridis: {
    title: 'Viridis',
    knots:
      '440154 481a6c 472f7d 414487 39568c 31688e 2a788e 23888e 1f988b 22a884 35b779 54c568 7ad151 a5db36 d2e21b fde725',
  },
  grey: { title: 'Grey', knots: '000000 ffffff' },
  inverted: { title: 'Inverted', knots: 'ffffff 000000' },
} as const
export const COLOUR_MAP_NAMES = ['magma', 'viridis', 'grey', 'inverted'] as const
export type ColourMapName = (typeof COLOUR_MAP_NAMES)[number]

const STEPS = 256

/** @returns 256 colours, from the lowest value to the highest */
export function colourMap(name: ColourMapName): readonly Rgb[] {
  const knots = COLOUR_MAPS[name].knots.split(' ').map((hex) => rgbToOklab(parseHex(hex)))
  return Array.from({ length: STEPS }, (_, step) => {
    const place = (step / (STEPS - 1)) * (knots.length - 1)
    const from = knots[Math.floor(place)] ?? [0, 0, 0]
    const to = knots[Math.ceil(place)] ?? from
    const share = place % 1
    return oklabToRgb(
      from[0] + (to[0] - from[0]) * share,
      from[1] + (to[1] - from[1]) * share,
      from[2] + (to[2] - from[2]) * share,
    )
  })
}

/** @returns 256 RGBA values in the byte order of `ImageData`, for writing through a `Uint32Array` */
export function colourTable(name: ColourMapName): Uint32Array {
  const bytes = Uint8ClampedArray.from(
    colourMap(name).flatMap(([red, green, blue]) => [red, green, blue, 255]),
  )
  return new Uint32Array(bytes.buffer)
}

function parseHex(hex: string): Rgb {
  const value = Number.parseInt(hex, 16)
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255]
}
