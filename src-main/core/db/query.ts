import type { Statement } from 'better-sqlite3'
import { z } from 'zod'
import type { Database } from './open.ts'
import { explainSqliteError } from './sqlite-errors.ts'

/** Values that SQLite takes. */
export type SqlValue = string | number | bigint | Uint8Array | null
export type SqlParameters = Record<string, SqlValue>

/** A column that holds JSON. */
export const json = <S extends z.ZodType>(schema: S) =>
  z
    .string()
    .transform((text): unknown => JSON.parse(text))
    .pipe(schema)

/**
 * Values of many rows in one, by `json_group_array`: an object for each row takes three times as long. They are of STRICT tables, and a
 * look at each takes as long as reading it.
 */
const column = <T>() => json(z.custom<T[]>(Array.isArray))
export const numbers = column<number>()
export const numbersOrNulls = column<number | null>()
export const texts = column<string | null>()

const cache = new WeakMap<Database, Map<string, Statement>>()

/** The prepared form of a statement, kept for the life of the database. */
function prepared(db: Database, sql: string): Statement {
  let statements = cache.get(db)
  if (!statements) {
    statements = new Map()
    cache.set(db, statements)
  }
  let statement = statements.get(sql)
  if (!statement) {
    statement = db.prepare(sql)
    statements.set(sql, statement)
  }
  return statement
}

/** A full disk or a damaged file is told as such, wherever it shows. */
function explained<T>(db: Database, work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw explainSqliteError(error, db.name)
  }
}

/** All rows, each parsed. Values only ever enter as named parameters. */
export function all<S extends z.ZodType>(
  db: Database,
  schema: S,
  sql: string,
  parameters: SqlParameters = {},
) {
  return explained(db, () => prepared(db, sql).all(parameters)).map((row) => schema.parse(row))
}

/** The first row, or undefined. */
export function get<S extends z.ZodType>(
  db: Database,
  schema: S,
  sql: string,
  parameters: SqlParameters = {},
): z.output<S> | undefined {
  const row = explained(db, () => prepared(db, sql).get(parameters))
  return row === undefined ? undefined : schema.parse(row)
}

/** Runs a change. @returns the new row's id and how many rows changed */
export function run(
  db: Database,
  sql: string,
  parameters: SqlParameters = {},
): { id: number; changes: number } {
  const result = explained(db, () => prepared(db, sql).run(parameters))
  return { id: Number(result.lastInsertRowid), changes: result.changes }
}

/** Everything in `work` or nothing. */
export function transaction<T>(db: Database, work: () => T): T {
  return explained(db, () => db.transaction(work).immediate())
}
