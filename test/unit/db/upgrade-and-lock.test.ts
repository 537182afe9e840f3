import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import SQLite from 'better-sqlite3'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { toErrorShape } from '../../../src-main/contract/errors.ts'
import type { Migration } from '../../../src-main/core/db/migrations/migration.ts'
import { type Database, MIGRATIONS, openWorkspace, SCHEMA_VERSION } from '../../../src-main/core/db/open.ts'
import { run } from '../../../src-main/core/db/query.ts'

let folder: string
const children: ChildProcess[] = []
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-upgrade-'))
})
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

/** Another process that has opened the workspace and stays. */
async function holder(extraVersion = ''): Promise<ChildProcess> {
  const script = fileURLToPath(new URL('hold-workspace.ts', import.meta.url))
  const child = spawn(process.execPath, [script, folder, extraVersion], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  const [said] = await once(child.stdout, 'data')
  expect(String(said).trim()).toBe('open')
  return child
}

function codeOf(work: () => unknown): string {
  try {
    work()
  } catch (error) {
    return toErrorShape(error).code
  }
  return 'none'
}

const insertJob = `INSERT INTO jobs (kind, title, status, step, done, total, created_at)
  VALUES ('demo', @title, 'queued', '', 0, 0, '')`
/** Of a schema that is to come. */
const NEXT = SCHEMA_VERSION + 10
const titles = (db: Database) => db.prepare('SELECT title FROM jobs ORDER BY id').pluck().all()
const addColumn: Migration = {
  version: NEXT,
  purpose: 'jobs have a note',
  sql: `ALTER TABLE jobs ADD COLUMN note TEXT NOT NULL DEFAULT 'none'`,
}
const fillColumn: Migration = {
  version: NEXT + 10,
  purpose: 'the note says the title',
  sql: 'UPDATE jobs SET note = title',
}

describe('a workspace of an earlier schema', () => {
  beforeEach(() => {
    const db = openWorkspace(folder)
    for (const title of ['first', 'second']) run(db, insertJob, { title })
    db.close()
  })

  it('keeps its rows through all the steps and is backed up once', () => {
    const all = [...MIGRATIONS, addColumn, fillColumn]
    for (const _time of [1, 2]) {
      const db = openWorkspace(folder, all)
      expect(db.pragma('user_version', { simple: true })).toBe(NEXT + 10)
      expect(titles(db)).toEqual(['first', 'second'])
      expect(db.prepare('SELECT note FROM jobs ORDER BY id').pluck().all()).toEqual(['first', 'second'])
      db.close()
      expect(readdirSync(folder).sort()).toEqual([
        'workspace.sqlite',
        `workspace.sqlite.backup-v${SCHEMA_VERSION}`,
      ])
    }
  })

  it('has a backup of each schema that it was upgraded from, which opens as it was', () => {
    openWorkspace(folder, [...MIGRATIONS, addColumn]).close()
    openWorkspace(folder, [...MIGRATIONS, addColumn, fillColumn]).close()
    const backups = readdirSync(folder).filter((name) => name.includes('backup'))
    expect(new Set(backups)).toEqual(
      new Set([`workspace.sqlite.backup-v${SCHEMA_VERSION}`, `workspace.sqlite.backup-v${NEXT}`]),
    )
    for (const name of backups) {
      const backup = new SQLite(join(folder, name), { readonly: true })
      expect(backup.pragma('integrity_check', { simple: true })).toBe('ok')
      expect(titles(backup)).toEqual(['first', 'second'])
      backup.close()
    }
  })

  it('keeps the steps that were finished when a later one fails', () => {
    const broken: Migration = { ...fillColumn, sql: 'UPDATE jobs SET note = nothing' }
    expect(codeOf(() => openWorkspace(folder, [...MIGRATIONS, addColumn, broken]))).toBe('internal')
    const db = openWorkspace(folder, [...MIGRATIONS, addColumn])
    expect(db.pragma('user_version', { simple: true })).toBe(NEXT)
    expect(titles(db)).toEqual(['first', 'second'])
    db.close()
  })
})

describe('two programs', () => {
  it('are told apart within 3 s, again and again, and the first goes on', async () => {
    const first = await holder()
    for (const _time of [1, 2]) {
      const started = performance.now()
      expect(codeOf(() => openWorkspace(folder))).toBe('workspace-busy')
      expect(performance.now() - started).toBeLessThan(3000)
    }
    expect(first.exitCode).toBeNull()
  })

  it('keep earlier rows when the one that holds them is killed', async () => {
    const before = openWorkspace(folder)
    run(before, insertJob, { title: 'kept' })
    before.close()
    const child = await holder()
    child.kill('SIGKILL')
    await once(child, 'exit')
    const db = openWorkspace(folder)
    expect(titles(db)).toEqual(['kept'])
    expect(db.pragma('integrity_check', { simple: true })).toBe('ok')
    db.close()
    expect(readdirSync(folder)).toEqual(['workspace.sqlite'])
  })

  it('of which the newer was killed leave a workspace that the older refuses and the newer opens', async () => {
    openWorkspace(folder).close()
    // The newer schema is in the write-ahead log alone.
    const child = await holder(String(NEXT))
    child.kill('SIGKILL')
    await once(child, 'exit')
    expect(codeOf(() => openWorkspace(folder))).toBe('workspace-newer')
    const refusedOnce = readFileSync(join(folder, 'workspace.sqlite'))
    expect(codeOf(() => openWorkspace(folder))).toBe('workspace-newer')
    expect(readFileSync(join(folder, 'workspace.sqlite')).equals(refusedOnce)).toBe(true)
    const later = { version: NEXT, purpose: 'a later step', sql: '' }
    const db = openWorkspace(folder, [...MIGRATIONS, later])
    expect(db.prepare('SELECT COUNT(*) FROM later').pluck().get()).toBe(0)
    db.close()
  })
})
