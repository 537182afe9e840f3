import { readFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { runSettingsSchema } from '../../../src-main/contract/run.ts'
import { SINGLE_PASS, TRAINING_DEFAULTS } from '../../../src-main/contract/training.ts'
import { decodeFeatureFile, encodeFeatureFile } from '../../../src-main/core/features/feature-file.ts'
import { FEATURE_PRESETS } from '../../../src-main/core/features/recipe.ts'
import { CLASSIFIERS } from '../../../src-main/core/ml/classical/index.ts'
import { readClassicalModel } from '../../../src-main/core/ml/classical/model-file.ts'
import { LocalFoldRunner } from '../../../src-main/core/ml/fold-runner.ts'
import {
  type FoldMessage,
  type FoldTask,
  foldTaskSchema,
  runFoldTask,
} from '../../../src-main/core/ml/fold-task.ts'
import { MODELS } from '../../../src-main/core/ml/models.ts'
import { argMax } from '../../../src-main/core/ml/scoring.ts'
import { resolveRunSettings } from '../../../src-main/core/ml/settings.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { madeUpTask } from './made-up-folds.ts'

const runner = new LocalFoldRunner(workerEntries().foldProcess)
const never = new AbortController().signal
const NAMES = CLASSIFIERS.map(({ preset }) => preset.name)

function taskFor(
  preset: string,
  options: { heldOutLabels?: number; seed?: number; network?: object } = {},
): FoldTask {
  const made = madeUpTask({ engine: 'wasm', epochs: 1, clipsPerFold: 30, rows: 12, frames: 20, ...options })
  const [network] = CLASSIFIERS.filter((one) => one.preset.name === preset).map((one) =>
    one.settings(options.network ?? {}),
  )
  return { ...made, preset, network: network ?? {}, training: SINGLE_PASS, engine: 'auto' }
}

/** In this process: what is learnt does not depend on where. */
async function trainHere(
  task: FoldTask,
  signal = never,
  onMessage: (message: FoldMessage) => void = () => {},
) {
  const messages: FoldMessage[] = []
  const tell = (message: FoldMessage) => {
    messages.push(message)
    onMessage(message)
  }
  await runFoldTask(foldTaskSchema.parse(task), tell, signal)
  const done = messages.find((message) => message.type === 'done')
  if (!done) throw new Error('no outcome')
  return {
    messages,
    predictions: done.predictions,
    bytes: readFileSync(join(task.checkpointFolder, 'fold-1.bin')),
  }
}

describe.each(NAMES)('%s', (name) => {
  it('learns what can be learnt, in a process of its own, and tells one epoch', async () => {
    const task = taskFor(name)
    const messages: FoldMessage[] = []
    const { predictions } = await runner.run(task, (message) => messages.push(message), never)
    expect(messages.map(({ type }) => type)).toEqual(['started', 'prepared', 'epoch', 'done'])
    expect(messages[0]).toMatchObject({ engine: expect.stringMatching(/^JavaScript \(V8 /) })
    expect(messages[1]).toMatchObject({ clips: { training: 30, inner: 0, test: 30 } })
    const epoch = messages.find((message) => message.type === 'epoch')
    expect(epoch).toMatchObject({ epoch: { fold: 1, epoch: 1, innerLoss: null } })
    expect(epoch?.epoch.testAccuracy).toBeGreaterThan(0.9)
    const labelOf = new Map(task.clips.map(({ clipId, label }) => [clipId, label]))
    const right = predictions.filter((one) => argMax(one.probabilities) === labelOf.get(one.clipId)).length
    expect(right / predictions.length).toBeCloseTo(epoch?.epoch.testAccuracy ?? 0, 6)
    for (const { probabilities } of predictions)
      expect(probabilities.reduce((sum, value) => sum + value, 0)).toBeCloseTo(1, 5)
  })

  it('gives the same model bit for bit again, and hears nothing of held-out labels', async () => {
    const first = await trainHere(taskFor(name))
    const again = await trainHere(taskFor(name))
    const shifted = await trainHere(taskFor(name, { heldOutLabels: 1 }))
    expect(again.bytes.equals(first.bytes)).toBe(true)
    expect(shifted.bytes.equals(first.bytes)).toBe(true)
    expect(shifted.predictions).toEqual(first.predictions)
  })

  it('predicts the same from its file', async () => {
    const task = taskFor(name)
    const { predictions } = await trainHere(task)
    const predict = await readClassicalModel(task.checkpointFolder, 1)
    const pathOf = new Map(task.clips.map(({ clipId, featurePath }) => [clipId, featurePath]))
    for (const { clipId, probabilities } of predictions.slice(0, 5))
      expect(predict(decodeFeatureFile(readFileSync(pathOf.get(clipId) ?? '')))).toEqual(probabilities)
    expect(() => predict({ data: new Float32Array(6), rows: 2, frames: 3 })).toThrow(/12 rows, not 2/)
  })

  it('lives with a class that has no training clip', async () => {
    const task = taskFor(name)
    const clips = task.clips.filter(({ fold, label }) => fold === 1 || label !== 2)
    const { predictions } = await trainHere({ ...task, clips })
    for (const { probabilities } of predictions) expect(probabilities[2]).toBeLessThan(0.01)
  })

  it('stops between two pieces of work', async () => {
    const abort = new AbortController()
    const ended = trainHere(taskFor(name), abort.signal, (message) => {
      if (message.type === 'prepared') abort.abort()
    })
    await expect(ended).rejects.toThrow(/abort/i)
  })
})

describe('a random forest', () => {
  it('is another with another seed', async () => {
    const first = await trainHere(taskFor('random-forest'))
    const other = await trainHere(taskFor('random-forest', { seed: 74 }))
    expect(other.bytes.equals(first.bytes)).toBe(false)
  })

  it('of ten thousand trees is cancelled in under a second', async () => {
    const abort = new AbortController()
    let abortedMs = 0
    const ended = runner.run(
      taskFor('random-forest', { network: { trees: 10_000, featuresPerSplit: 'all' } }),
      ({ type }) => {
        if (type !== 'prepared') return
        setTimeout(() => {
          abortedMs = performance.now()
          abort.abort()
        }, 200)
      },
      abort.signal,
    )
    await expect(ended).rejects.toThrow(/abort/i)
    expect(performance.now() - abortedMs).toBeLessThan(1000)
  })
})

describe('nearest neighbours', () => {
  it('are as many as there are clips at most', async () => {
    const { predictions } = await trainHere(taskFor('nearest-neighbours', { network: { neighbours: 500 } }))
    for (const { probabilities } of predictions)
      expect([...probabilities]).toEqual([...probabilities].map(() => expect.closeTo(1 / 3, 5)))
  })
})

describe('what goes wrong', () => {
  it('values that are no numbers are named with their file', async () => {
    const task = taskFor('nearest-neighbours')
    const [first] = task.clips
    const data = new Float32Array(12 * 20).fill(Number.NaN)
    writeFileSync(first?.featurePath ?? '', encodeFeatureFile({ data, rows: 12, frames: 20 }))
    await expect(trainHere(task)).rejects.toMatchObject({
      code: 'training-failed',
      message: expect.stringContaining(first?.featurePath ?? 'no clip'),
    })
  })

  it('a feature file of another shape is named', async () => {
    const task = taskFor('nearest-neighbours')
    const last = task.clips.at(-1)
    writeFileSync(
      last?.featurePath ?? '',
      encodeFeatureFile({ data: new Float32Array(20), rows: 4, frames: 5 }),
    )
    await expect(trainHere(task)).rejects.toThrow(/another shape/)
  })

  it('a model file that is cut short', async () => {
    const task = taskFor('logistic-regression')
    await trainHere(task)
    truncateSync(join(task.checkpointFolder, 'fold-1.bin'), 100)
    await expect(readClassicalModel(task.checkpointFolder, 1)).rejects.toMatchObject({ code: 'missing-file' })
    await expect(readClassicalModel(task.checkpointFolder, 2)).rejects.toMatchObject({ code: 'missing-file' })
  })
})

describe('settings of a classical run', () => {
  const recipeNamed = (name: string) => {
    const recipe = FEATURE_PRESETS[name]
    if (!recipe) throw new Error(`no recipe ${name}`)
    return recipe
  }
  const resolve = (given: object) =>
    resolveRunSettings(
      runSettingsSchema.parse({ preset: 'random-forest', ...given }),
      recipeNamed,
      [1, 2, 3],
      4,
    )

  it('are its own, with nothing of a network’s training', () => {
    expect(resolve({ network: { trees: 7 } })).toMatchObject({
      recipe: 'mfcc-static',
      network: { trees: 7, maxDepth: null, featuresPerSplit: 'sqrt' },
      training: SINGLE_PASS,
      threadsPerProcess: 1,
    })
  })

  it('recorded ones can be given again', () => {
    const { network, training, engine, threadsPerProcess } = resolve({})
    expect(resolve({ network, training, engine, threadsPerProcess })).toEqual(resolve({}))
  })

  it.each([
    [{ training: { epochs: 5, batchSize: TRAINING_DEFAULTS.batchSize } }, 'epochs'],
    [{ training: { learningRate: 0.1, innerFold: 'next' } }, 'learningRate, innerFold'],
    [{ engine: 'wasm' }, 'engine'],
    [{ threadsPerProcess: 2 }, 'threadsPerProcess'],
  ])('%j is refused', (given, named) => {
    expect(() => resolve(given)).toThrow(`random-forest has no use for ${named}.`)
  })

  it('a setting that it has not is named', () => {
    expect(() => resolve({ network: { leaves: 3 } })).toThrow(/settings of random-forest.*leaves/)
  })

  it('every model’s recipe is built in, and its name its own', () => {
    expect(MODELS.map(({ preset }) => recipeNamed(preset.recipe))).not.toContain(undefined)
    expect(new Set(MODELS.map(({ preset }) => preset.name)).size).toBe(MODELS.length)
  })
})
