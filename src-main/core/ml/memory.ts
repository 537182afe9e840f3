import { freemem, totalmem } from 'node:os'
import * as tf from '@tensorflow/tfjs'
import { type Layout, picturesOf } from './examples.ts'
import { createLoss } from './losses.ts'
import { createOptimizer } from './optimizers.ts'
import { createRandom } from './random.ts'
import { batchGradients } from './steps.ts'
import type { BuildNetwork, FoldSettings } from './trainer.ts'

/** How many examples' gradients fit the memory at once. */

const GIGABYTE = 2 ** 30

/** Enough for any batch of a small network; more would make results depend on the machine for little speed. */
const LARGEST_BUDGET = 6 * GIGABYTE
/** WebAssembly addresses 4 GB at the most, in pieces that must be found in one. */
const WASM_BUDGET = 1.5 * GIGABYTE
/** Of all memory: the rest is the system's and the window's. */
const SHARE_OF_ALL = 0.75
const SHARE_OF_FREE = 0.9
/** For what libraries hold besides tensors: columns of convolutions, freed blocks that are kept. */
const OVERHEAD = 1.1

/** Bytes that each of several fold processes may take for its training steps. */
export function memoryBudget(processes: number): number {
  const all = Math.min(totalmem(), process.constrainedMemory() || Number.POSITIVE_INFINITY)
  const free = Math.min(freemem(), process.availableMemory())
  return Math.floor(
    Math.min(LARGEST_BUDGET, (SHARE_OF_ALL * all) / processes, (SHARE_OF_FREE * free) / processes),
  )
}

export interface StepMemory {
  /** Weights, their gradients and the optimiser's state. */
  fixedBytes: number
  bytesPerExample: number
}

export const bytesOf = ({ fixedBytes, bytesPerExample }: StepMemory, examples: number) =>
  fixedBytes + bytesPerExample * examples

/** Measures this network's training step by taking it with one example and with two. Leaves no tensor behind. */
export async function measureStep(
  build: BuildNetwork,
  layout: Layout,
  classes: number,
  settings: Omit<FoldSettings, 'microBatchSize'>,
): Promise<StepMemory> {
  const before = tf.memory().numBytes
  const network = build(picturesOf(layout), classes, createRandom(0))
  const optimizer = createOptimizer(settings.optimizer, settings, network.trainable)
  const loss = createLoss(settings, new Array<number>(classes).fill(1))
  const peakOf = async (work: () => void) => {
    const { peakBytes } = await tf.profile(() => {
      work()
      return []
    })
    return OVERHEAD * (peakBytes - before)
  }
  const gradients = (count: number) => {
    const values = new Float32Array(count * layout.bands * layout.frames)
    const targets = new Float32Array(count * classes).fill(1 / classes)
    return batchGradients(network, loss, { count, values, targets }, layout, count, 1).gradients
  }
  const one = await peakOf(() => tf.dispose(gradients(1)))
  const two = await peakOf(() => tf.dispose(gradients(2)))
  const given = gradients(1)
  const update = await peakOf(() => optimizer.apply(given, 0))
  tf.dispose(given)
  optimizer.dispose()
  network.dispose()
  const bytesPerExample = Math.max(0, two - one)
  return { fixedBytes: Math.max(one - bytesPerExample, update), bytesPerExample }
}

/** The batch itself, or the first of its half, quarter … whose step fits; 1 where none does. */
export function microBatchFor(batchSize: number, memory: StepMemory, budgetBytes: number): number {
  const backend = tf.getBackend()
  const budget = backend === 'wasm' ? Math.min(WASM_BUDGET, budgetBytes) : budgetBytes
  let size = batchSize
  for (let parts = 2; size > 1 && bytesOf(memory, size) > budget; parts *= 2)
    size = Math.ceil(batchSize / parts)
  return size
}
