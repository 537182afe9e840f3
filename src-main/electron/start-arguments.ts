import { existsSync } from 'node:fs'
import { basename, dirname, join, resolve } from 'node:path'
import { WORKSPACE_EXTENSION } from '../core/workspace-file.ts'

/** By it a folder is known for a workspace. */
const DATABASE = 'workspace.sqlite'

/** What follows `--name`, or `--name=`. */
function argument(args: readonly string[], name: string): string | undefined {
  const joined = args.find((arg) => arg.startsWith(`--${name}=`))?.slice(name.length + 3)
  const at = args.indexOf(`--${name}`)
  return joined ?? (at < 0 ? undefined : args[at + 1])
}

/** The folder that `--workspace` names, or whose folder or file was opened with the program. */
export function workspaceArgument(args: readonly string[]): string | undefined {
  const folder = argument(args, 'workspace')
  if (folder) return resolve(folder)
  return args
    .slice(1)
    .filter((arg) => !arg.startsWith('-'))
    .map(workspaceOf)
    .find((found) => found !== undefined)
}

/** The workspace that a path stands for: its folder, or a file of it that opens it; undefined for any other. */
export function workspaceOf(path: string): string | undefined {
  const absolute = resolve(path)
  const isFileOfIt = basename(absolute) === DATABASE || absolute.endsWith(WORKSPACE_EXTENSION)
  // The folder's own name may end so, too.
  const folders = isFileOfIt ? [absolute, dirname(absolute)] : [absolute]
  return folders.find((folder) => existsSync(join(folder, DATABASE)))
}

/** The screen that `--route` names, as `#/runs/ID`; the library without it. */
export const routeArgument = (args: readonly string[]) =>
  /^#\/[\w/-]*$/.exec(argument(args, 'route') ?? '')?.[0] ?? ''
