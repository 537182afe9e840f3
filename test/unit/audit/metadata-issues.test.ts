import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { parse } from 'csv-parse/sync'
import { describe, expect, it } from 'vitest'
import type { IssueKind } from '../../../src-main/contract/audit-issues.ts'
import { metadataIssues } from '../../../src-main/core/audit/metadata-issues.ts'
import type { ClipRecord } from '../../../src-main/core/db/clips.ts'

const METADATA = join(resolve(import.meta.dirname, '../../../../shared/data'), 'UrbanSound8K.csv')
const NAMES = new Map([
  [4, 'drilling'],
  [7, 'jackhammer'],
])

const clipOf = (given: Partial<ClipRecord> & { id: number }): ClipRecord => ({
  relativePath: `${given.id}.wav`,
  fileName: `${given.id}.wav`,
  classId: 4,
  fold: 1,
  salience: null,
  recording: null,
  startSeconds: null,
  endSeconds: null,
  line: given.id + 1,
  sizeBytes: null,
  modifiedMs: null,
  contentHash: null,
  container: null,
  codec: null,
  sampleRateHz: null,
  channels: null,
  bitsPerSample: null,
  durationSeconds: null,
  ...given,
})
const found = (clips: readonly ClipRecord[], kind: IssueKind) =>
  [...metadataIssues(clips, NAMES)].flat().filter((finding) => finding.kind === kind)

describe('slices of one recording under two labels', () => {
  const slice = (id: number, start: number, end: number, classId: number, fold = 1) =>
    clipOf({ id, recording: 'r', startSeconds: start, endSeconds: end, classId, fold })

  it('overlap where they share some time, not where one ends as the other begins', () => {
    expect(found([slice(1, 0, 4, 4), slice(2, 3, 7, 7)], 'overlapping-labels')).toMatchObject([
      { clipId: 1, related: [2], severity: 'warning', score: 0.75 },
    ])
    expect(found([slice(1, 0, 4, 4), slice(2, 4, 8, 7)], 'overlapping-labels')).toEqual([])
    expect(found([slice(1, 0, 4, 4), slice(2, 3, 7, 4)], 'overlapping-labels')).toEqual([])
  })

  it('are found past slices of the same label, and across folds are errors', () => {
    const clips = [slice(3, 1, 5, 7, 2), slice(1, 0, 4, 4), slice(2, 0.5, 4.5, 4)]
    const pairs = found(clips, 'overlapping-labels')
    expect(pairs.map(({ clipId, related }) => [clipId, ...related])).toEqual([
      [1, 3],
      [2, 3],
    ])
    expect(pairs.every(({ severity }) => severity === 'error')).toBe(true)
  })

  it('are a conflict of the recording where most of their time is the same', () => {
    expect(found([slice(1, 0, 4, 4), slice(2, 1, 5, 7)], 'conflicting-recording')).toMatchObject([
      { clipId: 1, related: [2], score: 0.4 },
    ])
    expect(found([slice(1, 0, 4, 4), slice(2, 3, 7, 7)], 'conflicting-recording')).toEqual([])
  })
})

it('exact duplicates are worst across classes, then across folds', () => {
  const alike = (id: number, given: Partial<ClipRecord>) =>
    clipOf({ id, contentHash: `h${given.fold}${given.classId}`, ...given })
  const clips = [
    alike(1, { fold: 1, classId: 4, contentHash: 'a' }),
    alike(2, { fold: 1, classId: 7, contentHash: 'a' }),
    alike(3, { fold: 1, classId: 4, contentHash: 'b' }),
    alike(4, { fold: 2, classId: 4, contentHash: 'b' }),
    alike(5, { fold: 3, classId: 4, contentHash: 'c' }),
    alike(6, { fold: 3, classId: 4, contentHash: 'c' }),
    alike(7, { fold: 3, classId: 4, contentHash: 'd' }),
  ]
  const duplicates = found(clips, 'exact-duplicate')
  expect(
    duplicates.map(({ clipId, score, severity, related }) => [clipId, score, severity, related]),
  ).toEqual([
    [1, 0, 'error', [2]],
    [2, 0, 'error', [1]],
    [3, 0.25, 'error', [4]],
    [4, 0.25, 'error', [3]],
    [5, 0.5, 'warning', [6]],
    [6, 0.5, 'warning', [5]],
  ])
})

it('short and wrong durations go by the audio where it was read', () => {
  expect(found([clipOf({ id: 1, startSeconds: 3, endSeconds: 3.05 })], 'too-short')).toMatchObject([
    { severity: 'error', message: expect.stringContaining('50 milliseconds') },
  ])
  const cut = clipOf({ id: 1, startSeconds: 0, endSeconds: 4, durationSeconds: 0.2 })
  expect(found([cut], 'too-short')).toMatchObject([{ severity: 'warning' }])
  expect(found([cut], 'wrong-duration')).toMatchObject([{ clipId: 1, score: 0.05 }])
  expect(found([{ ...cut, durationSeconds: 4.01 }], 'wrong-duration')).toEqual([])
})

/* The counts: every pair of slices of a recording compared by a few lines of Python on the file. */
describe.skipIf(!existsSync(METADATA))('the known defects of UrbanSound8K, by its metadata alone', () => {
  const rows: Record<string, string>[] = existsSync(METADATA)
    ? parse(readFileSync(METADATA), { columns: true })
    : []
  const clips = rows.map((row, index) =>
    clipOf({
      id: index + 1,
      fileName: row.slice_file_name ?? '',
      classId: Number(row.classID),
      fold: Number(row.fold),
      recording: row.fsID ?? null,
      startSeconds: Number(row.start),
      endSeconds: Number(row.end),
    }),
  )
  const names = new Map(rows.map((row) => [Number(row.classID), row.class ?? '']))
  const issues = [...metadataIssues(clips, names)].flat()
  const of = (kind: IssueKind) => issues.filter((issue) => issue.kind === kind)

  it('five recordings cross folds', () => {
    const recordings = of('recording-crosses-folds').map(({ clipId }) => clips[clipId - 1]?.recording)
    expect(recordings.sort()).toEqual(['106905', '132016', '176638', '180937', '77751'])
  })

  it('77751 has two labels for the same minute', () => {
    expect(of('conflicting-recording')).toMatchObject([
      {
        message:
          'Recording 77751 has two labels for the same time, 0.4–58.3 s: 15 × drilling in fold 2 and 15 × jackhammer in fold 7.',
        severity: 'error',
      },
    ])
    expect(of('conflicting-recording')[0]?.related).toHaveLength(29)
  })

  it('89 pairs of slices overlap under different labels, all across folds', () => {
    const pairs = of('overlapping-labels')
    const perRecording = Map.groupBy(pairs, ({ clipId }) => clips[clipId - 1]?.recording)
    expect(Object.fromEntries([...perRecording].map(([name, { length }]) => [name, length]))).toEqual({
      180937: 57,
      77751: 31,
      176638: 1,
    })
    expect(pairs.every(({ severity }) => severity === 'error')).toBe(true)
  })

  it('five clips are shorter than a window', () => {
    expect(of('too-short').filter(({ severity }) => severity === 'error')).toHaveLength(5)
  })
})
