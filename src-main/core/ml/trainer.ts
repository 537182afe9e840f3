import { setImmediate } from 'node:timers/promises'
import { SoundfoldError } from '../../contract/errors.ts'
import { afterEpoch, learningRateAt, type PlateauState, startOfPlateau } from '../../contract/schedules.ts'
import type { TrainingSettings } from '../../contract/training.ts'
import type { InputShape } from './architectures/architecture.ts'
import { type FoldData, trainingBatch } from './batches.ts'
import { picturesOf } from './examples.ts'
import { balancedWeights, createLoss, type Loss } from './losses.ts'
import type { Network } from './network.ts'
import { createOptimizer, type Optimizer } from './optimizers.ts'
import { createRandom, type Random, shuffled } from './random.ts'
import { confusionOf, predict, scoreOf } from './scoring.ts'
import type { Progress, Snapshot, TrainedEpoch } from './snapshot.ts'
import { batchGradients } from './steps.ts'
import { assignValues, valuesOf } from './variables.ts'

/** Settings of the fold's own: its seed differs from fold to fold, and what fits the memory is known. */
export type FoldSettings = TrainingSettings & { seed: number; microBatchSize: number }

export type BuildNetwork = (inputs: readonly InputShape[], classes: number, random: Random) => Network

export interface TrainedFold {
  network: Network
  /** Epoch whose network this is, 1-based. */
  resultEpoch: number
  /** Of that network: [test clips, classes], each row a distribution. */
  testProbabilities: Float32Array[]
}

export interface TrainingListener {
  /** After each step but an epoch's last. */
  step?(epoch: number, examplesDone: number, examples: number): void
  /** @param confusion - of the held-out clips: [true][predicted] = clips, by output index */
  epoch(epoch: TrainedEpoch, confusion: number[][]): void
  /** Awaited after each epoch, before it is told. */
  save?(snapshot: Snapshot): Promise<void>
}

/**
 * Trains a network on the training clips and scores it on the inner and the test clips. Test clips are only scored: their
 * pictures and labels reach neither the weights nor the choice of an epoch. The result is the last epoch's network, or that
 * of the epoch with the lowest loss on the inner fold.
 * @param from - where an earlier process came to: the end is the same as if it had gone on
 * @param signal - looked at before every step
 * @throws SoundfoldError training-failed when loss or probabilities are no longer numbers; what `save` throws; the
 * signal's reason
 */
export async function trainFold(
  build: BuildNetwork,
  data: FoldData,
  settings: FoldSettings,
  listener: TrainingListener,
  signal: AbortSignal,
  from: Snapshot | null = null,
): Promise<TrainedFold> {
  const network = build(picturesOf(data.examples), data.classes, createRandom(settings.seed))
  const variables = [...network.trainable, ...network.state]
  const optimizer = createOptimizer(settings.optimizer, settings, network.trainable)
  const random = createRandom(from?.random ?? settings.seed + 1)
  let progress: Progress = from ?? beginning(settings)
  let bestWeights = from?.bestWeights ?? null
  if (from) {
    assignValues(variables, from.weights)
    assignValues(optimizer.state, from.optimizer)
    optimizer.steps = from.optimizerSteps
  }
  const loss = createLoss(settings, classWeightsOf(data, settings))
  const score = (places: Uint32Array) =>
    predict(network, data.examples, places, settings.loss, settings.microBatchSize, signal)

  while (!isOver(progress, settings)) {
    const startMs = performance.now()
    const epoch = progress.epochs.length + 1
    const trained = await trainEpoch(
      { network, optimizer, loss, data, settings, progress, random, signal },
      (done) => listener.step?.(epoch, done, data.training.length),
    )
    const inner = data.inner.length > 0 ? await score(data.inner) : null
    const test = await score(data.test)
    // The last step's own loss is never computed: its damage shows here first.
    if (![...(inner ?? []), ...test].every((row) => row.every(Number.isFinite)))
      throw diverged(epoch, settings)
    const innerScore = inner && scoreOf(inner, data.inner, data.labels)
    const testScore = scoreOf(test, data.test, data.labels)
    const record: TrainedEpoch = {
      epoch,
      trainLoss: trained.loss,
      trainAccuracy: trained.accuracy,
      innerLoss: innerScore?.loss ?? null,
      innerAccuracy: innerScore?.accuracy ?? null,
      testLoss: testScore.loss,
      testAccuracy: testScore.accuracy,
      learningRate: trained.learningRate,
      seconds: (performance.now() - startMs) / 1000,
    }
    const isBest = record.innerLoss !== null && record.innerLoss < (progress.best?.innerLoss ?? Infinity)
    progress = {
      epochs: [...progress.epochs, record],
      random: random.state,
      optimizerSteps: optimizer.steps,
      plateau: nextPlateau(progress.plateau, record, settings),
      best: isBest && record.innerLoss !== null ? { epoch, innerLoss: record.innerLoss } : progress.best,
    }
    const weights = valuesOf(variables)
    if (isBest && settings.resultEpoch === 'best-inner') bestWeights = weights
    await listener.save?.({ ...progress, weights, optimizer: valuesOf(optimizer.state), bestWeights })
    listener.epoch(record, confusionOf(test, data.test, data.labels))
  }
  optimizer.dispose()
  if (bestWeights) assignValues(variables, bestWeights)
  const resultEpoch = bestWeights && progress.best ? progress.best.epoch : progress.epochs.length
  return { network, resultEpoch, testProbabilities: await score(data.test) }
}

