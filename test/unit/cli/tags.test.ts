import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { z } from 'zod'
import { changeSchema } from '../../../src-main/contract/history.ts'
import { tagCountsSchema } from '../../../src-main/contract/tags.ts'
import { writeTinyDataset } from '../../support/tiny-workspace.ts'

/** Tags and history by real processes. */
const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'soundfold-tags-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

async function soundfold(...args: string[]): Promise<{ code: number; document: unknown }> {
  const where = ['--json', '--workspace', join(root, 'workspace')]
  const child = spawn(process.execPath, [CLI, ...args, ...where], { stdio: ['ignore', 'pipe', 'inherit'] })
  let stdout = ''
  child.stdout.on('data', (chunk) => {
    stdout += chunk
  })
  const [code] = await once(child, 'close')
  return { code, document: JSON.parse(stdout) }
}
async function done<S extends z.ZodType>(schema: S, ...args: string[]): Promise<z.output<S>> {
  const { code, document } = await soundfold(...args)
  expect(code, JSON.stringify(document)).toBe(0)
  return schema.parse(document)
}
const tags = () => done(tagCountsSchema, 'tag', 'list')

beforeAll(async () => {
  const { folder } = await writeTinyDataset(root)
  const columns = ['--csv', 'clips.csv', '--file-column', 'name', '--label-column', 'class']
  await done(z.unknown(), 'import', folder, '--format', 'csv', ...columns)
})

it('tags by name, number and text, says whose it is, and takes it back', async () => {
  const first = await done(changeSchema, 'tag', 'add', ' near  by ,tone', 'low.wav', '2', '--author', 'Anna')
  expect(first).toMatchObject({ author: 'Anna', title: 'Tagged 2 clips: near by, tone', items: 4 })
  expect(await done(z.null(), 'tag', 'add', 'tone', '--matching', '.wav')).toBeNull()
  await done(changeSchema, 'tag', 'remove', 'tone', '--matching', 'HIGH')
  expect(await tags()).toEqual([
    { tag: 'near by', clips: 2 },
    { tag: 'tone', clips: 1 },
  ])
  const history = z.array(changeSchema)
  const [removed] = await done(history, 'history', '--clip', '2')
  expect(removed).toMatchObject({ title: 'Removed tags from 1 clip: tone', act: 'do' })
  expect(removed?.author).not.toBe('Anna')
  const refused = await soundfold('history', 'undo', String(first.id))
  expect(refused).toMatchObject({ code: 1, document: { error: { code: 'conflict' } } })
  await done(changeSchema, 'history', 'undo', String(removed?.id))
  await done(changeSchema, 'history', 'undo', String(first.id), '--author', 'Ben')
  expect(await tags()).toEqual([])
  expect((await done(history, 'history')).map(({ act, undone }) => [act, undone])).toEqual([
    ['undo', false],
    ['undo', false],
    ['do', true],
    ['do', true],
  ])
})

it.each([
  [['tag', 'add', 'a', 'none.wav'], 'not-found'],
  [['tag', 'add', 'a', '99'], 'not-found'],
  [['tag', 'add', 'a'], 'invalid-input'],
  [['tag', 'add', 'a', '1', '--matching', 'x'], 'invalid-input'],
  [['tag', 'add', ',', '1'], 'invalid-input'],
  [['history', 'undo', '99'], 'not-found'],
])('soundfold %s is refused: %s', async (args, code) => {
  expect(await soundfold(...args)).toMatchObject({ code: 1, document: { error: { code } } })
})
