import type { Annotation, CutPlan, CutSettings } from '../../../contract/annotation.ts'
import { SoundfoldError } from '../../../contract/errors.ts'
import { plural } from '../../../contract/words.ts'
import { CLASS_NAMES } from '../../dataset/urbansound8k.ts'
import { createRandom, shuffled } from '../../ml/random.ts'
import { groupedFolds } from '../../ml/split/assign-folds.ts'

/** Of what was cut from one recording. */
export interface Piece {
  /** `[fsID]-[classID]-[occurrenceID]-[sliceID].wav` */
  fileName: string
  clipId: number
  fsId: string
  classId: number
  className: string
  fold: number
  salience: 1 | 2 | null
  startSeconds: number
  endSeconds: number
}

export interface Source {
  clipId: number
  relativePath: string
  fileName: string
  durationSeconds: number | null
  contentHash: string | null
}

export interface Cut {
  plan: CutPlan
  /** Sorted by file name. */
  pieces: Piece[]
  /** The number of each recording that is cut. */
  recordings: { fsId: string; source: Source }[]
}

/** Sums of decimals may miss an end by so much. */
const SAME_SECONDS = 1e-6
const SHORTEST_SECONDS = 0.01

/**
 * The times of an occurrence's slices. As UrbanSound8K was cut: what is no longer than a window is one slice, else slices are
 * windows that lie wholly within, the k-th beginning k hops after the occurrence.
 * @returns seconds in the recording, and the number of each slice
 */
export function slicesOf(
  { startSeconds, endSeconds }: Pick<Annotation, 'startSeconds' | 'endSeconds'>,
  { pieces, windowSeconds, hopSeconds }: Pick<CutSettings, 'pieces' | 'windowSeconds' | 'hopSeconds'>,
): { slice: number; startSeconds: number; endSeconds: number }[] {
  const length = endSeconds - startSeconds
  if (pieces === 'whole' || length <= windowSeconds + SAME_SECONDS)
    return [{ slice: 0, startSeconds, endSeconds }]
  const count = Math.floor((length - windowSeconds + SAME_SECONDS) / hopSeconds) + 1
  return Array.from({ length: count }, (_, slice) => {
    const start = startSeconds + slice * hopSeconds
    return { slice, startSeconds: rounded(start), endSeconds: rounded(start + windowSeconds) }
  })
}

/**
 * What becomes of annotated recordings: a dataset of clips in the layout of UrbanSound8K. Classes have the official numbers where all
 * labels are official names, else they are numbered by name; folds are dealt by recording so that each holds an equal share of
 * every class.
 * @throws SoundfoldError invalid-input where nothing can be cut, or there are fewer recordings than folds
 */
export function planCut(
  sources: readonly Source[],
  annotations: readonly Annotation[],
  settings: CutSettings,
): Cut {
  const notes: string[] = []
  const used = usable(sources, annotations, settings, notes)
  if (used.length === 0)
    throw new SoundfoldError(
      'invalid-input',
      'There is nothing to cut: no annotation here has a label and a length.',
      {
        hint: notes[0] ?? 'Annotate recordings on the page of a clip, or import annotations.',
      },
    )
  const labels = [...new Set(used.map(({ label }) => label))].sort()
  const official = labels.every((label) => CLASS_NAMES.includes(label))
  const classIdOf = new Map(
    labels.map((label, index) => [label, official ? CLASS_NAMES.indexOf(label) : index]),
  )
  const annotated = new Set(used.map(({ clipId }) => clipId))
  const recordings = numbered(sources.filter(({ clipId }) => annotated.has(clipId)))
  const fsIdOf = new Map(recordings.map(({ fsId, source }) => [source.clipId, fsId]))

  const occurrences = new Map<string, number>()
  const all = used.flatMap(({ clipId, label, salience, ...extent }) => {
    const fsId = fsIdOf.get(clipId) ?? ''
    const classId = classIdOf.get(label) ?? 0
    const occurrence = occurrences.get(`${fsId}-${classId}`) ?? 0
    occurrences.set(`${fsId}-${classId}`, occurrence + 1)
    return slicesOf(extent, settings).map(({ slice, ...times }) => ({
      ...{ fileName: `${fsId}-${classId}-${occurrence}-${slice}.wav`, clipId, fsId, classId },
      ...{ className: label, salience, ...times },
    }))
  })
  const kept = limited(all, settings, notes)
  const kinds = new Set(kept.map(({ fsId }) => fsId)).size
  const folds = settings.folds ?? Math.min(10, kinds)
  if (kinds < folds || kinds < 2)
    throw new SoundfoldError(
      'invalid-input',
      `${plural(kinds, ['recording', 'recordings'])} can’t be dealt to ${Math.max(2, folds)} folds: each belongs to one.`,
      {
        hint:
          kinds < 2
            ? 'Annotate more recordings.'
            : `Take at most ${kinds} folds, or annotate more recordings.`,
      },
    )
  const foldOf = groupedFolds(
    kept.map(({ classId, fsId }) => ({ classId, recording: fsId })),
    folds,
    settings.seed,
  )
  const pieces = kept
    .map((piece, index) => ({ ...piece, fold: foldOf[index] ?? 1 }))
    .sort((a, b) => (a.fileName < b.fileName ? -1 : 1))
  const cut = new Set(pieces.map(({ clipId }) => clipId))
  return {
    plan: summary(pieces, folds, notes),
    pieces,
    recordings: recordings.filter(({ source }) => cut.has(source.clipId)),
  }
}

