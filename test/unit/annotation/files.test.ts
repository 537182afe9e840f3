import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import {
  ANNOTATION_FORMATS,
  annotationExportSchema,
  annotationImportSchema,
} from '../../../src-main/contract/annotation.ts'
import { fromErrorShape } from '../../../src-main/contract/errors.ts'
import { isOver } from '../../../src-main/contract/job.ts'
import { createCore } from '../../../src-main/core/create-core.ts'
import { workerEntries } from '../../../src-main/host/entries.ts'
import { type TinyWorkspace, tinyWorkspace } from '../../support/tiny-workspace.ts'

const CLI = fileURLToPath(new URL('../../../src-main/cli/main.ts', import.meta.url))
let root: string
let tiny: TinyWorkspace
const ANNA = { author: 'Anna', session: 'a' }
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'soundfold-annotation-files-'))
  await writeFile(join(root, 'all.csv'), CSV)
})
afterAll(() => rm(root, { recursive: true, force: true }))

/** What a job gives. @throws its error */
async function done(started: Promise<{ jobId: number }>): Promise<unknown> {
  const { jobId } = await started
  for (;;) {
    const job = await tiny.core.call('jobs.get', { jobId })
    if (job.error) throw fromErrorShape(job.error)
    if (isOver(job)) return job.result
    await setTimeout(5)
  }
}
const imported = async (path: string, annotator?: string) =>
  annotationImportSchema.parse(
    await done(
      tiny.core.call('annotations.import', {
        ...{ by: ANNA, datasetId: 1, paths: [path], ...(annotator && { annotator }) },
      }),
    ),
  )
const shown = async () =>
  (await tiny.core.call('annotations.list', { datasetId: 1 })).rows.map(
    ({ id: _, clipId: __, createdAt: ___, changedAt: ____, ...row }) => row,
  )

