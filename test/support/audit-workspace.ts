import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { MethodInput, MethodName } from '../../src-main/contract/api.ts'
import { isOver } from '../../src-main/contract/job.ts'
import { importResultSchema } from '../../src-main/contract/model.ts'
import { type Core, createCore } from '../../src-main/core/create-core.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { toneWav } from './tiny-workspace.ts'

export const US8K_HEADER = 'slice_file_name,fsID,start,end,salience,fold,classID,class'
/** Twelve slices of four recordings in two folds: dog barks and sirens. */
export const US8K_ROWS = Array.from({ length: 12 }, (_, index) => {
  const recording = 100 + (index % 4)
  const [classId, name] = index % 2 === 0 ? [3, 'dog_bark'] : [8, 'siren']
  const file = `${recording}-${classId}-0-${index}.wav`
  return `${file},${recording},${index / 2},${index / 2 + 0.5},1,${1 + (index % 4 > 1 ? 1 : 0)},${classId},${name}`
})
export const us8kText = (rows: readonly string[] = US8K_ROWS) => `${[US8K_HEADER, ...rows].join('\r\n')}\r\n`

/** A small folder in the layout of UrbanSound8K, every clip another tone. */
export function writeUs8k(folder: string, text = us8kText()): void {
  mkdirSync(join(folder, 'metadata'), { recursive: true })
  writeFileSync(join(folder, 'metadata', 'UrbanSound8K.csv'), text)
  for (const [index, row] of US8K_ROWS.entries()) {
    const [file = '', , , , , fold] = row.split(',')
    mkdirSync(join(folder, 'audio', `fold${fold}`), { recursive: true })
    writeFileSync(join(folder, 'audio', `fold${fold}`, file), toneWav(220 + 40 * index, 0.5))
  }
}

export interface OpenedDataset {
  core: Core
  datasetId: number
}

/** Opens a workspace of its own on the folder. */
export async function openOn(
  folder: string,
  workspaceFolder: string,
  exportTo?: string,
): Promise<OpenedDataset> {
  const core = await createCore({
    ...{ workspaceFolder, entries: workerEntries(), mediaBase: '/' },
    ...(exportTo !== undefined && { exportTo }),
  })
  const result = await jobResult(core, 'datasets.import', { folder })
  return { core, datasetId: importResultSchema.parse(result).datasetId }
}

/** What a job gave. @throws its error */
export async function jobResult<M extends MethodName>(
  core: Core,
  method: M,
  input: MethodInput<M>,
): Promise<unknown> {
  const started = await core.call(method, input)
  const jobId = typeof started === 'object' && started && 'jobId' in started ? Number(started.jobId) : 0
  for (;;) {
    const job = await core.call('jobs.get', { jobId })
    if (job.status === 'succeeded') return job.result
    if (isOver(job)) throw job.error
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
}
