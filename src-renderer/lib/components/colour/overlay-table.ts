/** Of values that speak for a class and against it: apart for every kind of colour vision, and on grey. */
export const OVERLAY_COLOURS = { for: [255, 138, 31], against: [64, 140, 255] } as const

const STEPS = 256

/**
 * 256 colours for `paintCanvas` that lie over another picture: the larger a value, the more of it they cover.
 * @param opacity - of the largest, 0 … 1
 * @param signed - whether the middle is 0 and the first colour stands for the largest value below it; else the first stands for 0
 */
export function overlayTable(opacity: number, signed: boolean): Uint32Array {
  const bytes = new Uint8ClampedArray(STEPS * 4)
  for (let step = 0; step < STEPS; step++) {
    const share = step / (STEPS - 1)
    const value = signed ? 2 * share - 1 : share
    const [red, green, blue] = value < 0 ? OVERLAY_COLOURS.against : OVERLAY_COLOURS.for
    bytes.set([red, green, blue, 255 * opacity * Math.abs(value)], step * 4)
  }
  return new Uint32Array(bytes.buffer)
}
