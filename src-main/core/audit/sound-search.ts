import { AUDIO_KINDS, type IssueKind } from '../../contract/audit-issues.ts'
import type { Recipe } from '../../contract/embedding.ts'
import { className, percent, plural, seconds } from '../../contract/words.ts'
import type { Finding } from '../db/audit-issues.ts'
import type { ClipRecord } from '../db/clips.ts'
import type { AudioClip, FeatureStore } from '../features/feature-store.ts'
import type { JobContext } from '../jobs/job-queue.ts'
import { audioIssues } from './audio-issues.ts'
import { type AudioMeasures, fingerprintOf } from './audio-measures.ts'
import { WORD_SECONDS } from './fingerprint.ts'
import { compareEverywhere, type Match, matchingPairs } from './matches.ts'
import { nearestRows } from './nearest.ts'
import { outliers } from './outliers.ts'
import { ofEachClip, standardised, unit, vectorOf } from './similarity.ts'

/** A clip whose audio can be read. */
export type SoundClip = AudioClip & { record: ClipRecord }

interface Request {
  features: Pick<FeatureStore, 'measures' | 'summary' | 'read'>
  clips: readonly SoundClip[]
  names: ReadonlyMap<number, string>
  wanted: ReadonlySet<IssueKind>
  /** By which clips are alike; their clip-level numbers where null. */
  recipe: Recipe | null
}

/** Nearest clips that are compared by their fingerprints. */
const NEAREST = 5
/** Clips that are less alike are not the same sound; above the second, they are, whatever their fingerprints say. */
const ALIKE = { candidate: 0.9, same: 0.9995 }

/** Issues that take a look at every clip's audio. @returns with what could not be looked at, in sentences */
export async function soundIssues(
  request: Request,
  context: JobContext,
): Promise<{ findings: Finding[]; notes: string[] }> {
  const { features, clips, wanted, recipe, names } = request
  if (!AUDIO_KINDS.some((kind) => wanted.has(kind))) return { findings: [], notes: [] }
  if (clips.length === 0)
    return { findings: [], notes: ['No clip’s audio can be read, so none was listened to.'] }
  const { signal } = context
  const findings: Finding[] = []
  const failed = new Map<number, string>()

  const measured = await ofEachClip(
    clips,
    (clip) => features.measures(clip, signal),
    signal,
    (done) => context.progress('Listening to clips', done, clips.length),
  )
  for (const { clip, value } of measured.measured) findings.push(...audioIssues(clip.record, value))
  for (const { clipId, message } of measured.failed) failed.set(clipId, message)

  if (wanted.has('near-duplicate') || wanted.has('outlier')) {
    const numbered = await ofEachClip(
      measured.measured.map(({ clip }) => clip),
      (clip) => vectorOf(features, clip, recipe, signal),
      signal,
      (done) => context.progress('Comparing clips: features', done, measured.measured.length),
    )
    for (const { clipId, message } of numbered.failed) failed.set(clipId, message)
    const vectors = standardised(numbered.measured.map(({ value }) => value))
    const rows = numbered.measured.map(({ clip }) => clip)
    if (wanted.has('outlier')) findings.push(...(await outlierFindings(rows, vectors, names, context)))
    if (wanted.has('near-duplicate')) {
      const measures = new Map(measured.measured.map(({ clip, value }) => [clip.clipId, value]))
      findings.push(...(await nearDuplicates(rows, measures, unit(vectors), names, context)))
    }
  }
  const [first] = failed.values()
  const notes =
    first === undefined
      ? []
      : [
          `${plural(failed.size, ['clip', 'clips'])} could not be listened to and were left out, such as: ${first}`,
        ]
  return { findings, notes }
}

async function outlierFindings(
  clips: readonly SoundClip[],
  vectors: Parameters<typeof outliers>[0],
  names: Request['names'],
  context: JobContext,
): Promise<Finding[]> {
  context.progress('Comparing clips: outliers', 0, 0)
  const recordings = numbersOf(clips.map(({ record }) => record.recording ?? `clip ${record.id}`))
  const classes = clips.map(({ record }) => record.classId)
  const found = await outliers(vectors, classes, recordings, context.signal)
  return found.flatMap(({ row, distance, median, deviations }): Finding[] => {
    const record = clips[row]?.record
    if (!record) return []
    return [
      {
        kind: 'outlier',
        severity: 'warning',
        clipId: record.id,
        classId: record.classId,
        suggestedClassId: null,
        score: 1 / (1 + deviations),
        message: `Its nearest clips of ${className(names.get(record.classId) ?? '')} are ${(distance / median).toFixed(1)} times as far as usual in this class.`,
        related: [],
        label: null,
      },
    ]
  })
}

