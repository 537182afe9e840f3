import type { IssueKind } from '../../contract/audit-issues.ts'
import type { Problem, ProblemCode } from '../../contract/model.ts'
import { className, plural } from '../../contract/words.ts'
import { findProblems } from '../dataset/validate.ts'
import type { Finding } from '../db/audit-issues.ts'
import type { ClipRecord } from '../db/clips.ts'

/** Issues that show in metadata, headers and hashes alone: no audio is read. */

/** Shorter clips hold less than a bark. */
const SHORT_SECONDS = 0.25
/** One window of 2048 samples at 22050 Hz: shorter clips have no whole frame. */
const WINDOW_SECONDS = 2048 / 22_050
/** Two labels of one recording are about the same sound where they share so much of the time they cover together. */
const CONFLICT_SHARE = 0.5

type Names = ReadonlyMap<number, string>
const nameOf = (names: Names, classId: number) => className(names.get(classId) ?? String(classId))
const span = (from: number, to: number) => `${from.toFixed(1)}–${to.toFixed(1)} s`
const nothingElse = { suggestedClassId: null, label: null }

/** Look by look, each of which takes all clips at once. */
export function* metadataIssues(clips: readonly ClipRecord[], names: Names): Generator<Finding[]> {
  for (const look of [conflictingRecordings, overlappingLabels, validationIssues, tooShort])
    yield look(clips, names)
}

/** A clip's place in its recording, where metadata tells. */
interface Slice {
  clip: ClipRecord
  start: number
  end: number
}

function slicesByRecording(clips: readonly ClipRecord[]): Map<string, Slice[]> {
  const groups = new Map<string, Slice[]>()
  for (const clip of clips) {
    const { recording, startSeconds: start, endSeconds: end } = clip
    if (recording === null || start === null || end === null) continue
    const slices = groups.get(recording)
    if (slices) slices.push({ clip, start, end })
    else groups.set(recording, [{ clip, start, end }])
  }
  return groups
}

/** Each pair of slices of a recording that share some time under two labels; the issue is of the first by time. */
function overlappingLabels(clips: readonly ClipRecord[], names: Names): Finding[] {
  return [...slicesByRecording(clips)].flatMap(([recording, slices]) => {
    const found: Finding[] = []
    const inTime = slices.toSorted((a, b) => a.start - b.start || a.clip.id - b.clip.id)
    for (const [place, first] of inTime.entries())
      for (const second of inTime.slice(place + 1)) {
        if (second.start >= first.end) break
        if (second.clip.classId === first.clip.classId) continue
        const shared = Math.min(first.end, second.end) - second.start
        const shorter = Math.min(first.end - first.start, second.end - second.start)
        const folds =
          first.clip.fold === second.clip.fold ? '' : `, folds ${first.clip.fold} and ${second.clip.fold}`
        found.push({
          ...nothingElse,
          kind: 'overlapping-labels',
          severity: first.clip.fold === second.clip.fold ? 'warning' : 'error',
          clipId: first.clip.id,
          classId: first.clip.classId,
          score: shorter > 0 ? Math.max(0, 1 - shared / shorter) : 0,
          message: `Shares ${shared.toFixed(2)} s of recording ${recording} with ${second.clip.fileName}: ${nameOf(names, first.clip.classId)} here, ${nameOf(names, second.clip.classId)} there${folds}.`,
          related: [second.clip.id],
        })
      }
    return found
  })
}

/** Recordings of which about the same time is under two labels: one of them must be wrong, or both sounds are in it. */
function conflictingRecordings(clips: readonly ClipRecord[], names: Names): Finding[] {
  return [...slicesByRecording(clips)].flatMap(([recording, slices]) => {
    const byClass = [...Map.groupBy(slices, ({ clip }) => clip.classId)].map(([classId, own]) => ({
      classId,
      slices: own,
      covered: union(own),
    }))
    return byClass.flatMap((first, place) =>
      byClass.slice(place + 1).flatMap((second): Finding[] => {
        const both = sharedSeconds(first.covered, second.covered)
        const either = lengthOf(first.covered) + lengthOf(second.covered) - both
        if (either <= 0 || both / either < CONFLICT_SHARE) return []
        const [a, b] = [first, second].map(({ classId, slices: own }) => {
          const folds = [...new Set(own.map(({ clip }) => clip.fold))].sort((x, y) => x - y)
          return `${own.length} × ${nameOf(names, classId)} in fold ${folds.join(', ')}`
        })
        const every = [...first.slices, ...second.slices]
        const [start, end] = [Math.min(...every.map((s) => s.start)), Math.max(...every.map((s) => s.end))]
        const [one, ...others] = every.map(({ clip }) => clip.id)
        return [
          {
            ...nothingElse,
            kind: 'conflicting-recording',
            severity: 'error',
            clipId: one ?? 0,
            classId: first.classId,
            score: 1 - both / either,
            message: `Recording ${recording} has two labels for the same time, ${span(start, end)}: ${a} and ${b}.`,
            related: others,
          },
        ]
      }),
    )
  })
}

