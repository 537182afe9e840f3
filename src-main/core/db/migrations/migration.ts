/** One step of the schema. Versions rise in tens, so that a late one fits between; a released one is never edited. */
export interface Migration {
  /** Becomes `PRAGMA user_version` in the transaction that runs `sql`. */
  readonly version: number
  readonly purpose: string
  readonly sql: string
}
