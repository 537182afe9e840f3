/**
 * One network of the training benchmark in one of our engines: `train-engine.ts ENGINE NETWORK BANDS FRAMES BATCH THREADS`;
 * what it says and is told is as with train-torch.py.
 */
import { createInterface } from 'node:readline'
import * as tf from '@tensorflow/tfjs'
import { TRAINING_DEFAULTS } from '../../src-main/contract/training.ts'
import { loadEngine } from '../../src-main/core/ml/engines/load.ts'
import { createLoss } from '../../src-main/core/ml/losses.ts'
import { parameterCounts } from '../../src-main/core/ml/network.ts'
import { createOptimizer } from '../../src-main/core/ml/optimizers.ts'
import { createRandom } from '../../src-main/core/ml/random.ts'
import { batchGradients } from '../../src-main/core/ml/steps.ts'
import { architecture } from '../support/architectures.ts'

const CLASSES = 10
const [engineName = '', name = '', ...sizes] = process.argv.slice(2)
const [bands = 0, frames = 0, count = 0, threads = 1] = sizes.map(Number)
const engine = await loadEngine(engineName === 'wasm' ? 'wasm' : 'tensorflow', { threads })
const shape = { bands, frames }
const chosen = architecture(name)
const network = chosen.build([shape], CLASSES, createRandom(1), chosen.settings({}))
const random = createRandom(2)
const batch = {
  count,
  values: Float32Array.from({ length: count * bands * frames }, () => random.normal()),
  targets: Float32Array.from({ length: count * CLASSES }, (_, index) =>
    index % CLASSES === Math.floor(index / CLASSES) % CLASSES ? 1 : 0,
  ),
}
const loss = createLoss(TRAINING_DEFAULTS, new Array(CLASSES).fill(1))
const optimizer = createOptimizer(TRAINING_DEFAULTS.optimizer, TRAINING_DEFAULTS, network.trainable)
let seed = 0

function step() {
  seed += 1
  const { gradients } = batchGradients(network, loss, batch, shape, count, seed)
  optimizer.apply(gradients, 0.001)
  tf.dispose(gradients)
}

function forward() {
  tf.tidy(() => {
    const x = tf.tensor4d(batch.values, [count, bands, frames, 1])
    network.forward([x], { training: false }).dataSync()
  })
}

const say = (values: object) => process.stdout.write(`${JSON.stringify(values)}\n`)
say({
  version: `${engine.version} (${engine.libraryVersion})`,
  parameters: parameterCounts(network).trainable,
})
for await (const line of createInterface({ input: process.stdin })) {
  const [kind, repetitions] = line.split(' ')
  const work = kind === 'step' ? step : forward
  const startMs = performance.now()
  const cpuStart = process.cpuUsage()
  for (let done = 0; done < Number(repetitions); done++) work()
  const cpu = process.cpuUsage(cpuStart)
  say({ seconds: (performance.now() - startMs) / 1000, cpuSeconds: (cpu.user + cpu.system) / 1e6 })
}
say({ peakBytes: process.resourceUsage().maxRSS * 1024 })
