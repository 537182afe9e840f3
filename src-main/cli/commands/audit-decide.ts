import { SoundfoldError } from '../../contract/errors.ts'
import type { ClipSelection } from '../../contract/library.ts'
import { CLIP_VERDICTS, type Dataset } from '../../contract/model.ts'
import { DECISIONS, type Decision, type MergePreview, type MergeSide } from '../../contract/verdict.ts'
import { count, MISSING, plural } from '../../contract/words.ts'
import type { Core } from '../../core/create-core.ts'
import { selectionOf } from '../clips-named.ts'
import { table } from '../output.ts'
import { type GlobalOptions, madeBy, pickDataset, withSession } from '../session.ts'
import { pickSet } from './audit-verdicts.ts'

interface SetOptions extends GlobalOptions {
  dataset?: string
  set?: string
}
interface ChangeOptions extends SetOptions {
  author?: string
}
interface DecideOptions extends ChangeOptions {
  class?: string
  note?: string
  matching?: string
  recordings?: boolean
  final?: boolean
}

export function newVerdictSet(name: string, { dataset, ...options }: SetOptions): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const { id: datasetId } = await pickDataset(core, dataset)
    const made = await core.call('verdicts.create', { datasetId, name })
    output.result(made, () => `Made the verdict set “${made.name}”.`)
  })
}

export function decideClips(said: string, clips: string[], options: DecideOptions): Promise<void> {
  return withSession(options, async ({ core, output, signal }) => {
    const decision = decisionOf(said)
    const dataset = await pickDataset(core, options.dataset)
    const set = await pickSet(core, dataset.id, options.set)
    if (decision === undefined && options.note === undefined)
      throw new SoundfoldError('invalid-input', 'No note is given.', { hint: 'Write it after --note.' })
    const chosen = await selectionOf(core, dataset, clips, options.matching)
    const change = await core.call(
      'verdicts.decide',
      {
        ...{ setId: set.id, by: await madeBy(core, options.author) },
        clips: options.recordings ? await wholeRecordings(core, dataset, chosen) : chosen,
        ...(decision !== undefined && { decision }),
        ...(options.class !== undefined && { classId: classNamed(dataset, options.class) }),
        ...(options.note !== undefined && { note: options.note }),
        final: options.final ?? false,
      },
      signal,
    )
    output.result(change, () =>
      change
        ? `${change.title}\nTo take it back: soundfold history undo ${change.id}`
        : 'Nothing to change: that is what was said already.',
    )
  })
}

/** Null takes back what was said, undefined leaves it. */
function decisionOf(said: string): Decision | null | undefined {
  if (said === 'note') return undefined
  if (said === 'nothing') return null
  const decision = DECISIONS.find((known) => known === said)
  if (decision) return decision
  throw new SoundfoldError('invalid-input', `“${said}” is no decision.`, {
    hint: `It must be one of: ${[...DECISIONS, 'note', 'nothing'].join(', ')}.`,
  })
}

function classNamed({ classes, name: dataset }: Dataset, wanted: string): number {
  const found = classes.find(({ id, name }) => name === wanted || String(id) === wanted)
  if (found) return found.id
  throw new SoundfoldError('not-found', `${dataset} has no class “${wanted}”.`, {
    hint: `It has: ${classes.map(({ name }) => name).join(', ')}.`,
  })
}

/** All slices of their recordings; a clip of no known recording stays by itself. */
async function wholeRecordings(core: Core, dataset: Dataset, chosen: ClipSelection): Promise<ClipSelection> {
  if (!('clipIds' in chosen))
    throw new SoundfoldError(
      'invalid-input',
      '--recordings goes with clips that are named, not with --matching.',
    )
  const clips = await Promise.all(chosen.clipIds.map((clipId) => core.call('clips.get', { clipId })))
  const recordings = [...new Set(clips.flatMap(({ group }) => group ?? []))]
  const alone = clips.filter(({ group }) => group === null).map(({ id }) => id)
  if (recordings.length === 0) return chosen
  if (alone.length === 0) return { filter: { recordings }, except: [] }
  throw new SoundfoldError(
    'invalid-input',
    `The recordings of some of these clips of ${dataset.name} are not known.`,
    {
      hint: `Decide on them apart: ${alone.join(', ')}.`,
    },
  )
}

const PAGE = 500

