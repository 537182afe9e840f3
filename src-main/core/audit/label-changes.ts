import { parse } from 'csv-parse/sync'
import { z } from 'zod'
import { csvText } from '../../contract/csv.ts'
import { SoundfoldError } from '../../contract/errors.ts'
import { type Outcome, PATCH_COLUMNS, type Verdict } from '../../contract/verdict.ts'
import type { ClipRecord } from '../db/clips.ts'
import { cleanedLabel } from './outcomes.ts'

/** One thing that an audit changes of a dataset: a patch is a list of them. */
export interface LabelChange {
  /** Path below the dataset's folder, with `/`. */
  clip: string
  /** Of the audio; empty where it could not be read. */
  sha256: string
  action: 'relabel' | 'exclude'
  /** Names of classes; `to` is empty where the clip is excluded. */
  old: string
  to: string
  reason: string
}

/** Which clips get another label or are left out, in the order of the clips, with what was noted about them. */
export function labelChanges(
  clips: readonly ClipRecord[],
  outcomes: ReadonlyMap<number, Outcome>,
  verdicts: readonly Pick<Verdict, 'clipId' | 'author' | 'note'>[],
  classNames: ReadonlyMap<number, string>,
): (LabelChange & { clipId: number; line: number; classId: number | null })[] {
  const notes = Map.groupBy(verdicts, ({ clipId }) => clipId)
  return clips.flatMap((clip) => {
    const classId = cleanedLabel(outcomes.get(clip.id), clip.classId)
    if (classId === clip.classId) return []
    const name = (id: number) => classNames.get(id) ?? String(id)
    const said = notes.get(clip.id) ?? []
    return [
      {
        clipId: clip.id,
        line: clip.line,
        classId,
        clip: clip.relativePath,
        sha256: clip.contentHash ?? '',
        action: classId === null ? ('exclude' as const) : ('relabel' as const),
        old: name(clip.classId),
        to: classId === null ? '' : name(classId),
        reason: said.flatMap(({ note }) => (note === '' ? [] : [note])).join('; '),
      },
    ]
  })
}

export function patchText(changes: readonly LabelChange[]): string {
  return csvText([
    PATCH_COLUMNS,
    ...changes.map(({ clip, sha256, action, old, to, reason }) =>
      [clip, sha256, action, old, to, reason].map(escaped),
    ),
  ])
}

const rowSchema = z
  .object({
    clip: z.string().min(1, 'names no clip'),
    sha256: z.string().regex(/^([0-9a-f]{64})?$/, 'is no sha256'),
    action: z.enum(['relabel', 'exclude']),
    old: z.string().min(1, 'names no old label'),
    new: z.string(),
    reason: z.string().max(2000),
  })
  .refine((row) => (row.action === 'relabel') === (row.new !== ''), {
    path: ['new'],
    message: 'must be the new label to relabel, and empty to exclude',
  })
const recordsSchema = z.array(
  z.object({ info: z.object({ lines: z.int() }), record: z.record(z.string(), z.string()) }),
)

/**
 * @param name - of the file, for messages
 * @throws SoundfoldError malformed-csv naming the line at fault
 */
export function parsePatch(text: string, name: string): LabelChange[] {
  let records: z.infer<typeof recordsSchema>
  try {
    records = recordsSchema.parse(
      parse(text, { bom: true, info: true, columns: true, skip_empty_lines: true }),
    )
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new SoundfoldError('malformed-csv', `${name} is not a CSV file: ${why}`, { cause: error })
  }
  return records.map(({ info, record }) => {
    const row = rowSchema.safeParse(
      Object.fromEntries(PATCH_COLUMNS.map((column) => [column, asWritten(record[column])])),
    )
    const [fault] = row.error?.issues ?? []
    if (!row.data)
      throw new SoundfoldError(
        'malformed-csv',
        `${name}, line ${info.lines}: ${fault?.path.join('.')} ${fault?.message}.`,
        { hint: `A patch has the columns ${PATCH_COLUMNS.join(', ')}; sha256 and reason may be empty.` },
      )
    const { new: to, ...rest } = row.data
    return { ...rest, to }
  })
}

/**
 * `csvText` puts an apostrophe before what a spreadsheet would run. One more marks a text that has one of its own there, so that
 * reading takes off what writing added and nothing else.
 */
const escaped = (text: string) => (/^'+[=+\-@\t\r]/.test(text) ? `'${text}` : text)
const asWritten = (text: string | undefined) => text?.replace(/^'(?='*[=+\-@\t\r])/, '') ?? ''
