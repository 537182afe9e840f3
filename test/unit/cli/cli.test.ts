import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SQLite from 'better-sqlite3'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { comparisonSchema, evaluationSchema } from '../../../src-main/contract/evaluation.ts'
import { importResultSchema, validationReportSchema } from '../../../src-main/contract/model.ts'
import { runSchema } from '../../../src-main/contract/run.ts'
import { generateDemoDataset } from '../../../src-main/core/demo/demo-dataset.ts'

/** The command line as a person or a script starts it: real processes on real folders. */
const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'soundfold-cli-'))
const workspace = join(root, 'workspace')
const demo = join(root, 'demo')
afterAll(() => rmSync(root, { recursive: true, force: true }))

function start(...args: string[]) {
  return spawn(process.execPath, [CLI, ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
}

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
  return { code, stdout, stderr }
}

/** Runs with `--json`: the whole of stdout must be one document. */
async function json<S extends z.ZodType>(schema: S, ...args: string[]) {
  const { code, stdout, stderr } = await soundfold(...args, '--json', '--workspace', workspace)
  expect(code, stderr).toBe(0)
  return schema.parse(JSON.parse(stdout))
}

const errorSchema = z.object({
  error: z.object({ code: z.string(), message: z.string(), hint: z.string().optional() }),
})
async function failure(...args: string[]) {
  const { code, stdout, stderr } = await soundfold(...args, '--json')
  expect(code).toBe(1)
  const { error } = errorSchema.parse(JSON.parse(stdout))
  expect(stderr).toContain(error.message)
  return error
}

describe('the whole way', () => {
  beforeAll(() => generateDemoDataset({ folder: demo, clipsPerClassAndFold: 1 }))

  it('imports, extracts, trains, evaluates', async () => {
    const imported = await json(importResultSchema, 'import', demo)
    expect(imported).toMatchObject({ format: 'urbansound8k', clips: 100, readableClips: 100, changed: true })
    expect(readdirSync(workspace)).toContain('Open in Soundfold.soundfold')
    const again = await json(importResultSchema, 'import', demo)
    expect(again).toMatchObject({ datasetId: imported.datasetId, changed: false })
    const features = await json(z.object({ extracted: z.int(), failed: z.array(z.unknown()) }), 'features')
    expect(features).toEqual(expect.objectContaining({ extracted: 100, failed: [] }))
    const trained = await json(
      z.object({ runId: z.string(), run: runSchema, evaluation: evaluationSchema }),
      ...['train', '--folds', '2,5', '--epochs', '1', '--engine', 'wasm', '--seed', '5'],
    )
    expect(trained.run).toMatchObject({
      status: 'succeeded',
      foldsDone: [2, 5],
      engine: expect.stringContaining('WebAssembly'),
    })
    const evaluated = await json(evaluationSchema, 'evaluate', trained.runId)
    expect(evaluated).toEqual(trained.evaluation)
    expect(evaluated.folds.map((fold) => [fold.fold, fold.clips])).toEqual([
      [2, 10],
      [5, 10],
    ])
    const words = await soundfold('evaluate', '--workspace', workspace)
    expect(words.stdout).toMatch(/mean accuracy .* % ± .* %/)
    expect(words.stdout).toMatch(/Brier score/)
    const oneFold = await json(evaluationSchema, 'evaluate', trained.runId, '--folds', '5')
    expect(oneFold).toMatchObject({ clips: 10, missingFolds: [], folds: [evaluated.folds[1]] })
  })

  it('trains a classical baseline with settings of its own, and refuses those of networks', async () => {
    const trained = await json(
      z.object({ runId: z.string(), run: runSchema, evaluation: evaluationSchema }),
      ...[
        'train',
        '--preset',
        'random-forest',
        '--set',
        'trees=20',
        '--set',
        'featuresPerSplit=log2',
        '--folds',
        '3',
      ],
    )
    expect(trained.run).toMatchObject({
      status: 'succeeded',
      engine: expect.stringContaining('JavaScript'),
      settings: { network: { trees: 20, featuresPerSplit: 'log2' }, recipe: 'mfcc-static' },
    })
    expect(trained.evaluation.folds).toHaveLength(1)
    const other = await json(
      z.object({ runId: z.string() }),
      ...['train', '--preset', 'random-forest', '--set', 'trees=1', '--folds', '3,4'],
    )
    const compared = await json(comparisonSchema, 'compare', trained.runId, other.runId)
    expect(compared.pairs).toMatchObject([
      { first: trained.runId, second: other.runId, clips: 10, tTest: null },
    ])
    expect(compared.pairs[0]?.caveats.join(' ')).toContain('Only one of the runs predicted 10 clips')
    const words = await soundfold('compare', trained.runId, other.runId, '--workspace', workspace)
    expect(words.stdout).toContain(compared.pairs[0]?.conclusion)
    expect(await failure('compare', trained.runId, '--workspace', workspace)).toMatchObject({
      code: 'invalid-input',
    })
    expect(
      await failure('train', '--preset', 'random-forest', '--epochs', '5', '--workspace', workspace),
    ).toMatchObject({ code: 'invalid-input', message: 'random-forest has no use for epochs.' })
  })

  it('splits by recording a dataset without folds, and at random only when the leak is accepted', async () => {
    const own = join(root, 'own')
    const apart = ['--workspace', join(root, 'own-workspace')]
    cpSync(demo, own, { recursive: true })
    const imported = [
      'import',
      own,
      '--csv',
      'own.csv',
      ...apart,
      '--file-column',
      'path',
      '--label-column',
      'class',
      '--no-fold-column',
    ]
    const rows = readFileSync(join(own, 'metadata', 'UrbanSound8K.csv'), 'utf8')
      .trim()
      .split('\n')
      .slice(1)
    const paths = rows.map((row) => {
      const [file, , , , , fold, , name] = row.split(',')
      return { path: `audio/fold${fold}/${file}`, name }
    })
    writeFileSync(
      join(own, 'own.csv'),
      `path,class,take\n${paths.map(({ path, name }, i) => `${path},${name},${name}-${Math.floor(i / 20)}`).join('\n')}\n`,
    )
    await soundfold(...imported, '--group-column', 'take')
    const forest = ['train', '-d', 'own', '--preset', 'random-forest', '--set', 'trees=5', ...apart]
    expect(await failure(...forest)).toMatchObject({ hint: expect.stringContaining('--split grouped') })
    expect(await failure(...forest, '--split', 'random')).toMatchObject({
      message: expect.stringContaining('98 %'),
      hint: expect.stringContaining('accept its leak'),
    })
    const grouped = await soundfold(...forest, '--split', 'grouped', '--split-folds', '3')
    expect(grouped.stderr).toContain('Folds by recording: 1 (')
    expect(grouped.stdout).toMatch(/mean accuracy \d/)
    const leaking = await soundfold(...forest, '--split', 'random', '--split-folds', '3', '--accept-leak')
    expect(leaking.stderr).toContain('Warning: A random split trains on')
    expect(leaking.stderr).toContain('recordings have clips in more than one fold')
    expect(leaking.stdout).toContain('mean accuracy (random split: leaks) ')
    expect((await soundfold('evaluate', ...apart)).stdout).toContain('(random split: leaks)')
    await soundfold(...imported)
    expect(await failure(...forest, '--split', 'grouped')).toMatchObject({
      message: expect.stringContaining('No clip names its recording'),
    })
  })

  it('Ctrl+C while training exits with 130, and the run is cancelled', async () => {
    const child = start('train', '--epochs', '5000', '--engine', 'wasm', '--workspace', workspace)
    const ended = once(child, 'close')
    await new Promise<void>((resolve) =>
      child.stderr.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('Training')) resolve()
      }),
    )
    child.kill('SIGINT')
    expect(await ended).toEqual([130, null])
    expect(newestRun()).toBe('cancelled')
  })

  it('a killed run is shown as interrupted, and the workspace opens', async () => {
    const child = start('train', '--epochs', '5000', '--engine', 'wasm', '--workspace', workspace)
    await new Promise<void>((resolve) =>
      child.stderr.on('data', (chunk: Buffer) => {
        if (chunk.toString().includes('Training')) resolve()
      }),
    )
    child.kill('SIGKILL')
    await once(child, 'close')
    await json(z.unknown(), 'validate')
    expect(newestRun()).toBe('interrupted')
  })

  it('a damaged dataset fails its validation by name', async () => {
    const [first = ''] = await json(z.object({ clips: z.int() }), 'validate').then(() => clipPaths())
    writeFileSync(join(demo, first), '')
    const { code, stdout } = await soundfold('validate', '--json', '--workspace', workspace)
    expect(code).toBe(1)
    expect(validationReportSchema.parse(JSON.parse(stdout)).problems[0]).toMatchObject({
      code: 'unreadable-file',
      file: first,
      message: expect.stringContaining('empty'),
    })
  })
})