/** The clips that a verdict set decides on, some hundred at a time. */
async function clipsOfSet(
  core: Core,
  datasetId: number,
  verdictSetId: number,
): Promise<Map<number, { fileName: string; className: string }>> {
  const filter = { verdictSetId, verdicts: CLIP_VERDICTS.filter((verdict) => verdict !== 'none') }
  const clips = new Map<number, { fileName: string; className: string }>()
  for (let offset = 0; ; offset += PAGE) {
    const { rows } = await core.call('clips.page', { datasetId, filter, offset, limit: PAGE })
    for (const clip of rows) clips.set(clip.id, clip)
    if (rows.length < PAGE) return clips
  }
}

export function listVerdicts({ dataset, set, by, ...options }: SetOptions & { by?: string }): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const { id: datasetId, classes } = await pickDataset(core, dataset)
    const { id: setId, name } = await pickSet(core, datasetId, set)
    const { verdicts } = await core.call('verdicts.list', { setId, ...(by !== undefined && { author: by }) })
    const nameOf = (classId: number) => classes.find(({ id }) => id === classId)?.name ?? String(classId)
    const clips = await clipsOfSet(core, datasetId, setId)
    // Of which a note alone was made.
    for (const { clipId } of verdicts)
      if (!clips.has(clipId)) clips.set(clipId, await core.call('clips.get', { clipId }))
    const rows = verdicts.map((verdict) => ({
      ...verdict,
      fileName: clips.get(verdict.clipId)?.fileName ?? '',
      label: clips.get(verdict.clipId)?.className ?? '',
      className: verdict.classId === null ? null : nameOf(verdict.classId),
    }))
    output.result(rows, () =>
      rows.length === 0
        ? `The verdict set “${name}” says nothing yet.`
        : table(
            ['clip', 'file', 'label', 'author', 'verdict', '', 'note'],
            rows.map(({ clipId, fileName, label, author, decision, className, final, note }) => [
              ...[String(clipId), fileName, label, author, decision ?? MISSING],
              [className, final ? 'final' : null].filter(Boolean).join(', '),
              note,
            ]),
            [0],
          ),
    )
  })
}

export function forkVerdictSet(
  name: string,
  { dataset, set, author, ...options }: ChangeOptions,
): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const { id: datasetId } = await pickDataset(core, dataset)
    const source = await pickSet(core, datasetId, set)
    const made = await core.call('verdicts.fork', {
      setId: source.id,
      name,
      by: await madeBy(core, author),
    })
    output.result(made, () => `Made the verdict set “${made.name}” of “${source.name}”.`)
  })
}

export function mergeVerdictSets(
  from: string,
  {
    dataset,
    set,
    author,
    take,
    dryRun = false,
    ...options
  }: ChangeOptions & { take?: MergeSide; dryRun?: boolean },
): Promise<void> {
  return withSession(options, async ({ core, output }) => {
    const { id: datasetId, classes } = await pickDataset(core, dataset)
    const into = await pickSet(core, datasetId, set)
    const ids = { setId: into.id, fromSetId: (await pickSet(core, datasetId, from)).id }
    const preview = await core.call('verdicts.mergePreview', ids)
    const told = describeMerge(preview, classes)
    if (dryRun) return output.result({ ...preview, change: null }, () => told)
    if (preview.conflicts.length > 0 && take === undefined)
      throw new SoundfoldError('conflict', told, {
        hint: 'Say whose word counts, --take ours or --take theirs; the window lets each be chosen.',
      })
    const change = await core.call('verdicts.merge', {
      ...{ ...ids, by: await madeBy(core, author) },
      ...(take && { otherwise: take }),
    })
    output.result({ ...preview, change }, () =>
      [
        told,
        change
          ? `${change.title}\nTo take it back: soundfold history undo ${change.id}`
          : 'Nothing to change.',
      ].join('\n'),
    )
  })
}

function describeMerge({ added, same, conflicts }: MergePreview, classes: Dataset['classes']): string {
  const nameOf = (id: number | null) => classes.find((known) => known.id === id)?.name ?? ''
  const words = ({ decision, classId }: { decision: string; classId: number | null }) =>
    `${decision} ${nameOf(classId)}`.trimEnd()
  return [
    `${plural(added, ['clip', 'clips'])} added, ${count(same)} said alike, ${plural(conflicts.length, ['conflict', 'conflicts'])}.`,
    ...(conflicts.length > 0
      ? [
          table(
            ['clip', 'file', 'label', 'ours', 'theirs'],
            conflicts.map(({ clipId, fileName, labelClassId, ours, theirs }) => [
              ...[String(clipId), fileName, nameOf(labelClassId), words(ours), words(theirs)],
            ]),
            [0],
          ),
        ]
      : []),
  ].join('\n')
}
