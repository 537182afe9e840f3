import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { beforeAll, describe, expect, it } from 'vitest'
import type { EngineName } from '../../../src-main/contract/run.ts'
import { NO_AUGMENTATION, type TrainingInput } from '../../../src-main/contract/training.ts'
import { probeEngines } from '../../../src-main/core/ml/engines/probe.ts'
import { LocalFoldRunner } from '../../../src-main/core/ml/fold-runner.ts'
import type { FoldMessage, FoldTask } from '../../../src-main/core/ml/fold-task.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { madeUpTask } from './made-up-folds.ts'

const runner = new LocalFoldRunner(workerEntries().foldProcess)
const never = new AbortController().signal
const reports = await probeEngines(workerEntries().engineProbe, { benchmark: false, threads: 1 })
const works = (name: EngineName) => reports.some((report) => report.name === name && report.available)

async function train(task: FoldTask, signal = never) {
  const messages: FoldMessage[] = []
  const outcome = await runner.run(task, (message) => messages.push(message), signal)
  const weights = readFileSync(join(task.checkpointFolder, 'fold-1.bin'))
  const epochs = messages.flatMap((message) => (message.type === 'epoch' ? [message] : []))
  return {
    outcome,
    weights,
    prepared: messages.find((message) => message.type === 'prepared'),
    epochs: epochs.map(({ epoch }) => epoch),
    confusion: epochs.at(-1)?.confusion,
  }
}

describe('engines', () => {
  it('WebAssembly is always there', () => expect(works('wasm')).toBe(true))

  it('an engine whose process dies is reported with the reason', async () => {
    const dying = new URL('dying-process.ts', import.meta.url)
    const [report] = await probeEngines(dying, { benchmark: false })
    expect(report).toMatchObject({ available: false, reason: expect.stringContaining('broken on purpose') })
  })

  it('a cancelled probe rejects', async () => {
    await expect(
      probeEngines(workerEntries().engineProbe, { benchmark: false }, AbortSignal.abort()),
    ).rejects.toThrow()
  })
})

describe.each<EngineName>(['wasm', 'tensorflow'])('a fold in a process of its own, on %s', (engine) => {
  const test = it.skipIf(!works(engine))

  test('learns what can be learnt, and tells each epoch', async () => {
    const { outcome, epochs, prepared, confusion } = await train(madeUpTask({ engine, epochs: 4 }))
    expect(epochs.map((epoch) => epoch.epoch)).toEqual([1, 2, 3, 4])
    expect(epochs.at(-1)?.testAccuracy).toBeGreaterThan(0.9)
    expect(prepared).toMatchObject({
      clips: { training: 30, inner: 0, test: 30 },
      resumedAfterEpoch: 0,
      microBatchSize: 10,
      notes: [],
    })
    // What was expected of memory is what it took, within a fourth.
    expect((prepared?.expectedMemoryBytes ?? 0) / outcome.peakMemoryBytes).toBeGreaterThan(0.75)
    expect((prepared?.expectedMemoryBytes ?? 0) / outcome.peakMemoryBytes).toBeLessThan(1.25)
    // The matrix of the last epoch is that of the predictions: ten clips a class.
    expect(confusion?.map((row) => row.reduce((sum, count) => sum + count, 0))).toEqual([10, 10, 10])
    const right = confusion?.reduce((sum, row, place) => sum + (row[place] ?? 0), 0) ?? 0
    expect(right / 30).toBeCloseTo(epochs.at(-1)?.testAccuracy ?? 0)
    expect(outcome.predictions).toHaveLength(30)
    for (const { probabilities } of outcome.predictions)
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
  })

  test('the same seed gives the same weights bit for bit, another seed others', async () => {
    const first = await train(madeUpTask({ engine, epochs: 1 }))
    const second = await train(madeUpTask({ engine, epochs: 1 }))
    const other = await train(madeUpTask({ engine, epochs: 1, seed: 74 }))
    expect(second.weights.equals(first.weights)).toBe(true)
    expect(second.outcome.predictions).toEqual(first.outcome.predictions)
    expect(other.weights.equals(first.weights)).toBe(false)
  })

  test('the held-out labels reach neither weights nor predictions', async () => {
    const honest = await train(madeUpTask({ engine, epochs: 2 }))
    const shifted = await train(madeUpTask({ engine, epochs: 2, heldOutLabels: 1 }))
    expect(shifted.weights.equals(honest.weights)).toBe(true)
    expect(shifted.outcome.predictions).toEqual(honest.outcome.predictions)
    expect(shifted.epochs.at(-1)?.testAccuracy).not.toBe(honest.epochs.at(-1)?.testAccuracy)
  })

  test('augmented by everything, the same seed gives the same weights; of held-out clips no other recipe is read', async () => {
    const made = madeUpTask({
      engine,
      epochs: 2,
      clipsPerFold: 12,
      training: {
        augmentation: {
          flip: 0.5,
          timeShift: 0.25,
          gainDb: 3,
          specAugment: {},
          mixup: 0.3,
          noise: { kind: 'white' },
          recipes: ['other'],
        },
      },
    })
    const clips = made.clips.map((clip, place, all) => ({
      ...clip,
      // The clip after it in place of its own by another recipe.
      variantPaths: [
        clip.fold === made.fold ? '/nowhere.feat' : (all[(place + 6) % all.length]?.featurePath ?? ''),
      ],
    }))
    const first = await train({ ...made, clips })
    const second = await train({ ...made, clips })
    expect(second.weights.equals(first.weights)).toBe(true)
    expect(first.outcome.predictions).toHaveLength(12)
    const plain = await train({ ...made, training: { ...made.training, augmentation: NO_AUGMENTATION } })
    expect(plain.weights.equals(first.weights)).toBe(false)
  })

  test('nor do they where an inner fold chooses the epoch', async () => {
    const training: TrainingInput = {
      innerFold: 'next',
      resultEpoch: 'best-inner',
      stopAfterEpochs: 2,
      schedule: { name: 'plateau', patienceEpochs: 0, watch: 'inner' },
    }
    const options = { engine, epochs: 5, clipsPerFold: 12, folds: 3, training }
    const honest = await train(madeUpTask(options))
    const shifted = await train(madeUpTask({ ...options, heldOutLabels: 1 }))
    expect(shifted.weights.equals(honest.weights)).toBe(true)
    expect(shifted.outcome).toMatchObject({
      predictions: honest.outcome.predictions,
      resultEpoch: honest.outcome.resultEpoch,
    })
    expect(shifted.epochs.map(({ innerLoss }) => innerLoss)).toEqual(
      honest.epochs.map(({ innerLoss }) => innerLoss),
    )
  })
})

