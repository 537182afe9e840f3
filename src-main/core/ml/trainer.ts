import { setImmediate } from 'node:timers/promises'
import * as tf from '@tensorflow/tfjs'
import { SoundfoldError } from '../../contract/errors.ts'
import type { Epoch } from '../../contract/model.ts'
import type { TrainingSettings } from '../../contract/training.ts'
import type { InputShape } from './architectures/architecture.ts'
import { type AugmentContext, augment } from './augment.ts'
import { batchOf, type Examples } from './examples.ts'
import type { Network } from './network.ts'
import { createRandom, type Random, shuffled } from './random.ts'

/** Settings of the fold's own: its seed differs from fold to fold. */
export type FoldSettings = TrainingSettings & { seed: number }

/** What one fold's network is trained and tested on: places in `examples`, and each one's class as output index. */
export interface FoldData {
  examples: Examples
  labels: Uint8Array | Uint16Array
  training: Uint32Array
  test: Uint32Array
  classes: number
  augmentation: AugmentContext
}

export interface TrainedFold {
  network: Network
  /** After the last epoch: [test clips, classes], each row a distribution. */
  testProbabilities: Float32Array[]
}

/** Share of the steps in which the rate rises to its highest. */
const WARM_UP = 0.1
const SCORING_BATCH = 128

/** Linear warm-up, then half a cosine down to zero (Loshchilov & Hutter 2017). @param progress - 0 … 1 */
export function learningRateAt(progress: number, highest: number): number {
  if (progress < WARM_UP) return highest * Math.max(0.05, progress / WARM_UP)
  return (highest / 2) * (1 + Math.cos((Math.PI * (progress - WARM_UP)) / (1 - WARM_UP)))
}

/** Adam (Kingma & Ba 2015) whose rate may change from step to step. */
class ScheduledAdam extends tf.AdamOptimizer {
  setLearningRate(rate: number): void {
    this.learningRate = rate
  }
}

/**
 * Trains a network on the training clips and scores it on the test clips. Test clips are only scored: their pictures and
 * labels reach neither the weights nor the choice of an epoch, and the result is the last epoch's.
 * @param signal - looked at before every step
 * @throws SoundfoldError training-failed when loss or probabilities are no longer numbers; the signal's reason
 */
export async function trainFold(
  build: (inputs: readonly InputShape[], classes: number, random: Random) => Network,
  data: FoldData,
  settings: FoldSettings,
  onEpoch: (epoch: Omit<Epoch, 'fold'>) => void,
  signal: AbortSignal,
): Promise<TrainedFold> {
  const { bands, frames } = data.examples
  const network = build([{ bands, frames }], data.classes, createRandom(settings.seed))
  const random = createRandom(settings.seed + 1)
  const optimizer = new ScheduledAdam(settings.learningRate, 0.9, 0.999, 1e-7)
  let testProbabilities: Float32Array[] = []
  for (let epoch = 1; epoch <= settings.epochs; epoch++) {
    const startMs = performance.now()
    const trained = await trainEpoch(network, optimizer, data, settings, epoch, random, signal)
    testProbabilities = predict(network, data.examples, data.test)
    // The last step's own loss is never computed: its damage shows here first.
    if (!testProbabilities.every((row) => row.every(Number.isFinite))) throw diverged(epoch, settings)
    const test = scoreOf(testProbabilities, data.test, data.labels)
    onEpoch({
      epoch,
      trainLoss: trained.loss,
      trainAccuracy: trained.accuracy,
      testLoss: test.loss,
      testAccuracy: test.accuracy,
      learningRate: trained.learningRate,
      seconds: (performance.now() - startMs) / 1000,
    })
  }
  optimizer.dispose()
  return { network, testProbabilities }
}

