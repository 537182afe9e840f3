import { z } from 'zod'
import { SoundfoldError } from '../../../contract/errors.ts'
import {
  type AnnotationFileFormat,
  blank,
  checked,
  type FileAnnotation,
  inTime,
  malformed,
  type ReadAnnotation,
} from './format.ts'

/** The schema that files are written by. */
const JAMS_VERSION = '0.3.5'
const WRITTEN_NAMESPACE = 'segment_open'
/** The field that keeps the namespace an annotation came from. */
export const NAMESPACE = 'namespace'
/** Before the names of fields that tell where a JAMS annotation came from. */
const ORIGIN = 'jams.'
const TOOLS = 'Soundfold'

const observationSchema = z.object({
  time: z.number(),
  duration: z.number(),
  value: z.unknown(),
  confidence: z.unknown(),
})
type Observation = z.infer<typeof observationSchema>
const denseSchema = z.object({
  time: z.array(z.number()),
  duration: z.array(z.number()),
  value: z.array(z.unknown()),
  confidence: z.array(z.unknown()),
})

/** What we keep beside an observation, where JAMS leaves room for anything: one for each, in their order. */
const ownSchema = z.object({
  time: z.number(),
  low_hz: z.number().nullable(),
  high_hz: z.number().nullable(),
  salience: z.union([z.literal(1), z.literal(2)]).nullable(),
  note: z.string(),
  extra: z.record(z.string(), z.string()),
  created: z.iso.datetime({ offset: true }).nullable(),
  changed: z.iso.datetime({ offset: true }).nullable(),
})
type Own = z.infer<typeof ownSchema>

const fileSchema = z.object({
  file_metadata: z.object({ title: z.string().nullish() }).nullish(),
  annotations: z.array(
    z.object({
      namespace: z.string(),
      annotation_metadata: z
        .object({ annotator: z.looseObject({ name: z.string().nullish() }).nullish() })
        .loose()
        .nullish(),
      data: z.union([z.array(observationSchema), denseSchema]),
      sandbox: z.object({ soundfold: z.unknown().optional() }).nullish(),
    }),
  ),
})

/** Of scaper, which makes soundscapes and says of each sound whether it is in front. */
const scaperSchema = z.object({ label: z.string(), role: z.string().nullish() }).loose()

/**
 * JAMS (Humphrey et al. 2014), version 0.3 of its schema: observations whose value is a text, of whatever namespace
 * (`tag_open`, `segment_open`, `tag_urbansound` …), and those of `scaper`. Written as `segment_open`, or the namespace that
 * they came from, one annotation for each author; what JAMS has no name for goes to the sandbox of the annotation.
 */
export const jams: AnnotationFileFormat = {
  ending: '.jams',

  read(text, name) {
    const parsed = fileSchema.safeParse(parseJson(text, name))
    if (!parsed.success) {
      const [issue] = parsed.error.issues
      throw new SoundfoldError(
        'malformed-annotations',
        `${name} is not a JAMS file: ${issue?.path.join('.') || 'it'}: ${issue?.message}.`,
      )
    }
    const annotations: ReadAnnotation[] = []
    const notes: string[] = []
    for (const [
      index,
      { namespace, annotation_metadata, data, sandbox },
    ] of parsed.data.annotations.entries()) {
      const observations = sparse(data, name)
      const own = ownOf(sandbox?.soundfold, observations)
      const author = annotation_metadata?.annotator?.name ?? ''
      const origin = originOf(annotation_metadata ?? {})
      let unread = 0
      for (const [place, observation] of observations.entries()) {
        const read = labelOf(observation.value, namespace)
        if (!read) {
          unread++
          continue
        }
        const { confidence, odd } = confidenceOf(observation.confidence)
        const kept = own?.[place]
        annotations.push(
          checked(
            {
              ...blank,
              startSeconds: observation.time,
              // As JAMS counts; the sum of two decimals may end in …0001.
              endSeconds: Number((observation.time + observation.duration).toPrecision(15)),
              ...read,
              confidence,
              author,
              extra: {
                ...(namespace === WRITTEN_NAMESPACE ? {} : { [NAMESPACE]: namespace }),
                ...origin,
                ...(odd === undefined ? {} : { confidence: odd }),
                ...read.extra,
                ...kept?.extra,
              },
              ...(kept && {
                lowHz: kept.low_hz,
                highHz: kept.high_hz,
                salience: kept.salience,
                note: kept.note,
                createdAt: kept.created,
                changedAt: kept.changed,
              }),
              line: place + 1,
            },
            name,
          ),
        )
      }
      if (unread > 0)
        notes.push(
          `${unread} observations of annotation ${index + 1} (${namespace}) of ${name} are left out: their values are no labels.`,
        )
    }
    return { annotations, notes }
  },

  write(annotations, { fileName, durationSeconds }) {
    const groups = new Map<string, FileAnnotation[]>()
    for (const annotation of inTime(annotations)) {
      const { author, extra } = annotation
      const key = JSON.stringify([author, extra[NAMESPACE] ?? WRITTEN_NAMESPACE, metadataOf(author, extra)])
      const group = groups.get(key)
      if (group) group.push(annotation)
      else groups.set(key, [annotation])
    }
    const duration = durationSeconds === null ? {} : { duration: durationSeconds }
    const document = {
      annotations: [...groups.values()].map((own) => ({
        annotation_metadata: metadataOf(own[0]?.author ?? '', own[0]?.extra ?? {}),
        namespace: own[0]?.extra[NAMESPACE] ?? WRITTEN_NAMESPACE,
        data: own.map(({ startSeconds, endSeconds, label, confidence }) => ({
          time: startSeconds,
          duration: Number((endSeconds - startSeconds).toPrecision(15)),
          value: label,
          confidence,
        })),
        sandbox: { soundfold: own.map(keptBeside) },
        time: 0,
        ...duration,
      })),
      file_metadata: {
        title: fileName,
        artist: '',
        release: '',
        ...duration,
        identifiers: {},
        jams_version: JAMS_VERSION,
      },
      sandbox: {},
    }
    return { text: `${JSON.stringify(document, null, 2)}\n`, notes: [] }
  },
}