/** Numbers of texts: the same for the same. */
function numbersOf(texts: readonly string[]): Int32Array {
  const numbers = new Map<string, number>()
  return Int32Array.from(texts, (text) => {
    const number = numbers.get(text) ?? numbers.size
    numbers.set(text, number)
    return number
  })
}

/** Slices of one recording in one fold and class overlap as they were cut, and the same bytes are exact duplicates. */
function isExpected(a: ClipRecord, b: ClipRecord): boolean {
  const together =
    a.recording !== null && a.recording === b.recording && a.fold === b.fold && a.classId === b.classId
  return together || a.contentHash === b.contentHash
}

interface Pair {
  first: number
  second: number
  /** Null where only their features are the same. */
  match: Match | null
  cosine: number | null
}

async function nearDuplicates(
  clips: readonly SoundClip[],
  measures: ReadonlyMap<number, AudioMeasures>,
  vectors: Parameters<typeof nearestRows>[0],
  names: Request['names'],
  context: JobContext,
): Promise<Finding[]> {
  const { signal } = context
  const prints = clips.map(({ clipId }) => {
    const own = measures.get(clipId)
    return own ? fingerprintOf(own) : new Uint32Array()
  })
  const mayBe = (a: number, b: number) => {
    const [first, second] = [clips[a], clips[b]]
    return first !== undefined && second !== undefined && !isExpected(first.record, second.record)
  }
  const total = clips.length
  const pairs = new Map<number, Pair>()
  const keyOf = (a: number, b: number) => Math.min(a, b) * total + Math.max(a, b)
  const matches = await matchingPairs(prints, mayBe, {
    signal,
    onProgress: (done) => context.progress('Comparing clips: fingerprints', done, total),
  })
  for (const match of matches) pairs.set(keyOf(match.first, match.second), { ...match, match, cosine: null })
  const near = await nearestRows(vectors, NEAREST, mayBe, {
    signal,
    onProgress: (done) => context.progress('Comparing clips: nearest', done, total),
  })
  for (let first = 0; first < total; first++)
    for (let place = 0; place < NEAREST; place++) {
      const second = near.rows[first * NEAREST + place] ?? -1
      const cosine = near.cosines[first * NEAREST + place] ?? -1
      if (second < 0 || cosine < ALIKE.candidate) break
      const key = keyOf(first, second)
      const known = pairs.get(key)
      if (known) known.cosine = cosine
      else if (second > first || !isAmong(near, second, first)) {
        const agreement = compareEverywhere(
          prints[first] ?? new Uint32Array(),
          prints[second] ?? new Uint32Array(),
        )
        if (agreement || cosine >= ALIKE.same)
          pairs.set(key, { first, second, cosine, match: agreement ? { ...agreement, first, second } : null })
      }
    }
  return [...pairs.values()].flatMap((pair) => pairFinding(pair, clips, names))
}

const isAmong = (near: { rows: Int32Array; count: number }, row: number, other: number) =>
  near.rows.subarray(row * near.count, (row + 1) * near.count).includes(other)

function pairFinding(
  { first, second, match, cosine }: Pair,
  clips: readonly SoundClip[],
  names: Request['names'],
): Finding[] {
  const [a, b] = [clips[first]?.record, clips[second]?.record]
  if (!a || !b) return []
  const name = (classId: number) => className(names.get(classId) ?? '')
  const across = [
    ...(a.classId === b.classId ? [] : [`${name(a.classId)} here, ${name(b.classId)} there`]),
    ...(a.fold === b.fold ? [] : [`folds ${a.fold} and ${b.fold}`]),
  ]
  const how = match
    ? `${seconds(match.words * WORD_SECONDS)} sound the same (${percent(match.errorRate)} of the fingerprint's bits differ)`
    : `its features are those of the other (cosine ${(cosine ?? 0).toFixed(4)})`
  const distance = match ? match.errorRate : 0.25
  return [
    {
      kind: 'near-duplicate',
      severity: across.length > 0 ? 'error' : 'warning',
      clipId: a.id,
      classId: a.classId,
      suggestedClassId: null,
      // Across classes before across folds before the rest, and the most alike of each first.
      score: (a.classId !== b.classId ? 0 : a.fold !== b.fold ? 1 / 3 : 2 / 3) + distance / 3,
      message: `Close to ${b.fileName}: ${[how, ...across].join('; ')}.`,
      related: [b.id],
      label: null,
    },
  ]
}
