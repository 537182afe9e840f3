import { readFileSync } from 'node:fs'
import { arch, availableParallelism, cpus, platform, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import type { RunRecord } from '../../contract/run.ts'
import { APP_VERSION } from '../app-version.ts'

/** What of a run's record this program and machine say. */
export function recordHere(): Omit<RunRecord, 'starts' | 'workSeconds'> {
  const commit = checkedOutCommit()
  return {
    code: commit === undefined ? APP_VERSION : `${APP_VERSION} (${commit.slice(0, 12)})`,
    runtime: `Node ${process.versions.node}`,
    platform: `${platform()} ${arch()}`,
    processor: cpus()[0]?.model.trim() ?? 'unknown',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
  }
}

/** @returns undefined where the program does not run from a checkout of git */
function checkedOutCommit(): string | undefined {
  try {
    const root = projectRoot(import.meta.dirname)
    const head = readFileSync(join(root, '.git/HEAD'), 'utf8').trim()
    const [, ref] = /^ref: (refs\/[\w./-]+)$/.exec(head) ?? []
    const commit = ref === undefined ? head : commitOf(root, ref)
    return commit !== undefined && /^[0-9a-f]{40,64}$/.test(commit) ? commit : undefined
  } catch {
    return undefined
  }
}

/** The folder of the package, from its sources or from what was built of them. */
function projectRoot(folder: string): string {
  try {
    const { name } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'))
    if (name === 'soundfold') return folder
  } catch {
    // Not here.
  }
  const above = dirname(folder)
  if (above === folder) throw new Error('not in its package')
  return projectRoot(above)
}

function commitOf(root: string, ref: string): string | undefined {
  try {
    return readFileSync(join(root, '.git', ref), 'utf8').trim()
  } catch {
    const packed = readFileSync(join(root, '.git/packed-refs'), 'utf8')
    return packed
      .split('\n')
      .find((line) => line.endsWith(` ${ref}`))
      ?.split(' ')[0]
  }
}
