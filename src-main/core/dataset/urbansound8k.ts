import { access } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import { readCsv, requireColumns } from './csv-file.ts'
import type { ImportPlan } from './import-plan.ts'
import { planClips } from './rows.ts'

const FOLDS = [1, 10] as const
const MOST_CLASSES = 10_000
export const COLUMNS = ['slice_file_name', 'fsID', 'start', 'end', 'salience', 'fold', 'classID', 'class']
/** Beside the metadata of a dataset in this layout whose classes are its own: `classID`, `class`. */
export const CLASSES_FILE = 'classes.csv'
export const CLASS_NAMES: readonly string[] = [
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
  const classes =
    (await ownClasses(join(folder, dirname(metadata)))) ?? CLASS_NAMES.map((name, id) => ({ id, name }))
  const ids = new Set(classes.map(({ id }) => id))
  requireColumns(table, metadata, COLUMNS)
  const direct = !(await exists(join(folder, 'audio'))) && (await exists(join(folder, 'fold1')))
  const prefix = direct ? '' : 'audio/'
  const { clips, problems } = planClips(
    table,
    { folds: FOLDS, classIds: [Math.min(...ids), Math.max(...ids)] },
    (row) => ({
      relativePath: `${prefix}fold${row.fold}/${row.slice_file_name}`,
      classId: row.classID ?? '',
      fold: row.fold ?? '',
      salience: row.salience,
      recording: row.fsID,
      start: row.start,
      end: row.end,
    }),
  )
  const used = new Set(clips.map((clip) => clip.classId))
  return {
    format: 'urbansound8k',
    mapping: null,
    sourceHash: table.sourceHash,
    classes: classes.filter(({ id }) => used.has(id)),
    clips,
    problems,
    skippedRows: problems.length,
    audioFolders: Array.from({ length: FOLDS[1] }, (_, index) => `${prefix}fold${index + 1}`),
  }
}

/** Undefined where the folder has no such list. @throws SoundfoldError malformed-csv */
async function ownClasses(folder: string): Promise<{ id: number; name: string }[] | undefined> {
  const path = join(folder, CLASSES_FILE)
  if (!(await exists(path))) return undefined
  const table = await readCsv(path)
  requireColumns(table, CLASSES_FILE, ['classID', 'class'])
  const classes = table.rows.map(({ line, values }) => {
    const id = /^\d{1,9}$/.test(values.classID ?? '') ? Number(values.classID) : undefined
    if (id === undefined || !values.class)
      throw new SoundfoldError('malformed-csv', `Line ${line} of ${CLASSES_FILE} names no class by a number.`)
    return { id, name: values.class }
  })
  if (classes.length === 0 || new Set(classes.map(({ id }) => id)).size < classes.length)
    throw new SoundfoldError('malformed-csv', `${CLASSES_FILE} is empty, or gives a number to two classes.`)
  // Rows of a number between them that is not listed still have a class.
  const named = new Map(classes.map(({ id, name }) => [id, name]))
  const [lowest, highest] = [Math.min(...named.keys()), Math.max(...named.keys())]
  if (highest - lowest > MOST_CLASSES)
    throw new SoundfoldError(
      'malformed-csv',
      `The numbers of ${CLASSES_FILE} lie more than ${MOST_CLASSES} apart.`,
    )
  return Array.from({ length: highest - lowest + 1 }, (_, index) => ({
    id: lowest + index,
    name: named.get(lowest + index) ?? `class ${lowest + index}`,
  }))
}
