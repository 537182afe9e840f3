import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type * as tf from '@tensorflow/tfjs'
import { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import { type Epoch, engineChoiceSchema, epochSchema, errorShapeSchema } from '../../contract/model.ts'
import { featureRecipeSchema } from '../../contract/recipe.ts'
import { trainingSchema } from '../../contract/training.ts'
import { writeFileAtomic } from '../atomic-write.ts'
import { decodeFeatureFile } from '../features/feature-file.ts'
import type { FeatureMatrix } from '../features/log-mel.ts'
import type { Reduction } from './architectures/architecture.ts'
import { architecture } from './architectures/index.ts'
import type { AugmentContext } from './augment.ts'
import { loadEngine } from './engines/load.ts'
import { type Examples, normalisationOf, normalise, reducedShape, reduceInto } from './examples.ts'
import type { Network } from './network.ts'
import { type Normalisation, pictureLevel } from './picture-level.ts'
import { createRandom } from './random.ts'
import { trainFold } from './trainer.ts'
import { whiteNoise } from './white-noise.ts'

/**
 * Everything that training one fold needs: it can be handed to another process or machine that sees the same feature
 * files. The held-out fold is `fold`; the clips of all other folds train.
 */
export const foldTaskSchema = z.object({
  preset: z.string(),
  fold: z.int(),
  network: z.record(z.string(), z.unknown()),
  training: trainingSchema,
  /** That made the features: what their values mean. */
  recipe: featureRecipeSchema,
  seed: z.int(),
  engine: engineChoiceSchema,
  threads: z.int().min(1),
  classes: z.int().min(1),
  clips: z.array(
    z.object({
      clipId: z.int(),
      fold: z.int(),
      /** Place of the label among the run's classes. */
      label: z.int().min(0),
      featurePath: z.string(),
      /** By each of `training.augmentation.recipes`, for when the clip trains. */
      variantPaths: z.array(z.string()).optional(),
    }),
  ),
  /** Folder for the weights. */
  checkpointFolder: z.string(),
})
export type FoldTask = z.infer<typeof foldTaskSchema>

/** What a fold says while it trains; `done` or `error` is the last. */
export const foldMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), engine: z.string() }),
  z.object({ type: z.literal('epoch'), epoch: epochSchema }),
  z.object({
    type: z.literal('done'),
    predictions: z.array(
      z.object({
        clipId: z.int(),
        probabilities: z.custom<Float32Array>((value) => value instanceof Float32Array),
      }),
    ),
    peakMemoryBytes: z.number(),
  }),
  z.object({ type: z.literal('error'), error: errorShapeSchema }),
])
export type FoldMessage = z.infer<typeof foldMessageSchema>

/**
 * Trains one fold in this process: engine, features, training, weights, predictions of the held-out clips.
 * @param signal - looked at before every feature file and training step
 * @throws SoundfoldError engine-unavailable | training-failed | missing-file; the signal's reason
 */
