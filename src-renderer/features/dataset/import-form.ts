import type { MethodInput } from '../../../src-main/contract/api.ts'
import type { CsvMapping, DatasetFormat } from '../../../src-main/contract/model.ts'

/** The import form as it is typed: every field a string. */
export interface ImportFields {
  folder: string
  format: DatasetFormat | 'auto'
  mapping: Record<keyof CsvMapping, string>
}
export type ImportErrors = Partial<Record<'folder' | keyof CsvMapping, string>>

export const MAPPING_FIELDS: readonly {
  key: keyof CsvMapping
  title: string
  needed: boolean
  hint?: string
}[] = [
  { key: 'csv', title: 'CSV file', needed: true, hint: 'Relative to the folder' },
  { key: 'file', title: 'File column', needed: true },
  { key: 'label', title: 'Label column', needed: true },
  { key: 'fold', title: 'Fold column', needed: false, hint: 'Without folds, train by recording' },
  {
    key: 'group',
    title: 'Recording column',
    needed: false,
    hint: 'Clips of one recording belong in one fold',
  },
  { key: 'salience', title: 'Salience column', needed: false, hint: '1 foreground, 2 background' },
  { key: 'start', title: 'Start column', needed: false, hint: 'Seconds in the recording' },
  { key: 'end', title: 'End column', needed: false, hint: 'Seconds in the recording' },
]

export function emptyImportFields(): ImportFields {
  return {
    folder: '',
    format: 'auto',
    mapping: {
      csv: 'metadata.csv',
      file: 'file',
      label: 'label',
      fold: 'fold',
      group: '',
      salience: '',
      start: '',
      end: '',
    },
  }
}

/** @returns the call's input, or what is wrong with which field */
export function checkImport({ folder, format, mapping }: ImportFields): {
  input?: MethodInput<'datasets.import'>
  errors: ImportErrors
} {
  const errors: ImportErrors = {}
  if (folder.trim() === '') errors.folder = 'Enter the path of the folder.'
  const filled = new Map(MAPPING_FIELDS.map(({ key }) => [key, mapping[key].trim()]))
  if (format === 'csv')
    for (const { key, title, needed } of MAPPING_FIELDS)
      if (needed && !filled.get(key)) errors[key] = `Enter the name of the ${title.toLowerCase()}.`
  if (Object.keys(errors).length > 0) return { errors }
  const input = { folder: folder.trim(), format }
  if (format !== 'csv') return { input, errors }
  const needed = (key: keyof CsvMapping) => filled.get(key) ?? ''
  const optional = Object.fromEntries(
    MAPPING_FIELDS.filter((field) => !field.needed && filled.get(field.key)).map(({ key }) => [
      key,
      needed(key),
    ]),
  )
  const columns = { csv: needed('csv'), file: needed('file'), label: needed('label') }
  return { input: { ...input, mapping: { ...columns, ...optional } }, errors }
}
