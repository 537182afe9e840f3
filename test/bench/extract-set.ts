/**
 * `npm run bench:extract -- FOLDER [CLIPS]`: imports and extracts a set of UrbanSound8K's size. FOLDER is a dataset in its layout
 * (the subset in ../shared/data when unpacked, say); its clips are repeated under other names with a chunk of their own behind
 * the sound, so that each is content of its own. States clips a second, peak memory, bytes on disk, and the second run's time.
 */
import { copyFile, mkdir, mkdtemp, open, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { createCore } from '../../src-main/core/create-core.ts'
import { workerEntries } from '../../src-main/host/entries.ts'

const [source, count = '8732'] = process.argv.slice(2)
if (!source) throw new Error('Say a folder in the layout of UrbanSound8K.')
const rowSchema = z.looseObject({
  slice_file_name: z.string(),
  fsID: z.string(),
  fold: z.string(),
  classID: z.string(),
})
const rows = z
  .array(rowSchema)
  .parse(parse(await readFile(join(source, 'metadata', 'UrbanSound8K.csv')), { columns: true }))
const header = Object.keys(rows[0] ?? {})

const root = await mkdtemp(join(tmpdir(), 'soundfold-bench-'))
try {
  const folder = join(root, 'set')
  await makeSet(folder, Number(count))
  const core = await createCore({
    workspaceFolder: join(root, 'ws'),
    entries: workerEntries(),
    mediaBase: '',
  })
  await timed('import', () => job(core.call('datasets.import', { folder, format: 'urbansound8k' })))
  let peak = 0
  const watch = setInterval(() => {
    peak = Math.max(peak, process.memoryUsage.rss())
  }, 200)
  const seconds = await timed('extract', () => job(core.call('features.extract', { datasetId: 1 })))
  clearInterval(watch)
  const { extractedClips, sizeBytes } = await core.call('features.status', { datasetId: 1 })
  console.log(
    `${extractedClips} clips, ${(extractedClips / seconds).toFixed(1)} a second, peak memory ${mib(peak)}, ${mib(sizeBytes)} on disk`,
  )
  await timed('extract again', () => job(core.call('features.extract', { datasetId: 1 })))
  await core.close()

  async function job(started: Promise<{ jobId: number }>): Promise<void> {
    const { jobId } = await started
    for (;;) {
      const { status, error } = await core.call('jobs.get', { jobId })
      if (status === 'succeeded') return
      if (status !== 'queued' && status !== 'running') throw new Error(`${status}: ${error?.message}`)
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
} finally {
  await rm(root, { recursive: true, force: true })
}

async function makeSet(folder: string, clips: number): Promise<void> {
  const lines = [header.join(',')]
  for (let index = 0; index < clips; index++) {
    const row = rows[index % rows.length]
    if (!row) throw new Error('The source has no clips.')
    const name = row.slice_file_name.replace(/-(\d+)\.wav$/, (_, slice) => `-${slice}${index}.wav`)
    const target = join(folder, 'audio', `fold${row.fold}`, name)
    await mkdir(join(folder, 'audio', `fold${row.fold}`), { recursive: true })
    await copyFile(join(source ?? '', 'audio', `fold${row.fold}`, row.slice_file_name), target)
    const file = await open(target, 'a')
    const note = Buffer.from('note\0\0\0\0........', 'latin1')
    note.writeUInt32LE(8, 4)
    note.writeUInt32LE(index, 8)
    await file.write(note)
    await file.close()
    lines.push(header.map((key) => (key === 'slice_file_name' ? name : String(row[key]))).join(','))
  }
  await mkdir(join(folder, 'metadata'), { recursive: true })
  await writeFile(join(folder, 'metadata', 'UrbanSound8K.csv'), `${lines.join('\n')}\n`)
}

async function timed(what: string, work: () => Promise<void>): Promise<number> {
  const startMs = performance.now()
  await work()
  const seconds = (performance.now() - startMs) / 1000
  console.log(`${what}: ${seconds.toFixed(2)} s`)
  return seconds
}

function mib(bytes: number): string {
  return `${(bytes / 2 ** 20).toFixed(0)} MiB`
}
