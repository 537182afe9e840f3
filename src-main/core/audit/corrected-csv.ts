import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import { CSV_READING } from '../dataset/csv-file.ts'
import { findEsc } from '../dataset/esc.ts'
import { findUrbanSound8K } from '../dataset/urbansound8k.ts'
import type { DatasetSource } from '../db/datasets.ts'

/** What becomes of a row, by its line as the importer counts lines; null leaves it out. */
export type RowChanges = ReadonlyMap<number, { classId: number; className: string } | null>

const recordsSchema = z.array(
  z.object({ info: z.object({ lines: z.int(), bytes: z.int() }), record: z.array(z.string()) }),
)

/**
 * A metadata file with other labels: its columns, their order, and every byte of the rows that stay as they are.
 * @param bytes - of the file
 * @param columns - that hold the label: number and name of the class, or the name alone
 */
export function correctedCsv(
  bytes: Buffer,
  columns: { classId?: string; className: string },
  changes: RowChanges,
): Buffer {
  const [header, ...rows] = recordsSchema.parse(parse(bytes, CSV_READING))
  if (!header) return bytes
  const placeOf = (column: string) => header.record.indexOf(column)
  const kept: Uint8Array[] = [bytes.subarray(0, header.info.bytes)]
  let from = header.info.bytes
  for (const { info } of rows) {
    const row = bytes.subarray(from, info.bytes)
    from = info.bytes
    const change = changes.get(info.lines)
    if (change === null) continue
    if (change === undefined) {
      kept.push(row)
      continue
    }
    const cells = new Map([[placeOf(columns.className), change.className]])
    if (columns.classId !== undefined) cells.set(placeOf(columns.classId), String(change.classId))
    kept.push(Buffer.from(withCells(row.toString('utf8'), cells)))
  }
  return Buffer.concat([...kept, bytes.subarray(from)])
}

/** One record, with what lies around it, with other texts in some of its cells. */
function withCells(row: string, cells: ReadonlyMap<number, string>): string {
  const [, before = '', record = '', after = ''] = /^((?:[ \t]*[\r\n]+)*)([\s\S]*?)([\r\n]*)$/.exec(row) ?? []
  const fields = fieldsOf(record).map((field, place) => {
    const text = cells.get(place)
    if (text === undefined) return field
    const [, left = '', content = '', right = ''] = /^(\s*)([\s\S]*?)(\s*)$/.exec(field) ?? []
    const quoted = content.startsWith('"') || /[",\r\n]/.test(text)
    return `${left}${quoted ? `"${text.replaceAll('"', '""')}"` : text}${right}`
  })
  return `${before}${fields.join(',')}${after}`
}

/** A record cut at its commas, quotes and spaces kept. */
function fieldsOf(record: string): string[] {
  const fields: string[] = []
  let [from, quoted] = [0, false]
  for (let at = 0; at < record.length; at++) {
    if (record[at] === '"') quoted = !quoted
    else if (record[at] === ',' && !quoted) {
      fields.push(record.slice(from, at))
      from = at + 1
    }
  }
  return [...fields, record.slice(from)]
}

/**
 * A dataset's metadata file as it was imported.
 * @throws SoundfoldError missing-file | conflict where it has been changed since
 */
export async function metadataOf({
  folder,
  format,
  mapping,
  sourceHash,
}: DatasetSource): Promise<{ name: string; bytes: Buffer; columns: Parameters<typeof correctedCsv>[1] }> {
  const path =
    format === 'csv' ? mapping?.csv : await (format === 'esc' ? findEsc(folder) : findUrbanSound8K(folder))
  const bytes = path === undefined ? undefined : await readFile(join(folder, path)).catch(() => undefined)
  if (path === undefined || bytes === undefined)
    throw new SoundfoldError('missing-file', `The metadata of ${folder} can't be read.`, {
      hint: 'If the folder was moved, relink the dataset; a patch can be exported without it.',
    })
  if (createHash('sha256').update(bytes).digest('hex') !== sourceHash)
    throw new SoundfoldError('conflict', `${path} has been changed since the dataset was imported.`, {
      hint: 'Import the folder again, then export; verdicts stay.',
    })
  const columns =
    format === 'csv'
      ? { className: mapping?.label ?? '' }
      : format === 'esc'
        ? { classId: 'target', className: 'category' }
        : { classId: 'classID', className: 'class' }
  return { name: basename(path), bytes, columns }
}
