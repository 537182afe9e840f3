/** sRGB, each channel 0..255, whole numbers. */
export type Rgb = readonly [red: number, green: number, blue: number]

/**
 * OKLab in its polar form to sRGB.
 * Source: B. Ottosson, "A perceptual color space for image processing" (2020).
 * @param lightness - 0..1
 * @param chroma - 0..about 0.37; reduced until the colour exists in sRGB
 * @param hueDegrees - any angle
 */
export function oklchToRgb(lightness: number, chroma: number, hueDegrees: number): Rgb {
  const hue = (hueDegrees * Math.PI) / 180
  for (let c = chroma; ; c -= 0.002) {
    const linear = oklabToLinear(lightness, Math.max(0, c) * Math.cos(hue), Math.max(0, c) * Math.sin(hue))
    if (c <= 0 || linear.every((channel) => channel >= -1e-4 && channel <= 1 + 1e-4)) {
      const [red, green, blue] = linear.map(encodeChannel)
      return [red ?? 0, green ?? 0, blue ?? 0]
    }
  }
}

/** OKLab: lightness 0..1, then green to red, then blue to yellow. */
export type Oklab = readonly [lightness: number, a: number, b: number]

/** The nearest sRGB colour; channels outside it are cut off. */
export function oklabToRgb(lightness: number, a: number, b: number): Rgb {
  const [red = 0, green = 0, blue = 0] = oklabToLinear(lightness, a, b).map(encodeChannel)
  return [red, green, blue]
}

/** The inverse of `oklabToRgb`; source as for `oklchToRgb`. */
export function rgbToOklab(colour: Rgb): Oklab {
  const [red = 0, green = 0, blue = 0] = colour.map(decodeChannel)
  const long = Math.cbrt(0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue)
  const medium = Math.cbrt(0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue)
  const short = Math.cbrt(0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue)
  return [
    0.2104542553 * long + 0.793617785 * medium - 0.0040720468 * short,
    1.9779984951 * long - 2.428592205 * medium + 0.4505937099 * short,
    0.0259040371 * long + 0.7827717662 * medium - 0.808675766 * short,
  ]
}

/** WCAG 2 contrast of two colours, 1..21. */
export function contrast(one: Rgb, other: Rgb): number {
  const [dark = 0, light = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b)
  return (light + 0.05) / (dark + 0.05)
}

export function cssColour([red, green, blue]: Rgb): string {
  return `rgb(${red} ${green} ${blue})`
}

/** WCAG relative luminance, 0..1. */
function luminance(colour: Rgb): number {
  const [red = 0, green = 0, blue = 0] = colour.map(decodeChannel)
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue
}

function oklabToLinear(lightness: number, a: number, b: number): number[] {
  const long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
  const medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
  const short = (lightness - 0.0894841775 * a - 1.291485548 * b) ** 3
  return [
    4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
    -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
    -0.0041960863 * long - 0.7034186147 * medium + 1.707614701 * short,
  ]
}

function encodeChannel(linear: number): number {
  const clamped = Math.min(1, Math.max(0, linear))
  const encoded = clamped <= 0.0031308 ? 12.92 * clamped : 1.055 * clamped ** (1 / 2.4) - 0.055
  return Math.round(encoded * 255)
}

function decodeChannel(channel: number): number {
  const share = channel / 255
  return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
}
