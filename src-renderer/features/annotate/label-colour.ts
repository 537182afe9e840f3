/** Hues that follow one another by the golden angle lie far apart, however many there are; classes share the circle evenly. */
const GOLDEN_ANGLE = 137.508
const FIRST_HUE = 200

/** One colour for a label, bright enough for a spectrogram. @param classes - the dataset's, which come first */
export function labelColour(label: string, classes: readonly string[]): string {
  if (label === '') return 'oklch(0.85 0 0)'
  const place = classes.indexOf(label)
  const hue = place >= 0 ? (360 * place) / classes.length : hash(label) * GOLDEN_ANGLE
  return `oklch(0.78 0.15 ${((FIRST_HUE + hue) % 360).toFixed(1)})`
}

/** The same for the same words everywhere. */
function hash(text: string): number {
  let sum = 0
  for (const character of text) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973
  return sum
}