/** In the order of recordings and times, without what can't be cut. */
function usable(
  sources: readonly Source[],
  annotations: readonly Annotation[],
  { labels, annotator }: CutSettings,
  notes: string[],
): Annotation[] {
  const place = new Map(sources.map(({ clipId }, index) => [clipId, index]))
  const durationOf = new Map(sources.map(({ clipId, durationSeconds }) => [clipId, durationSeconds]))
  const told = (count: number, why: string) => {
    if (count > 0) notes.push(`${plural(count, ['annotation', 'annotations'])} left out: ${why}.`)
  }
  const wanted = annotations.filter(
    ({ clipId, label, author }) =>
      place.has(clipId) &&
      (annotator === undefined || author === annotator) &&
      (labels === undefined || labels.includes(label)),
  )
  const read = wanted.filter(({ clipId }) => (durationOf.get(clipId) ?? null) !== null)
  told(wanted.length - read.length, 'their recording can’t be read')
  const labelled = read.filter(({ label }) => label !== '')
  told(read.length - labelled.length, 'they have no label')
  const within = labelled.map((annotation) => ({
    ...annotation,
    endSeconds: Math.min(annotation.endSeconds, durationOf.get(annotation.clipId) ?? 0),
  }))
  const long = within.filter(({ startSeconds, endSeconds }) => endSeconds - startSeconds >= SHORTEST_SECONDS)
  told(within.length - long.length, `they are shorter than ${SHORTEST_SECONDS} s`)
  const boxes = long.filter(({ lowHz, highHz }) => lowHz !== null || highHz !== null).length
  if (boxes > 0)
    notes.push(`${plural(boxes, ['box', 'boxes'])} in time and frequency are cut with all frequencies.`)
  const authors = new Set(long.map(({ author }) => author))
  if (annotator === undefined && authors.size > 1)
    notes.push(`Annotations of ${authors.size} people are cut; what two of them annotated is cut twice.`)
  return long.sort(
    (a, b) =>
      (place.get(a.clipId) ?? 0) - (place.get(b.clipId) ?? 0) ||
      a.startSeconds - b.startSeconds ||
      a.endSeconds - b.endSeconds,
  )
}

/** A recording whose name is a number keeps it, as Freesound's; the others get the next free ones. */
function numbered(sources: readonly Source[]): Cut['recordings'] {
  const stems = sources.map(({ fileName }) => fileName.replace(/\.[^.]*$/, ''))
  const own = new Set<string>()
  const ids = stems.map((stem) => {
    if (!/^[1-9]\d{0,11}$/.test(stem) || own.has(stem)) return undefined
    own.add(stem)
    return stem
  })
  let next = 1
  return sources.map((source, index) => {
    const id = ids[index]
    if (id !== undefined) return { fsId: id, source }
    while (own.has(String(next))) next++
    return { fsId: String(next++), source }
  })
}

function limited<P extends { classId: number; className: string }>(
  pieces: readonly P[],
  { mostPerClass, seed }: CutSettings,
  notes: string[],
): P[] {
  if (mostPerClass === null) return [...pieces]
  return [...Map.groupBy(pieces, ({ classId }) => classId)].flatMap(([classId, own]) => {
    if (own.length <= mostPerClass) return own
    notes.push(
      `${own[0]?.className}: ${mostPerClass} of ${plural(own.length, ['clip', 'clips'])}, drawn at random.`,
    )
    const drawn = [...shuffled(own.length, createRandom(seed + classId))].slice(0, mostPerClass)
    return drawn.sort((a, b) => a - b).flatMap((index) => own[index] ?? [])
  })
}

function summary(pieces: readonly Piece[], folds: number, notes: string[]): CutPlan {
  const recordingsOf = (own: readonly Piece[]) => new Set(own.map(({ fsId }) => fsId)).size
  const classes = [...Map.groupBy(pieces, ({ classId }) => classId)].map(([id, own]) => ({
    ...{ id, name: own[0]?.className ?? '', clips: own.length, recordings: recordingsOf(own) },
  }))
  const rare = classes.filter(({ recordings }) => recordings < folds)
  if (rare.length > 0)
    notes.push(
      `${rare.map(({ name }) => name).join(', ')}: of fewer recordings than there are folds, so that some folds have none.`,
    )
  return {
    clips: pieces.length,
    recordings: recordingsOf(pieces),
    classes: classes.sort((a, b) => a.id - b.id),
    folds: Array.from({ length: folds }, (_, index) => {
      const own = pieces.filter(({ fold }) => fold === index + 1)
      return { fold: index + 1, clips: own.length, recordings: recordingsOf(own) }
    }),
    totalDurationSeconds: pieces.reduce(
      (sum, { startSeconds, endSeconds }) => sum + endSeconds - startSeconds,
      0,
    ),
    notes,
  }
}

const rounded = (seconds: number) => Number(seconds.toFixed(6))
