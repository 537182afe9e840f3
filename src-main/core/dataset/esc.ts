import { join } from 'node:path'
import { readCsv, requireColumns } from './csv-file.ts'
import type { ImportPlan } from './import-plan.ts'
import { planClips } from './rows.ts'
import { exists } from './urbansound8k.ts'

const FOLDS = [1, 5] as const
const CLASSES = [0, 49] as const

/** Path of the metadata, relative to the folder. */
export async function findEsc(folder: string): Promise<string | undefined> {
  for (const candidate of ['meta/esc50.csv', 'meta/esc10.csv', 'meta.csv', 'esc50.csv'])
    if ((await exists(join(folder, candidate))) && (await exists(join(folder, 'audio')))) return candidate
  return undefined
}

/** ESC-10 and ESC-50 (Piczak 2015): a CSV of filename, fold, target, category, and all audio in `audio/`. */
export async function planEsc(folder: string, metadata: string): Promise<ImportPlan> {
  const table = await readCsv(join(folder, metadata))
  requireColumns(table, metadata, ['filename', 'fold', 'target', 'category'])
  const { clips, problems } = planClips(table, { folds: FOLDS, classIds: CLASSES }, (row) => ({
    relativePath: `audio/${row.filename}`,
    classId: row.target ?? '',
    fold: row.fold ?? '',
    recording: row.src_file,
  }))
  // A row that was left out names no class: its number may be missing or wrong.
  const lines = new Set(clips.map((clip) => clip.line))
  const names = new Map(
    table.rows
      .filter(({ line }) => lines.has(line))
      .map(({ values }) => [Number(values.target), values.category ?? '']),
  )
  return {
    format: 'esc',
    mapping: null,
    sourceHash: table.sourceHash,
    classes: [...names].map(([id, name]) => ({ id, name })).sort((a, b) => a.id - b.id),
    clips,
    problems,
    skippedRows: problems.length,
    audioFolders: ['audio'],
  }
}
