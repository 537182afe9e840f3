import { readdir, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { SoundfoldError } from '../../contract/errors.ts'
import type { CsvMapping, DatasetFormat } from '../../contract/model.ts'
import { planCsv } from './csv.ts'
import { findEsc, planEsc } from './esc.ts'
import type { ImportPlan } from './import-plan.ts'
import { planRecordings } from './recordings.ts'
import { findUrbanSound8K, planUrbanSound8K } from './urbansound8k.ts'

const EXPECTED =
  'Expected one of: UrbanSound8K (metadata/UrbanSound8K.csv and audio/fold1 … fold10), ESC-10 or ESC-50 (meta.csv or meta/esc50.csv, and audio/), any CSV with columns for file, label and fold, named by a mapping, or recordings without labels, which must be asked for.'

/**
 * Finds out what a folder holds and reads its metadata.
 * @throws SoundfoldError not-a-dataset | malformed-csv | invalid-input
 */
export async function planImport(
  folder: string,
  format: DatasetFormat | 'auto',
  mapping: CsvMapping | undefined,
): Promise<ImportPlan> {
  const there = await stat(folder).catch(() => undefined)
  if (!there?.isDirectory())
    throw new SoundfoldError(
      'not-a-dataset',
      there ? `${folder} is not a folder.` : `${folder} is not there.`,
      { hint: EXPECTED },
    )
  if (format === 'csv' || mapping) {
    if (!mapping)
      throw new SoundfoldError('invalid-input', 'A CSV dataset needs a mapping of its columns.', {
        hint: 'Name the CSV file and its columns for file, label and fold.',
      })
    return planCsv(folder, mapping)
  }
  if (format === 'recordings') return planRecordings(folder)
  const us8k = format === 'esc' ? undefined : await findUrbanSound8K(folder)
  if (us8k) return planUrbanSound8K(folder, us8k)
  const esc = format === 'urbansound8k' ? undefined : await findEsc(folder)
  if (esc) return planEsc(folder, esc)
  const near = await nearbyDataset(folder)
  throw new SoundfoldError('not-a-dataset', `${folder} holds no dataset that Soundfold knows.`, {
    hint: near ? `Did you mean ${near}?` : EXPECTED,
  })
}

/** The dataset that the person may have meant: the folder above, or one just below. */
async function nearbyDataset(folder: string): Promise<string | undefined> {
  const below = (await readdir(folder, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory())
    .slice(0, 50)
    .map((entry) => join(folder, entry.name))
  for (const candidate of [dirname(folder), ...below])
    if (basename(candidate) && ((await findUrbanSound8K(candidate)) || (await findEsc(candidate))))
      return candidate
  return undefined
}
