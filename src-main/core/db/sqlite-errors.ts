import { readdirSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import SQLite from 'better-sqlite3'
import { SoundfoldError } from '../../contract/errors.ts'

/**
 * What an error of SQLite means for a person; anything else is passed on.
 * @param path - of the database file
 */
export function explainSqliteError(error: unknown, path: string): unknown {
  if (!(error instanceof SQLite.SqliteError)) return error
  const folder = dirname(path)
  if (error.code.startsWith('SQLITE_BUSY'))
    return new SoundfoldError('workspace-busy', `The workspace ${folder} is open in another Soundfold.`, {
      hint: 'Close that window or command first, or choose another workspace.',
      cause: error,
    })
  if (error.code === 'SQLITE_FULL')
    return new SoundfoldError('disk-full', `No space is left for the workspace ${folder}.`, {
      hint: 'Free some space and start again; what was finished before is kept.',
      cause: error,
    })
  if (error.code.startsWith('SQLITE_CANTOPEN') || error.code.startsWith('SQLITE_READONLY'))
    return new SoundfoldError('workspace-unwritable', `The workspace ${folder} can't be written.`, {
      hint: 'Choose a folder of yours, by --workspace or in the window.',
      cause: error,
    })
  if (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT'))
    return workspaceDamaged(path, error)
  return error
}

/** Names the newest backup where there is one. */
export function workspaceDamaged(path: string, cause?: unknown): SoundfoldError {
  const backup = backupsOf(path).at(-1)
  return new SoundfoldError('workspace-damaged', `${path} is damaged or not a Soundfold workspace.`, {
    hint: backup
      ? `Put the backup ${backup} in its place, or choose another workspace.`
      : 'Choose another workspace, or move this file away to start anew.',
    cause,
  })
}

/** File names, oldest schema first. */
function backupsOf(path: string): string[] {
  const prefix = `${basename(path)}.backup-v`
  return readdirSync(dirname(path))
    .filter((name) => name.startsWith(prefix))
    .sort((a, b) => Number(a.slice(prefix.length)) - Number(b.slice(prefix.length)))
}
