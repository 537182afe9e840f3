import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { featureExportSchema, featureResultSchema } from '../../../src-main/contract/model.ts'
import { generateDemoDataset } from '../../../src-main/core/demo/demo-dataset.ts'
import { unzip } from '../../support/unzip.ts'

/** `soundfold features export` as a person or a script starts it. */
const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))
const root = mkdtempSync(join(tmpdir(), 'soundfold-cli-export-'))
const workspace = join(root, 'workspace')
afterAll(() => rmSync(root, { recursive: true, force: true }))

const start = (...args: string[]) =>
  spawn(process.execPath, [CLI, ...args, '--json', '--workspace', workspace], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })

async function soundfold(...args: string[]): Promise<{ code: number; document: unknown; stderr: string }> {
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
  return { code, document: stdout === '' ? undefined : JSON.parse(stdout), stderr }
}

beforeAll(async () => {
  const demo = join(root, 'demo')
  await generateDemoDataset({ folder: demo, clipsPerClassAndFold: 1 })
  expect((await soundfold('import', demo)).code).toBe(0)
})

it('stops at Ctrl+C with 130 and leaves nothing, neither the folder nor a part of it', async () => {
  const out = join(root, 'stopped', 'set')
  const child = start('features', 'export', '--recipe', 'mfcc', '--out', out)
  const ended = once(child, 'close')
  await new Promise<void>((resolve) =>
    child.stderr.on('data', (chunk: Buffer) => {
      if (chunk.toString().includes('Extracting')) resolve()
    }),
  )
  child.kill('SIGINT')
  expect(await ended).toEqual([130, null])
  expect(readdirSync(join(root, 'stopped'))).toEqual([])
})

it('extracts what is missing and writes to the folder that was asked for', async () => {
  const out = join(root, 'out', 'set')
  const { code, document, stderr } = await soundfold('features', 'export', '--format', 'npz', '--out', out)
  expect(code, stderr).toBe(0)
  const result = featureExportSchema.parse(document)
  expect(result).toMatchObject({ folder: out, files: 1, clips: 100, failed: [] })
  const archive = readFileSync(join(out, 'features.npz'))
  expect(result.sizeBytes).toBe(archive.length)
  expect([...unzip(archive).keys()].sort()).toEqual(
    [...['class_ids', 'class_names', 'features', 'file_names', 'folds', 'groups', 'labels', 'recipe']].map(
      (name) => `${name}.npy`,
    ),
  )
  expect(readdirSync(join(root, 'out'))).toEqual(['set'])
  expect(existsSync(join(workspace, 'exports'))).toBe(false)
  expect(stderr).toContain('Writing features')

  const again = await soundfold('features', 'export', '--format', 'csv', '--out', out)
  expect(again.code).toBe(1)
  expect(again.document).toMatchObject({ error: { code: 'conflict' } })
  expect(readdirSync(out)).toEqual(['features.npz'])
})

it('writes into the workspace when no folder is named', async () => {
  const { document } = await soundfold('features', 'export', '--format', 'png', '--recipe', 'compact')
  const { folder, files } = featureExportSchema.parse(document)
  expect(files).toBe(101)
  expect(folder).toMatch(/exports.*-compact-png-\d{8}-\d{6}$/)
})

it('leaves the command that extracts as it was', async () => {
  const { document } = await soundfold('features', '--recipe', 'compact')
  expect(featureResultSchema.parse(document)).toMatchObject({ recipe: 'compact', alreadyThere: 100 })
})

it('refuses a format that there is not as wrong usage', async () => {
  expect(await soundfold('features', 'export', '--format', 'mat')).toMatchObject({ code: 2 })
})
