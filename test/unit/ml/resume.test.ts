import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import type { EngineName } from '../../../src-main/contract/run.ts'
import { probeEngines } from '../../../src-main/core/ml/engines/probe.ts'
import { LocalFoldRunner } from '../../../src-main/core/ml/fold-runner.ts'
import type { FoldMessage, FoldTask } from '../../../src-main/core/ml/fold-task.ts'
import { createRandom, type Random } from '../../../src-main/core/ml/random.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { madeUpTask } from './made-up-folds.ts'

/** Training that is killed for real and goes on, against training that nobody disturbed. */

const runner = new LocalFoldRunner(workerEntries().foldProcess)
const never = new AbortController().signal
const reports = await probeEngines(workerEntries().engineProbe, { benchmark: false, threads: 1 })
const works = (name: EngineName) => reports.some((report) => report.name === name && report.available)

/** Everything that a checkpoint must carry over: momenta, a watched loss, best weights, dropout, shifts, parts of batches. */
const training: FoldTask['training'] = {
  ...madeUpTask({ engine: 'wasm', epochs: 8, clipsPerFold: 3, folds: 3 }).training,
  optimizer: { name: 'adamw', beta1: 0.9, beta2: 0.999, epsilon: 1e-8 },
  schedule: { name: 'plateau', factor: 0.5, patienceEpochs: 0, watch: 'inner', minimum: 0 },
  weightDecay: 0.05,
  clipNorm: 1,
  labelSmoothing: 0.1,
  classWeights: 'balanced',
  innerFold: 'next',
  resultEpoch: 'best-inner',
  microBatchSize: 6,
}

async function run(task: FoldTask, signal = never) {
  const messages: FoldMessage[] = []
  const outcome = await runner.run(task, (message) => messages.push(message), signal)
  const epochs = messages.flatMap((m) => (m.type === 'epoch' ? [{ ...m.epoch, seconds: 0 }] : []))
  const resumedAfterEpoch = messages.find((m) => m.type === 'prepared')?.resumedAfterEpoch
  const weights = readFileSync(join(task.checkpointFolder, 'fold-1.bin'))
  return { outcome, weights, epochs, resumedAfterEpoch }
}

/**
 * Kills the fold's process with SIGKILL at a random moment up to two epochs after it began or went on.
 * @returns whether it was still going
 */
async function runAndKill(task: FoldTask, random: Random): Promise<boolean> {
  const abort = new AbortController()
  const wholeEpochs = random.whole(3)
  let seen = 0
  let epochMs = 300
  const onMessage = (message: FoldMessage) => {
    if (message.type === 'prepared') seen = -message.resumedAfterEpoch
    else if (message.type === 'epoch') {
      seen += 1
      epochMs = message.epoch.seconds * 1000
    } else return
    if (seen === wholeEpochs) setTimeout(() => abort.abort(), random.uniform() * epochMs)
  }
  return runner.run(task, onMessage, abort.signal).then(
    () => false,
    (error: unknown) => {
      if (!abort.signal.aborted) throw error
      return true
    },
  )
}

/** Several starts of a process, on a machine that may be busy. */
const options = { timeout: 240_000 }

describe.each<EngineName>(['wasm', 'tensorflow'])('a fold on %s that is killed again and again', (engine) => {
  const test = it.skipIf(!works(engine))

  test('ends with the weights and predictions of an undisturbed one, bit for bit', options, async () => {
    const made = { ...madeUpTask({ engine, epochs: 1, clipsPerFold: 24, folds: 3 }), training }
    const undisturbed = await run({ ...made, checkpointFolder: `${made.checkpointFolder}-undisturbed` })
    const seed = Date.now()
    const random = createRandom(seed)
    let kills = 0
    while (kills < 5 && (await runAndKill({ ...made, resume: kills > 0 }, random))) kills += 1
    const resumed = await run({ ...made, resume: true })
    console.log(`${engine}: seed ${seed}, ${kills} kills, the last after epoch ${resumed.resumedAfterEpoch}`)
    expect(kills).toBeGreaterThan(0)
    expect(resumed.weights.equals(undisturbed.weights)).toBe(true)
    expect(resumed.outcome).toMatchObject({
      predictions: undisturbed.outcome.predictions,
      resultEpoch: undisturbed.outcome.resultEpoch,
    })
    expect(resumed.epochs).toEqual(undisturbed.epochs)
    expect(readdirSync(made.checkpointFolder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })
})
