import { createHash } from 'node:crypto'
import { z } from 'zod'
import { recipeSchema } from '../../contract/embedding.ts'
import { errorShapeSchema } from '../../contract/job.ts'
import { engineChoiceSchema, epochSchema } from '../../contract/run.ts'
import { trainingSchema } from '../../contract/training.ts'
import { readCheckpoint, removeCheckpoint, removeUnfinished, writeCheckpoint } from './checkpoint.ts'
import { runClassicalFold } from './classical/classical-fold.ts'
import { loadEngine } from './engines/load.ts'
import { picturesOf } from './examples.ts'
import { foldSeed, innerFoldOfTask, loadFoldData } from './fold-data.ts'
import { bytesOf, measureStep, memoryBudget, microBatchFor } from './memory.ts'
import { bytesOfArrays, writeModelFiles } from './model-files.ts'
import { modelNamed } from './models.ts'
import type { Network } from './network.ts'
import type { NetworkFile } from './saved-network.ts'
import { trainFold } from './trainer.ts'
import { valuesOf } from './variables.ts'

/**
 * Everything that training one fold needs: it can be handed to another process or machine that sees the same feature
 * files. The held-out fold is `fold`; the clips of all other folds train, except those of an inner fold.
 */
export const foldTaskSchema = z.object({
  preset: z.string(),
  fold: z.int(),
  network: z.record(z.string(), z.unknown()),
  training: trainingSchema,
  /** That made the features: what their values mean. */
  recipe: recipeSchema,
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
      /** Of the second picture, where the network takes two. */
      secondPath: z.string().optional(),
      /** By each of `training.augmentation.recipes`, for when the clip trains. */
      variantPaths: z.array(z.string()).default([]),
    }),
  ),
  /** Folder for the weights, and for the checkpoint while it trains. */
  checkpointFolder: z.string(),
  /** Goes on from the fold's checkpoint where there is one. */
  resume: z.boolean().default(false),
  /** What the process may take for a step: by it a batch is cut into parts. By the machine when left out. */
  memoryBytes: z.number().positive().optional(),
})
/** As it is sent. */
export type FoldTask = z.input<typeof foldTaskSchema>
type ParsedTask = z.output<typeof foldTaskSchema>

/** What a fold says while it trains; `done` or `error` is the last. */
export const foldMessageSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), engine: z.string() }),
  /** After the features are read, before the first step. */
  z.object({
    type: z.literal('prepared'),
    /** Clips that train, that are scored as inner fold, and that are held out. */
    clips: z.object({ training: z.int(), inner: z.int(), test: z.int() }),
    /** Of the checkpoint that it goes on from, 0 without; those epochs are told again. */
    resumedAfterEpoch: z.int(),
    microBatchSize: z.int(),
    /** Of the whole process at its most. */
    expectedMemoryBytes: z.number(),
    /** What a person should know of how this fold trains, in sentences. */
    notes: z.array(z.string()),
  }),
  /** Within an epoch, at most once a second. */
  z.object({
    type: z.literal('progress'),
    epoch: z.int(),
    examplesDone: z.int(),
    examples: z.int(),
    memoryBytes: z.number(),
  }),
  z.object({
    type: z.literal('epoch'),
    epoch: epochSchema,
    /** Of the held-out clips after it: [true][predicted] = clips, by output index. Null when it is told again. */
    confusion: z.array(z.array(z.int())).nullable(),
  }),
  z.object({
    type: z.literal('done'),
    predictions: z.array(
      z.object({
        clipId: z.int(),
        probabilities: z.custom<Float32Array>((value) => value instanceof Float32Array),
      }),
    ),
    /** Whose network the predictions are of, 1-based. */
    resultEpoch: z.int(),
    peakMemoryBytes: z.number(),
  }),
  z.object({ type: z.literal('error'), error: errorShapeSchema }),
])
export type FoldMessage = z.infer<typeof foldMessageSchema>

/**
 * Trains one fold in this process: engine, features, training with a checkpoint after each epoch, weights, predictions of
 * the held-out clips. The checkpoint stays, for whoever keeps the predictions to remove.
 * @param signal - looked at before every feature file and training step
 * @throws SoundfoldError engine-unavailable | training-failed | missing-file | disk-full; the signal's reason
 */
