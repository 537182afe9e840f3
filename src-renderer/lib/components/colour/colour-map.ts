import { oklchToRgb, type Rgb } from './oklab.ts'

/**
 * Colour maps for spectrograms. Lightness rises by equal steps of OKLab from near black to near white, so equal steps in
 * dB look equal and the picture still reads in grey; the hue turns along the way.
 */
export const COLOUR_MAPS = {
  ember: { title: 'Ember', hue: [290, 455], chroma: 0.17, lightness: [0.08, 0.97] },
  lagoon: { title: 'Lagoon', hue: [300, 110], chroma: 0.14, lightness: [0.14, 0.95] },
  grey: { title: 'Grey', hue: [0, 0], chroma: 0, lightness: [0.05, 0.98] },
} as const
export type ColourMapName = keyof typeof COLOUR_MAPS

const STEPS = 256

/** @returns 256 colours, from the lowest value to the highest */
export function colourMap(name: ColourMapName): readonly Rgb[] {
  const { hue, chroma, lightness } = COLOUR_MAPS[name]
  return Array.from({ length: STEPS }, (_, step) => {
    const share = step / (STEPS - 1)
    // Chroma has to vanish at both ends, where sRGB has next to none.
    const arch = Math.sin(Math.PI * share) ** 0.6
    return oklchToRgb(mix(lightness, share), chroma * arch, mix(hue, share))
  })
}

/** @returns 256 RGBA values in the byte order of `ImageData`, for writing through a `Uint32Array` */
export function colourTable(name: ColourMapName): Uint32Array {
  const bytes = Uint8ClampedArray.from(
    colourMap(name).flatMap(([red, green, blue]) => [red, green, blue, 255]),
  )
  return new Uint32Array(bytes.buffer)
}

function mix([from, to]: readonly [number, number], share: number): number {
  return from + (to - from) * share
}
