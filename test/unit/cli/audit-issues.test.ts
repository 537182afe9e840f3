import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { auditIssueSchema, auditSearchSchema } from '../../../src-main/contract/audit-issues.ts'
import { HOSTILE, PREDICTED, writePredictedWorkspace } from '../../support/predicted-workspace.ts'

/** `audit issues`, as a person or a script starts it. */
const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'soundfold-cli-issues-'))
const workspace = join(root, 'workspace')
const at = (name: string) => join(root, name)
const [first, second] = PREDICTED.runs
const KINDS = ['--kind', 'label', 'recording-label']
beforeAll(() => writePredictedWorkspace(workspace))
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function soundfold(...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'audit', 'issues', ...args, '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const [stdout, stderr, [code]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { code, stdout, stderr }
}
const documentSchema = z.object({ search: auditSearchSchema, issues: z.array(auditIssueSchema) })

it('gives the mean of runs as one document, and all of it as CSV', async () => {
  const { code, stdout, stderr } = await soundfold(
    ...[first, second, ...KINDS, '--score', 'normalized-margin', '--method', 'both'],
    ...['--json', '--out', at('issues.csv')],
  )
  expect(code, stderr).toBe(0)
  const { search, issues } = documentSchema.parse(JSON.parse(stdout))
  expect(search).toMatchObject({
    runIds: [first, second],
    settings: { method: 'both', score: 'normalized-margin', kinds: ['label', 'recording-label'] },
  })
  for (const { score, label } of issues) expect(score).toBe(label?.normalizedMargin)
  expect(issues.length).toBeGreaterThan(5)
  const csv = readFileSync(at('issues.csv'), 'utf8')
  for (const { fileName } of issues) if (fileName !== HOSTILE.fileName) expect(csv).toContain(`,${fileName},`)
  const again = await soundfold(first, ...KINDS, '--json', '--out', at('issues.csv'))
  expect(again.code).toBe(1)
  expect(readFileSync(at('issues.csv'), 'utf8')).toBe(csv)
})

it('tells the latest run’s by kind, and how many more there are', async () => {
  const { code, stdout } = await soundfold(...KINDS, '--limit', '2')
  expect(code).toBe(0)
  expect(stdout).toContain('90 clips of 30 recordings held against 1 run')
  expect(stdout).toContain('Doubted label')
  expect(stdout).toMatch(/… and \d+ more/)
})

it('refuses what it can’t do before it starts', async () => {
  expect(await soundfold('no-such-run')).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('no-such-run'),
  })
  expect(await soundfold(first, '--kind', 'nonsense')).toMatchObject({ code: 2 })
  expect(await soundfold(first, '--out', at('issues.txt'))).toMatchObject({ code: 1 })
  expect(existsSync(at('issues.txt'))).toBe(false)
})
