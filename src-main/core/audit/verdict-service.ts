import type { z } from 'zod'
import { SoundfoldError } from '../../contract/errors.ts'
import type { Change, MadeBy } from '../../contract/history.ts'
import { MOST_CHOSEN } from '../../contract/library.ts'
import type {
  Agreement,
  AuditSource,
  decideSchema,
  MergePreview,
  MergeSide,
  Outcome,
  VerdictSet,
} from '../../contract/verdict.ts'
import { className, plural } from '../../contract/words.ts'
import { getSearch, issuesOf } from '../db/audit-issues.ts'
import { clipsById } from '../db/clips.ts'
import { classesOf, getDataset } from '../db/datasets.ts'
import type { Database } from '../db/open.ts'
import { transaction } from '../db/query.ts'
import { planOfRun } from '../db/runs.ts'
import {
  insertVerdictSet,
  type StoredVerdict,
  type VerdictSetRow,
  verdictSetRow,
  verdictSetsOf,
  verdictsInForce,
  verdictsOfClips,
} from '../db/verdicts.ts'
import type { EvaluationService } from '../evaluation/evaluation-service.ts'
import type { Journal } from '../history/journal.ts'
import type { Library } from '../library/library.ts'
import { agreementOf } from './agreement.ts'
import { mergedItems, planMerge } from './merge.ts'
import { countOutcomes, outcomesFingerprint, outcomesOf, sameOutcome } from './outcomes.ts'
import { stateOf, type VerdictState, type VerdictSubject, verdictKind } from './verdict-kind.ts'

export interface VerdictServiceParts {
  db: Database
  library: Library
  evaluations: Pick<EvaluationService, 'suspects'>
  journal: Journal
}

/** Issues that are read at once. */
const FOUND_AT_ONCE = 500

type Item = { subject: VerdictSubject; after: VerdictState | null }

/** Sets of verdicts on a dataset's labels: decided, forked, merged, compared. */
export class VerdictService {
  readonly #parts: VerdictServiceParts

  constructor(parts: VerdictServiceParts) {
    this.#parts = parts
  }

