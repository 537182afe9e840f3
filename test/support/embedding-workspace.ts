import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Job } from '../../src-main/contract/job.ts'
import { type Core, createCore } from '../../src-main/core/create-core.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { chirp, noise } from '../parity/signals.ts'
import { monoWav } from './tiny-workspace.ts'

/** What test/parity/generate/embedding_model.py works with. */
export const RATE_HZ = 16_000
const SIGNALS = { chirp: chirp(RATE_HZ, RATE_HZ, 50, 7000), noise: noise(RATE_HZ) }

export const modelFile = (name: string) =>
  fileURLToPath(new URL(`../parity/data/embedding/${name}.onnx`, import.meta.url))

export const waveform = {
  kind: 'waveform',
  name: 'audio',
  sampleRateHz: RATE_HZ,
  durationSeconds: 1,
}
export const framedDeclaration = { input: waveform, output: { name: 'embedding' } }

export interface EmbeddingWorkspace {
  readonly core: Core
  /** Of the workspace. */
  readonly folder: string
  /** Of its dataset. */
  readonly datasetId: number
  /** Writes a declaration. @returns its path */
  declare(name: string, declaration: unknown): Promise<string>
  /** Waits for a job's end, whatever it is. */
  job(jobId: number): Promise<Job>
  close(): Promise<void>
}

/** A core over a workspace whose dataset has two clips of a second: 1 is a chirp in fold 1, 2 is noise in fold 2. */
export async function embeddingWorkspace(): Promise<EmbeddingWorkspace> {
  const root = await mkdtemp(join(tmpdir(), 'soundfold-embedding-'))
  const dataset = join(root, 'dataset')
  await mkdir(dataset)
  for (const [name, samples] of Object.entries(SIGNALS))
    await writeFile(join(dataset, `${name}.wav`), floatWav(samples))
  await writeFile(join(dataset, 'clips.csv'), 'file,label,fold\nchirp.wav,tone,1\nnoise.wav,noise,2\n')
  const folder = join(root, 'workspace')
  const core = await createCore({ workspaceFolder: folder, entries: workerEntries(), mediaBase: '/media/' })
  const job = async (jobId: number): Promise<Job> => {
    for (;;) {
      const now = await core.call('jobs.get', { jobId })
      if (now.status !== 'queued' && now.status !== 'running') return now
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
  }
  const { jobId } = await core.call('datasets.import', {
    folder: dataset,
    format: 'csv',
    mapping: { csv: 'clips.csv', file: 'file', label: 'label', fold: 'fold' },
  })
  await job(jobId)
  const [imported] = await core.call('datasets.list', {})
  if (imported?.readableClips !== 2) throw new Error('the dataset was not imported')
  return {
    core,
    folder,
    datasetId: imported.id,
    async declare(name, declaration) {
      const path = join(root, `${name}.json`)
      await writeFile(path, JSON.stringify(declaration))
      return path
    },
    job,
    async close() {
      await core.close()
      await rm(root, { recursive: true, force: true })
    },
  }
}

/** Mono 32-bit float: the samples as they are. */
function floatWav(samples: Float32Array): Buffer {
  return monoWav(new Uint8Array(samples.buffer), { coding: 3, bytesPerSample: 4, rateHz: RATE_HZ })
}
