import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { writtenFileSchema } from '../../../src-main/contract/report.ts'
import { PREDICTED, writePredictedWorkspace } from '../../support/predicted-workspace.ts'

/** The commands that write figures to files, as a person or a script starts them. */
const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'soundfold-cli-report-'))
const workspace = join(root, 'workspace')
const at = (name: string) => join(root, name)
const [first, second] = PREDICTED.runs
beforeAll(() => writePredictedWorkspace(workspace))
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function soundfold(...args: string[]) {
  const child = spawn(process.execPath, [CLI, ...args, '--json', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, document: stdout === '' ? undefined : JSON.parse(stdout), stderr }
}

it('writes the report of a run to the file that was named, once', async () => {
  const { code, document, stderr } = await soundfold('report', first, '--out', at('run.html'))
  expect(code, stderr).toBe(0)
  expect(writtenFileSchema.parse(document).file).toBe(at('run.html'))
  const page = readFileSync(at('run.html'), 'utf8')
  expect(page).toContain('<!doctype html>')
  expect(page).toContain(first)
  expect(await soundfold('report', second, '--out', at('run.html'))).toMatchObject({
    code: 1,
    document: { error: { code: 'conflict' } },
  })
  expect(readFileSync(at('run.html'), 'utf8')).toBe(page)
})

it('says how to come to a PDF, and refuses files of other kinds', async () => {
  for (const [args, said] of [
    [['report', '--out', at('run.pdf')], 'print it'],
    [['report', '--out', at('run.docx')], '.html or .pdf'],
    [['predictions', '--out', at('run.mat')], '.csv or .npz'],
    [['compare', first, second, '--html', at('run.txt')], '.html or .pdf'],
  ] as const) {
    const { code, document, stderr } = await soundfold(...args)
    expect(code).toBe(1)
    expect(document).toMatchObject({ error: { code: 'invalid-input' } })
    expect(stderr).toContain(said)
  }
  expect(readdirSync(root).filter((name) => name.includes('unfinished'))).toEqual([])
  expect(existsSync(at('run.pdf'))).toBe(false)
})

it('writes tables beside what it says of a run and of a comparison', async () => {
  const evaluated = await soundfold('evaluate', first, '--folds', '2', '--tables', at('tables'))
  expect(evaluated.code, evaluated.stderr).toBe(0)
  expect(evaluated.stderr).toContain(at('tables'))
  expect(evaluated.document.clips).toBe(30)
  expect(
    readFileSync(join(at('tables'), 'folds.csv'), 'utf8')
      .trimEnd()
      .split('\r\n'),
  ).toHaveLength(2)
  const compared = await soundfold('compare', first, second, '--tables', at('compared'))
  expect(readdirSync(at('compared')).sort()).toEqual([
    ...['comparison.json', 'confusion-difference.csv', 'differences.csv', 'runs.csv', 'tests.csv'],
  ])
  const saved: unknown = JSON.parse(readFileSync(join(at('compared'), 'comparison.json'), 'utf8'))
  expect(saved).toEqual(compared.document)
  const page = await soundfold('compare', first, second, '--html', at('compared.html'))
  expect(page.code, page.stderr).toBe(0)
  expect(readFileSync(at('compared.html'), 'utf8')).toContain(compared.document.pairs[0].caveats.at(-1))
})

it('writes predictions of some folds', async () => {
  const { code, stderr } = await soundfold('predictions', first, '--folds', '1,3', '--out', at('some.csv'))
  expect(code, stderr).toBe(0)
  expect(readFileSync(at('some.csv'), 'utf8').trimEnd().split('\r\n')).toHaveLength(61)
})