export async function runFoldTask(
  task: ParsedTask,
  tell: (message: FoldMessage) => void,
  signal: AbortSignal,
): Promise<void> {
  const chosen = modelNamed(task.preset)
  if (chosen.kind === 'classical') return runClassicalFold(task, chosen, tell, signal)
  const { fold, checkpointFolder, training } = task
  const engine = await loadEngine(task.engine, { threads: task.threads })
  tell({ type: 'started', engine: engine.description })
  const identity = identityOf(task)
  if (task.resume) await removeUnfinished(checkpointFolder, fold)
  else await removeCheckpoint(checkpointFolder, fold)
  const checkpoint = await readCheckpoint(checkpointFolder, fold, identity)
  const data = await loadFoldData(task, chosen, signal)
  const build: Parameters<typeof trainFold>[0] = (inputs, classes, random) =>
    chosen.build(inputs, classes, random, task.network)
  const settings = { ...training, seed: foldSeed(task) }

  const heldBytes = process.memoryUsage.rss()
  const step = await measureStep(build, data.examples, data.classes, settings)
  const microBatchSize =
    checkpoint?.microBatchSize ??
    Math.min(
      training.microBatchSize ?? microBatchFor(training.batchSize, step, task.memoryBytes ?? memoryBudget(1)),
      training.batchSize,
    )
  const expectedMemoryBytes = heldBytes + bytesOf(step, microBatchSize)
  const notes = []
  if (training.microBatchSize === null && microBatchSize < training.batchSize)
    notes.push(
      `A batch of ${training.batchSize} would take ${gigabytes(bytesOf(step, training.batchSize))}: its gradients are summed over parts of ${microBatchSize}, which batch normalisation takes for themselves.`,
    )
  if (checkpoint && checkpoint.engine !== engine.description)
    notes.push(
      `The epochs before were trained by ${checkpoint.engine}: the result is not that of an undisturbed run.`,
    )
  const past = checkpoint?.snapshot.epochs ?? []
  tell({
    type: 'prepared',
    clips: { training: data.training.length, inner: data.inner.length, test: data.test.length },
    resumedAfterEpoch: past.length,
    microBatchSize,
    expectedMemoryBytes,
    notes,
  })
  for (const epoch of past) tell({ type: 'epoch', epoch: { ...epoch, fold }, confusion: null })

  const trained = await trainFold(
    build,
    data,
    { ...settings, microBatchSize },
    {
      step: atMostOnceASecond((epoch: number, examplesDone: number, examples: number) => {
        tell({ type: 'progress', epoch, examplesDone, examples, memoryBytes: process.memoryUsage.rss() })
      }),
      epoch: (epoch, confusion) => tell({ type: 'epoch', epoch: { ...epoch, fold }, confusion }),
      save: (snapshot) =>
        writeCheckpoint(checkpointFolder, fold, {
          task: identity,
          engine: engine.description,
          microBatchSize,
          snapshot,
        }),
    },
    signal,
    checkpoint?.snapshot ?? null,
  )
  await saveNetwork(trained.network, task, data, trained.resultEpoch)
  trained.network.dispose()
  tell({
    type: 'done',
    predictions: trained.testProbabilities.map((probabilities, index) => ({
      clipId: task.clips[data.test[index] ?? 0]?.clipId ?? 0,
      probabilities,
    })),
    resultEpoch: trained.resultEpoch,
    peakMemoryBytes: process.resourceUsage().maxRSS * 1024,
  })
}

/** Calls that come sooner than a second after the last one that got through are dropped. */
function atMostOnceASecond<A extends unknown[]>(tell: (...given: A) => void): (...given: A) => void {
  let lastMs = performance.now()
  return (...given) => {
    if (performance.now() - lastMs < 1000) return
    lastMs = performance.now()
    tell(...given)
  }
}

const gigabytes = (bytes: number) => `${(bytes / 1e9).toFixed(1)} GB`

/** Equal for tasks that train the same network on the same data to the same end, wherever the files lie. */
function identityOf({ preset, fold, network, training, seed, classes, clips }: ParsedTask): string {
  const data = clips.map(({ clipId, fold: own, label, featurePath, secondPath, variantPaths }) => [
    clipId,
    own,
    label,
    // By recipe and content, not by where the workspace lies.
    ...[featurePath, ...(secondPath ? [secondPath] : []), ...variantPaths].map((path) =>
      path.split(/[/\\]/).slice(-3).join('/'),
    ),
  ])
  const told = JSON.stringify([preset, fold, network, training, seed, classes, data])
  return createHash('sha256').update(told).digest('hex')
}

async function saveNetwork(
  network: Network,
  task: ParsedTask,
  { examples, normalisation }: Awaited<ReturnType<typeof loadFoldData>>,
  resultEpoch: number,
): Promise<void> {
  const variables = [...network.trainable, ...network.state]
  const { preset, network: networkSettings, fold, classes, seed, training } = task
  const file: NetworkFile = {
    preset,
    fold,
    classes,
    seed,
    network: networkSettings,
    innerFold: innerFoldOfTask(task),
    resultEpoch,
    loss: training.loss,
    inputs: picturesOf(examples),
    normalisation,
    shapes: variables.map((variable) => variable.shape),
  }
  await writeModelFiles(task.checkpointFolder, fold, file, bytesOfArrays(valuesOf(variables)))
}
