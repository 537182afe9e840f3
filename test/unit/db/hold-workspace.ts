import type { Migration } from '../../../src-main/core/db/migrations/migration.ts'
import { MIGRATIONS, openWorkspace } from '../../../src-main/core/db/open.ts'

/** A second program: opens the workspace, says so or names the error's code, and stays until it is killed. */
const [folder = '', extraVersion] = process.argv.slice(2)
const extra: Migration[] = extraVersion
  ? [{ version: Number(extraVersion), purpose: 'a later step', sql: 'CREATE TABLE later (a INTEGER) STRICT' }]
  : []
try {
  openWorkspace(folder, [...MIGRATIONS, ...extra])
  console.log('open')
  setInterval(() => {}, 1000)
} catch (error) {
  console.log(error instanceof Error && 'code' in error ? error.code : String(error))
}
