import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SQLite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { SoundfoldError } from '../../../src-main/contract/errors.ts'
import type { Migration } from '../../../src-main/core/db/migrations/migration.ts'
import { type Database, MIGRATIONS, openWorkspace, SCHEMA_VERSION } from '../../../src-main/core/db/open.ts'
import { run, transaction } from '../../../src-main/core/db/query.ts'

let folder: string
let file: string
const children: ChildProcess[] = []

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-open-'))
  file = join(folder, 'workspace.sqlite')
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** What opening throws; fails when it doesn't. */
function failure(work: () => unknown): SoundfoldError {
  try {
    work()
  } catch (error) {
    if (error instanceof SoundfoldError) return error
    throw error
  }
  throw new Error('It did not fail.')
}

/** Another process that opens the same workspace. @returns what it said, and the process */
async function otherProcess(extraVersion?: number): Promise<{ said: string; child: ChildProcess }> {
  const script = fileURLToPath(new URL('hold-workspace.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder, ...(extraVersion ? [String(extraVersion)] : [])], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [chunk] = await once(child.stdout, 'data')
  return { said: String(chunk).trim(), child }
}

async function killed(child: ChildProcess): Promise<void> {
  child.kill('SIGKILL')
  await once(child, 'exit')
}

/** Of a schema that is to come. */
const NEXT = SCHEMA_VERSION + 10
const version = (db: Database) => db.pragma('user_version', { simple: true })
const later: Migration = {
  version: NEXT,
  purpose: 'a later step',
  sql: 'CREATE TABLE later (a INTEGER) STRICT',
}
const insertJob = `INSERT INTO jobs (kind, title, status, step, done, total, created_at)
  VALUES ('demo', 'kept', 'queued', '', 0, 0, '')`

describe('a new workspace', () => {
  it('is made with its folders, in the state that the program relies on', () => {
    const db = openWorkspace(join(folder, 'a', 'b'))
    expect(version(db)).toBe(SCHEMA_VERSION)
    expect(db.pragma('journal_mode', { simple: true })).toBe('wal')
    expect(db.pragma('foreign_keys', { simple: true })).toBe(1)
    expect(db.pragma('synchronous', { simple: true })).toBe(1)
    expect(db.pragma('busy_timeout', { simple: true })).toBe(5000)
    db.close()
    expect(readdirSync(join(folder, 'a', 'b'))).toEqual(['workspace.sqlite'])
  })

  it('keeps what was written', () => {
    const first = openWorkspace(folder)
    run(first, insertJob)
    first.close()
    const second = openWorkspace(folder)
    expect(second.prepare('SELECT title FROM jobs').pluck().all()).toEqual(['kept'])
    second.close()
  })
})

describe('one program at a time', () => {
  it('refuses a second process until the first one ends', async () => {
    const first = await otherProcess()
    expect(first.said).toBe('open')
    const refused = failure(() => openWorkspace(folder))
    expect(refused.code).toBe('workspace-busy')
    expect(refused.message).toContain(folder)
    await killed(first.child)
    openWorkspace(folder).close()
  })

  it('is refused in the same process too, and that leaves the lock in place', async () => {
    const db = openWorkspace(folder)
    expect(failure(() => openWorkspace(folder)).code).toBe('workspace-busy')
    expect((await otherProcess()).said).toBe('workspace-busy')
    db.close()
    expect((await otherProcess()).said).toBe('open')
  })

  it('keeps the lock after a migration has made its backup', async () => {
    openWorkspace(folder).close()
    const db = openWorkspace(folder, [...MIGRATIONS, later])
    expect((await otherProcess(NEXT)).said).toBe('workspace-busy')
    db.close()
  })

  it('opens a workspace whose program was killed in its first session', async () => {
    const { said, child } = await otherProcess()
    expect(said).toBe('open')
    await killed(child)
    const db = openWorkspace(folder)
    expect(version(db)).toBe(SCHEMA_VERSION)
    db.close()
  })

  it('opens a workspace whose program was killed just after a migration', async () => {
    openWorkspace(folder).close()
    const { child } = await otherProcess(NEXT)
    await killed(child)
    const db = openWorkspace(folder, [...MIGRATIONS, later])
    expect(version(db)).toBe(NEXT)
    db.close()
  })
})

describe('migrations', () => {
  it('makes a backup of the earlier schema with its rows, and none for a new file', () => {
    const old = openWorkspace(folder)
    run(old, insertJob)
    old.close()
    openWorkspace(folder, [...MIGRATIONS, later]).close()
    expect(readdirSync(folder).sort()).toEqual([
      'workspace.sqlite',
      `workspace.sqlite.backup-v${SCHEMA_VERSION}`,
    ])
    const backup = new SQLite(`${file}.backup-v${SCHEMA_VERSION}`, { readonly: true })
    expect(version(backup)).toBe(SCHEMA_VERSION)
    expect(backup.prepare('SELECT title FROM jobs').pluck().all()).toEqual(['kept'])
    expect(backup.prepare("SELECT name FROM sqlite_schema WHERE name = 'later'").all()).toEqual([])
    backup.close()
  })

  it('leaves the schema and version as they were when a step fails, and tries again next time', () => {
    openWorkspace(folder).close()
    const broken: Migration = { ...later, sql: 'CREATE TABLE half (a INTEGER) STRICT; SELECT * FROM nowhere' }
    expect(() => openWorkspace(folder, [...MIGRATIONS, broken])).toThrow('nowhere')
    const db = openWorkspace(folder)
    expect(version(db)).toBe(SCHEMA_VERSION)
    expect(db.prepare("SELECT name FROM sqlite_schema WHERE name = 'half'").all()).toEqual([])
    db.close()
    openWorkspace(folder, [...MIGRATIONS, later]).close()
  })

  it('refuses steps that do not rise', () => {
    expect(() => openWorkspace(folder, [later, ...MIGRATIONS])).toThrow('Migration 10')
    expect(readdirSync(folder)).toEqual([])
  })

  it('refuses a workspace of a newer program and changes no byte', () => {
    openWorkspace(folder, [...MIGRATIONS, later]).close()
    const before = readFileSync(file)
    const refused = failure(() => openWorkspace(folder))
    expect(refused.code).toBe('workspace-newer')
    expect(refused.message).toContain(`schema ${NEXT}`)
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(readdirSync(folder)).toEqual(['workspace.sqlite'])
  })
})

describe('a workspace that can not be used', () => {
  it.each([
    ['a text file', () => writeFileSync(file, 'not a database')],
    ['a long text file', () => writeFileSync(file, 'not a database. '.repeat(1000))],
    [
      'one cut short',
      () => {
        openWorkspace(folder).close()
        truncateSync(file, 6000)
      },
    ],
    [
      'one with a page overwritten',
      () => {
        openWorkspace(folder).close()
        writeFileSync(file, Buffer.alloc(3000, 0x55), { flag: 'r+' })
      },
    ],
    [
      'another program’s database',
      () => {
        const other = new SQLite(file)
        other.exec('CREATE TABLE bookmarks (url TEXT)')
        other.close()
      },
    ],
  ])('calls %s damaged and leaves it as it was', (_, damage) => {
    damage()
    const before = readFileSync(file)
    const refused = failure(() => openWorkspace(folder))
    expect(refused.code).toBe('workspace-damaged')
    expect(refused.message).toContain(file)
    expect(readFileSync(file).equals(before)).toBe(true)
    expect(readdirSync(folder)).toEqual(['workspace.sqlite'])
  })

  it('names the newest backup beside a damaged one', () => {
    for (const old of ['9', String(SCHEMA_VERSION)]) writeFileSync(`${file}.backup-v${old}`, '')
    writeFileSync(file, 'not a database')
    expect(failure(() => openWorkspace(folder)).hint).toContain(`workspace.sqlite.backup-v${SCHEMA_VERSION}`)
  })

  it('tells of damage that shows only later', () => {
    const old = openWorkspace(folder)
    for (let index = 0; index < 500; index += 1) run(old, insertJob)
    old.close()
    const bytes = readFileSync(file)
    bytes.fill(0x55, bytes.length - 8192)
    writeFileSync(file, bytes)
    const db = openWorkspace(folder)
    expect(failure(() => run(db, "UPDATE jobs SET title = 'changed'")).code).toBe('workspace-damaged')
    db.close()
  })

  it('can not be below a file', () => {
    writeFileSync(join(folder, 'file'), 'x')
    const refused = failure(() => openWorkspace(join(folder, 'file', 'workspace')))
    expect(refused.code).toBe('workspace-unwritable')
    expect(refused.message).toContain(join(folder, 'file', 'workspace'))
    expect(readdirSync(folder)).toEqual(['file'])
    expect(failure(() => openWorkspace(join(folder, 'file'))).code).toBe('workspace-unwritable')
  })

  it.skipIf(process.platform !== 'linux')('can not be in a folder that takes no files', () => {
    expect(failure(() => openWorkspace('/proc/soundfold')).code).toBe('workspace-unwritable')
    expect(failure(() => openWorkspace('/proc')).code).toBe('workspace-unwritable')
  })

  it('says that the disk is full and keeps what was there', () => {
    const db = openWorkspace(folder)
    run(db, insertJob)
    // SQLite's own limit on pages gives the same error as a full disk.
    db.pragma(`max_page_count = ${db.pragma('page_count', { simple: true })}`)
    const refused = failure(() =>
      transaction(db, () => {
        for (let index = 0; index < 10_000; index += 1) run(db, insertJob)
      }),
    )
    expect(refused.code).toBe('disk-full')
    expect(db.prepare('SELECT COUNT(*) FROM jobs').pluck().get()).toBe(1)
    db.close()
  })
})