function beginning(settings: FoldSettings): Progress {
  return { epochs: [], random: 0, optimizerSteps: 0, plateau: startOfPlateau(settings), best: null }
}

function isOver({ epochs, best }: Progress, settings: FoldSettings): boolean {
  if (epochs.length >= settings.epochs) return true
  return (
    settings.stopAfterEpochs !== null &&
    best !== null &&
    epochs.length - best.epoch >= settings.stopAfterEpochs
  )
}

/** Epochs that end in warm-up do not count. */
function nextPlateau(state: PlateauState, record: TrainedEpoch, settings: FoldSettings): PlateauState {
  const { schedule, warmUp, epochs } = settings
  if (schedule.name !== 'plateau' || record.epoch <= warmUp * epochs) return state
  const watched = schedule.watch === 'inner' ? record.innerLoss : record.trainLoss
  return watched === null ? state : afterEpoch(state, watched, schedule)
}

function classWeightsOf({ training, labels, classes }: FoldData, settings: FoldSettings): number[] {
  if (settings.classWeights === 'none') return new Array<number>(classes).fill(1)
  return balancedWeights(
    Array.from(training, (place) => labels[place] ?? 0),
    classes,
  )
}

interface Training {
  network: Network
  optimizer: Optimizer
  loss: Loss
  data: FoldData
  settings: FoldSettings
  /** Up to the epoch before. */
  progress: Progress
  random: Random
  signal: AbortSignal
}

async function trainEpoch(training: Training, onStep: (examplesDone: number) => void) {
  const { network, optimizer, loss, data, settings, progress, random, signal } = training
  const order = shuffled(data.training.length, random)
  const steps = Math.ceil(order.length / settings.batchSize)
  let lossSum = 0
  let correct = 0
  let learningRate = 0
  for (let step = 0; step < steps; step++) {
    // The engines compute in this thread: without a pause no message, nor the end of the parent, would be noticed.
    await setImmediate()
    signal.throwIfAborted()
    if (step > 0) onStep(step * settings.batchSize)
    const picked = order.subarray(step * settings.batchSize, (step + 1) * settings.batchSize)
    const dropoutSeed = random.whole(2 ** 31)
    const batch = trainingBatch(data, picked, settings.augmentation, random)
    const outcome = batchGradients(network, loss, batch, data.examples, settings.microBatchSize, dropoutSeed)
    if (!Number.isFinite(outcome.loss)) throw diverged(progress.epochs.length + 1, settings)
    learningRate = learningRateAt(settings, steps, progress.epochs.length * steps + step, progress.plateau)
    optimizer.apply(outcome.gradients, learningRate)
    for (const gradient of outcome.gradients) gradient.dispose()
    lossSum += outcome.loss * batch.count
    correct += outcome.hits
  }
  return { loss: lossSum / order.length, accuracy: correct / order.length, learningRate }
}

function diverged(epoch: number, { learningRate }: FoldSettings): SoundfoldError {
  return new SoundfoldError('training-failed', `The loss is no longer a number in epoch ${epoch}.`, {
    hint: `Lower the learning rate (it was ${learningRate}), or limit the gradients' norm.`,
  })
}