const CSV = [
  'file,start_seconds,end_seconds,low_hz,high_hz,label,salience,confidence,note,author,created,changed,weather',
  'low.wav,0.1,0.5,100,400,low,1,0.75,"near, loud",Anna,2026-01-02T03:04:05.000Z,2026-01-02T03:04:05.000Z,rain',
  'high.wav,0.25,0.75,,,own word,2,,,Ben,,,',
  'nowhere.wav,0,1,,,x,,,,,,,',
].join('\r\n')
describe('import and export', () => {
  beforeEach(async () => {
    tiny = await tinyWorkspace()
  })
  afterEach(() => tiny.close())

  it('adds what a file says to the clips that it names, once, and takes it back as one change', async () => {
    const first = await imported(join(root, 'all.csv'))
    expect(first).toMatchObject({ files: 1, annotations: 2, clips: 2, alreadyThere: 0 })
    expect(first.leftOut).toEqual([
      { file: 'all.csv', message: '1 annotation left out: the dataset has no clip called nowhere.wav.' },
    ])
    expect(await imported(join(root, 'all.csv'))).toMatchObject({ annotations: 0, alreadyThere: 2 })
    expect(await shown()).toEqual([
      {
        ...{ fileName: 'high.wav', startSeconds: 0.25, endSeconds: 0.75, lowHz: null, highHz: null },
        ...{ label: 'own word', salience: 2, confidence: null, note: '', author: 'Ben', extra: {} },
      },
      {
        ...{ fileName: 'low.wav', startSeconds: 0.1, endSeconds: 0.5, lowHz: 100, highHz: 400, label: 'low' },
        ...{ salience: 1, confidence: 0.75, note: 'near, loud', author: 'Anna', extra: { weather: 'rain' } },
      },
    ])
    const change = await tiny.core.call('history.undo', { by: ANNA })
    expect(change.title).toBe('Imported 2 annotations of 2 clips from all.csv')
    expect(await shown()).toEqual([])
  })

  it.each(ANNOTATION_FORMATS)(
    '%s files that were exported are found again by their names',
    async (format) => {
      await imported(join(root, 'all.csv'))
      const written = annotationExportSchema.parse(
        await done(tiny.core.call('annotations.export', { datasetId: 1, format })),
      )
      expect(written).toMatchObject({ annotations: 2, clips: 2, files: format === 'csv' ? 1 : 2 })
      const before = await shown()
      await tiny.core.call('history.undo', { by: ANNA })
      expect(await imported(written.folder)).toMatchObject({ annotations: 2, leftOut: [] })
      const after = await shown()
      if (['csv', 'jams', 'raven'].includes(format)) expect(after).toEqual(before)
      else {
        expect(written.notes.length).toBeGreaterThan(0)
        const kept = (rows: typeof before) =>
          rows.map(({ fileName, label, endSeconds }) => [fileName, label, endSeconds])
        expect(kept(after)).toEqual(kept(before))
      }
    },
  )

  it('reads a folder of many files, and names those that it can’t with the line', async () => {
    const folder = join(root, 'many')
    await mkdir(join(folder, 'below'), { recursive: true })
    await writeFile(join(folder, 'low.txt'), '0.1\t0.2\tx\nfaulty\n')
    await writeFile(join(folder, 'below', 'high.wav.txt'), '0.1\t0.2\tx\n')
    await writeFile(join(folder, 'README.md'), 'not one of them')
    const read = await imported(folder, 'Dora')
    expect(read).toMatchObject({ files: 2, annotations: 1 })
    expect(read.leftOut).toEqual([
      { file: 'low.txt', message: 'low.txt, line 2: "faulty" is not a time in seconds.' },
    ])
    expect(await shown()).toMatchObject([{ fileName: 'high.wav', author: 'Dora' }])
  })

  it('says what is wrong with the only file, with nothing there, and with nothing to export', async () => {
    await writeFile(join(root, 'low.jams'), '{"annotations": 3}')
    await expect(imported(join(root, 'low.jams'))).rejects.toMatchObject({ code: 'malformed-annotations' })
    await expect(imported(join(root, 'gone.txt'))).rejects.toMatchObject({ code: 'missing-file' })
    const nothing = done(tiny.core.call('annotations.export', { datasetId: 1, format: 'jams' }))
    await expect(nothing).rejects.toMatchObject({ code: 'not-found' })
    await expect(readdir(join(tiny.folder, 'exports'))).rejects.toThrow()
  })

  it('the command line imports, lists and exports', async () => {
    const workspace = tiny.folder
    await tiny.core.close()
    const soundfold = async (...args: string[]): Promise<unknown> => {
      const where = ['--json', '--workspace', workspace]
      const child = spawn(process.execPath, [CLI, 'annotations', ...args, ...where], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      let stdout = ''
      child.stdout.on('data', (chunk) => {
        stdout += chunk
      })
      await once(child, 'close')
      return JSON.parse(stdout)
    }
    const out = join(root, 'by-command')
    expect(await soundfold('import', join(root, 'all.csv'), '--author', 'Cleo')).toMatchObject({
      annotations: 2,
    })
    expect(await soundfold('list', '--annotator', 'Ben')).toMatchObject({
      total: 1,
      rows: [{ label: 'own word' }],
    })
    expect(await soundfold('export', '--format', 'textgrid', '--out', out)).toMatchObject({
      folder: out,
      files: 2,
    })
    expect(await readFile(join(out, 'fold1', 'low.TextGrid'), 'utf8')).toContain('text = "low"')
    expect(await soundfold('export', '--out', out)).toMatchObject({ error: { code: 'conflict' } })
  })
})

it('loses nothing that it has told, killed while it writes', async () => {
  tiny = await tinyWorkspace()
  const workspace = tiny.folder
  await tiny.core.close()
  const script = fileURLToPath(new URL('write-annotations.ts', import.meta.url))
  const child = spawn(process.execPath, [script, workspace, '1'], { stdio: ['ignore', 'pipe', 'inherit'] })
  let told = ''
  child.stdout.on('data', (chunk) => {
    told += chunk
    if (told.split('\n').length > 60) child.kill('SIGKILL')
  })
  const [, signal] = await once(child, 'close')
  expect(signal).toBe('SIGKILL')
  const core = await createCore({
    workspaceFolder: workspace,
    entries: workerEntries(),
    mediaBase: '/media/',
  })
  const kept = await core.call('annotations.ofClip', { clipId: 1 })
  const ids = told.split('\n').slice(0, -1)
  expect(ids.length).toBeGreaterThanOrEqual(60)
  expect(kept.slice(0, ids.length).map(({ id }) => id)).toEqual(ids)
  // What the core had taken and not yet told may be there as well, whole: each with its change in the history.
  const { changes } = await core.call('history.list', { clipId: 1, limit: 500 })
  expect(changes).toHaveLength(kept.length)
  await core.call('history.undo', { by: { author: 'Anna', session: 'killed' } })
  expect(await core.call('annotations.ofClip', { clipId: 1 })).toHaveLength(kept.length - 1)
  await core.close()
  await tiny.close()
})