/** Of each annotation: who curated it, of which corpus, by which rules. Field by field; what is no text is kept as JSON. */
function originOf(metadata: Record<string, unknown>): Record<string, string> {
  const { annotator, ...others } = metadata
  const { name: _, ...rest } = z.looseObject({}).safeParse(annotator).data ?? {}
  return Object.fromEntries(
    Object.entries({ ...others, annotator: rest }).flatMap(([field, value]) => {
      const said = typeof value === 'string' ? value : isEmpty(value) ? '' : JSON.stringify(value)
      return said === '' || (field === 'annotation_tools' && said === TOOLS) ? [] : [[ORIGIN + field, said]]
    }),
  )
}

const isEmpty = (value: unknown): boolean =>
  value === null ||
  value === undefined ||
  value === '' ||
  (typeof value === 'object' && Object.values(value).every(isEmpty))

function metadataOf(author: string, extra: Readonly<Record<string, string>>) {
  const kept = Object.entries(extra).flatMap(([key, text]) =>
    key.startsWith(ORIGIN) ? [[key.slice(ORIGIN.length), text] as const] : [],
  )
  const { curator, annotator, ...others } = Object.fromEntries(kept)
  return {
    curator: { name: '', email: '', ...objectOf(curator) },
    annotator: { ...(author && { name: author }), ...objectOf(annotator) },
    version: '',
    corpus: '',
    annotation_tools: TOOLS,
    annotation_rules: '',
    validation: '',
    data_source: '',
    ...others,
  }
}

/** What `originOf` made a text of; what is none was written by somebody else. */
function objectOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined || jsonFault(text) !== undefined) return text ? { name: text } : {}
  return z.record(z.string(), z.unknown()).safeParse(JSON.parse(text)).data ?? { name: text }
}

function parseJson(text: string, name: string): unknown {
  try {
    return JSON.parse(text)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw malformed(name, faultyLine(text), `it is not JSON: ${why.slice(0, 200)}`)
  }
}

function jsonFault(text: string): string | undefined {
  try {
    JSON.parse(text)
    return undefined
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Not every message tells where: by halves, the fewest lines that are wrong in another way than by ending too soon. */
function faultyLine(text: string): number {
  const lines = text.split('\n')
  let good = 0
  let bad = lines.length
  while (bad - good > 1) {
    const middle = (good + bad) >> 1
    const beginning = lines.slice(0, middle).join('\n')
    const why = jsonFault(beginning)
    const position = Number(/position (\d+)/.exec(why ?? '')?.[1] ?? -1)
    const endsTooSoon = why?.startsWith('Unexpected end') || position >= beginning.trimEnd().length
    if (endsTooSoon || why === undefined) good = middle
    else bad = middle
  }
  return bad
}

/** Dense and sparse data say the same. */
function sparse(
  data: z.infer<typeof fileSchema>['annotations'][number]['data'],
  name: string,
): Observation[] {
  if (Array.isArray(data)) return data
  const { time, duration, value, confidence } = data
  if (new Set([time.length, duration.length, value.length, confidence.length]).size > 1)
    throw new SoundfoldError(
      'malformed-annotations',
      `${name}: dense data whose columns are not equally long.`,
    )
  return time.map((start, index) => ({
    time: start,
    duration: duration[index] ?? 0,
    value: value[index],
    confidence: confidence[index],
  }))
}

type Read = Pick<FileAnnotation, 'label' | 'salience' | 'extra'>

function labelOf(value: unknown, namespace: string): Read | undefined {
  if (typeof value === 'string') return { label: value, salience: null, extra: {} }
  const sound = namespace === 'scaper' ? scaperSchema.safeParse(value) : undefined
  if (!sound?.success) return undefined
  const { label, role, ...rest } = sound.data
  return {
    label,
    salience: role === 'foreground' ? 1 : role === 'background' ? 2 : null,
    extra: Object.fromEntries(Object.entries(rest).map(([key, field]) => [key, JSON.stringify(field)])),
  }
}

/** JAMS takes anything for a confidence; what is no share of one is kept as a text. */
function confidenceOf(value: unknown): { confidence: number | null; odd?: string } {
  if (value === null || value === undefined) return { confidence: null }
  if (typeof value === 'number' && value >= 0 && value <= 1) return { confidence: value }
  return { confidence: null, odd: JSON.stringify(value) }
}

/** What we kept, unless another program has moved the observations since. */
function ownOf(kept: unknown, observations: readonly Observation[]): Own[] | undefined {
  const parsed = z.array(ownSchema).safeParse(kept)
  if (!parsed.success || parsed.data.length !== observations.length) return undefined
  return parsed.data.every(({ time }, index) => time === observations[index]?.time) ? parsed.data : undefined
}

function keptBeside({
  startSeconds,
  lowHz,
  highHz,
  salience,
  note,
  extra,
  createdAt,
  changedAt,
}: FileAnnotation): Own {
  return {
    time: startSeconds,
    low_hz: lowHz,
    high_hz: highHz,
    salience,
    note,
    extra: Object.fromEntries(
      Object.entries(extra).filter(([key]) => key !== NAMESPACE && !key.startsWith(ORIGIN)),
    ),
    created: createdAt,
    changed: changedAt,
  }
}
