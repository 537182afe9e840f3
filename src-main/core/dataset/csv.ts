import { join, posix } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import type { CsvMapping } from '../../contract/model.ts'
import { readCsv, requireColumns } from './csv-file.ts'
import type { ImportPlan } from './import-plan.ts'
import { planClips } from './rows.ts'

const FOLDS = [0, 9999] as const

/**
 * A CSV whose columns the mapping names. Labels that are all whole numbers are the class ids; other labels are numbered
 * in alphabetical order. Without a column of folds every clip is in fold 1.
 */
export async function planCsv(folder: string, mapping: CsvMapping): Promise<ImportPlan> {
  if (/(^|[/\\])\.\.([/\\]|$)|^[/\\]|^[a-z]:/i.test(mapping.csv))
    throw new SoundfoldError('invalid-input', `The CSV file "${mapping.csv}" must be within the folder.`)
  const table = await readCsv(join(folder, mapping.csv))
  const { csv, ...columns } = mapping
  requireColumns(
    table,
    csv,
    Object.values(columns).filter((column) => column !== undefined),
  )
  const { clips: unnumbered, problems } = planClips(table, { folds: FOLDS }, (row) => {
    const optional = (column: string | undefined) => (column === undefined ? undefined : row[column])
    return {
      relativePath: (row[mapping.file] ?? '').replaceAll('\\', '/').replace(/^(\.\/)+/, ''),
      classId: row[mapping.label] ? '0' : '',
      fold: mapping.fold === undefined ? '1' : (row[mapping.fold] ?? ''),
      salience: optional(mapping.salience),
      recording: optional(mapping.group),
      start: optional(mapping.start),
      end: optional(mapping.end),
    }
  })
  // Numbered only now: the label of a row that was left out must not change the others' numbers.
  const labelAt = new Map(table.rows.map(({ line, values }) => [line, values[mapping.label] ?? '']))
  const labelOf = ({ line }: { line: number }) => labelAt.get(line) ?? ''
  const labels = [...new Set(unnumbered.map(labelOf))].sort()
  const numbered = labels.every((label) => /^\d{1,9}$/.test(label))
  const idOf = new Map(labels.map((label, index) => [label, numbered ? Number(label) : index]))
  const clips = unnumbered.map((clip) => ({ ...clip, classId: idOf.get(labelOf(clip)) ?? 0 }))
  return {
    format: 'csv',
    mapping,
    sourceHash: table.sourceHash,
    classes: [...idOf].map(([name, id]) => ({ id, name })),
    clips,
    problems,
    skippedRows: problems.length,
    audioFolders: [...new Set(clips.map((clip) => posix.dirname(clip.relativePath)))],
  }
}
