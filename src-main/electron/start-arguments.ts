import { join, resolve } from 'node:path'
import { app } from 'electron'
import { readSettings } from './settings.ts'

/** What follows `--name`, or `--name=`. */
function argument(args: readonly string[], name: string): string | undefined {
  const joined = args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const at = args.indexOf(`--${name}`)
  return joined ?? (at < 0 ? undefined : args[at + 1])
}

/** The folder that `--workspace` names. */
export function workspaceArgument(args: readonly string[]): string | undefined {
  const folder = argument(args, 'workspace')
  return folder ? resolve(folder) : undefined
}

/** The screen that `--route` names, as `#/runs/ID`; the library without it. */
export const routeArgument = (args: readonly string[]) =>
  /^#\/[\w/-]*$/.exec(argument(args, 'route') ?? '')?.[0] ?? ''

/** The folder asked for, else the last one, else one in the person's documents. */
export function workspaceFolder(args: readonly string[]): string {
  return workspaceArgument(args) ?? readSettings().workspace ?? join(app.getPath('documents'), 'Soundfold')
}
