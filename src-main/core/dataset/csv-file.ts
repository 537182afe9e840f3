import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import type { Problem } from '../../contract/model.ts'

/** A metadata file of a million rows stays well below this. */
const MAX_BYTES = 512 * 1024 * 1024

export interface CsvRow {
  /** 1 for the header. */
  line: number
  values: Record<string, string>
}

export interface CsvTable {
  sourceHash: string
  columns: string[]
  rows: CsvRow[]
  /** Rows with the wrong number of fields. */
  problems: Problem[]
}

/** How metadata is read, by whoever counts its lines. */
export const CSV_READING = {
  bom: true,
  info: true,
  relax_column_count: true,
  skip_empty_lines: true,
  trim: true,
} as const

const recordsSchema = z.array(z.object({ info: z.object({ lines: z.int() }), record: z.array(z.string()) }))

/**
 * Reads a CSV file with a header; a BOM, CRLF, quotes and empty lines are fine.
 * @throws SoundfoldError malformed-csv | missing-file
 */
export async function readCsv(path: string): Promise<CsvTable> {
  const name = basename(path)
  const bytes = await readFile(path).catch((error: unknown) => {
    throw new SoundfoldError('missing-file', `${path} can't be read.`, { cause: error })
  })
  if (bytes.length > MAX_BYTES) throw new SoundfoldError('malformed-csv', `${name} is larger than 512 MB.`)
  const sourceHash = createHash('sha256').update(bytes).digest('hex')
  let records: z.infer<typeof recordsSchema>
  try {
    records = recordsSchema.parse(parse(bytes, CSV_READING))
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SoundfoldError('malformed-csv', `${name} is not a CSV file: ${why}`, { cause: error })
  }
  const [header, ...body] = records
  if (!header) throw new SoundfoldError('malformed-csv', `${name} is empty.`)
  const columns = header.record
  const rows: CsvRow[] = []
  const problems: Problem[] = []
  for (const { record, info } of body) {
    if (record.length === columns.length)
      rows.push({
        line: info.lines,
        values: Object.fromEntries(columns.map((column, index) => [column, record[index] ?? ''])),
      })
    else
      problems.push(
        rowProblem(
          'malformed-row',
          info.lines,
          null,
          `it has ${record.length} fields where the header has ${columns.length}`,
        ),
      )
  }
  return { sourceHash, columns, rows, problems }
}

/** @throws SoundfoldError malformed-csv naming the columns that are missing and those found */
export function requireColumns(table: CsvTable, name: string, wanted: readonly string[]): void {
  const missing = wanted.filter((column) => !table.columns.includes(column))
  if (missing.length === 0) return
  throw new SoundfoldError(
    'malformed-csv',
    `${name} has no column ${missing.map((column) => `"${column}"`).join(', ')}.`,
    { hint: `Its columns are: ${table.columns.join(', ')}.` },
  )
}

/** A problem of a row that was left out. */
export function rowProblem(code: Problem['code'], line: number, file: string | null, why: string): Problem {
  const what = file === null ? `Line ${line}` : `Line ${line} (${file})`
  return { code, severity: 'error', message: `${what} is left out: ${why}.`, clipId: null, file, line }
}
