import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { MethodInput } from '../../../src-main/contract/api.ts'
import { isOver } from '../../../src-main/contract/job.ts'
import { writtenFileSchema, writtenFolderSchema } from '../../../src-main/contract/report.ts'
import { type Core, type CoreOptions, createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { HOSTILE, PREDICTED, writePredictedWorkspace } from '../../support/predicted-workspace.ts'
import { unzip } from '../../support/unzip.ts'

type WritingMethod =
  | 'runs.report'
  | 'runs.comparisonReport'
  | 'runs.tables'
  | 'runs.comparisonTables'
  | 'runs.predictions'
const [runId] = PREDICTED.runs
const runIds = [...PREDICTED.runs]
let folder: string
let core: Core
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-report-'))
  writePredictedWorkspace(folder)
})
afterEach(async () => {
  await core.close()
  rmSync(folder, { recursive: true, force: true })
})

async function open(options: Partial<CoreOptions> = {}) {
  core = await createCore({ workspaceFolder: folder, entries: workerEntries(), mediaBase: '/', ...options })
}
async function resultOf<M extends WritingMethod>(method: M, input: MethodInput<M>): Promise<unknown> {
  const { jobId } = await core.call(method, input)
  for (;;) {
    const job = await core.call('jobs.get', { jobId })
    if (job.status === 'succeeded') return job.result
    if (isOver(job)) throw job.error
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
const fileOf = async <M extends WritingMethod>(method: M, input: MethodInput<M>) =>
  writtenFileSchema.parse(await resultOf(method, input))
const tablesIn = (path: string) => {
  const read = (name: string) => readFileSync(join(path, name), 'utf8')
  return {
    rows: (name: string): Record<string, string>[] => parse(read(`${name}.csv`), { columns: true }),
    json: (name: string): Record<string, unknown> => JSON.parse(read(`${name}.json`)),
  }
}

describe.each([
  ['a run', () => fileOf('runs.report', { runId })],
  ['a comparison', () => fileOf('runs.comparisonReport', { runIds })],
])('the report of %s', (_what, write) => {
  it('has no markup but its own, however classes, files and models are called', async () => {
    await open()
    const { file, sizeBytes } = await write()
    const page = readFileSync(file, 'utf8')
    expect(Buffer.byteLength(page)).toBe(sizeBytes)
    // Every `<` that is not of a tag that reports are made of would be somebody else's.
    const tags = new Set(Array.from(page.matchAll(/<\/?([^\s>/]*)/g), ([, name]) => name?.toLowerCase()))
    for (const tag of ['script', 'img', 'iframe', 'b', 'link', 'object', 'a']) expect(tags).not.toContain(tag)
    expect(page).not.toMatch(/\son\w+=(?!&quot;|document)/)
    expect(page).not.toMatch(/(src|href)\s*=\s*["']|url\(|@import/)
    expect(page).toContain('&lt;script&gt;document.title=&quot;ran&quot;&lt;/script&gt;')
    expect(page.match(/<title>/g)?.length).toBeGreaterThan(0)
  })

  it('is in the workspace, and a second one beside it', async () => {
    await open()
    const files = [await write(), await write()].map(({ file }) => file)
    expect(new Set(files).size).toBe(2)
    for (const file of files) {
      expect(file.startsWith(join(folder, 'exports'))).toBe(true)
      expect(file).toMatch(/\.html$/)
    }
    expect(readdirSync(join(folder, 'exports'))).toHaveLength(2)
  })
})

describe('the report of a run', () => {
  it('lists errors by confidence, and warns of recordings that cross folds', async () => {
    await open()
    const { file } = await fileOf('runs.report', { runId })
    const page = readFileSync(file, 'utf8')
    expect(page).toContain('1 recording (3 clips) has clips in several folds')
    expect(page.indexOf('&quot;&gt;&lt;img')).toBeGreaterThan(page.indexOf('with the highest confidence'))
    expect(page).toContain('99.0 %')
  })

  it('goes to a file that a shell names, never over one', async () => {
    const exportTo = join(folder, 'there', 'report.html')
    await open({ exportTo })
    expect((await fileOf('runs.report', { runId })).file).toBe(exportTo)
    await expect(fileOf('runs.report', { runId })).rejects.toMatchObject({ code: 'conflict' })
    expect(readdirSync(join(folder, 'there'))).toEqual(['report.html'])
  })

  it('is refused for a run without predictions, and leaves nothing', async () => {
    await open()
    await expect(fileOf('runs.report', { runId: 'none' })).rejects.toMatchObject({ code: 'not-found' })
    expect(existsSync(join(folder, 'exports'))).toBe(false)
  })

  it('is a PDF where the shell prints, and else says what to do', async () => {
    await open()
    await expect(fileOf('runs.report', { runId, format: 'pdf' })).rejects.toMatchObject({
      code: 'invalid-input',
      hint: expect.stringContaining('HTML'),
    })
    await core.close()
    await open({ printPdf: async (html) => Buffer.from(`%PDF of ${html.length}`) })
    const { file } = await fileOf('runs.report', { runId, format: 'pdf' })
    expect(file).toMatch(/\.pdf$/)
    expect(readFileSync(file, 'latin1')).toMatch(/^%PDF of \d{5}/)
  })

  it('leaves nothing where printing fails', async () => {
    await open({
      printPdf: async () => {
        throw new Error('no printer')
      },
    })
    await expect(fileOf('runs.report', { runId, format: 'pdf' })).rejects.toMatchObject({ code: 'internal' })
    expect(readdirSync(join(folder, 'exports'))).toEqual([])
  })
})

/** Every figure of these is counted again from the predictions as they were written. */
describe('tables and predictions', () => {
  it('agree with each other', async () => {
    await open()
    const { file } = await fileOf('runs.predictions', { runId })
    const predictions: Record<string, string>[] = parse(readFileSync(file), { columns: true })
    const { folder: tables, files } = writtenFolderSchema.parse(await resultOf('runs.tables', { runId }))
    const { rows, json } = tablesIn(tables)
    expect(files).toBe(readdirSync(tables).length)
    expect(predictions).toHaveLength(PREDICTED.clips)
    const right = predictions.filter((row) => row.class === row.predicted)
    const share = (some: typeof predictions, fits: (row: Record<string, string>) => boolean) =>
      some.filter(fits).length
    for (const fold of rows('folds')) {
      const inFold = (row: Record<string, string>) => row.fold === fold.fold
      expect(Number(fold.clips)).toBe(share(predictions, inFold))
      expect(Number(fold.accuracy)).toBeCloseTo(share(right, inFold) / share(predictions, inFold), 12)
    }
    for (const row of rows('classes')) {
      const hits = share(right, (one) => one.class_id === row.class_id)
      expect(Number(row.recall)).toBeCloseTo(hits / Number(row.support), 12)
      expect(Number(row.precision)).toBeCloseTo(hits / Number(row.predicted), 12)
    }
    for (const row of rows('confusion'))
      for (const predicted of ['dog_bark', 'siren'])
        expect(Number(row[predicted])).toBe(
          share(predictions, (one) => one.class === row.label && one.predicted === predicted),
        )
    const slices = rows('slices').filter(({ property }) => property === 'salience')
    expect(slices.map(({ value, clips }) => [value, Number(clips)])).toEqual([
      ['foreground', 45],
      ['background', 45],
    ])
    const summary = Object.fromEntries(rows('summary').map(({ figure, value }) => [figure, Number(value)]))
    expect(summary.pooled_accuracy).toBeCloseTo(right.length / PREDICTED.clips, 12)
    const logLoss = predictions.map((row) => -Math.log(Number(row[`probability_${row.class}`])))
    expect(summary.log_loss).toBeCloseTo(logLoss.reduce((a, b) => a + b) / PREDICTED.clips, 9)
    expect(json('evaluation')).toMatchObject({
      run: { id: runId },
      evaluation: { clips: PREDICTED.clips },
      curves: { classes: { length: 3 } },
    })
  })

  it('are of the folds asked for', async () => {
    await open()
    const filter = { folds: [2] }
    const { file } = await fileOf('runs.predictions', { runId, filter })
    const predictions: Record<string, string>[] = parse(readFileSync(file), { columns: true })
    expect(new Set(predictions.map(({ fold }) => fold))).toEqual(new Set(['2']))
    const { folder: tables } = writtenFolderSchema.parse(await resultOf('runs.tables', { runId, filter }))
    expect(tablesIn(tables).rows('folds')).toHaveLength(1)
  })

  it('let no spreadsheet compute a name', async () => {
    await open()
    const { folder: tables } = writtenFolderSchema.parse(await resultOf('runs.comparisonTables', { runIds }))
    for (const name of readdirSync(tables).filter((one) => one.endsWith('.csv')))
      for (const row of parse(readFileSync(join(tables, name))) as string[][])
        for (const cell of row) expect(cell).not.toMatch(/^[=+@]/)
    expect(
      tablesIn(tables)
        .rows('differences')
        .map(({ of }) => of),
    ).toEqual([
      ...['all', 'all', 'fold_accuracy', 'fold_accuracy', 'fold_accuracy'],
      ...['class_recall', 'class_recall', 'class_recall'],
    ])
  })

  it('hold the same as NumPy arrays', async () => {
    await open()
    const csv = await fileOf('runs.predictions', { runId })
    const npz = await fileOf('runs.predictions', { runId, format: 'npz' })
    const predictions: Record<string, string>[] = parse(readFileSync(csv.file), { columns: true })
    const arrays = unzip(readFileSync(npz.file))
    const array = (name: string) => {
      const bytes = arrays.get(`${name}.npy`) ?? Buffer.alloc(0)
      const start = 10 + bytes.readUInt16LE(8)
      return { header: bytes.toString('latin1', 10, start), data: bytes.subarray(start) }
    }
    const { header, data } = array('probabilities')
    expect(header).toContain("'descr': '<f4'")
    expect(header).toContain(`'shape': (${PREDICTED.clips}, ${PREDICTED.classes})`)
    const columns = Object.keys(predictions[0] ?? {}).filter((key) => key.startsWith('probability_'))
    predictions.forEach((row, place) => {
      columns.forEach((column, at) => {
        const value = data.readFloatLE(4 * (place * PREDICTED.classes + at))
        expect(value).toBe(Number(row[column]))
      })
      expect(array('labels').data.readBigInt64LE(8 * place)).toBe(BigInt(row.class_id ?? -1))
      expect(array('predicted').data.readBigInt64LE(8 * place)).toBe(BigInt(row.predicted_id ?? -1))
    })
    const names = array('file_names')
    const width = Number(/<U(\d+)/.exec(names.header)?.[1])
    expect(width).toBe(Array.from(HOSTILE.fileName).length)
  })
})
