import { readFile } from 'node:fs/promises'
import type { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import { decodeFeatureFile } from '../features/feature-file.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import type { Architecture, Reduction } from './architectures/architecture.ts'
import type { FoldData } from './batches.ts'
import { type Examples, reducedShape, reduceInto, scale } from './examples.ts'
import type { foldTaskSchema } from './fold-task.ts'

type Task = z.output<typeof foldTaskSchema>

/**
 * Reads every feature file once, parts the clips by fold, and scales all as the network asks: by what the training clips
 * alone say, or by a constant.
 * @throws SoundfoldError training-failed | missing-file; the signal's reason
 */
export async function loadFoldData(
  task: Task,
  { reduction, inputScaling }: Pick<Architecture, 'reduction' | 'inputScaling'>,
  signal: AbortSignal,
): Promise<FoldData> {
  const { clips, fold } = task
  const examples = await loadExamples(clips, reduction, signal)
  const innerFold = task.training.innerFold === 'next' ? innerFoldOf(fold, foldsOf(clips)) : null
  const placesOf = (wanted: (fold: number) => boolean) =>
    Uint32Array.from(clips.flatMap((clip, place) => (wanted(clip.fold) ? [place] : [])))
  const training = placesOf((own) => own !== fold && own !== innerFold)
  if (training.length === 0)
    throw new SoundfoldError('training-failed', `No clips are left to train fold ${fold}.`)
  scale(examples, training, inputScaling(task.network))
  return {
    examples,
    labels: Uint16Array.from(clips, (clip) => clip.label),
    training,
    inner: placesOf((own) => own === innerFold),
    test: placesOf((own) => own === fold),
    classes: task.classes,
    variants: variantsOf(clips),
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

export const foldsOf = (clips: Task['clips']) => clips.map((clip) => clip.fold)

const variantsOf = (clips: Task['clips']) => clips[0]?.variantPaths.length ?? 0

/** The clips by the run's recipe, then all of them by the first variant, and so on. */
async function loadExamples(
  clips: Task['clips'],
  reduction: Reduction,
  signal: AbortSignal,
): Promise<Examples> {
  const variants = variantsOf(clips)
  const paths = [
    ...clips.map((clip) => clip.featurePath),
    ...Array.from({ length: variants }, (_, variant) =>
      clips.map((clip) => clip.variantPaths[variant] ?? clip.featurePath),
    ).flat(),
  ]
  let examples: Examples | undefined
  for (const [row, path] of paths.entries()) {
    signal.throwIfAborted()
    const matrix = await readFeatures(path)
    const shape = reducedShape(matrix, reduction)
    examples ??= {
      ...shape,
      count: clips.length,
      data: new Float32Array(paths.length * shape.bands * shape.frames),
    }
    if (shape.bands !== examples.bands || shape.frames !== examples.frames)
      throw new SoundfoldError(
        'training-failed',
        `The feature file ${path} has another shape than the first.`,
        {
          hint: 'The recipes of one run must give pictures of one size.',
        },
      )
    reduceInto(examples.data, row * examples.bands * examples.frames, matrix, reduction)
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
