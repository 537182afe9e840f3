import { mkdir, open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCore } from '../../src-main/core/create-core.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { monoWav, TINY_MAPPING } from './tiny-workspace.ts'

/** What a sample is at a time in seconds, −1..1. */
type Sound = (seconds: number) => number

/** A recording of any length as 16-bit mono, written ten seconds at a time. */
export async function writeWav(path: string, sound: Sound, seconds: number, rateHz: number): Promise<void> {
  const samples = Math.round(seconds * rateHz)
  const header = monoWav(new Uint8Array(), { coding: 1, bytesPerSample: 2, rateHz })
  header.writeUInt32LE(36 + 2 * samples, 4)
  header.writeUInt32LE(2 * samples, 40)
  const file = await open(path, 'w')
  await file.write(header)
  const block = new Int16Array(10 * rateHz)
  for (let start = 0; start < samples; start += block.length) {
    const count = Math.min(block.length, samples - start)
    for (let index = 0; index < count; index++)
      block[index] = Math.round(32_767 * Math.max(-1, Math.min(1, sound((start + index) / rateHz))))
    await file.write(new Uint8Array(block.buffer, 0, 2 * count))
  }
  await file.close()
}

/** Quiet hum, and a tone of `hz` for the first three seconds of each minute. */
export const minuteTones =
  (hz: number): Sound =>
  (t) =>
    0.01 * Math.sin(2 * Math.PI * 60 * t) + (t % 60 < 3 ? 0.3 * Math.sin(2 * Math.PI * hz * t) : 0)

/** A workspace whose dataset has the given recordings, each of a class of its own. */
export async function workspaceOf(
  root: string,
  recordings: readonly { name: string; sound: Sound; seconds: number }[],
  rateHz: number,
): Promise<string> {
  const folder = join(root, 'dataset')
  await mkdir(folder, { recursive: true })
  for (const { name, sound, seconds } of recordings)
    await writeWav(join(folder, name), sound, seconds, rateHz)
  const rows = recordings.map(({ name }) => `${name},${name.replace('.wav', '')},1`)
  await writeFile(join(folder, 'clips.csv'), `name,class,fold\n${rows.join('\n')}\n`)
  const workspaceFolder = join(root, 'workspace')
  const core = await createCore({ workspaceFolder, entries: workerEntries(), mediaBase: '/media/' })
  try {
    const { jobId } = await core.call('datasets.import', { folder, format: 'csv', mapping: TINY_MAPPING })
    for (;;) {
      const { status, error } = await core.call('jobs.get', { jobId })
      if (status === 'succeeded') return workspaceFolder
      if (status !== 'queued' && status !== 'running') throw new Error(JSON.stringify(error))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  } finally {
    await core.close()
  }
}
