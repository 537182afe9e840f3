import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { type FileAnnotation, inTime } from '../../src-main/core/annotation/formats/format.ts'
import { readAnnotations, writeAnnotations } from '../../src-main/core/annotation/formats/index.ts'

/** Files made by other programs and what these read in them: generate/annotations.py. */
const data = new URL('data/annotations/', import.meta.url)
const rowSchema = z.object({
  start: z.number(),
  end: z.number().optional(),
  duration: z.number().optional(),
  label: z.string(),
  low: z.number().optional(),
  high: z.number().optional(),
  confidence: z.number().nullable().optional(),
  author: z.string().optional(),
  namespace: z.string().optional(),
  tier: z.string().optional(),
})
const rows = z.array(rowSchema)
const { expected, ours } = z
  .object({
    expected: z.record(z.string(), rows),
    ours: z
      .object({
        audacity: rows,
        raven: rows,
        ravenColumns: z.array(z.string()),
        jams: rows,
        textgrid: rows,
        textgridIntervals: z.record(z.string(), z.int()),
      })
      .optional(),
  })
  .parse(JSON.parse(readFileSync(new URL('annotations.json', data), 'utf8')))

describe.each(Object.entries(expected))('%s, made by another program', (name, wanted) => {
  const { annotations } = readAnnotations(readFileSync(new URL(name, data)), name, 'auto')

  it('holds what that program or a third one reads in it', () => {
    expect(annotations).toHaveLength(wanted.length)
    for (const [index, row] of wanted.entries()) {
      const own = annotations[index]
      expect(own?.label).toBe(row.label)
      expect(own?.startSeconds).toBeCloseTo(row.start, 9)
      expect(own?.endSeconds).toBeCloseTo(row.end ?? Number.NaN, 9)
      expect(own?.lowHz).toBe(row.low ?? null)
      expect(own?.highHz).toBe(row.high ?? null)
      expect(own?.confidence).toBe(row.confidence ?? null)
      expect(own?.author).toBe(row.author ?? '')
      expect(own?.extra.tier).toBe(row.tier)
      if (row.namespace) expect(own?.extra.namespace ?? 'segment_open').toBe(row.namespace)
    }
  })

  it('is the same after it was written again', () => {
    const format = name.endsWith('.jams')
      ? 'jams'
      : name.endsWith('.TextGrid')
        ? 'textgrid'
        : name.includes('selections')
          ? 'raven'
          : 'audacity'
    const media = { fileName: 'sound.wav', durationSeconds: 400, sampleRateHz: 44_100 }
    const { files, notes } = writeAnnotations([{ media, stem: 'sound', annotations }], format)
    const [file] = files
    const again = readAnnotations(Buffer.from(file?.text ?? ''), file?.name ?? '', 'auto').annotations
    const comparable = (list: readonly FileAnnotation[]) =>
      inTime(list.map((one) => ({ ...one, line: 0, file: null })))
        .map((one) => JSON.stringify(one))
        .sort()
    expect(comparable(again)).toEqual(comparable(annotations))
    expect(notes).toEqual([])
  })
})

it('tells of observations that are no labels', () => {
  const { notes } = readAnnotations(readFileSync(new URL('street.jams', data)), 'street.jams', 'auto')
  expect(notes).toEqual([
    '1 observations of annotation 3 (beat) of street.jams are left out: their values are no labels.',
  ])
})

const annotation = (change: Partial<FileAnnotation>): FileAnnotation => ({
  startSeconds: 0,
  endSeconds: 0,
  lowHz: null,
  highHz: null,
  label: '',
  salience: null,
  confidence: null,
  note: '',
  author: '',
  extra: {},
  createdAt: null,
  changedAt: null,
  ...change,
})
const media = { fileName: 'street.wav', durationSeconds: 10, sampleRateHz: 44_100 }
const written: FileAnnotation[] = [
  annotation({
    startSeconds: 0.5,
    endSeconds: 2.25,
    lowHz: 400,
    highHz: 1800.5,
    label: 'siren',
    salience: 1,
    confidence: 0.75,
    note: 'far, behind a house',
    author: 'Ann',
    createdAt: '2026-01-02T03:04:05.000Z',
    changedAt: '2026-01-02T03:05:05.000Z',
  }),
  annotation({ startSeconds: 1, endSeconds: 3, label: 'dog "bark" – ä', salience: 2, author: 'Ben' }),
  annotation({
    startSeconds: 5.125,
    endSeconds: 5.125,
    label: 'click',
    author: 'Ann',
    extra: { Species: 'none' },
  }),
]

describe('files of ours, read by other programs', () => {
  const folder = new URL('ours/', data)
  const clips = [{ media, stem: 'street', annotations: written }]
  const files = [
    ...(['audacity', 'raven', 'jams', 'textgrid', 'csv'] as const).flatMap(
      (format) => writeAnnotations(clips, format).files,
    ),
    // crowsetta takes a label file of boxes alone.
    ...writeAnnotations([{ media, stem: 'box', annotations: written.slice(0, 1) }], 'audacity').files,
  ]
  if (process.env.SOUNDFOLD_WRITE_ANNOTATIONS) {
    mkdirSync(folder, { recursive: true })
    for (const { name, text } of files) writeFileSync(new URL(name, folder), text)
  }

  it.each(files)('$name is as they were given it', ({ name, text }) => {
    expect(text).toBe(readFileSync(new URL(name, folder), 'utf8'))
  })

  it('crowsetta reads the labels of Audacity and Raven', () => {
    const box = { start: 0.5, end: 2.25, low: 400, high: 1800.5, label: 'siren' }
    expect(ours?.audacity).toEqual([box])
    expect(ours?.raven).toEqual([
      box,
      { start: 1, end: 3, low: 0, high: 22_050, label: 'dog "bark" – ä' },
      { start: 5.125, end: 5.125, low: 0, high: 22_050, label: 'click' },
    ])
    expect(ours?.ravenColumns.slice(0, 7)).toEqual([
      'Selection',
      'View',
      'Channel',
      'Begin Time (s)',
      'End Time (s)',
      'Low Freq (Hz)',
      'High Freq (Hz)',
    ])
  })

  it('jams takes its file by its schema and reads times, labels, confidence and author', () => {
    expect(ours?.jams).toEqual([
      { start: 0.5, duration: 1.75, label: 'siren', confidence: 0.75, author: 'Ann' },
      { start: 5.125, duration: 0, label: 'click', confidence: null, author: 'Ann' },
      { start: 1, duration: 2, label: 'dog "bark" – ä', confidence: null, author: 'Ben' },
    ])
  })

  it('praatio and praat-textgrids read the tiers, overlaps apart', () => {
    expect(ours?.textgrid).toEqual([
      { start: 0.5, end: 2.25, label: 'siren', tier: 'annotations' },
      { start: 1, end: 3, label: 'dog "bark" – ä', tier: 'annotations (2)' },
      { start: 5.125, end: 5.125, label: 'click', tier: 'annotations (3)' },
    ])
    expect(ours?.textgridIntervals).toEqual({ annotations: 3, 'annotations (2)': 3, 'annotations (3)': 1 })
  })
})
