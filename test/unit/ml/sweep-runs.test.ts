import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import type { MethodInput } from '../../../src-main/contract/api.ts'
import { type SweepDetail, sweepDetailSchema, sweepSchema } from '../../../src-main/contract/sweep.ts'
import { trainCommand } from '../../../src-main/contract/train-command.ts'
import { type Core, createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { toneWav } from '../../support/tiny-workspace.ts'

/** Sweeps by real processes on real files. */
const root = mkdtempSync(join(tmpdir(), 'soundfold-sweep-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

const FOLDS = [1, 2, 3, 4]
const CLASSES = ['low', 'middle', 'high']
const POISONED = 1

/** Two clips a class and fold. Poisoned, those of fold 1 have other labels and another sound. */
function writeDataset(name: string, poisoned: boolean): string {
  const folder = join(root, name)
  mkdirSync(folder)
  const rows = FOLDS.flatMap((fold) =>
    CLASSES.flatMap((_, label) =>
      [0, 1].map((take) => {
        const wrong = poisoned && fold === POISONED
        const file = `${fold}-${label}-${take}.wav`
        writeFileSync(
          join(folder, file),
          toneWav((wrong ? 5000 : 300 * (label + 1)) + 13 * fold + 5 * take, 0.4),
        )
        return `${file},${CLASSES[wrong ? (label + 1) % CLASSES.length : label]},${fold}`
      }),
    ),
  )
  writeFileSync(join(folder, 'clips.csv'), `name,class,fold\n${rows.join('\n')}\n`)
  return folder
}

const MAPPING = { csv: 'clips.csv', file: 'name', label: 'class', fold: 'fold' }

async function withCore<T>(name: string, work: (core: Core) => Promise<T>): Promise<T> {
  const core = await createCore({
    workspaceFolder: join(root, `${name}-workspace`),
    entries: workerEntries(),
    mediaBase: '/media/',
  })
  try {
    return await work(core)
  } finally {
    await core.close()
  }
}

async function jobEnd(core: Core, jobId: number) {
  for (;;) {
    const job = await core.call('jobs.get', { jobId })
    if (job.status !== 'queued' && job.status !== 'running') return job
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

async function imported(core: Core, folder: string): Promise<number> {
  const { jobId } = await core.call('datasets.import', { folder, format: 'csv', mapping: MAPPING })
  expect((await jobEnd(core, jobId)).status).toBe('succeeded')
  return 1
}

const sweepOf = (epochs: number): MethodInput<'sweeps.start'>['sweep'] => ({
  space: { 'training.learningRate': { choice: [0.01, 0.0001] } },
  search: { method: 'grid' },
  heldOut: [POISONED],
  innerFolds: 2,
  base: { recipe: 'compact', engine: 'wasm', processes: 2, training: { epochs, batchSize: 6 } },
})

/** What must not depend on when and in how many pieces it was found. */
const found = ({ trials }: SweepDetail) =>
  trials.map(({ trial, state, changes, rungs }) => ({
    trial,
    state,
    changes,
    scores: rungs.map(({ rung, folds }) => [rung, folds.map(({ seconds: _, ...score }) => score)]),
  }))

describe('a sweep', () => {
  it('finds the same whatever the held-out fold holds, whose features are not even made', async () => {
    const runOn = (name: string, poisoned: boolean) =>
      withCore(name, async (core) => {
        const datasetId = await imported(core, writeDataset(name, poisoned))
        const { sweepId, jobId } = await core.call('sweeps.start', { datasetId, sweep: sweepOf(2) })
        expect(await jobEnd(core, jobId)).toMatchObject({ status: 'succeeded', result: { sweepId } })
        const features = await core.call('features.status', { datasetId, recipe: 'compact' })
        return { features, detail: await core.call('sweeps.get', { sweepId }) }
      })
    const clean = await runOn('clean', false)
    const poisoned = await runOn('poisoned', true)
    expect(clean.detail.trials).toHaveLength(2)
    expect(clean.detail.trials.every(({ state }) => state === 'scored')).toBe(true)
    expect(found(poisoned.detail)).toEqual(found(clean.detail))
    expect(poisoned.features).toEqual(clean.features)
    expect(clean.features).toMatchObject({ readableClips: 24, extractedClips: 18 })
    expect(clean.detail.sweep.settings).toMatchObject({ heldOut: [1], scoredOn: [2, 3] })
    expect(clean.detail.best).toMatchObject({
      folds: [1],
      training: { learningRate: clean.detail.trials[0]?.changes['training.learningRate'] },
    })
    expect(existsSync(join(root, 'clean-workspace', 'sweeps', clean.detail.sweep.id))).toBe(false)
  })

  it('is refused whole for one bad trial, and leaves nothing behind', () =>
    withCore('refused', async (core) => {
      const datasetId = await imported(core, writeDataset('refused', false))
      const space = { 'training.epochs': { choice: [1, 0] } }
      await expect(
        core.call('sweeps.start', { datasetId, sweep: { ...sweepOf(1), space } }),
      ).rejects.toMatchObject({
        code: 'invalid-input',
        message: expect.stringContaining('training.epochs = 0'),
      })
      expect(await core.call('sweeps.list', {})).toEqual([])
      expect(await core.call('jobs.list', {})).toHaveLength(1)
    }))

  it('has the labels of a verdict set as it was then, and does not go on without them', async () => {
    const sweep = {
      ...sweepOf(1),
      space: { 'network.neighbours': { choice: [1] } },
      base: { preset: 'nearest-neighbours' },
    }
    const right = await withCore('right', async (core) => {
      const datasetId = await imported(core, writeDataset('right', false))
      const { sweepId, jobId } = await core.call('sweeps.start', { datasetId, sweep })
      await jobEnd(core, jobId)
      return core.call('sweeps.get', { sweepId })
    })
    await withCore('audited', async (core) => {
      const folder = writeDataset('audited', false)
      // In fold 2, where trials are scored, low and high are mixed up.
      const swapped = readFileSync(join(folder, 'clips.csv'), 'utf8').replace(
        /^(2-\d-\d\.wav),(low|high),/gm,
        (_, file, label) => `${file},${label === 'low' ? 'high' : 'low'},`,
      )
      writeFileSync(join(folder, 'clips.csv'), swapped)
      const datasetId = await imported(core, folder)
      const { id: setId } = await core.call('verdicts.create', { datasetId, name: 'Ears' })
      const { classes } = await core.call('datasets.list', {}).then(([one]) => one ?? { classes: [] })
      for (const { id, name } of classes)
        if (name !== 'middle')
          await core.call('verdicts.decide', {
            ...{ setId, by: { author: 'Anna', session: 'a' }, decision: 'relabel', classId: id },
            clips: { filter: { folds: [2], text: `2-${CLASSES.indexOf(name)}-` } },
          })
      const start = (verdicts?: number) =>
        core.call('sweeps.start', { datasetId, sweep: { ...sweep, base: { ...sweep.base, verdicts } } })
      const plain = await start()
      const cleaned = await start(setId)
      const stopped = await start(setId)
      await core.call('jobs.cancel', { jobId: stopped.jobId })
      for (const { jobId } of [plain, cleaned, stopped]) await jobEnd(core, jobId)
      const detail = await core.call('sweeps.get', { sweepId: cleaned.sweepId })
      expect(found(detail)).toEqual(found(right))
      expect(found(await core.call('sweeps.get', { sweepId: plain.sweepId }))).not.toEqual(found(right))
      const [set] = await core.call('verdicts.sets', { datasetId })
      expect(detail.sweep.settings.verdicts).toMatchObject({
        ...{ setId, name: 'Ears', relabelled: 4, excluded: 0, fingerprint: set?.fingerprint },
      })
      expect(detail.best).toMatchObject({ verdicts: setId })
      expect(trainCommand('audited', detail.best ?? {}, 'Ears')).toContain('--verdicts Ears')
      await core.call('verdicts.remove', { setId })
      await expect(core.call('sweeps.resume', { sweepId: stopped.sweepId })).rejects.toMatchObject({
        code: 'conflict',
        message: expect.stringContaining('other clips, labels or folds'),
      })
    })
  })

  it('goes on after a cancel, to the same end', () =>
    withCore('cancelled', async (core) => {
      const datasetId = await imported(core, writeDataset('cancelled', false))
      const whole = await core.call('sweeps.start', { datasetId, sweep: sweepOf(3) })
      await jobEnd(core, whole.jobId)
      const { sweepId, jobId } = await core.call('sweeps.start', { datasetId, sweep: sweepOf(3) })
      const begun = new Promise<void>((resolve) =>
        core.on(({ name, payload }) => {
          if (name === 'job' && payload.id === jobId && payload.done >= 4) resolve()
        }),
      )
      await begun
      expect((await core.call('jobs.cancel', { jobId })).status).toBe('cancelled')
      const stopped = await core.call('sweeps.get', { sweepId })
      expect(stopped.sweep).toMatchObject({ status: 'cancelled' })
      const again = await core.call('sweeps.resume', { sweepId })
      expect((await jobEnd(core, again.jobId)).status).toBe('succeeded')
      const resumed = await core.call('sweeps.get', { sweepId })
      expect(found(resumed)).toEqual(found(await core.call('sweeps.get', { sweepId: whole.sweepId })))
      await expect(core.call('sweeps.resume', { sweepId })).rejects.toMatchObject({ code: 'conflict' })
      expect(await core.call('sweeps.remove', { sweepId })).toEqual({ removed: true })
      await expect(core.call('sweeps.get', { sweepId })).rejects.toMatchObject({ code: 'not-found' })
    }))
})

const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))

describe('soundfold sweep', () => {
  const start = (...args: string[]) =>
    spawn(process.execPath, [CLI, ...args, '--workspace', join(root, 'cli-workspace')], {
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  async function soundfold(...args: string[]) {
    const child = start(...args)
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk) => {
      stdout += chunk
    })
    child.stderr.on('data', (chunk) => {
      stderr += chunk
    })
    const [code] = await once(child, 'close')
    expect(code, stderr).toBe(0)
    return stdout
  }
  const json = async <S extends z.ZodType>(schema: S, ...args: string[]) =>
    schema.parse(JSON.parse(await soundfold(...args, '--json')))

  it('keeps what was scored when it is killed, resumes, and gives a command that trains', {
    timeout: 300_000,
  }, async () => {
    const columns = ['--csv', 'clips.csv', '--file-column', 'name', '--label-column', 'class']
    await soundfold('import', writeDataset('cli', false), ...columns)
    const space = join(root, 'space.json')
    writeFileSync(space, JSON.stringify(sweepOf(1).space))
    const args = [
      ...['sweep', '--space', space, '--method', 'grid', '--inner-folds', '2', '--held-out', '1'],
      ...[
        '--recipe',
        'compact',
        '--engine',
        'wasm',
        '--epochs',
        '6',
        '--batch-size',
        '6',
        '--processes',
        '1',
      ],
    ]
    const child = start(...args)
    await new Promise<void>((resolve) =>
      child.stderr.on('data', (chunk: Buffer) => {
        // Of 24 epochs; a trial's fold has six.
        if (/Training trials (1[0-9])\/24/.test(chunk.toString())) resolve()
      }),
    )
    child.kill('SIGKILL')
    await once(child, 'close')
    const [killed] = await json(z.array(sweepSchema), 'sweeps')
    expect(killed).toMatchObject({ status: 'interrupted' })
    expect(killed?.trialsDone).toBeGreaterThan(0)
    const id = killed?.id ?? ''
    const resumed = await json(sweepDetailSchema, 'sweep', '--resume', id)
    expect(resumed.sweep).toMatchObject({ id, status: 'succeeded' })
    const undisturbed = await json(sweepDetailSchema, ...args)
    expect(found(resumed)).toEqual(found(undisturbed))

    const words = await soundfold('sweeps', 'show', id)
    const command = trainCommand('cli', resumed.best ?? {})
    expect(words).toContain(command)
    const run = await json(
      z.object({ run: z.object({ settings: z.unknown() }) }),
      ...command.split(' ').slice(1),
    )
    expect(run.run.settings).toMatchObject({
      folds: [1],
      training: { epochs: 6, learningRate: resumed.trials[0]?.changes['training.learningRate'] },
    })
  })
})

describe('the command of a run', () => {
  it('is quoted for a shell', () => {
    expect(
      trainCommand("Bob's set", {
        training: { optimizer: { name: 'adamw' }, classWeights: 'balanced', augmentation: { mixup: 0.2 } },
        network: { dropout: 0.5 },
        split: { kind: 'grouped', folds: 4 },
        folds: [2, 3],
      }),
    ).toBe(
      "soundfold train --dataset 'Bob'\\''s set' --preset compact-s --folds 2,3 --split grouped --split-folds 4 " +
        '--split-seed 73 --seed 73 --set dropout=0.5 ' +
        `--set 'training.optimizer={"name":"adamw","beta1":0.9,"beta2":0.999,"epsilon":1e-8}' ` +
        '--set training.classWeights=balanced --set training.augmentation.mixup=0.2',
    )
  })
})