export async function runFoldTask(
  task: FoldTask,
  tell: (message: FoldMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  const engine = await loadEngine(task.engine, { threads: task.threads })
  tell({ type: 'started', engine: engine.description })
  const chosen = architecture(task.preset)
  const places = task.clips.map((_, place) => place)
  const training = Uint32Array.from(places.filter((place) => task.clips[place]?.fold !== task.fold))
  const test = Uint32Array.from(places.filter((place) => task.clips[place]?.fold === task.fold))
  const paths = task.clips.map((clip) => clip.featurePath)
  const examples = await loadExamples(paths, places, chosen.reduction, signal)
  const normalisation = normalisationOf(examples, training)
  normalise(examples.data, normalisation)
  const labels = Uint16Array.from(task.clips, (clip) => clip.label)
  // Each fold draws its own numbers, the same in every run of this seed.
  const seed = task.seed * 1009 + task.fold
  const augmentation = await augmentContext(task, examples, training, normalisation, seed, signal)
  const data = { examples, labels, training, test, classes: task.classes, augmentation }
  const onEpoch = (epoch: Omit<Epoch, 'fold'>) =>
    tell({ type: 'epoch', epoch: { ...epoch, fold: task.fold } })
  const { network, testProbabilities } = await trainFold(
    (inputs, classes, random) => chosen.build(inputs, classes, random, task.network),
    data,
    { ...task.training, seed },
    onEpoch,
    signal,
  )
  await saveWeights(network, task)
  network.dispose()
  tell({
    type: 'done',
    predictions: testProbabilities.map((probabilities, index) => ({
      clipId: task.clips[test[index] ?? 0]?.clipId ?? 0,
      probabilities,
    })),
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  })
}

/** @param places - those that are read; the others stay zeros */
async function loadExamples(
  paths: readonly string[],
  places: Iterable<number>,
  reduction: Reduction,
  signal: AbortSignal,
): Promise<Examples> {
  let examples: Examples | undefined
  for (const place of places) {
    signal.throwIfAborted()
    const matrix = await readFeatures(paths[place] ?? '')
    const shape = reducedShape(matrix, reduction)
    examples ??= {
      ...shape,
      count: paths.length,
      data: new Float32Array(paths.length * shape.bands * shape.frames),
    }
    reduceInto(examples.data, place * examples.bands * examples.frames, matrix, reduction)
  }
  if (!examples) throw new SoundfoldError('training-failed', 'The fold has no clips.')
  return examples
}

/** What augmentation needs besides the examples; of the other recipes it reads the training clips alone. */
async function augmentContext(
  task: FoldTask,
  examples: Examples,
  training: Uint32Array,
  normalisation: Normalisation,
  seed: number,
  signal: AbortSignal,
): Promise<AugmentContext> {
  const { recipes, noise } = task.training.augmentation
  const { reduction } = architecture(task.preset)
  const variants: Examples[] = []
  for (const which of recipes.keys()) {
    const paths = task.clips.map(({ variantPaths }) => variantPaths?.[which] ?? '')
    const variant = await loadExamples(paths, training, reduction, signal)
    normalise(variant.data, normalisation)
    variants.push(variant)
  }
  const isWhite = noise?.kind === 'white'
  const added = isWhite ? whiteNoise(task.recipe, reduction, normalisation, createRandom(seed + 2)) : examples
  return {
    inputs: [
      {
        examples,
        variants,
        noise: added,
        level: pictureLevel(task.recipe, reduction, normalisation),
        fill: 0,
      },
    ],
    noisePlaces: isWhite ? Uint32Array.from({ length: added.count }, (_, place) => place) : training,
    noiseIsClips: !isWhite,
  }
}

async function readFeatures(path: string): Promise<FeatureMatrix> {
  try {
    return decodeFeatureFile(await readFile(path))
  } catch (error) {
    throw new SoundfoldError('missing-file', `The feature file ${path} is missing or damaged.`, {
      hint: 'Start the run again: missing features are extracted first.',
      cause: error,
    })
  }
}

/** `fold-N.json` lists shapes, `fold-N.bin` holds the values in that order: float32 LE, trainable first, then state. */
async function saveWeights(network: Network, task: FoldTask): Promise<void> {
  const variables = [...network.trainable, ...network.state]
  const values = variables.map((variable: tf.Variable) => Float32Array.from(variable.dataSync()))
  const bytes = Buffer.concat(values.map((array) => Buffer.from(array.buffer)))
  const { preset, network: networkSettings, fold, classes, seed } = task
  const description = {
    preset,
    fold,
    classes,
    seed,
    network: networkSettings,
    shapes: variables.map((variable) => variable.shape),
  }
  await writeFileAtomic(join(task.checkpointFolder, `fold-${fold}.bin`), bytes)
  await writeFileAtomic(
    join(task.checkpointFolder, `fold-${fold}.json`),
    JSON.stringify(description, null, 2),
  )
}
