import { access } from 'node:fs/promises'
import { join } from 'node:path'
import { readCsv, requireColumns } from './csv-file.ts'
import type { ImportPlan } from './import-plan.ts'
import { planClips } from './rows.ts'

const FOLDS = [1, 10] as const
const CLASSES = [0, 9] as const
const COLUMNS = ['slice_file_name', 'fsID', 'start', 'end', 'salience', 'fold', 'classID', 'class']
const CLASS_NAMES = [
  'air_conditioner',
  'car_horn',
  'children_playing',
  'dog_bark',
  'drilling',
  'engine_idling',
  'gun_shot',
  'jackhammer',
  'siren',
  'street_music',
]

export const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  )

/** Path of the metadata, relative to the folder: in `metadata/`, or beside the folds. */
export async function findUrbanSound8K(folder: string): Promise<string | undefined> {
  for (const candidate of ['metadata/UrbanSound8K.csv', 'UrbanSound8K.csv'])
    if (await exists(join(folder, candidate))) return candidate
  return undefined
}

/** The official layout: `metadata/UrbanSound8K.csv` and `audio/fold1` … `audio/fold10` (or the folds themselves). */
export async function planUrbanSound8K(folder: string, metadata: string): Promise<ImportPlan> {
  const table = await readCsv(join(folder, metadata))
  requireColumns(table, metadata, COLUMNS)
  const direct = !(await exists(join(folder, 'audio'))) && (await exists(join(folder, 'fold1')))
  const prefix = direct ? '' : 'audio/'
  const { clips, problems } = planClips(table, { folds: FOLDS, classIds: CLASSES }, (row) => ({
    relativePath: `${prefix}fold${row.fold}/${row.slice_file_name}`,
    classId: row.classID ?? '',
    fold: row.fold ?? '',
    salience: row.salience,
    recording: row.fsID,
    start: row.start,
    end: row.end,
  }))
  const used = new Set(clips.map((clip) => clip.classId))
  return {
    format: 'urbansound8k',
    mapping: null,
    sourceHash: table.sourceHash,
    classes: CLASS_NAMES.map((name, id) => ({ id, name })).filter(({ id }) => used.has(id)),
    clips,
    problems,
    skippedRows: problems.length,
    audioFolders: Array.from({ length: FOLDS[1] }, (_, index) => `${prefix}fold${index + 1}`),
  }
}
