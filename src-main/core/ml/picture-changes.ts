import type { PictureLevel } from './picture-level.ts'

/** Changes of one picture, [bands, frames] row-major in the network's values, all in place. */

/** Rolls it in time: what leaves at one end comes in at the other. @param by - frames, to the right where positive */
export function roll(picture: Float32Array, frames: number, by: number): void {
  const first = ((by % frames) + frames) % frames
  if (first === 0) return
  const end = new Float32Array(first)
  for (let row = 0; row < picture.length; row += frames) {
    end.set(picture.subarray(row + frames - first, row + frames))
    picture.copyWithin(row + first, row, row + frames - first)
    picture.set(end, row)
  }
}

/** Mirrors it in time. */
export function reverseTime(
  picture: Float32Array,
  frames: number,
  { oddRows, normalisation: { mean, deviation } }: PictureLevel,
): void {
  for (let row = 0; row * frames < picture.length; row++) {
    const values = picture.subarray(row * frames, (row + 1) * frames).reverse()
    if (oddRows?.[row])
      for (let at = 0; at < frames; at++) values[at] = -(values[at] ?? 0) - (2 * mean) / deviation
  }
}

/** Makes it louder. */
export function applyGain(
  picture: Float32Array,
  gainDb: number,
  frames: number,
  { gain, normalisation: { mean, deviation } }: PictureLevel,
): void {
  if (gain?.kind === 'scale') {
    const factor = 10 ** ((gainDb / 20) * gain.exponent)
    for (let at = 0; at < picture.length; at++)
      picture[at] = (((picture[at] ?? 0) * deviation + mean) * factor - mean) / deviation
  } else if (gain?.kind === 'shift') {
    for (let row = 0; row * frames < picture.length; row++) {
      const shift = gainDb * (gain.perDecibel[row] ?? 0)
      if (shift === 0) continue
      for (let at = row * frames; at < (row + 1) * frames; at++) picture[at] = (picture[at] ?? 0) + shift
    }
  }
}

export function fillSpan(
  picture: Float32Array,
  frames: number,
  rows: { from: number; to: number },
  columns: { from: number; to: number },
  value: number,
): void {
  for (let row = rows.from; row < rows.to; row++)
    picture.fill(value, row * frames + columns.from, row * frames + columns.to)
}

/** Powers of both pictures, kept for all: they are as large as a picture, and one is changed at a time. */
let powerScratch = new Float64Array(0)

/**
 * Adds another picture in power, scaled so that the ratio of both clips' powers (over all bands and frames) is the given one:
 * the expected picture of two sounds that know nothing of each other. Values then follow the recipe: its reference, its floor.
 * A picture of one value all over, as of silence, neither is changed nor added: its level says nothing.
 * @param rollBy - frames by which the noise is rolled in time
 */
export function addNoise(
  picture: Float32Array,
  noise: Float32Array,
  rollBy: number,
  snrDb: number,
  frames: number,
  level: PictureLevel,
): void {
  const { powers } = level
  if (!powers || isFlat(picture) || isFlat(noise)) return
  const size = picture.length
  if (powerScratch.length < 2 * size) powerScratch = new Float64Array(2 * size)
  const signalPowers = powerScratch.subarray(0, size)
  const noisePowers = powerScratch.subarray(size, 2 * size)
  const ratio = powersOf(picture, signalPowers, frames, level) / powersOf(noise, noisePowers, frames, level)
  const share = ratio * 10 ** (-snrDb / 10)
  if (!Number.isFinite(share)) return
  let before = 0
  let after = 0
  for (let row = 0; row < size; row += frames)
    for (let frame = 0; frame < frames; frame++) {
      const power = signalPowers[row + frame] ?? 0
      const sum = power + share * (noisePowers[row + ((frame - rollBy + frames) % frames)] ?? 0)
      signalPowers[row + frame] = sum
      before = Math.max(before, power)
      after = Math.max(after, sum)
    }
  writePowers(picture, signalPowers, level, powers.ownReference ? before / after : 1, after)
}

/** @returns the clip's power */
function powersOf(
  picture: Float32Array,
  target: Float64Array,
  frames: number,
  { powers, normalisation: { mean, deviation } }: PictureLevel,
): number {
  let sum = 0
  const perValue = (Math.LN10 / 10) * deviation
  const offset = (Math.LN10 / 10) * mean
  for (let row = 0; row * frames < picture.length; row++) {
    const width = powers?.widths[row] ?? 1
    for (let at = row * frames; at < (row + 1) * frames; at++) {
      const value = picture[at] ?? 0
      const power = powers?.decibels
        ? Math.exp(value * perValue + offset)
        : Math.max(0, value * deviation + mean) ** (2 / (powers?.exponent ?? 2))
      target[at] = power
      sum += width * power
    }
  }
  return sum
}

/** @param factor - by which all powers are multiplied; @param loudest - of the powers */
function writePowers(
  picture: Float32Array,
  from: Float64Array,
  { powers, normalisation: { mean, deviation } }: PictureLevel,
  factor: number,
  loudest: number,
): void {
  if (!powers?.decibels) {
    const exponent = (powers?.exponent ?? 2) / 2
    for (let at = 0; at < picture.length; at++) picture[at] = ((from[at] ?? 0) ** exponent - mean) / deviation
    return
  }
  const { ownReference, topDb } = powers
  const floor =
    topDb === null ? Number.NEGATIVE_INFINITY : (ownReference ? 0 : 10 * Math.log10(loudest)) - topDb
  for (let at = 0; at < picture.length; at++)
    picture[at] = (Math.max(floor, 10 * Math.log10(factor * (from[at] ?? 0))) - mean) / deviation
}

function isFlat(picture: Float32Array): boolean {
  const first = picture[0]
  return picture.every((value) => value === first)
}