  sets(datasetId: number): VerdictSet[] {
    getDataset(this.#parts.db, datasetId)
    return verdictSetsOf(this.#parts.db, datasetId).map((row) => this.#described(row))
  }

  set(setId: number): VerdictSet {
    return this.#described(verdictSetRow(this.#parts.db, setId))
  }

  /** @throws SoundfoldError not-found | conflict where the name is taken */
  create(datasetId: number, name: string): VerdictSet {
    const { db } = this.#parts
    getDataset(db, datasetId)
    return this.set(insertVerdictSet(db, { datasetId, name, forkedFrom: null }))
  }

  /** A new set that says what this one says now; from then on they go apart. */
  fork(setId: number, name: string, by: MadeBy): VerdictSet {
    const { db } = this.#parts
    const source = verdictSetRow(db, setId)
    return transaction(db, () => {
      const id = insertVerdictSet(db, { datasetId: source.datasetId, name, forkedFrom: setId })
      const items = verdictsInForce(db, setId).flatMap((row): Item[] => {
        const after = stateOf(row)
        return after ? [{ subject: { setId: id, clipId: row.clipId, author: row.author }, after }] : []
      })
      this.#record(source.datasetId, by, items, () => `Forked “${source.name}” as “${name}”`)
      return this.set(id)
    })
  }

  /** @throws SoundfoldError not-found | invalid-input */
  async decide(request: z.output<typeof decideSchema>, signal?: AbortSignal): Promise<Change | null> {
    const { db, library } = this.#parts
    const { setId, by, decision, classId, note, final } = request
    const { datasetId } = verdictSetRow(db, setId)
    const classes = new Map(classesOf(db, datasetId).map(({ id, name }) => [id, name]))
    if (classId !== undefined && !classes.has(classId))
      throw new SoundfoldError('invalid-input', `This dataset has no class ${classId}.`)
    const clipIds = [...new Set(await library.selected(datasetId, request.clips, signal))]
    if (clipIds.length === 0)
      throw new SoundfoldError('invalid-input', 'No clip is selected.', { hint: 'Select some first.' })
    const present = new Map(
      verdictsOfClips(db, setId, clipIds)
        .filter(({ author }) => author === by.author)
        .map((row) => [row.clipId, row]),
    )
    const decidedAt = new Date().toISOString()
    const given = clipsById(db, classId === undefined ? [] : clipIds)
    const items = clipIds.map((clipId): Item => {
      const was = stateOf(present.get(clipId))
      const asItIs = classId !== undefined && given.get(clipId)?.classId === classId
      const after: Omit<VerdictState, 'decidedAt'> = {
        decision: decision === undefined ? (was?.decision ?? null) : asItIs ? 'keep' : decision,
        classId: decision === undefined ? (was?.classId ?? null) : asItIs ? null : (classId ?? null),
        note: note ?? was?.note ?? '',
        final: decision === undefined ? (was?.final ?? false) : final,
      }
      const alike = was && sameOutcome(was, after) && was.note === after.note && was.final === after.final
      const nothing = after.decision === null && after.note === ''
      return {
        subject: { setId, clipId, author: by.author },
        after: nothing ? null : { ...after, decidedAt: alike ? was.decidedAt : decidedAt },
      }
    })
    const to = className(classes.get(classId ?? -1) ?? '')
    return this.#record(datasetId, by, items, (changed) => describeDecision(decision, to, changed))
  }

  /** What each author says, `author`'s alone where one is named. */
  verdicts(setId: number, author?: string): StoredVerdict[] {
    verdictSetRow(this.#parts.db, setId)
    return verdictsInForce(this.#parts.db, setId).filter(
      (row) => stateOf(row) !== null && (author === undefined || row.author === author),
    )
  }

  /** @param upTo - id of the last row that counts: the set as it was then */
  outcomes(setId: number, upTo?: number): ReadonlyMap<number, Outcome> {
    return outcomesOf(verdictsInForce(this.#parts.db, setId, upTo))
  }

  mergePreview(setId: number, fromSetId: number): MergePreview {
    const { ours, theirs } = this.#bothSides(setId, fromSetId)
    const { added, same, conflicts } = planMerge(ours, theirs)
    const clips = clipsById(
      this.#parts.db,
      conflicts.map(({ clipId }) => clipId),
    )
    return {
      added: added.length,
      same: same.length,
      conflicts: conflicts.flatMap((conflict) => {
        const clip = clips.get(conflict.clipId)
        return clip ? [{ ...conflict, fileName: clip.fileName, labelClassId: clip.classId }] : []
      }),
    }
  }

  /**
   * Brings what another set says into this one, as one change.
   * @param otherwise - for conflicts that `choices` does not name; without it they are refused
   * @throws SoundfoldError conflict
   */
  merge(
    { setId, fromSetId }: { setId: number; fromSetId: number },
    choices: ReadonlyMap<number, MergeSide>,
    otherwise: MergeSide | undefined,
    by: MadeBy,
  ): Change | null {
    const { ours, theirs, row, from } = this.#bothSides(setId, fromSetId)
    const plan = planMerge(ours, theirs)
    const open = plan.conflicts.filter(({ clipId }) => !choices.has(clipId))
    if (otherwise === undefined && open.length > 0)
      throw new SoundfoldError(
        'conflict',
        `“${from.name}” says other things than “${row.name}” of ${plural(open.length, ['clip', 'clips'])}.`,
        { hint: 'Choose for each whose verdict is to count, or one side for all.' },
      )
    const items = mergedItems(setId, plan, ours, theirs, (id) => choices.get(id) ?? otherwise ?? 'ours')
    return this.#record(row.datasetId, by, items, () => `Merged “${from.name}” into “${row.name}”`)
  }

  agreement(setId: number, authors: readonly [string, string]): Agreement {
    const rows = this.verdicts(setId)
    const of = (author: string) => outcomesOf(rows.filter((row) => row.author === author))
    const both = [of(authors[0]), of(authors[1])] as const
    return agreementOf(authors, both, clipsById(this.#parts.db, both[0].keys()))
  }

  /** The clips to be audited, in order. */
  async queue(datasetId: number, source: AuditSource, signal?: AbortSignal): Promise<number[]> {
    const { db, library } = this.#parts
    if ('clipIds' in source) {
      const known = new Set(await library.selected(datasetId, source, signal))
      return source.clipIds.filter((id) => known.has(id))
    }
    if ('filter' in source)
      return library.ids({ datasetId, ...source, offset: 0, limit: MOST_CHOSEN }, signal)
    if ('searchId' in source) return this.#found(datasetId, source)
    if ('setId' in source) return this.#reviewed(source)
    const { runId, only } = source
    if (planOfRun(db, runId).datasetId !== datasetId)
      throw new SoundfoldError('invalid-input', `Run ${runId} is of another dataset.`)
    return this.#parts.evaluations.suspects(runId, only, signal)
  }

  #found(datasetId: number, { searchId, issues }: Extract<AuditSource, { searchId: number }>): number[] {
    const { db } = this.#parts
    if (getSearch(db, searchId).datasetId !== datasetId)
      throw new SoundfoldError('invalid-input', `Search ${searchId} is of another dataset.`)
    const clipIds = new Set<number>()
    for (let offset = 0; ; offset += FOUND_AT_ONCE) {
      const part = { order: 'recording', offset, limit: FOUND_AT_ONCE } as const
      const { rows } = issuesOf(db, searchId, issues, part)
      for (const { clipId } of rows) clipIds.add(clipId)
      if (rows.length < FOUND_AT_ONCE) return [...clipIds]
    }
  }

  #reviewed({ setId, only, author }: Extract<AuditSource, { setId: number }>): number[] {
    if (only !== 'others')
      return [...this.outcomes(setId)].flatMap(([id, { decision }]) => (decision === only ? [id] : []))
    const others = this.verdicts(setId).filter((row) => row.author !== author && row.decision !== null)
    return [...new Set(others.map(({ clipId }) => clipId))]
  }

  /** Brings authors' verdicts to these states, as one change. */
  record(
    setId: number,
    by: MadeBy,
    items: readonly { clipId: number; author: string; after: VerdictState }[],
    title: string,
  ): Change | null {
    const { datasetId } = verdictSetRow(this.#parts.db, setId)
    return this.#record(
      datasetId,
      by,
      items.map(({ clipId, author, after }) => ({ subject: { setId, clipId, author }, after })),
      () => title,
    )
  }

  #record(datasetId: number, by: MadeBy, items: readonly Item[], title: (changed: number) => string) {
    return this.#parts.journal.record(verdictKind, {
      by,
      datasetId,
      items,
      title: (changed) => title(changed.length),
    })
  }

  #bothSides(setId: number, fromSetId: number) {
    const { db } = this.#parts
    const [row, from] = [verdictSetRow(db, setId), verdictSetRow(db, fromSetId)]
    if (row.id === from.id || row.datasetId !== from.datasetId)
      throw new SoundfoldError('invalid-input', 'To merge takes two sets of one dataset.', {
        hint: 'A set of another copy is brought over as a file.',
      })
    const [ours, theirs] = [verdictsInForce(db, setId), verdictsInForce(db, fromSetId)]
    return { row, from, ours, theirs }
  }

  #described(row: VerdictSetRow): VerdictSet {
    const rows = this.verdicts(row.id)
    const outcomes = outcomesOf(rows)
    const clips = clipsById(this.#parts.db, outcomes.keys())
    return {
      ...row,
      authors: [...Map.groupBy(rows, ({ author }) => author)].map(([author, own]) => ({
        author,
        clips: own.filter(({ decision }) => decision !== null).length,
      })),
      counts: countOutcomes(outcomes.values()),
      fingerprint: outcomesFingerprint(outcomes, (clipId) => clips.get(clipId)?.relativePath ?? ''),
    }
  }
}

function describeDecision(decision: string | null | undefined, to: string, changed: number): string {
  const clips = plural(changed, ['clip', 'clips'])
  switch (decision) {
    case 'keep':
      return `Label of ${clips} kept`
    case 'relabel':
      return `${clips} relabelled as “${to}”`
    case 'exclude':
      return `${clips} excluded`
    case 'unsure':
      return `Unsure about ${clips}`
    case null:
      return `Verdict on ${clips} taken back`
    default:
      return `Note on ${clips} written`
  }
}
