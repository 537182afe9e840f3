import {
  accessSync,
  closeSync,
  constants,
  copyFileSync,
  existsSync,
  mkdirSync,
  openSync,
  readSync,
} from 'node:fs'
import { join } from 'node:path'
import SQLite from 'better-sqlite3'
import { SoundfoldError } from '../../contract/errors.ts'
import { initial } from './migrations/010-initial.ts'
import type { Migration } from './migrations/migration.ts'

export type Database = SQLite.Database

/** In order; each runs once, in one transaction with its version. */
export const MIGRATIONS: readonly Migration[] = [initial]
export const SCHEMA_VERSION = Math.max(...MIGRATIONS.map((migration) => migration.version))

const FILE_NAME = 'workspace.sqlite'
/** How long a second program waits before it is told that the workspace is taken. */
const LOCK_WAIT_MS = 700
const BUSY_TIMEOUT_MS = 5000

/**
 * Opens a workspace, made when it is not there, and brings it to this program's schema. The database stays locked for
 * this process until it is closed or the process ends, however it ends.
 * @throws SoundfoldError workspace-unwritable | workspace-newer | workspace-damaged | workspace-busy | disk-full
 */
export function openWorkspace(folder: string, migrations: readonly Migration[] = MIGRATIONS): Database {
  const path = join(folder, FILE_NAME)
  try {
    mkdirSync(folder, { recursive: true })
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new SoundfoldError('workspace-unwritable', `The workspace ${folder} can't be made or written.`, {
      hint: 'Choose a folder of yours, by --workspace or in the window.',
      cause: error,
    })
  }
  const version = existsSync(path) ? storedVersion(path) : 0
  const newest = Math.max(...migrations.map((migration) => migration.version))
  if (version > newest)
    throw new SoundfoldError(
      'workspace-newer',
      `The workspace ${folder} was made by a newer version of Soundfold (schema ${version}, this one knows ${newest}).`,
      { hint: 'Update Soundfold, or choose another workspace. Nothing was changed.' },
    )
  let db: Database | undefined
  try {
    db = new SQLite(path, { timeout: LOCK_WAIT_MS })
    db.pragma('locking_mode = EXCLUSIVE')
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    // An empty write takes the lock now and not at the first change.
    db.exec('BEGIN IMMEDIATE; COMMIT')
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    migrate(db, path, version, migrations)
    return db
  } catch (error) {
    db?.close()
    throw explain(error, folder)
  }
}

/** `user_version` as the file's header says it (sqlite.org/fileformat.html), read without touching the file. */
function storedVersion(path: string): number {
  const header = Buffer.alloc(100)
  const file = openSync(path, 'r')
  try {
    const length = readSync(file, header, 0, header.length, 0)
    if (length === 0) return 0
    if (length < header.length || header.toString('latin1', 0, 15) !== 'SQLite format 3') throw damaged(path)
    return header.readUInt32BE(60)
  } finally {
    closeSync(file)
  }
}

function damaged(path: string, cause?: unknown): SoundfoldError {
  return new SoundfoldError('workspace-damaged', `${path} is damaged or not a Soundfold workspace.`, {
    hint: `Put a backup in its place (${FILE_NAME}.backup-… beside it, where there is one), or choose another workspace.`,
    cause,
  })
}

function migrate(db: Database, path: string, version: number, migrations: readonly Migration[]): void {
  const pending = migrations.filter((migration) => migration.version > version)
  if (pending.length === 0) return
  if (version > 0) {
    db.pragma('wal_checkpoint(TRUNCATE)')
    copyFileSync(path, `${path}.backup-${version}`)
  }
  for (const migration of pending) {
    db.transaction(() => {
      db.exec(migration.sql)
      db.pragma(`user_version = ${migration.version}`)
    }).immediate()
  }
}

/** What SQLite's error means for a person; anything else is passed on. */
function explain(error: unknown, folder: string): unknown {
  if (!(error instanceof SQLite.SqliteError)) return error
  if (error.code.startsWith('SQLITE_BUSY'))
    return new SoundfoldError('workspace-busy', `The workspace ${folder} is open in another Soundfold.`, {
      hint: 'Close that window or command first, or choose another workspace.',
      cause: error,
    })
  if (error.code === 'SQLITE_FULL')
    return new SoundfoldError('disk-full', `No space is left for the workspace ${folder}.`, { cause: error })
  if (error.code === 'SQLITE_CANTOPEN' || error.code.startsWith('SQLITE_READONLY'))
    return new SoundfoldError('workspace-unwritable', `The workspace ${folder} can't be written.`, {
      cause: error,
    })
  if (error.code === 'SQLITE_NOTADB' || error.code.startsWith('SQLITE_CORRUPT'))
    return damaged(join(folder, FILE_NAME), error)
  return error
}