function query(sql: string): unknown[] {
  const db = new SQLite(join(workspace, 'workspace.sqlite'), { readonly: true })
  try {
    return db.prepare(sql).pluck().all()
  } finally {
    db.close()
  }
}
const newestRun = () => query('SELECT status FROM runs ORDER BY created_at DESC LIMIT 1')[0]
const clipPaths = () => z.array(z.string()).parse(query('SELECT relative_path FROM clips ORDER BY id'))

describe('what goes wrong', () => {
  const empty = join(root, 'empty')
  beforeAll(() => mkdirSync(empty))
  const other = join(root, 'other')

  it.each([
    ['no command', []],
    ['an unknown command', ['fly']],
    ['an unknown option', ['import', '.', '--fly']],
    ['a missing argument', ['import']],
    ['a number that is none', ['train', '--epochs', 'many']],
    ['a fold that is none', ['train', '--folds', '1,x']],
    ['an unknown choice', ['train', '--engine', 'abacus']],
    ['a setting without a value', ['train', '--set', 'trees']],
  ])('%s is wrong usage', async (_name, args) => {
    const { code, stdout } = await soundfold(...args)
    expect(code).toBe(2)
    expect(stdout).toBe('')
  })

  it.each([['--help'], ['train', '--help']])('%s %s helps', async (...args) => {
    const { code, stdout } = await soundfold(...args)
    expect(code).toBe(0)
    expect(stdout).toContain('Usage: soundfold')
  })

  it('a folder that is no dataset', async () => {
    expect(await failure('import', empty, '--workspace', other)).toMatchObject({
      code: 'not-a-dataset',
      message: expect.stringContaining(empty),
    })
  })

  it('a CSV without a column', async () => {
    writeFileSync(join(empty, 'own.csv'), 'file,label\na.wav,dog\n')
    expect(await failure('import', empty, '--csv', 'own.csv', '--workspace', other)).toMatchObject({
      code: 'malformed-csv',
      message: expect.stringContaining('"fold"'),
    })
  })

  it('a workspace that can’t be written', async () => {
    writeFileSync(join(root, 'file'), '')
    expect(await failure('evaluate', '--workspace', join(root, 'file', 'below'))).toMatchObject({
      code: 'workspace-unwritable',
    })
  })

  it('a workspace of a newer version', async () => {
    const newer = join(root, 'newer')
    await soundfold('engine', '--no-benchmark', '--workspace', newer)
    const db = new SQLite(join(newer, 'workspace.sqlite'))
    db.pragma('user_version = 9999')
    db.close()
    expect(await failure('evaluate', '--workspace', newer)).toMatchObject({ code: 'workspace-newer' })
  })

  it('a dataset, a run, a preset, a fold that there is not', async () => {
    expect(await failure('train', '--workspace', other)).toMatchObject({ code: 'not-found' })
    expect(await failure('evaluate', 'nope', '--workspace', workspace)).toMatchObject({ code: 'not-found' })
    expect(await failure('train', '--preset', 'nope', '--workspace', workspace)).toMatchObject({
      code: 'invalid-input',
      hint: expect.stringContaining('compact-s'),
    })
    expect(await failure('train', '--folds', '99', '--workspace', workspace)).toMatchObject({
      message: expect.stringContaining('99'),
    })
    expect(await failure('train', '--epochs', '999999', '--workspace', workspace)).toMatchObject({
      code: 'invalid-input',
      message: expect.stringContaining('epochs'),
    })
  })
})
