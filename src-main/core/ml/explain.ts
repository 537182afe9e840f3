import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import { SoundfoldError } from '../../contract/errors.ts'
import type { Occlusion } from '../../contract/explanation.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import { probabilitiesOf } from './losses.ts'
import { classify, inputsFor, type SavedNetwork } from './saved-network.ts'

/** Which places of a picture a network's classes rest on. */
export interface ClassMaps {
  /** In the order of the classes. */
  probabilities: Float32Array
  /** Of each class, [rows, frames] of the picture as the recipe makes it. */
  maps: Float32Array[]
  /** What tells places apart. */
  cells: { bands: number; frames: number }
}

/** Classes whose gradients are taken at once: a large head's memory is this many times the map's. */
const CLASSES_AT_ONCE = 32
/** Pictures with a hidden part that a network is asked of at once. */
const BATCH = 32
/** More would take hours. */
const MOST_PATCHES = 50_000

/**
 * Grad-CAM (Selvaraju et al. 2017): max(0, Σₖ wₖ Aₖ), where Aₖ is a channel of the last feature map and wₖ the mean over its places
 * of the class score's gradient; in units of the score times the map's values. The score is the class' output before softmax or sigmoid.
 * The map is stretched to the picture bilinearly, as `torch.nn.functional.interpolate` without aligned corners.
 * @param pictures - of one clip, as the recipes make them
 * @param which - the picture that is explained
 * @throws SoundfoldError invalid-input where the network has no feature map
 */
export function gradCam(saved: SavedNetwork, pictures: readonly FeatureMatrix[], which: number): ClassMaps {
  const { network, file, architecture } = saved
  const picture = pictureAt(pictures, which)
  if (network.featureMaps <= which)
    throw new SoundfoldError(
      'invalid-input',
      `${architecture.preset.title} has no feature map: it sees each row’s mean over time, so Grad-CAM has no place to point at.`,
      { hint: 'Occlusion hides parts of the picture and works with every network.' },
    )
  let map: tf.Tensor4D | undefined
  return tf.tidy(() => {
    const inputs = inputsFor(saved, tensorsOf(pictures))
    const logits = network.forward(inputs, {
      training: false,
      probe: {
        featureMap(own, of) {
          if (of === which) map = tf.keep(own.clone())
          return own
        },
      },
    })
    if (!map) throw new Error('a network shows the maps that it counts')
    const [, bands, frames, channels] = map.shape
    const maps: Float32Array[] = []
    for (let first = 0; first < file.classes; first += CLASSES_AT_ONCE) {
      const count = Math.min(CLASSES_AT_ONCE, file.classes - first)
      // A row for each class: what comes behind the map is asked of all at once, and each row's gradient is that of its class.
      const scores = (change: tf.Tensor) => {
        const rows = network.forward(inputs, {
          training: false,
          probe: {
            featureMap(own, of) {
              const repeated = tf.tile(own, [count, 1, 1, 1])
              return of === which ? tf.add<tf.Tensor4D>(repeated, change) : repeated
            },
          },
        })
        const own = tf.oneHot(tf.range(first, first + count, 1, 'int32'), file.classes)
        return tf.sum<tf.Scalar>(tf.mul(rows, own))
      }
      const gradients = tf.grad(scores)(tf.zeros([count, bands, frames, channels]))
      const weights = tf.mean(gradients, [1, 2], true)
      const cam = tf.relu(tf.sum<tf.Tensor4D>(tf.mul(map, weights), 3, true))
      maps.push(...stretched(cam, picture, saved))
    }
    map.dispose()
    const probabilities = Float32Array.from(probabilitiesOf(logits, file.loss).dataSync())
    return { probabilities, maps, cells: { bands, frames } }
  })
}

/** @param maps - [classes, bands, frames, 1] @returns each at the size of the picture */
function stretched(
  maps: tf.Tensor4D,
  { rows, frames }: FeatureMatrix,
  { architecture }: SavedNetwork,
): Float32Array[] {
  const by = architecture.reduction
  // The last cell of an axis may cover less than the others.
  const whole = (size: number, cell: number) => Math.ceil(size / cell) * cell
  const size: [number, number] = [whole(rows, by.bands), whole(frames, by.frames)]
  const large = tf.image.resizeBilinear(maps, size, false, true)
  const cut = tf.slice(large, [0, 0, 0, 0], [maps.shape[0], rows, frames, 1])
  return tf.unstack(cut).map((map) => Float32Array.from(map.dataSync()))
}

/**
 * Occlusion (Zeiler & Fergus 2014): how much a class' probability falls where a patch hides the picture, −1 … 1; negative where the
 * class becomes more probable. Each place has the mean over the patches that cover it, as Captum's `Occlusion`.
 * @param pictures - of one clip, as the recipes make them
 * @param which - the picture that is hidden in parts; another stays whole
 * @param signal - looked at before every batch
 * @throws SoundfoldError invalid-input for more patches than can be asked of; the signal's reason
 */
