import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Core, createCore } from '../../src-main/core/create-core.ts'
import { workerEntries } from '../../src-main/host/entries.ts'

export interface TinyWorkspace {
  readonly core: Core
  readonly folder: string
  /** The dataset's audio, in the order of the clips' ids. */
  readonly files: readonly string[]
  close(): Promise<void>
}

/** A real core over a new workspace with a dataset of two one-second tones, in a temporary folder. */
export async function tinyWorkspace(mediaBase = '/media/'): Promise<TinyWorkspace> {
  const root = await mkdtemp(join(tmpdir(), 'soundfold-test-'))
  const { folder, files } = await writeTinyDataset(root)
  const core = await createCore({
    workspaceFolder: join(root, 'workspace'),
    entries: workerEntries(),
    mediaBase,
  })
  await importFolder(core, folder)
  return {
    core,
    folder: join(root, 'workspace'),
    files,
    async close() {
      await core.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** A folder in the layout of a generic CSV set. */
export async function writeTinyDataset(root: string): Promise<{ folder: string; files: string[] }> {
  const folder = join(root, 'dataset')
  await mkdir(folder, { recursive: true })
  const tones = [
    { name: 'low.wav', hertz: 220 },
    { name: 'high.wav', hertz: 1760 },
  ]
  const files: string[] = []
  for (const { name, hertz } of tones) {
    files.push(join(folder, name))
    await writeFile(join(folder, name), toneWav(hertz, 1))
  }
  await writeFile(join(folder, 'clips.csv'), 'name,class,fold\nlow.wav,low,1\nhigh.wav,high,2\n')
  return { folder, files }
}

export const TINY_MAPPING = { csv: 'clips.csv', file: 'name', label: 'class', fold: 'fold' }

async function importFolder(core: Core, folder: string): Promise<void> {
  const { jobId } = await core.call('datasets.import', { folder, format: 'csv', mapping: TINY_MAPPING })
  for (;;) {
    const job = await core.call('jobs.get', { jobId })
    if (job.status === 'succeeded') return
    if (job.status !== 'queued' && job.status !== 'running') throw new Error(JSON.stringify(job.error))
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

/** 16-bit mono PCM at 22050 Hz. */
export function toneWav(hertz: number, seconds: number): Buffer {
  const rate = 22050
  const samples = Math.round(rate * seconds)
  const bytes = Buffer.alloc(2 * samples)
  for (let i = 0; i < samples; i++)
    bytes.writeInt16LE(Math.round(12000 * Math.sin((2 * Math.PI * hertz * i) / rate)), 2 * i)
  return monoWav(bytes, { coding: 1, bytesPerSample: 2, rateHz: rate })
}

/** @param coding - 1 for PCM, 3 for floating point */
export function monoWav(
  data: Uint8Array,
  { coding, bytesPerSample, rateHz }: { coding: 1 | 3; bytesPerSample: number; rateHz: number },
): Buffer {
  const header = Buffer.alloc(44)
  header.write('RIFF', 0, 'latin1')
  header.writeUInt32LE(36 + data.length, 4)
  header.write('WAVEfmt ', 8, 'latin1')
  header.writeUInt32LE(16, 16)
  header.writeUInt16LE(coding, 20)
  header.writeUInt16LE(1, 22)
  header.writeUInt32LE(rateHz, 24)
  header.writeUInt32LE(rateHz * bytesPerSample, 28)
  header.writeUInt16LE(bytesPerSample, 32)
  header.writeUInt16LE(8 * bytesPerSample, 34)
  header.write('data', 36, 'latin1')
  header.writeUInt32LE(data.length, 40)
  return Buffer.concat([header, data])
}
