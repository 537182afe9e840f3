import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { importDataset } from '../../../src-main/core/dataset/import.ts'
import { clipsOfDataset } from '../../../src-main/core/db/clips.ts'
import { getDataset } from '../../../src-main/core/db/datasets.ts'
import { type Database, openWorkspace } from '../../../src-main/core/db/open.ts'
import { Library } from '../../../src-main/core/library/library.ts'
import { context } from './made-up.ts'

/** Real recordings; a test whose folder is absent is skipped and names it. */
const DATA = resolve(import.meta.dirname, '../../../../shared/data')
const ORIGINALS = join(DATA, 'us8k-originals')
const ESC10 = join(DATA, 'esc10')

/*
 * Rate, bits, channels and frames of each file, from its fmt and data chunks, read by a few lines of Python (struct) that
 * share nothing with this program.
 */
const ORIGINAL_FACTS = [
  ['fold1/102305-6-0-0.wav', 44_100, 16, 2, 115_101],
  ['fold1/103074-7-0-0.wav', 48_000, 24, 2, 192_000], // WAVE_FORMAT_EXTENSIBLE
  ['fold10/100648-1-0-0.wav', 44_100, 16, 2, 28_600],
  ['fold10/102857-5-0-0.wav', 44_100, 16, 2, 176_400],
  ['fold3/103199-4-0-0.wav', 44_100, 16, 2, 176_400],
  ['fold5/100032-3-0-0.wav', 44_100, 16, 2, 14_004],
  ['fold5/100263-2-0-117.wav', 44_100, 16, 2, 176_400],
  ['fold5/100852-0-0-0.wav', 44_100, 16, 2, 176_400],
  ['fold7/101848-9-0-0.wav', 44_100, 16, 2, 176_400],
  ['fold7/102853-8-0-0.wav', 44_100, 16, 2, 176_400],
] as const

let folder: string
let db: Database
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'soundfold-originals-'))
  db = openWorkspace(join(folder, 'workspace'))
})
afterEach(() => {
  db.close()
  rmSync(folder, { recursive: true, force: true })
})

describe('real clips', () => {
  it.skipIf(!existsSync(ORIGINALS))(
    'of shared/data/us8k-originals have the rate, bits, channels and length that their chunks state',
    async () => {
      const result = await importDataset(db, { folder: ORIGINALS, format: 'auto' }, context)
      expect(result).toMatchObject({
        format: 'urbansound8k',
        clips: 10,
        readableClips: 10,
        skippedRows: 0,
        problems: 0,
      })
      const found = clipsOfDataset(db, result.datasetId)
        .map((clip) => [
          clip.relativePath.replace('audio/', ''),
          clip.sampleRateHz,
          clip.bitsPerSample,
          clip.channels,
          Math.round((clip.durationSeconds ?? 0) * (clip.sampleRateHz ?? 0)),
        ])
        .sort()
      expect(found).toEqual(ORIGINAL_FACTS)
      expect(getDataset(db, result.datasetId).classes.map(({ clips }) => clips)).toEqual(Array(10).fill(1))
    },
  )

  it.skipIf(!existsSync(ESC10))(
    'of shared/data/esc10 are 400 in 10 classes and 5 folds of 80, and the second import changes nothing',
    async () => {
      const first = await importDataset(db, { folder: ESC10, format: 'auto' }, context)
      const { folds, classes } = await new Library(db).facets(first.datasetId, {})
      expect(folds).toEqual([1, 2, 3, 4, 5].map((value) => ({ value, count: 80 })))
      expect(classes.map(({ count }) => count)).toEqual(Array(10).fill(40))
      const before = clipsOfDataset(db, first.datasetId)
      expect(await importDataset(db, { folder: ESC10, format: 'auto' }, context)).toEqual({
        ...first,
        changed: false,
      })
      expect(clipsOfDataset(db, first.datasetId)).toEqual(before)
    },
  )
})
