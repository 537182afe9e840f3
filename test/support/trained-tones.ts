import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createCore } from '../../src-main/core/create-core.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { toneWav } from './tiny-workspace.ts'

const CLASSES = { low: 200, middle: 900, high: 3600 }
/** Of each class: two slices of each of three recordings in both folds. */
const SLICES = 12

/** Makes a workspace of 36 tones of half a second, of three classes in two folds, and a run of `compact-s` on it. @returns the run's id */
export async function trainedTones(root: string): Promise<{ workspace: string; runId: string }> {
  const folder = join(root, 'tones')
  await mkdir(folder, { recursive: true })
  const rows = ['file,label,fold,recording']
  for (const [place, [label, hertz]] of Object.entries(CLASSES).entries())
    for (let slice = 0; slice < SLICES; slice++) {
      const name = `${label}-${String(slice).padStart(2, '0')}.wav`
      await writeFile(join(folder, name), toneWav(hertz * (1 + 0.03 * slice + 0.001 * place), 0.5))
      rows.push(`${name},${label},${1 + (Math.floor(slice / 2) % 2)},${label}${Math.floor(slice / 2)}`)
    }
  await writeFile(join(folder, 'tones.csv'), `${rows.join('\n')}\n`)
  const workspace = join(root, 'workspace')
  const core = await createCore({
    workspaceFolder: workspace,
    entries: workerEntries(),
    mediaBase: '/media/',
  })
  const ended = async ({ jobId }: { jobId: number }) => {
    for (;;) {
      const job = await core.call('jobs.get', { jobId })
      if (job.status === 'succeeded') return
      if (job.status !== 'queued' && job.status !== 'running') throw new Error(JSON.stringify(job.error))
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  try {
    const mapping = { csv: 'tones.csv', file: 'file', label: 'label', fold: 'fold', group: 'recording' }
    await ended(await core.call('datasets.import', { folder, format: 'csv', mapping }))
    const settings = { preset: 'compact-s', training: { epochs: 6 }, engine: 'wasm' } as const
    const started = await core.call('runs.start', { datasetId: 1, settings })
    await ended(started)
    return { workspace, runId: started.runId }
  } finally {
    await core.close()
  }
}
