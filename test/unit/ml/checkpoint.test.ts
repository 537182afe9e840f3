import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import {
  type Checkpoint,
  decodeCheckpoint,
  encodeCheckpoint,
  readCheckpoint,
  removeCheckpoint,
  writeCheckpoint,
} from '../../../src-main/core/ml/checkpoint.ts'
import { LocalFoldRunner } from '../../../src-main/core/ml/fold-runner.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { madeUpTask } from './made-up-folds.ts'

const checkpoint: Checkpoint = {
  task: 'abc',
  engine: 'WebAssembly 4.22.0, 1 thread',
  microBatchSize: 8,
  snapshot: {
    epochs: [
      {
        epoch: 1,
        trainLoss: 1 / 3,
        trainAccuracy: 0.1 + 0.2,
        innerLoss: Math.PI,
        innerAccuracy: null,
        testLoss: 1e-300,
        testAccuracy: 1,
        learningRate: 0.008,
        seconds: 1.5,
      },
    ],
    random: -123_456_789,
    optimizerSteps: 17,
    plateau: { learningRate: 0.1 * 0.7, lowestLoss: null, badEpochs: 3 },
    best: { epoch: 1, innerLoss: Math.PI },
    weights: [Float32Array.from([1 / 3, -0, 1e-45]), new Float32Array()],
    optimizer: [Float32Array.from([Math.E])],
    bestWeights: [Float32Array.from([7, 8, 9]), new Float32Array()],
  },
}
const temporary = () => mkdtempSync(join(tmpdir(), 'soundfold-checkpoint-'))
const fileOf = (folder: string) => join(folder, 'fold-2.checkpoint')

describe('a checkpoint', () => {
  it('comes back as it was, to the last bit', async () => {
    const folder = join(temporary(), 'runs', 'one')
    await writeCheckpoint(folder, 2, checkpoint)
    expect(await readCheckpoint(folder, 2, 'abc')).toEqual(checkpoint)
    expect(readdirSync(folder)).toEqual(['fold-2.checkpoint'])
    const without = { ...checkpoint, snapshot: { ...checkpoint.snapshot, best: null, bestWeights: null } }
    await writeCheckpoint(folder, 2, without)
    expect(await readCheckpoint(folder, 2, 'abc')).toEqual(without)
  })

  it('is null where the fold has none', async () => {
    expect(await readCheckpoint(temporary(), 2, 'abc')).toBeNull()
    expect(await readCheckpoint('/nowhere/at/all', 2, 'abc')).toBeNull()
  })

  it('is refused when any byte is another, or any are missing', () => {
    const whole = encodeCheckpoint(checkpoint)
    for (let at = 0; at < whole.length; at++) {
      const damaged = Buffer.from(whole)
      damaged[at] = (damaged[at] ?? 0) ^ 0x10
      expect(() => decodeCheckpoint(damaged)).toThrow()
      expect(() => decodeCheckpoint(whole.subarray(0, at))).toThrow()
    }
    expect(() => decodeCheckpoint(Buffer.concat([whole, Buffer.from([0])]))).toThrow()
  })

  it.each([
    ['damaged', (bytes: Buffer) => bytes.subarray(0, 100), 'abc', /fold-2\.checkpoint is damaged/],
    ['of another task', (bytes: Buffer) => bytes, 'abd', /fold-2\.checkpoint is of other settings or clips/],
  ])('that is %s says so, and what to do', async (_how, change, task, message) => {
    const folder = temporary()
    writeFileSync(fileOf(folder), change(encodeCheckpoint(checkpoint)))
    await expect(readCheckpoint(folder, 2, task)).rejects.toMatchObject({
      code: 'training-failed',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(/Delete this file and resume: fold 2/),
    })
    expect(readdirSync(folder)).toEqual(['fold-2.checkpoint'])
  })

  it('that can’t be read says so', async () => {
    const folder = temporary()
    mkdirSync(fileOf(folder))
    await expect(readCheckpoint(folder, 2, 'abc')).rejects.toThrow(/can’t be read/)
  })

  it('goes with what an interrupted write left, and nothing else does', async () => {
    const folder = temporary()
    await writeCheckpoint(folder, 2, checkpoint)
    for (const name of ['fold-2.checkpoint.ab12.tmp', 'fold-21.checkpoint.ab12.tmp', 'fold-2.bin'])
      writeFileSync(join(folder, name), 'x')
    await removeCheckpoint(folder, 2)
    expect(readdirSync(folder).sort()).toEqual(['fold-2.bin', 'fold-21.checkpoint.ab12.tmp'])
    await removeCheckpoint(join(folder, 'none'), 2)
  })
})

describe('a fold that is resumed', () => {
  const runner = new LocalFoldRunner(workerEntries().foldProcess)
  const never = new AbortController().signal
  const quick = madeUpTask({ engine: 'wasm', epochs: 1, clipsPerFold: 6 })

  it('says which file is damaged, and starts anew when it was deleted', async () => {
    await runner.run(quick, () => {}, never)
    const path = join(quick.checkpointFolder, 'fold-1.checkpoint')
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 1
    writeFileSync(path, bytes)
    await expect(runner.run({ ...quick, resume: true }, () => {}, never)).rejects.toMatchObject({
      code: 'training-failed',
      message: expect.stringContaining(path),
      hint: expect.stringContaining('Delete this file'),
    })
    await removeCheckpoint(quick.checkpointFolder, 1)
    const after: number[] = []
    await runner.run(
      { ...quick, resume: true },
      (m) => m.type === 'prepared' && after.push(m.resumedAfterEpoch),
      never,
    )
    expect(after).toEqual([0])
  })

  it('is not resumed with other settings, clips or labels', async () => {
    await runner.run(quick, () => {}, never)
    const [first, ...others] = quick.clips
    if (!first) throw new Error('no clips')
    for (const other of [
      { ...quick, seed: 74 },
      { ...quick, training: { ...quick.training, learningRate: 0.004 } },
      { ...quick, clips: others },
      { ...quick, clips: [{ ...first, label: (first.label + 1) % 3 }, ...others] },
    ])
      await expect(runner.run({ ...other, resume: true }, () => {}, never)).rejects.toThrow(
        /of other settings or clips/,
      )
  })
})

/** A file system of its own size, in a namespace that ends with its process. */
const namespace = ['-Urm', 'sh', '-c']
const canMount = (() => {
  try {
    execFileSync('unshare', [...namespace, `mount -t tmpfs none ${temporary()}`], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
})()

describe('a disk that is full', () => {
  it.skipIf(!canMount)(
    'says so, keeps the older checkpoint, and training goes on once there is room',
    async () => {
      const folder = temporary()
      const script = fileURLToPath(new URL('full-disk.ts', import.meta.url))
      const child = spawn(
        'unshare',
        [
          ...namespace,
          `mount -t tmpfs -o size=1m none ${folder} && exec "${process.execPath}" "${script}" ${folder}`,
        ],
        { stdio: ['ignore', 'pipe', 'inherit'] },
      )
      const [told] = await Promise.all([text(child.stdout), once(child, 'close')])
      const { error, left, resumedAfterEpoch, equal } = JSON.parse(told.trim().split('\n').at(-1) ?? '')
      expect(error).toMatchObject({
        code: 'disk-full',
        message: expect.stringContaining('fold-1.checkpoint'),
        hint: expect.stringContaining('Free some space'),
      })
      expect(left).toEqual(['fold-1.checkpoint'])
      expect(resumedAfterEpoch).toBe(1)
      expect(equal).toBe(true)
    },
  )
})
