import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SQLite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { foldStateSchema, runSchema } from '../../../src-main/contract/run.ts'
import { generateDemoDataset } from '../../../src-main/core/demo/demo-dataset.ts'

/** A run of the command line that is killed for real, and goes on in another process. */
const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'soundfold-resume-'))
const workspace = join(root, 'workspace')
const EPOCHS = 8
const TRAIN = [
  ...['train', '--engine', 'wasm', '--epochs', String(EPOCHS), '--folds', '1,2,3'],
  ...['--set', 'training.augmentation.mixup=0.3', '--set', 'dropout=0.4'],
]
afterAll(() => rmSync(root, { recursive: true, force: true }))

const start = (...args: string[]) =>
  spawn(process.execPath, [CLI, ...args, '--workspace', workspace], { stdio: ['ignore', 'pipe', 'pipe'] })

async function soundfold<S extends z.ZodType>(schema: S, ...args: string[]): Promise<z.output<S>> {
  const child = start(...args, '--json')
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
  return schema.parse(JSON.parse(stdout))
}

function stored(runId: string) {
  const db = new SQLite(join(workspace, 'workspace.sqlite'), { readonly: true })
  try {
    const predictions = db
      .prepare('SELECT clip_id, fold, hex(probabilities) FROM predictions WHERE run_id = ? ORDER BY clip_id')
      .raw()
      .all(runId)
    const epochs = db
      .prepare('SELECT fold, epoch, train_loss, test_loss FROM epochs WHERE run_id = ? ORDER BY fold, epoch')
      .raw()
      .all(runId)
    return { predictions, epochs }
  } finally {
    db.close()
  }
}

const runsSchema = z.array(runSchema)
const shownSchema = z.object({ run: runSchema, folds: z.array(foldStateSchema) })

describe('a run whose process is killed', () => {
  let killed = ''
  beforeAll(async () => {
    const folder = join(root, 'demo')
    await generateDemoDataset({ folder, clipsPerClassAndFold: 1 })
    await soundfold(z.unknown(), 'import', folder)
  })

  it('is left interrupted, with its log', async () => {
    const child = start(...TRAIN)
    const folder = join(workspace, 'runs')
    const logged = () => {
      const [runId] = existsSync(folder) ? readdirSync(folder) : []
      const path = join(folder, runId ?? '', 'fold-1.log')
      return runId !== undefined && existsSync(path) ? readFileSync(path, 'utf8') : ''
    }
    await expect.poll(logged, { timeout: 30_000, interval: 20 }).toContain('epoch 3')
    child.kill('SIGKILL')
    await once(child, 'close')
    const [run] = await soundfold(runsSchema, 'runs')
    killed = run?.id ?? ''
    expect(run).toMatchObject({ status: 'interrupted', record: { starts: 1 } })
    expect(stored(killed).epochs.length).toBeGreaterThanOrEqual(3)
    expect(stored(killed).epochs.length).toBeLessThan(3 * EPOCHS)
  })

  it('goes on to the numbers of an undisturbed run, bit for bit', async () => {
    await soundfold(z.unknown(), 'train', '--resume', killed)
    await soundfold(z.unknown(), ...TRAIN)
    const runs = await soundfold(runsSchema, 'runs')
    expect(runs.map(({ status, foldsDone }) => [status, foldsDone])).toEqual([
      ['succeeded', [1, 2, 3]],
      ['succeeded', [1, 2, 3]],
    ])
    const [undisturbed, resumed] = runs.map(({ id }) => stored(id))
    expect(resumed?.predictions).toHaveLength(30)
    expect(resumed).toEqual(undisturbed)
  })

  it('is recorded with what it was made by', async () => {
    const { run, folds } = await soundfold(shownSchema, 'runs', 'show', killed)
    expect(run.record).toMatchObject({ starts: 2, code: expect.stringMatching(/^\d+\.\d+\.\d+/) })
    expect(run.record?.workSeconds).toBeGreaterThan(1)
    expect(run.peakMemoryBytes).toBeGreaterThan(1e8)
    expect(folds.map(({ fold, resultEpoch }) => [fold, resultEpoch])).toEqual([
      [1, EPOCHS],
      [2, EPOCHS],
      [3, EPOCHS],
    ])
    expect(folds[0]?.resumedAfterEpoch).toBeGreaterThanOrEqual(3)
    expect(folds[0]?.confusion?.flat().reduce((sum, count) => sum + count)).toBe(10)
    const { text } = await soundfold(z.object({ text: z.string() }), 'runs', 'show', killed, '--log', '1')
    expect(text).toMatch(
      /started on WebAssembly[\s\S]*resumed after epoch \d[\s\S]*done: the network of epoch 8/,
    )
  })

  it('is refused to be resumed once it has ended, or once its data have changed', async () => {
    const refusal = async (runId: string) => {
      const child = start('train', '--resume', runId, '--json')
      let stdout = ''
      child.stdout.on('data', (chunk) => {
        stdout += chunk
      })
      const [code] = await once(child, 'close')
      expect(code).toBe(1)
      return JSON.parse(stdout).error
    }
    expect(await refusal(killed)).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('has ended'),
    })
    expect(await refusal('none')).toMatchObject({ code: 'not-found' })
    const db = new SQLite(join(workspace, 'workspace.sqlite'))
    db.prepare(`UPDATE runs SET status = 'failed' WHERE id = ?`).run(killed)
    db.prepare('UPDATE clips SET fold = 10 WHERE fold = 9').run()
    db.close()
    expect(await refusal(killed)).toMatchObject({
      code: 'conflict',
      message: expect.stringContaining('other clips, labels or folds'),
    })
  })
})
