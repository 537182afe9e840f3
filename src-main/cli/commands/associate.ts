import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { homedir } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { SoundfoldError } from '../../contract/errors.ts'
import { writeFileAtomic } from '../../core/atomic-write.ts'
import { WORKSPACE_EXTENSION } from '../../core/workspace-file.ts'
import { electronBinary } from '../../host/find-electron.ts'
import { Output } from '../output.ts'

/** Workspaces opened by a double click: what a Linux desktop is told by shared-mime-info and desktop entries. */
const MIME_TYPE = 'application/x-soundfold-workspace'
const MIME_PACKAGE = `<?xml version="1.0" encoding="UTF-8"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="${MIME_TYPE}">
    <comment>Soundfold workspace</comment>
    <glob pattern="*${WORKSPACE_EXTENSION}"/>
  </mime-type>
</mime-info>
`

export interface AssociateOptions {
  json?: boolean
  remove?: boolean
}

export interface Association {
  /** Written, or removed. */
  files: string[]
  /** Programs of the system that should have read them and are not there. */
  missing: string[]
}

export async function associate(options: AssociateOptions): Promise<void> {
  const output = new Output(options.json ?? false)
  try {
    const dataFolder = userDataFolder(process.platform, process.env)
    const done = options.remove
      ? await removeAssociation(dataFolder)
      : await writeAssociation(dataFolder, programEntry())
    const verb = options.remove ? 'Removed' : 'Wrote'
    output.result({ ...done, removed: options.remove ?? false }, () =>
      done.files.length === 0 ? 'Nothing was there to remove.' : `${verb}\n  ${done.files.join('\n  ')}`,
    )
    if (done.missing.length > 0)
      output.note(
        `${done.missing.join(' and ')} is missing here: install the packages shared-mime-info and desktop-file-utils, then run this again.`,
      )
  } catch (error) {
    process.exitCode = output.fail(error)
  }
}

/**
 * Where a person's own file types and programs are kept, by the XDG base directory specification.
 * @throws SoundfoldError invalid-input where the system is not Linux
 */
export function userDataFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  if (platform !== 'linux')
    throw new SoundfoldError(
      'invalid-input',
      `On ${platform === 'darwin' ? 'macOS' : platform === 'win32' ? 'Windows' : platform} only an installer can associate a file type with Soundfold.`,
      {
        hint: 'Open a workspace by File → Open Workspace, or by: npm start -- --workspace FOLDER',
      },
    )
  const named = env.XDG_DATA_HOME
  // A relative path is to be ignored, says the specification.
  return named && isAbsolute(named) ? named : join(homedir(), '.local', 'share')
}

/** @throws SoundfoldError not-found where the desktop app is not installed or not built */
function programEntry(): string {
  const project = (path: string) => fileURLToPath(new URL(`../../../${path}`, import.meta.url))
  if (!electronBinary() || !existsSync(project('out/main/electron/main.js')))
    throw new SoundfoldError('not-found', 'The desktop app is not installed or not built here.', {
      hint: 'Run npm install and npm run build in the folder of Soundfold, then this again.',
    })
  return desktopEntry(
    [process.execPath, project('scripts/start.mjs')],
    project('src-renderer/public/favicon.svg'),
  )
}

/** A desktop entry that starts a program with the file that was opened; the icon is a path. */
export function desktopEntry(command: readonly string[], icon: string): string {
  return `[Desktop Entry]
Type=Application
Version=1.0
Name=Soundfold
Comment=Classify environmental sound
Exec=${escaped(`${command.map(quoted).join(' ')} %f`)}
Icon=${escaped(icon)}
Terminal=false
Categories=Science;
MimeType=${MIME_TYPE};
`
}

/** An argument of `Exec`: the desktop entry specification, "The Exec key". */
const quoted = (argument: string) => `"${argument.replace(/["`$\\]/g, '\\$&').replaceAll('%', '%%')}"`

/** Any string in a desktop entry, an `Exec` that is already quoted too: the same, "Possible value types". */
const escaped = (value: string) =>
  value.replaceAll('\\', '\\\\').replaceAll('\n', '\\n').replaceAll('\r', '\\r').replaceAll('\t', '\\t')

const mimeFile = (dataFolder: string) => join(dataFolder, 'mime', 'packages', 'soundfold.xml')
const entryFile = (dataFolder: string) => join(dataFolder, 'applications', 'soundfold.desktop')

/** @throws SoundfoldError disk-full */
export async function writeAssociation(dataFolder: string, entry: string): Promise<Association> {
  const files = [mimeFile(dataFolder), entryFile(dataFolder)]
  await writeFileAtomic(mimeFile(dataFolder), MIME_PACKAGE)
  await writeFileAtomic(entryFile(dataFolder), entry)
  return { files, missing: updateDatabases(dataFolder) }
}

export async function removeAssociation(dataFolder: string): Promise<Association> {
  const files = [mimeFile(dataFolder), entryFile(dataFolder)].filter((file) => existsSync(file))
  for (const file of files) await rm(file)
  return { files, missing: files.length === 0 ? [] : updateDatabases(dataFolder) }
}

/** Has the desktop read its folders anew. @returns the programs for it that are not there */
function updateDatabases(dataFolder: string): string[] {
  return [
    ['update-mime-database', join(dataFolder, 'mime')] as const,
    ['update-desktop-database', join(dataFolder, 'applications')] as const,
  ].flatMap(([program, folder]) => {
    // Of a program for the other file alone, the folder may not be there.
    if (!existsSync(folder)) return []
    const { error, status, stderr } = spawnSync(program, [folder], { encoding: 'utf8' })
    if (error && 'code' in error && error.code === 'ENOENT') return [program]
    if (error || status !== 0)
      throw new SoundfoldError('internal', `${program} ${folder} failed. ${stderr?.trim() ?? ''}`.trim(), {
        cause: error,
      })
    return []
  })
}