export async function occlusion(
  saved: SavedNetwork,
  pictures: readonly FeatureMatrix[],
  which: number,
  { patchBands, patchFrames, strideBands, strideFrames, fill }: Occlusion,
  onDone: (patches: number, total: number) => void,
  signal: AbortSignal,
): Promise<ClassMaps> {
  const { data, rows, frames } = pictureAt(pictures, which)
  const bandStarts = starts(rows, patchBands, strideBands)
  const frameStarts = starts(frames, patchFrames, strideFrames)
  const total = bandStarts.length * frameStarts.length
  if (total > MOST_PATCHES)
    throw new SoundfoldError(
      'invalid-input',
      `${total} patches are more than can be hidden one after the other (${MOST_PATCHES}).`,
      { hint: 'Choose a larger stride.' },
    )
  const value = fill === 'mean' ? meanOf(data) : smallestOf(data)
  const patches = bandStarts.flatMap((band) => frameStarts.map((frame) => ({ band, frame })))
  const ask = (hidden: readonly Float32Array[]) =>
    tf.tidy(() => {
      const given = tensorsOf(pictures).map((whole, index) =>
        index === which
          ? tf.tensor3d(flat(hidden), [hidden.length, rows, frames])
          : tf.tile(whole, [hidden.length, 1, 1]),
      )
      return Float32Array.from(classify(saved, given).dataSync())
    })

  const probabilities = ask([data])
  const classes = probabilities.length
  const drops = Array.from({ length: classes }, () => new Float64Array(rows * frames))
  const covers = new Uint32Array(rows * frames)
  for (let start = 0; start < total; start += BATCH) {
    await setImmediate()
    signal.throwIfAborted()
    const own = patches.slice(start, start + BATCH)
    const places = own.map(({ band, frame }) => placesOf(band, frame))
    const answers = ask(
      places.map((hidden) => {
        const picture = data.slice()
        for (const place of hidden) picture[place] = value
        return picture
      }),
    )
    places.forEach((hidden, patch) => {
      for (const place of hidden) covers[place] = (covers[place] ?? 0) + 1
      drops.forEach((sums, which) => {
        const drop = (probabilities[which] ?? 0) - (answers[patch * classes + which] ?? 0)
        for (const place of hidden) sums[place] = (sums[place] ?? 0) + drop
      })
    })
    onDone(Math.min(total, start + BATCH), total)
  }
  const maps = drops.map((sums) =>
    Float32Array.from(sums, (sum, place) => sum / Math.max(1, covers[place] ?? 0)),
  )
  return { probabilities, maps, cells: { bands: bandStarts.length, frames: frameStarts.length } }

  function placesOf(band: number, frame: number): number[] {
    const places: number[] = []
    for (let row = band; row < Math.min(rows, band + patchBands); row++)
      for (let column = frame; column < Math.min(frames, frame + patchFrames); column++)
        places.push(row * frames + column)
    return places
  }
}

/** Where patches begin, so that all of an axis is covered; the last may reach beyond it. */
function starts(size: number, patch: number, stride: number): number[] {
  const count = patch >= size ? 1 : Math.ceil((size - patch) / stride) + 1
  return Array.from({ length: count }, (_, index) => index * stride).filter((start) => start < size)
}

function pictureAt(pictures: readonly FeatureMatrix[], which: number): FeatureMatrix {
  const picture = pictures[which]
  if (picture) return picture
  throw new SoundfoldError('invalid-input', `The network has no picture ${which + 1}.`, {
    hint: `It is given ${pictures.length === 1 ? 'one' : pictures.length} of each clip.`,
  })
}

const tensorsOf = (pictures: readonly FeatureMatrix[]) =>
  pictures.map(({ data, rows, frames }) => tf.tensor3d(data, [1, rows, frames]))

const meanOf = (values: Float32Array) => values.reduce((sum, value) => sum + value, 0) / values.length
const smallestOf = (values: Float32Array) => values.reduce((least, value) => Math.min(least, value), Infinity)

function flat(pictures: readonly Float32Array[]): Float32Array {
  const size = pictures[0]?.length ?? 0
  const all = new Float32Array(pictures.length * size)
  pictures.forEach((picture, index) => {
    all.set(picture, index * size)
  })
  return all
}

/**
 * What the last layer is given of each clip.
 * @param clips - pictures of each, as the recipes make them
 * @returns one of the same length for each
 */
export function embeddingOf(
  saved: SavedNetwork,
  clips: readonly (readonly FeatureMatrix[])[],
): Float32Array[] {
  let seen: tf.Tensor2D | undefined
  return tf.tidy(() => {
    const pictures = saved.file.inputs.map((_, which) => {
      const own = clips.map((pictures) => pictureAt(pictures, which))
      const { rows = 0, frames = 0 } = own[0] ?? {}
      return tf.tensor3d(flat(own.map(({ data }) => data)), [own.length, rows, frames])
    })
    const embedding = (values: tf.Tensor2D) => {
      seen = tf.keep(values.clone())
    }
    saved.network.forward(inputsFor(saved, pictures), { training: false, probe: { embedding } })
    if (!seen) throw new Error('a network has a last layer')
    const rows = tf.unstack(seen).map((row) => Float32Array.from(row.dataSync()))
    seen.dispose()
    return rows
  })
}