type Interval = [start: number, end: number]

function union(slices: readonly Slice[]): Interval[] {
  const merged: Interval[] = []
  for (const { start, end } of slices.toSorted((a, b) => a.start - b.start)) {
    const last = merged.at(-1)
    if (last && start <= last[1]) last[1] = Math.max(last[1], end)
    else merged.push([start, end])
  }
  return merged
}

const lengthOf = (intervals: readonly Interval[]) =>
  intervals.reduce((sum, [start, end]) => sum + Math.max(0, end - start), 0)

const sharedSeconds = (first: readonly Interval[], second: readonly Interval[]) =>
  lengthOf(
    first.flatMap(([start, end]) =>
      second.map(([from, to]): Interval => [Math.max(start, from), Math.min(end, to)]),
    ),
  )

const KIND_OF: Partial<Record<ProblemCode, IssueKind>> = {
  'recording-crosses-folds': 'recording-crosses-folds',
  'duplicate-content': 'exact-duplicate',
  'wrong-duration': 'wrong-duration',
}

/** What validation finds between clips, with the clips that each is about. */
function validationIssues(clips: readonly ClipRecord[], names: Names): Finding[] {
  const byId = new Map(clips.map((clip) => [clip.id, clip]))
  const byRecording = Map.groupBy(clips, ({ recording }) => recording)
  const byHash = Map.groupBy(clips, ({ contentHash }) => contentHash)
  return findProblems(clips, names).flatMap((problem): Finding[] => {
    const kind = KIND_OF[problem.code]
    const clip = problem.clipId === null ? undefined : byId.get(problem.clipId)
    if (!kind || !clip) return []
    const alike =
      kind === 'recording-crosses-folds'
        ? byRecording.get(clip.recording)
        : kind === 'exact-duplicate'
          ? byHash.get(clip.contentHash)
          : undefined
    const others = alike?.filter(({ id }) => id !== clip.id) ?? []
    return [
      {
        ...nothingElse,
        kind,
        severity: problem.severity,
        clipId: clip.id,
        classId: clip.classId,
        score: scoreOf(problem, clip, others),
        message: problem.message,
        related: others.map(({ id }) => id),
      },
    ]
  })
}

function scoreOf({ code }: Problem, clip: ClipRecord, others: readonly ClipRecord[]): number {
  if (code === 'recording-crosses-folds') {
    // The more of it lies outside its main fold, the more of it leaks.
    const folds = Map.groupBy([clip, ...others], ({ fold }) => fold)
    return Math.max(...[...folds.values()].map(({ length }) => length)) / (others.length + 1)
  }
  if (code === 'duplicate-content')
    return others.some(({ classId }) => classId !== clip.classId)
      ? 0
      : others.some(({ fold }) => fold !== clip.fold)
        ? 0.25
        : 0.5
  const stated = (clip.endSeconds ?? 0) - (clip.startSeconds ?? 0)
  const actual = clip.durationSeconds ?? 0
  return Math.max(0, Math.min(stated, actual)) / Math.max(stated, actual, Number.EPSILON)
}

function tooShort(clips: readonly ClipRecord[]): Finding[] {
  return clips.flatMap((clip): Finding[] => {
    const stated =
      clip.startSeconds === null || clip.endSeconds === null ? null : clip.endSeconds - clip.startSeconds
    const duration = clip.durationSeconds ?? stated
    if (duration === null || duration >= SHORT_SECONDS) return []
    const isBelowWindow = duration < WINDOW_SECONDS
    return [
      {
        ...nothingElse,
        kind: 'too-short',
        severity: isBelowWindow ? 'error' : 'warning',
        clipId: clip.id,
        classId: clip.classId,
        score: Math.max(0, duration / SHORT_SECONDS),
        message: `Lasts ${plural(Math.round(1000 * duration), ['millisecond', 'milliseconds'])}${isBelowWindow ? ', less than one window of 2048 samples at 22.05 kHz' : ''}.`,
        related: [],
      },
    ]
  })
}