describe('a fold that does not end well', () => {
  let slow: FoldTask
  beforeAll(() => {
    slow = madeUpTask({ engine: 'wasm', epochs: 10_000 })
  })

  it('a cancel ends its process in under a second', async () => {
    const abort = new AbortController()
    let abortedMs = 0
    const ended = runner.run(
      slow,
      (message) => {
        if (message.type !== 'epoch' || abort.signal.aborted) return
        abortedMs = performance.now()
        abort.abort()
      },
      abort.signal,
    )
    await expect(ended).rejects.toThrow(/abort/i)
    expect(performance.now() - abortedMs).toBeLessThan(1000)
  })

  it('a process that dies says so', async () => {
    const dying = new LocalFoldRunner(new URL('dying-process.ts', import.meta.url))
    await expect(dying.run(slow, () => {}, never)).rejects.toMatchObject({
      code: 'training-failed',
      message: expect.stringMatching(/fold 1 died \(exit code 3\): broken on purpose/),
    })
  })

  it('it ends when the process that started it was killed', async () => {
    const stateFile = join(mkdtempSync(join(tmpdir(), 'soundfold-orphan-')), 'state')
    const starter = spawn(process.execPath, [fileURLToPath(new URL('fold-starter.ts', import.meta.url))], {
      env: { ...process.env, FOLD_STATE_FILE: stateFile },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(starter.stdout, 'data')
    const foldProcess = Number(readFileSync(stateFile, 'utf8'))
    starter.kill('SIGKILL')
    try {
      await expect.poll(() => readFileSync(stateFile, 'utf8'), { timeout: 3000 }).toBe('ended')
    } catch (error) {
      process.kill(foldProcess)
      throw error
    }
  })

  it('a listener that throws ends its fold, not the program', async () => {
    const full = new Error('the database is full')
    const listener = (message: FoldMessage) => {
      if (message.type === 'epoch') throw full
    }
    await expect(runner.run(slow, listener, never)).rejects.toBe(full)
  })

  it('a damaged feature file is named', async () => {
    const task = madeUpTask({ engine: 'wasm', epochs: 1 })
    const [first, ...others] = task.clips
    const broken = {
      ...task,
      clips: [{ clipId: 0, fold: 1, label: 0, ...first, featurePath: '/nowhere.feat' }, ...others],
    }
    await expect(runner.run(broken, () => {}, never)).rejects.toMatchObject({
      code: 'missing-file',
      message: expect.stringContaining('/nowhere.feat'),
    })
  })

  it('a batch that is too large for its memory is cut, and it says so', async () => {
    const made = madeUpTask({ engine: 'wasm', epochs: 1, clipsPerFold: 32 })
    const task = { ...made, training: { ...made.training, batchSize: 32 }, memoryBytes: 40e6 }
    const { prepared } = await train(task)
    expect([4, 8, 16]).toContain(prepared?.microBatchSize)
    expect(prepared?.notes).toEqual([
      expect.stringMatching(/^A batch of 32 would take 0\.\d GB: .* parts of \d+, which batch normalisation/),
    ])
    const given = await train({ ...task, training: { ...task.training, microBatchSize: 5 } })
    expect(given.prepared).toMatchObject({ microBatchSize: 5, notes: [] })
  })

  it('a learning rate that blows up is named', async () => {
    const made = madeUpTask({ engine: 'wasm', epochs: 3 })
    const task = { ...made, training: { ...made.training, learningRate: 3e38 } }
    await expect(runner.run(task, () => {}, never)).rejects.toMatchObject({
      code: 'training-failed',
      hint: expect.stringContaining('learning rate'),
    })
  })

  // WebAssembly's ReLU turns NaN into 0, which hides it from the scores.
  it.skipIf(!works('tensorflow'))(
    'as is one that blows up in the very last step, on tensorflow',
    async () => {
      const made = madeUpTask({ engine: 'tensorflow', epochs: 1 })
      const task = {
        ...made,
        training: { ...made.training, batchSize: made.clips.length, learningRate: 3e38 },
      }
      await expect(runner.run(task, () => {}, never)).rejects.toMatchObject({
        code: 'training-failed',
        hint: expect.stringContaining('learning rate'),
      })
    },
  )
})