async function trainEpoch(
  network: Network,
  optimizer: ScheduledAdam,
  data: FoldData,
  settings: FoldSettings,
  epoch: number,
  random: Random,
  signal: AbortSignal,
) {
  const { bands, frames } = data.examples
  const order = shuffled(data.training.length, random)
  const steps = Math.ceil(order.length / settings.batchSize)
  let lossSum = 0
  let correct = 0
  let learningRate = 0
  for (let step = 0; step < steps; step++) {
    // The engines compute in this thread: without a pause no message, nor the end of the parent, would be noticed.
    await setImmediate()
    signal.throwIfAborted()
    const places = order.subarray(step * settings.batchSize, (step + 1) * settings.batchSize)
    const picked = Uint32Array.from(places, (place) => data.training[place] ?? 0)
    learningRate = learningRateAt((epoch - 1 + step / steps) / settings.epochs, settings.learningRate)
    optimizer.setLearningRate(learningRate)
    const dropoutSeed = random.whole(2 ** 31)
    const batch = batchOf(data.examples, picked)
    const soft = oneHot(data, picked)
    augment([batch], soft, picked, settings.augmentation, data.augmentation, random)
    const { loss, hits } = tf.tidy(() => {
      const x = tf.tensor4d(batch, [picked.length, bands, frames, 1])
      const targets = tf.tensor2d(soft, [picked.length, data.classes])
      const labels = tf.argMax(targets, 1)
      let hitCount: tf.Tensor | undefined
      const cost = optimizer.minimize(
        () => {
          const logits = network.forward([x], { training: true, dropoutSeed })
          hitCount = tf.keep(tf.sum(tf.equal(tf.argMax(logits, 1), labels)))
          return tf.losses.softmaxCrossEntropy(targets, logits).asScalar()
        },
        true,
        network.trainable,
      )
      const result = { loss: cost?.dataSync()[0] ?? Number.NaN, hits: hitCount?.dataSync()[0] ?? 0 }
      hitCount?.dispose()
      return result
    })
    if (!Number.isFinite(loss)) throw diverged(epoch, settings)
    lossSum += loss * picked.length
    correct += hits
  }
  return { loss: lossSum / order.length, accuracy: correct / order.length, learningRate }
}

/** [picked, classes] */
function oneHot({ labels, classes }: FoldData, picked: Uint32Array): Float32Array {
  const targets = new Float32Array(picked.length * classes)
  picked.forEach((place, row) => {
    targets[row * classes + (labels[place] ?? 0)] = 1
  })
  return targets
}

function diverged(epoch: number, { learningRate }: FoldSettings): SoundfoldError {
  return new SoundfoldError('training-failed', `The loss is no longer a number in epoch ${epoch}.`, {
    hint: `Lower the learning rate (it was ${learningRate}).`,
  })
}

/** Class probabilities of some examples, without dropout and with the moving statistics. */
export function predict(network: Network, examples: Examples, places: Uint32Array): Float32Array[] {
  const { bands, frames } = examples
  const rows: Float32Array[] = []
  for (let start = 0; start < places.length; start += SCORING_BATCH) {
    const picked = places.subarray(start, start + SCORING_BATCH)
    const batch = batchOf(examples, picked)
    const { values, classes } = tf.tidy(() => {
      const x = tf.tensor4d(batch, [picked.length, bands, frames, 1])
      const probabilities = tf.softmax(network.forward([x], { training: false }))
      return { values: Float32Array.from(probabilities.dataSync()), classes: probabilities.shape[1] }
    })
    for (let row = 0; row < picked.length; row++) rows.push(values.slice(row * classes, (row + 1) * classes))
  }
  return rows
}

/** Cross-entropy in nats and accuracy. */
function scoreOf(probabilities: readonly Float32Array[], places: Uint32Array, labels: ArrayLike<number>) {
  let loss = 0
  let correct = 0
  probabilities.forEach((row, index) => {
    const label = labels[places[index] ?? 0] ?? 0
    loss -= Math.log(Math.max(1e-12, row[label] ?? 0))
    if (argMax(row) === label) correct += 1
  })
  const count = Math.max(1, probabilities.length)
  return { loss: loss / count, accuracy: correct / count }
}

/** Place of the largest value; the first of equals. */
export function argMax(values: ArrayLike<number>): number {
  let best = 0
  for (let index = 1; index < values.length; index++)
    if ((values[index] ?? 0) > (values[best] ?? 0)) best = index
  return best
}
