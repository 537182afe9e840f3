import { accessSync, constants, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import SQLite from 'better-sqlite3'
import { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import { initial } from './migrations/010-initial.ts'
import { recipes } from './migrations/020-recipes.ts'
import { training } from './migrations/030-training.ts'
import { runLife } from './migrations/040-run-life.ts'
import { splits } from './migrations/050-splits.ts'
import { library } from './migrations/080-library.ts'
import { history } from './migrations/090-history.ts'
import { auditIssues } from './migrations/095-audit-issues.ts'
import { verdicts } from './migrations/100-verdicts.ts'
import { annotations } from './migrations/110-annotations.ts'
import { keptClips } from './migrations/120-kept-clips.ts'
import { chosenClips } from './migrations/130-chosen-clips.ts'
import { foldCounts } from './migrations/140-fold-counts.ts'
import { hidden } from './migrations/150-hidden.ts'
import type { Migration } from './migrations/migration.ts'
import { explainSqliteError, workspaceDamaged } from './sqlite-errors.ts'

export type Database = SQLite.Database

/** In order; each runs once, in one transaction with its version. */
export const MIGRATIONS: readonly Migration[] = [
  initial,
  recipes,
  training,
  runLife,
  splits,
  library,
  history,
  auditIssues,
  verdicts,
  annotations,
  keptClips,
  chosenClips,
  foldCounts,
  hidden,
]
export const SCHEMA_VERSION = newestVersion(MIGRATIONS)

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
  const newest = newestVersion(migrations)
  makeFolder(folder)
  // The file is opened through SQLite only, never by a read or copy of our own: closing a second descriptor of it
  // anywhere in the process would drop the lock (sqlite.org/howtocorrupt.html, 2.2).
  const path = join(folder, FILE_NAME)
  let db: Database | undefined
  try {
    db = new SQLite(path, { timeout: LOCK_WAIT_MS })
    db.pragma('locking_mode = EXCLUSIVE')
    // Asked of SQLite and not of the file's header: after a crash the version may be in the write-ahead log alone.
    const version = number(db, 'PRAGMA user_version')
    if (version > newest)
      throw new SoundfoldError(
        'workspace-newer',
        `The workspace ${folder} was made by a newer version of Soundfold (schema ${version}, this one knows ${newest}).`,
        { hint: 'Update Soundfold, or choose another workspace. Nothing was changed.' },
      )
    const objects = number(db, 'SELECT COUNT(*) FROM sqlite_schema')
    if (version === 0 && objects > 0) throw workspaceDamaged(path) // somebody else's database
    db.pragma('journal_mode = WAL')
    db.pragma('synchronous = NORMAL')
    db.pragma('foreign_keys = ON')
    // An empty write takes the lock now and not at the first change.
    db.exec('BEGIN IMMEDIATE; COMMIT')
    db.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`)
    migrate(db, version, migrations)
    return db
  } catch (error) {
    db?.close()
    throw explainSqliteError(error, path)
  }
}

function makeFolder(folder: string): void {
  try {
    makeMissing(folder)
    accessSync(folder, constants.W_OK)
  } catch (error) {
    throw new SoundfoldError('workspace-unwritable', `The workspace ${folder} can't be made or written.`, {
      hint: 'Choose a folder of yours, by --workspace or in the window.',
      cause: error,
    })
  }
}

/** Node's own recursive mkdir never returns where the system answers ENOENT below a folder that exists, as in /proc. */
function makeMissing(folder: string): void {
  if (existsSync(folder)) return
  makeMissing(dirname(folder))
  mkdirSync(folder)
}

function number(db: Database, sql: string): number {
  return z.int().parse(db.prepare(sql).pluck().get())
}

/** The last version, once it is sure that they rise. */
function newestVersion(migrations: readonly Migration[]): number {
  return migrations.reduce((last, { version, purpose }) => {
    if (version <= last) throw new Error(`Migration ${version} (${purpose}) must come before ${last}.`)
    return version
  }, 0)
}

function migrate(db: Database, version: number, migrations: readonly Migration[]): void {
  const pending = migrations.filter((migration) => migration.version > version)
  if (pending.length === 0) return
  if (version > 0) backUp(db, `${db.name}.backup-v${version}`)
  for (const migration of pending) {
    db.transaction(() => {
      db.exec(migration.sql)
      db.pragma(`user_version = ${migration.version}`)
    }).immediate()
  }
}

/** A whole copy or none; one that an earlier attempt left is replaced. */
function backUp(db: Database, path: string): void {
  const temporary = `${path}.tmp`
  rmSync(temporary, { force: true })
  try {
    db.prepare('VACUUM INTO ?').run(temporary)
    renameSync(temporary, path)
  } catch (error) {
    rmSync(temporary, { force: true })
    throw error
  }
}
