import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { appliedSchema } from '../../../src-main/contract/verdict.ts'
import { openWorkspace } from '../../../src-main/core/db/open.ts'
import { verdictSetsOf, verdictsInForce } from '../../../src-main/core/db/verdicts.ts'
import { generateDemoDataset } from '../../../src-main/core/demo/demo-dataset.ts'
import { openOn, US8K_ROWS, writeUs8k } from '../../support/audit-workspace.ts'

/** An audit by the command line, from training to corrected metadata, as a script would do it. */
const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'soundfold-cli-audit-'))
const workspace = join(root, 'workspace')
const demo = join(root, 'demo')
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function soundfold(...args: string[]): Promise<{ code: number; document: unknown; text: string }> {
  const child = spawn(process.execPath, [CLI, ...args, '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let text = ''
  let stderr = ''
  child.stdout.on('data', (chunk) => (text += chunk))
  child.stderr.on('data', (chunk) => (stderr += chunk))
  const [code] = await once(child, 'close')
  return { code, document: args.includes('--json') ? JSON.parse(text) : undefined, text: text + stderr }
}

beforeAll(async () => {
  await generateDemoDataset({ folder: demo, clipsPerClassAndFold: 1 })
  expect((await soundfold('import', demo)).code).toBe(0)
})

it('goes from training to corrected metadata', async () => {
  const trained = await soundfold('train', '--preset', 'logistic-regression')
  expect(trained.code, trained.text).toBe(0)
  const issues = await soundfold('audit', 'issues', '--kind', 'label', '--json')
  expect(issues.code).toBe(0)
  const found = z
    .object({
      issues: z.array(
        z.object({
          clipId: z.int(),
          fileName: z.string(),
          className: z.string(),
          suggestedClassName: z.string(),
        }),
      ),
    })
    .parse(issues.document).issues
  expect(found.length).toBeGreaterThan(1)

  // What a person made of the list.
  const rows = readFileSync(join(demo, 'metadata', 'UrbanSound8K.csv'), 'utf8')
    .trimEnd()
    .split(/\r?\n/)
  const [first, second] = found
  const pathOf = (name = '') => `audio/fold${rows.find((row) => row.startsWith(name))?.split(',')[5]}/${name}`
  const patch = join(root, 'found.csv')
  writeFileSync(
    patch,
    [
      'clip,action,old,new,reason',
      `${pathOf(first?.fileName)},relabel,${first?.className},${first?.suggestedClassName},heard`,
      `${pathOf(second?.fileName)},exclude,${second?.className},,two sounds`,
      'audio/fold1/gone.wav,exclude,siren,,',
    ].join('\n'),
  )
  const dry = await soundfold('audit', 'apply', patch, '--dry-run')
  expect(dry.text).toContain(
    'Would apply 2 of 3 entries to the verdict set “found”; 0 are so already, 1 conflict.',
  )
  expect(dry.text).toContain('missing  audio/fold1/gone.wav')
  const applied = await soundfold('audit', 'apply', patch, '--author', 'Anna', '--json')
  expect(appliedSchema.parse(applied.document)).toMatchObject({ applied: 2, setName: 'found', dryRun: false })
  const out = join(root, 'corrected')
  const exported = await soundfold('audit', 'export', '--out', out)
  expect(exported.code, exported.text).toBe(0)
  const corrected = readFileSync(join(out, 'UrbanSound8K.csv'), 'utf8').trimEnd().split(/\r?\n/)
  const unchanged = rows.filter(
    (row) => !row.startsWith(first?.fileName ?? '') && !row.startsWith(second?.fileName ?? ''),
  )
  expect(corrected.filter((row) => !row.startsWith(first?.fileName ?? ''))).toEqual(unchanged)
  expect(corrected.find((row) => row.startsWith(first?.fileName ?? ''))).toMatch(
    new RegExp(`,${first?.suggestedClassName}$`),
  )
  expect(parse(readFileSync(join(out, 'patch.csv')), { columns: true })).toMatchObject([{}, {}])
})

it('loses no decision that was answered when its process is killed', async () => {
  const folder = join(root, 'us8k')
  const killed = join(root, 'killed')
  writeUs8k(folder)
  const { core, datasetId } = await openOn(folder, killed)
  await core.close()
  const child = spawn(
    process.execPath,
    [fileURLToPath(new URL('../audit/deciding-process.ts', import.meta.url)), killed],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  )
  let said = ''
  child.stdout.on('data', (chunk) => (said += chunk))
  await expect.poll(() => said.split('\n').length, { timeout: 30_000, interval: 1 }).toBeGreaterThan(40)
  child.kill('SIGKILL')
  await once(child, 'close')

  const answered = said.split('\n').filter((line) => /^\d+ \d+$/.test(line))
  const [round = '', clip = ''] = answered.at(-1)?.split(' ') ?? []
  const db = openWorkspace(killed)
  try {
    const [set] = verdictSetsOf(db, datasetId)
    const kept = verdictsInForce(db, set?.id ?? 0)
    expect(kept).toHaveLength(US8K_ROWS.length)
    // The last answered one is there, or one that was said of the clip after it.
    expect(Number(kept.find(({ clipId }) => clipId === Number(clip))?.note)).toBeGreaterThanOrEqual(
      Number(round),
    )
    const entries = z.int().parse(db.prepare('SELECT COUNT(*) FROM verdicts').pluck().get())
    expect(entries).toBeGreaterThanOrEqual(answered.length)
    // Each is in the history as well, or neither is.
    expect(db.prepare('SELECT COUNT(*) FROM changes').pluck().get()).toBe(entries)
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
  } finally {
    db.close()
  }
})
