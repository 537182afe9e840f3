import { describe, expect, it } from 'vitest'
import { api } from '../../src-main/contract/api.ts'
import { checkImport, emptyImportFields } from '../../src-renderer/features/dataset/import-form.ts'
import { changed, filterChips, toggled } from '../../src-renderer/features/library/filter.ts'
import * as format from '../../src-renderer/lib/format.ts'

describe('import form', () => {
  it('asks for a folder and for the columns that a CSV needs', () => {
    const fields = emptyImportFields()
    expect(checkImport(fields).errors).toHaveProperty('folder')
    const csv = {
      ...fields,
      folder: ' /data ',
      format: 'csv' as const,
      mapping: { ...fields.mapping, label: ' ' },
    }
    expect(Object.keys(checkImport(csv).errors)).toEqual(['label'])
  })

  it('makes an input that the core accepts, without empty columns', () => {
    const fields = emptyImportFields()
    const { input } = checkImport({
      ...fields,
      folder: ' /data ',
      format: 'csv',
      mapping: { ...fields.mapping, group: 'src' },
    })
    expect(input).toEqual({
      folder: '/data',
      format: 'csv',
      mapping: { csv: 'metadata.csv', file: 'file', label: 'label', fold: 'fold', group: 'src' },
    })
    expect(api['datasets.import'].input.safeParse(input).success).toBe(true)
    expect(checkImport({ ...fields, folder: '/data' }).input).toEqual({ folder: '/data', format: 'auto' })
  })
})

describe('filters', () => {
  const dataset = { classes: [{ id: 3, name: 'dog_bark', clips: 1 }] }

  it('toggle values and leave no empty list', () => {
    expect(toggled(undefined, 3)).toEqual([3])
    expect(toggled([3, 4], 3)).toEqual([4])
    expect(toggled([3], 3)).toBeUndefined()
    expect(changed({ folds: [1], text: 'a' }, { folds: undefined })).toEqual({ text: 'a' })
  })

  it('show as chips, each with the filter that is left without it', () => {
    const chips = filterChips(
      { classIds: [3, 9], saliences: [2], runId: 'abcdefghij', correct: false },
      dataset,
    )
    expect(chips.map(({ label }) => label)).toEqual([
      'dog bark',
      'class 9',
      'background',
      'run cdefghij',
      'predicted wrong',
    ])
    expect(chips[0]?.without).toEqual({ classIds: [9], saliences: [2], runId: 'abcdefghij', correct: false })
    expect(chips[3]?.without).toEqual({ classIds: [3, 9], saliences: [2] })
    const ofSet = { verdictSetId: 4, verdicts: ['exclude' as const] }
    const named = filterChips(ofSet, dataset, { sets: [{ id: 4, name: 'Second round' }] })
    expect(named.map(({ label }) => label)).toEqual(['verdicts of “Second round”', 'excluded'])
    expect(named[0]?.without).toEqual({})
  })
})

describe('values as people read them', () => {
  it.each([
    [format.seconds(3.5), '3.50 s'],
    [format.seconds(null), '–'],
    [format.longDuration(59.6), '1 min 00 s'],
    [format.longDuration(7980), '2 h 13 min'],
    [format.hertz(44_100), '44.1 kHz'],
    [format.hertz(11_025), '11.025 kHz'],
    [format.hertz(800), '800 Hz'],
    [format.percent(0.8733), '87.3 %'],
    [format.bytes(999), '999 B'],
    [format.bytes(1_500_000), '1.5 MB'],
    [format.plural(1, ['class', 'classes']), '1 class'],
    [format.plural(8732, ['clip', 'clips']), '8,732 clips'],
    [format.channels(6), '6 channels'],
    [format.dateTime('nonsense'), '–'],
  ])('%s is %s', (shown, expected) => {
    expect(shown).toBe(expected)
  })
})
