import type { Augmentation } from '../../contract/training.ts'
import { drawBeta } from './distributions.ts'
import type { Examples } from './examples.ts'
import { addNoise, applyGain, fillSpan, reverseTime, roll } from './picture-changes.ts'
import type { PictureLevel } from './picture-level.ts'
import { type Random, shuffled } from './random.ts'

/** One of the network's inputs, as augmentation sees it. */
export interface AugmentedInput {
  /** Pictures of all clips by the run's own recipe, as the network is given them. */
  examples: Examples
  /** The same by each of `augmentation.recipes`; only those of training clips are ever looked at. */
  variants: readonly Examples[]
  /** What may be added as noise: pictures of white noise, or the clips' own. */
  noise: Examples
  level: PictureLevel
  /** What hidden parts become: the mean of the training clips, 0 where the network is given standardised values. */
  fill: number
}

export interface AugmentContext {
  inputs: readonly AugmentedInput[]
  /** Places in `noise` to draw from: of training clips, or of all pictures of white noise. */
  noisePlaces: Uint32Array
  /** Whether those are places of examples, of which none is added to itself. */
  noiseIsClips: boolean
}

/** A hidden part of an axis: where and how wide, both by even draws 0 ≤ u < 1 (Park et al. 2019). */
interface Mask {
  axis: 'time' | 'bands'
  /** Share of the axis that it is at most. */
  widest: number
  width: number
  start: number
}

/** What is done to one example; the same to each of its pictures. Parts in the order in which they are applied. */
export interface ExampleDraw {
  /** 0 for the run's own recipe, else 1 + place in `augmentation.recipes`. */
  variant: number
  noise: { place: number; roll: number; snrDb: number } | null
  gainDb: number
  flip: boolean
  /** 0 ≤ u < 1 over all places to which it may be rolled. */
  shift: number
  mix: { row: number; share: number } | null
  masks: readonly Mask[]
}

/**
 * Draws what is done to each example of a batch. What is off takes no random numbers, so that switching one thing on leaves the
 * draws of the examples' order and of the rest comparable.
 * @param picked - places of the batch's examples
 */
export function drawAugmentation(
  picked: ArrayLike<number>,
  settings: Augmentation,
  { noisePlaces, noiseIsClips }: Omit<AugmentContext, 'inputs'>,
  random: Random,
): ExampleDraw[] {
  const { flip, timeShift, gainDb, specAugment, mixup, noise, recipes } = settings
  const partners = mixup > 0 ? shuffled(picked.length, random) : undefined
  const isUsable = noisePlaces.length > (noiseIsClips ? 1 : 0)
  return Array.from({ length: picked.length }, (_, row) => ({
    variant: recipes.length > 0 ? random.whole(recipes.length + 1) : 0,
    noise:
      noise && isUsable && random.uniform() < noise.probability
        ? {
            place: drawPlace(noisePlaces, noiseIsClips ? picked[row] : undefined, random),
            roll: random.uniform(),
            snrDb: noise.minimumSnrDb + random.uniform() * (noise.maximumSnrDb - noise.minimumSnrDb),
          }
        : null,
    gainDb: gainDb > 0 ? (2 * random.uniform() - 1) * gainDb : 0,
    flip: flip > 0 && random.uniform() < flip,
    shift: timeShift > 0 ? random.uniform() : 0.5,
    mix: partners ? { row: partners[row] ?? row, share: drawBeta(mixup, mixup, random) } : null,
    masks: specAugment ? drawMasks(specAugment, random) : [],
  }))
}

function drawPlace(places: Uint32Array, not: number | undefined, random: Random): number {
  const drawn = random.whole(places.length)
  const place = places[drawn] ?? 0
  return place === not ? (places[(drawn + 1) % places.length] ?? 0) : place
}

function drawMasks(settings: NonNullable<Augmentation['specAugment']>, random: Random): Mask[] {
  const masks = (axis: Mask['axis'], count: number, widest: number) =>
    Array.from({ length: count }, () => ({ axis, widest, width: random.uniform(), start: random.uniform() }))
  return [
    ...masks('time', settings.timeMasks, settings.timeWidth),
    ...masks('bands', settings.bandMasks, settings.bandWidth),
  ]
}

/** Cells of an axis that a mask hides: its width evenly 0 … widest, its start evenly wherever it fits. */
export function maskedSpan({ widest, width, start }: Mask, size: number): { from: number; to: number } {
  const cells = Math.floor(width * (Math.round(widest * size) + 1))
  const from = Math.floor(start * (size - cells + 1))
  return { from, to: from + cells }
}

