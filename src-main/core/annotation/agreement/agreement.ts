import type { Agreement, AgreementSettings, Annotation } from '../../../contract/annotation.ts'
import { SoundfoldError } from '../../../contract/errors.ts'
import { cohenKappa, hitCount } from '../../evaluation/confusion.ts'
import { againstRest, fleissKappa, meanAgreement } from './kappa.ts'

/** What an author said of a stretch where he or she marked nothing. */
export const NOTHING = ''
/** Two people who mark two hours in steps of a tenth of a second stay well below. */
const MOST_UNITS = 2_000_000

type Clip = { id: number; durationSeconds: number | null }

/**
 * How far people who annotated the same clips agree. A clip counts for an author who has an annotation with a label on it; what is
 * compared is one label a clip (that of most of its annotated time), or one a segment (that of most of the segment, or nothing).
 * @throws SoundfoldError invalid-input where fewer than two people annotated one clip
 */
export function agreementOf(
  clips: readonly Clip[],
  annotations: readonly Annotation[],
  { unit, segmentSeconds, authors: wanted }: AgreementSettings,
): Agreement {
  const durations = new Map(clips.map(({ id, durationSeconds }) => [id, durationSeconds]))
  const labelled = annotations.filter(
    ({ clipId, label, author }) =>
      label !== '' && author !== '' && durations.has(clipId) && (!wanted || wanted.includes(author)),
  )
  const byClip = Map.groupBy(labelled, ({ clipId }) => clipId)
  const ratings: { author: ReadonlyMap<string, string> }[] = []
  let shared = 0
  for (const [clipId, own] of byClip) {
    const byAuthor = Map.groupBy(own, ({ author }) => author)
    if (byAuthor.size < 2) continue
    shared++
    const end = Math.max(durations.get(clipId) ?? 0, ...own.map(({ endSeconds }) => endSeconds))
    const segments = unit === 'clips' ? 1 : Math.max(1, Math.ceil(end / segmentSeconds - 1e-9))
    if (ratings.length + segments > MOST_UNITS)
      throw new SoundfoldError('invalid-input', 'That is more segments than can be compared.', {
        hint: 'Take longer segments, or compare whole clips.',
      })
    const said = [...byAuthor].map(
      ([author, marks]) =>
        [
          author,
          unit === 'clips' ? [longest(marks)] : segmentLabels(marks, segments, segmentSeconds),
        ] as const,
    )
    for (let segment = 0; segment < segments; segment++)
      ratings.push({ author: new Map(said.map(([author, labels]) => [author, labels[segment] ?? NOTHING])) })
  }
  if (shared === 0)
    throw new SoundfoldError('invalid-input', 'No clip was annotated by two people.', {
      hint: 'Annotations need an author and a label. Import those of each person with his or her name as the annotator, or set your name in the settings.',
    })
  return report(ratings, shared, unit)
}

function report(
  ratings: readonly { author: ReadonlyMap<string, string> }[],
  clips: number,
  unit: Agreement['unit'],
): Agreement {
  const authors = [...new Set(ratings.flatMap(({ author }) => [...author.keys()]))].sort()
  const ofAll = ratings
    .filter(({ author }) => author.size === authors.length)
    .map(({ author }) => authors.map((name) => author.get(name) ?? NOTHING))
  const labels = [...new Set(ratings.flatMap(({ author }) => [...author.values()]))].sort()
  const pairs = authors.flatMap((a, place) =>
    authors.slice(place + 1).map((b) => {
      const both = ratings.flatMap(({ author }) => {
        const [first, second] = [author.get(a), author.get(b)]
        return first === undefined || second === undefined ? [] : [[first, second] as const]
      })
      return { a, b, units: both.length, matrix: matrixOf(both, labels) }
    }),
  )
  return {
    unit,
    clips,
    units: ratings.length,
    authors: authors.map((name) => ({
      name,
      units: ratings.filter(({ author }) => author.has(name)).length,
    })),
    labels,
    fleiss: { units: ofAll.length, agreement: meanAgreement(ofAll), kappa: fleissKappa(ofAll) },
    pairs: pairs.map((pair) => ({
      ...pair,
      agreement: pair.units === 0 ? null : hitCount(pair.matrix) / pair.units,
      kappa: pair.units === 0 ? null : cohenKappa(pair.matrix),
    })),
    classes: labels.map((label, place) => ({
      label,
      units: ratings.filter(({ author }) => [...author.values()].includes(label)).length,
      fleiss: fleissKappa(ofAll.map((said) => againstRest(label, said))),
      pairs: pairs.map(({ units, matrix }) =>
        units === 0 ? null : cohenKappa(oneAgainstRest(matrix, place)),
      ),
    })),
  }
}

/** The matrix of one label and of all others together. */
function oneAgainstRest(matrix: readonly (readonly number[])[], place: number): number[][] {
  const both = matrix[place]?.[place] ?? 0
  const first = (matrix[place] ?? []).reduce((sum, n) => sum + n, 0) - both
  const second = matrix.reduce((sum, row) => sum + (row[place] ?? 0), 0) - both
  const all = matrix.flat().reduce((sum, n) => sum + n, 0)
  return [
    [both, first],
    [second, all - both - first - second],
  ]
}

/** Counts by what the first of a pair said (rows) and the second (columns). */
function matrixOf(both: readonly (readonly [string, string])[], labels: readonly string[]): number[][] {
  const placeOf = new Map(labels.map((label, place) => [label, place]))
  const counts = labels.map(() => labels.map(() => 0))
  for (const [a, b] of both) {
    const row = counts[placeOf.get(a) ?? 0]
    const column = placeOf.get(b) ?? 0
    if (row) row[column] = (row[column] ?? 0) + 1
  }
  return counts
}

/** The label of most time; of equals the first by name. */
function longest(marks: readonly Annotation[]): string {
  const seconds = new Map<string, number>()
  for (const { label, startSeconds, endSeconds } of marks)
    seconds.set(label, (seconds.get(label) ?? 0) + endSeconds - startSeconds)
  return mostOf(seconds) ?? NOTHING
}

/** The label of most of each segment, where it takes at least half of that. */
function segmentLabels(marks: readonly Annotation[], segments: number, segmentSeconds: number): string[] {
  const covered: (Map<string, number> | undefined)[] = new Array(segments)
  for (const { label, startSeconds, endSeconds } of marks) {
    const last = Math.min(segments - 1, Math.floor(endSeconds / segmentSeconds))
    for (let segment = Math.floor(startSeconds / segmentSeconds); segment <= last; segment++) {
      const from = Math.max(startSeconds, segment * segmentSeconds)
      const to = Math.min(endSeconds, (segment + 1) * segmentSeconds)
      const own = covered[segment] ?? new Map<string, number>()
      covered[segment] = own
      own.set(label, (own.get(label) ?? 0) + Math.max(0, to - from))
    }
  }
  return Array.from(covered, (own) => {
    const label = own && mostOf(own)
    return label !== undefined && (own?.get(label) ?? 0) >= segmentSeconds / 2 - 1e-9 ? label : NOTHING
  })
}

function mostOf(seconds: ReadonlyMap<string, number>): string | undefined {
  return [...seconds].sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))[0]?.[0]
}
