import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'csv-parse/sync'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { neighboursSchema } from '../../../src-main/contract/space.ts'
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

it('decides clip by clip, forks, merges, and trains on the labels that come of it', async () => {
  const rows = parse(readFileSync(join(demo, 'metadata', 'UrbanSound8K.csv')), { columns: true })
  const clips = z
    .array(z.object({ slice_file_name: z.string(), class: z.string(), fold: z.coerce.number() }))
    .parse(rows)
    .filter(({ fold }) => fold <= 2)
  const [first, second, third] = clips.map(({ slice_file_name: name }) => name)
  const wrong = clips.find(({ class: label }) => label !== 'siren')?.slice_file_name ?? ''
  const run = async (...args: string[]) => {
    const done = await soundfold(...args)
    expect(done.code, done.text).toBe(0)
    return done
  }
  await run('audit', 'new', 'Ears')
  await run('audit', 'decide', 'relabel', wrong, '--class', 'siren', '--note', 'wails', '--set', 'Ears')
  const unknown = await soundfold('audit', 'decide', 'relabel', wrong, '--class', 'sirene', '--set', 'Ears')
  expect([unknown.code, unknown.text]).toEqual([1, expect.stringContaining('no class “sirene”')])
  await run('audit', 'fork', 'Eyes', '--set', 'Ears')
  const twofold = await soundfold('audit', 'decide', 'keep', wrong)
  expect(twofold.text).toContain('This dataset has several verdict sets.')
  await run('audit', 'decide', 'exclude', wrong, '--set', 'Eyes', '--author', 'Ben', '--final')
  const other = [first, second, third].find((name) => name !== wrong) ?? ''
  await run('audit', 'decide', 'exclude', other, '--recordings', '--set', 'Eyes', '--author', 'Ben')
  const listed = await run('audit', 'verdicts', '--set', 'Eyes', '--by', 'Ben', '--json')
  const said = z
    .array(z.object({ fileName: z.string(), decision: z.string(), author: z.string() }))
    .parse(listed.document)
  const recording = other.split('-')[0]
  expect(new Set(said.map(({ fileName }) => fileName))).toEqual(
    new Set([
      wrong,
      ...clips.map(({ slice_file_name: name }) => name).filter((name) => name.startsWith(`${recording}-`)),
    ]),
  )
  const conflict = await soundfold('audit', 'merge', 'Eyes', '--set', 'Ears')
  expect([conflict.code, conflict.text]).toEqual([
    1,
    expect.stringMatching(/1 conflict\.\n(.*\n)+.*relabel siren +exclude/),
  ])
  await run('audit', 'merge', 'Eyes', '--set', 'Ears', '--take', 'ours')
  const merged = await run('audit', 'verdicts', '--set', 'Ears')
  expect(merged.text).toMatch(new RegExp(`${wrong}.*relabel +siren +wails`))

  const before = await run('train', '--preset', 'logistic-regression', '--folds', '1,2', '--json')
  const after = await run(
    'train',
    '--preset',
    'logistic-regression',
    '--folds',
    '1,2',
    '--verdicts',
    'Ears',
    '--json',
  )
  const [plain, cleaned] = [before, after].map(
    ({ document }) => z.object({ runId: z.string() }).parse(document).runId,
  )
  const compared = await run('compare', plain ?? '', cleaned ?? '', '--labels', 'unchanged', '--json')
  const excluded = said.length - 1
  expect(compared.document).toMatchObject({
    labels: { basis: 'unchanged', verdicts: { name: 'Ears', relabelled: 1, excluded } },
    pairs: [{ clips: clips.length - 1 - excluded }],
  })

  const near = await run('neighbours', wrong, '--run', cleaned ?? '', '--count', '3', '--json')
  const { neighbours } = neighboursSchema.parse(near.document)
  expect(neighbours).toHaveLength(3)
  expect(neighbours.every(({ learnt }) => learnt)).toBe(true)
  const csv = join(root, 'map.csv')
  await run('map', '--neighbours', '5', '--out', csv)
  const places = z
    .array(z.object({ file: z.string(), x: z.coerce.number(), y: z.coerce.number(), class: z.string() }))
    .parse(parse(readFileSync(csv), { columns: true }))
  expect(places).toHaveLength(100)
  for (const { slice_file_name: name, class: label } of clips)
    expect(places.find(({ file }) => file === name)?.class).toBe(label)
  expect(new Set(places.map(({ x, y }) => `${x} ${y}`)).size).toBeGreaterThan(clips.length / 2)
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