/** Frames by which a picture is rolled: evenly −reach … reach. */
export function rolledFrames(shift: number, timeShift: number, frames: number): number {
  const reach = Math.floor(timeShift * frames)
  return Math.floor(shift * (2 * reach + 1)) - reach
}

/**
 * Changes a batch of training examples, in place; held-out examples never come here. In this order, which is the sound's way:
 * 1. the recipe that made the picture, with its pitch shift and time stretch;
 * 2. noise added in power at a given signal-to-noise ratio;
 * 3. gain;
 * 4. mirrored in time, then rolled;
 * 5. mixup: x = λ·x₁ + (1 − λ)·x₂ of two such examples, labels likewise, λ of each pair from Beta(α, α), partners by a
 *    permutation of the batch (Zhang et al., "mixup: Beyond Empirical Risk Minimization", ICLR 2018);
 * 6. masks, so that what is hidden is hidden of both (SpecAugment: Park et al., Interspeech 2019, without time warping, which
 *    they found to matter least), filled with the mean.
 * @param pictures - for each input [n, bands, frames], the examples at `picked` as the network is given them
 * @param targets - [n, classes], each row a distribution
 * @param picked - places of the examples
 * @returns what was drawn
 */
export function augment(
  pictures: readonly Float32Array[],
  targets: Float32Array,
  picked: ArrayLike<number>,
  settings: Augmentation,
  context: AugmentContext,
  random: Random,
): ExampleDraw[] {
  const draws = drawAugmentation(picked, settings, context, random)
  pictures.forEach((batch, index) => {
    const input = context.inputs[index]
    if (input) {
      takeVariants(batch, picked, draws, input)
      applyDraws(batch, draws, settings, input)
    }
  })
  mixRows(targets, draws)
  return draws
}

/** Puts the pictures by other recipes in the place of the own ones where one was drawn. */
function takeVariants(
  batch: Float32Array,
  picked: ArrayLike<number>,
  draws: readonly ExampleDraw[],
  { examples, variants }: AugmentedInput,
): void {
  const size = examples.bands * examples.frames
  draws.forEach(({ variant }, row) => {
    const start = (picked[row] ?? 0) * size
    const from = variants[variant - 1]
    if (from) batch.set(from.data.subarray(start, start + size), row * size)
  })
}

/**
 * All else that was drawn, in place.
 * @param batch - [n, bands, frames], each by the recipe that was drawn for it
 */
export function applyDraws(
  batch: Float32Array,
  draws: readonly ExampleDraw[],
  settings: Augmentation,
  { examples, noise, level, fill }: Omit<AugmentedInput, 'variants'>,
): void {
  const { bands, frames } = examples
  const size = bands * frames
  const pictureOf = (data: Float32Array, place: number) => data.subarray(place * size, (place + 1) * size)
  draws.forEach((draw, row) => {
    const picture = pictureOf(batch, row)
    if (draw.noise) {
      const added = pictureOf(noise.data, draw.noise.place)
      addNoise(picture, added, Math.floor(draw.noise.roll * frames), draw.noise.snrDb, frames, level)
    }
    if (draw.gainDb !== 0) applyGain(picture, draw.gainDb, frames, level)
    if (draw.flip) reverseTime(picture, frames, level)
    roll(picture, frames, rolledFrames(draw.shift, settings.timeShift, frames))
  })
  mixRows(batch, draws)
  draws.forEach(({ masks }, row) => {
    const picture = pictureOf(batch, row)
    for (const mask of masks) {
      const rows = mask.axis === 'bands' ? maskedSpan(mask, bands) : { from: 0, to: bands }
      const columns = mask.axis === 'time' ? maskedSpan(mask, frames) : { from: 0, to: frames }
      fillSpan(picture, frames, rows, columns, fill)
    }
  })
}

/** Mixes each row with its partner as it was before. */
function mixRows(values: Float32Array, draws: readonly ExampleDraw[]): void {
  if (!draws.some(({ mix }) => mix)) return
  const width = values.length / draws.length
  const before = values.slice()
  draws.forEach(({ mix }, row) => {
    if (!mix || mix.row === row) return
    const start = row * width
    const partner = mix.row * width
    for (let at = 0; at < width; at++)
      values[start + at] =
        mix.share * (before[start + at] ?? 0) + (1 - mix.share) * (before[partner + at] ?? 0)
  })
}
