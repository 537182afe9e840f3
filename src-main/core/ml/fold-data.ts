import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { isEmbedding } from '../../contract/embedding.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import { decodeFeatureFile } from '../features/feature-file.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import type { Architecture, Reduction } from './architectures/architecture.ts'
import type { AugmentContext } from './augment.ts'
import type { FoldData } from './batches.ts'
import {
  type Examples,
  type Layout,
  normalisationFor,
  normalisationOf,
  normalise,
  reducedShape,
  reduceInto,
} from './examples.ts'
import type { foldTaskSchema } from './fold-task.ts'
import { type Normalisation, pictureLevel } from './picture-level.ts'
import { createRandom } from './random.ts'
import { whiteNoise } from './white-noise.ts'

type Task = z.output<typeof foldTaskSchema>

/**
 * Reads every feature file once, parts the clips by fold, and scales all as the network asks: by what the training clips
 * alone say, or by a constant.
 * @returns with what the values went through
 * @throws SoundfoldError training-failed | missing-file; the signal's reason
 */
export async function loadFoldData(
  task: Task,
  { reduction, inputScaling }: Pick<Architecture, 'reduction' | 'inputScaling'>,
  signal: AbortSignal,
): Promise<FoldData & { normalisation: Normalisation }> {
  const { clips } = task
  const paths = clips.map(({ featurePath, secondPath }) => [featurePath, ...(secondPath ? [secondPath] : [])])
  const examples = await loadExamples(paths, paths.keys(), reduction, signal)
  const parts = partsOf(task)
  const { training } = parts
  const own = normalisationOf(examples, training)
  const normalisation = normalisationFor(inputScaling(task.network), own)
  normalise(examples.data, normalisation)
  const fill = (own.mean - normalisation.mean) / normalisation.deviation
  return {
    examples,
    labels: Uint16Array.from(clips, (clip) => clip.label),
    ...parts,
    classes: task.classes,
    normalisation,
    augmentation: await augmentContext(task, reduction, { examples, training, normalisation, fill }, signal),
  }
}

/**
 * The fold that is left out of training to choose the epoch: the next higher one after the held-out, after the highest the
 * lowest.
 * @param given - folds that have clips
 * @throws SoundfoldError invalid-input where none would be left to train
 */
export function innerFoldOf(heldOut: number, given: Iterable<number>): number {
  const folds = [...new Set(given)].sort((a, b) => a - b)
  const next = folds.find((fold) => fold > heldOut) ?? folds.find((fold) => fold !== heldOut)
  if (next === undefined || folds.length < 3)
    throw new SoundfoldError('invalid-input', 'An inner fold needs clips in at least three folds.', {
      hint: 'One is held out, one chooses the epoch, and the others train: set innerFold to none.',
    })
  return next
}

/** The fold that chooses the epoch; null without one. */
export function innerFoldOfTask({ fold, clips, training }: Pick<Task, 'fold' | 'clips' | 'training'>) {
  return training.innerFold === 'next'
    ? innerFoldOf(
        fold,
        clips.map((clip) => clip.fold),
      )
    : null
}

/**
 * Places of the clips that train, that choose the epoch, and that are held out.
 * @throws SoundfoldError training-failed where none is left to train
 */
export function partsOf(task: Pick<Task, 'fold' | 'clips' | 'training'>) {
  const { clips, fold } = task
  const innerFold = innerFoldOfTask(task)
  const placesOf = (wanted: (fold: number) => boolean) =>
    Uint32Array.from(clips.flatMap((clip, place) => (wanted(clip.fold) ? [place] : [])))
  const training = placesOf((own) => own !== fold && own !== innerFold)
  if (training.length === 0)
    throw new SoundfoldError('training-failed', `No clips are left to train fold ${fold}.`)
  return { training, inner: placesOf((own) => own === innerFold), test: placesOf((own) => own === fold) }
}

/** Each fold draws its own numbers, the same in every run of this seed. */
export const foldSeed = ({ seed, fold }: Pick<Task, 'seed' | 'fold'>) => seed * 1009 + fold

/** What augmentation needs besides the examples; of the other recipes the training clips alone are read. */
async function augmentContext(
  task: Task,
  reduction: Reduction,
  own: { examples: Examples; training: Uint32Array; normalisation: Normalisation; fill: number },
  signal: AbortSignal,
): Promise<AugmentContext> {
  const { examples, training, normalisation, fill } = own
  const { recipes, noise } = task.training.augmentation
  const variants: Examples[] = []
  for (const which of recipes.keys()) {
    const paths = task.clips.map(({ variantPaths }) => [variantPaths[which] ?? ''])
    const variant = await loadExamples(paths, training, reduction, signal)
    normalise(variant.data, normalisation)
    variants.push(variant)
  }
  const level = pictureLevel(task.recipe, reduction, normalisation)
  // No noise gets as far as here with an embedding: `checkAugmentation` refuses it.
  if (noise?.kind !== 'white' || isEmbedding(task.recipe))
    return {
      inputs: [{ examples, variants, noise: examples, level, fill }],
      noisePlaces: training,
      noiseIsClips: true,
    }
  const random = createRandom(foldSeed(task) + 2)
  const added = whiteNoise(task.recipe, reduction, normalisation, random)
  return {
    inputs: [{ examples, variants, noise: added, level, fill }],
    noisePlaces: Uint32Array.from({ length: added.count }, (_, place) => place),
    noiseIsClips: false,
  }
}

/**
 * @param paths - of each clip's pictures, which lie one below the other
 * @param places - those that are read; the others stay zeros
 */
async function loadExamples(
  paths: readonly (readonly string[])[],
  places: Iterable<number>,
  reduction: Reduction,
  signal: AbortSignal,
): Promise<Examples> {
  let examples: Examples | undefined
  for (const place of places) {
    signal.throwIfAborted()
    const files = paths[place] ?? []
    const matrices = await Promise.all(files.map(readFeatures))
    const shapes = matrices.map((matrix) => reducedShape(matrix, reduction))
    const bands = shapes.reduce((sum, shape) => sum + shape.bands, 0)
    const frames = shapes[0]?.frames ?? 0
    examples ??= {
      bands,
      frames,
      bandsOfEach: shapes.map((shape) => shape.bands),
      count: paths.length,
      data: new Float32Array(paths.length * bands * frames),
    }
    const isOdd = (shape: Layout) => shape.frames !== examples?.frames
    if (bands !== examples.bands || shapes.some(isOdd))
      throw new SoundfoldError(
        'training-failed',
        `The feature file ${files.join(' or ')} has another shape than the first.`,
        { hint: 'The recipes of one run must give pictures of one size.' },
      )
    let at = place * bands * frames
    for (const [index, matrix] of matrices.entries()) {
      reduceInto(examples.data, at, matrix, reduction)
      at += (shapes[index]?.bands ?? 0) * frames
    }
  }
  if (!examples) throw new SoundfoldError('training-failed', 'The fold has no clips.')
  return examples
}

/** @throws SoundfoldError missing-file */
export async function readFeatures(path: string): Promise<FeatureMatrix> {
  try {
    return decodeFeatureFile(await readFile(path))
  } catch (error) {
    throw new SoundfoldError('missing-file', `The feature file ${path} is missing or damaged.`, {
      hint: 'Start or resume the run: missing features are extracted first.',
      cause: error,
    })
  }
}
