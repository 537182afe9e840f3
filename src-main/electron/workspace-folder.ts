import { join, resolve } from 'node:path'
import { app } from 'electron'
import { readSettings } from './settings.ts'

/** The folder that `--workspace DIR` or `--workspace=DIR` names. */
export function workspaceArgument(args: readonly string[]): string | undefined {
  const prefix = '--workspace='
  const joined = args.find((arg) => arg.startsWith(prefix))?.slice(prefix.length)
  const at = args.indexOf('--workspace')
  const folder = joined ?? (at < 0 ? undefined : args[at + 1])
  return folder ? resolve(folder) : undefined
}

/** The folder asked for, else the last one, else one in the person's documents. */
export function workspaceFolder(args: readonly string[]): string {
  return workspaceArgument(args) ?? readSettings().workspace ?? join(app.getPath('documents'), 'Soundfold')
}
