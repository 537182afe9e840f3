import { existsSync } from 'node:fs'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inject } from 'vitest'
import { createCore } from '../../src-main/core/create-core.ts'
import { workerEntries } from '../../src-main/host/entries.ts'
import { jobResult } from './audit-workspace.ts'

/** The demo dataset's own folder, which all workspaces of the tests share: nothing writes there. */
export const demoFolder = () => join(made(), 'datasets', 'demo-2020')

/** Makes a workspace with the demo dataset as the window would, by a copy: the first test file that asks makes the original. */
export async function demoWorkspace(folder: string): Promise<void> {
  await makeOnce()
  await cp(made(), folder, { recursive: true, filter: (path) => basename(path) !== 'datasets' })
}

const made = () => join(inject('sharedFolder'), 'demo')

async function makeOnce(): Promise<void> {
  const [lock, ready] = [`${made()}.lock`, `${made()}.ready`]
  while (!existsSync(ready)) {
    // Only one comes by; who fails lets the next one try.
    const mine = await mkdir(lock).then(
      () => true,
      () => false,
    )
    if (!mine) await delay(200)
    else
      try {
        await make()
        await writeFile(ready, '')
      } finally {
        await rm(lock, { recursive: true })
      }
  }
}

async function make(): Promise<void> {
  await rm(made(), { recursive: true, force: true })
  const core = await createCore({ workspaceFolder: made(), entries: workerEntries(), mediaBase: '/' })
  try {
    await jobResult(core, 'demo.create', {})
  } finally {
    await core.close()
  }
}
